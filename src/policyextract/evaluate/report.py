"""Scores → a table to read, and plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from policyextract.evaluate.counts import MEASURES, RATES, Counts, Tally
from policyextract.evaluate.fields import FIELDS
from policyextract.evaluate.score import STRATA, Scores

_NAMED = 5  # unscored documents named in the report


def report(scores: Scores) -> str:
    """The scores as plain text: rates with intervals, fields given found, strata, documents fully right."""
    blocks = [_head(scores), _measures(scores), _fields(scores.total)]
    blocks += [_stratum(name, classes) for name in STRATA if (classes := scores.stratum(name))]
    return "\n\n".join(blocks)


def _head(scores: Scores) -> str:
    total = scores.total.found
    lines = [
        f"documents {len(scores.documents)}, fully right {scores.fully_right}; "
        f"gold rows {total.tp + total.fn}, predicted rows {total.tp + total.fp}",
    ]
    tally = scores.total
    if tally.auto:
        share, right = tally.auto / max(1, total.tp + total.fp), tally.auto_right / tally.auto
        lines.append(
            f"marked auto_accept: {tally.auto} rows, {share:.3f} of the predicted, {right:.3f} right in every field"
        )
    if scores.unscored:
        names = sorted(scores.unscored)
        more = f", … ({len(names)} in all)" if len(names) > _NAMED else ""
        lines.append(f"without gold, not scored: {', '.join(names[:_NAMED])}{more}")
    return "\n".join(lines)


def _measures(scores: Scores) -> str:
    intervals = scores.intervals()
    rows = []
    for measure in MEASURES:
        counts: Counts = getattr(scores.total, measure)
        rates = (
            f"{getattr(counts, rate):.3f} [{low:.3f}, {high:.3f}]"
            for rate, (low, high) in intervals[measure].items()
        )
        rows.append([measure, *rates, counts.tp, counts.fp, counts.fn])
    return _table(["", *RATES, "right", "false alarms", "missed"], rows) + "\n95 % intervals over documents"


def _fields(tally: Tally) -> str:
    rows: list[list[object]] = [[name, _share(tally.accuracy(name)), getattr(tally, name)] for name in FIELDS]
    rows.append(["metric, mean token F1", _share(tally.mean_metric_f1), ""])
    return _table(["given found", "right", "rows"], rows)


def _stratum(name: str, classes: dict[str, Tally]) -> str:
    rows = []
    for label, tally in classes.items():
        rates = [f"{getattr(tally, measure).f1:.3f}" for measure in MEASURES]
        found = tally.found
        rows.append([label, *rates, f"{found.precision:.3f}", f"{found.recall:.3f}", found.tp + found.fn])
    columns = [f"{name}", *(f"{m} F1" for m in MEASURES), "found precision", "found recall", "gold rows"]
    return _table(columns, rows)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in columns, the first to the left, the others to the right."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def as_dict(scores: Scores) -> dict[str, Any]:
    """The scores as plain data: counts, rates, intervals, fields, strata, and the counts of each document."""
    intervals = scores.intervals()
    return {
        "documents": len(scores.documents),
        "documents_fully_right": scores.fully_right,
        "unscored": sorted(scores.unscored),
        "scores": {
            measure: _counts(getattr(scores.total, measure))
            | {f"{rate}_interval": list(pair) for rate, pair in intervals[measure].items()}
            for measure in MEASURES
        },
        "given_found": _given_found(scores.total),
        "auto_accept": {"rows": scores.total.auto, "right": scores.total.auto_right},
        "strata": {
            name: {label: _tally(tally) for label, tally in scores.stratum(name).items()} for name in STRATA
        },
        "by_document": {
            name: {"language": d.lang, "fully_right": d.tally.fully_right, **_tally(d.tally)}
            for name, d in sorted(scores.documents.items())
        },
    }


def _tally(tally: Tally) -> dict[str, Any]:
    measures = {measure: _counts(getattr(tally, measure)) for measure in MEASURES}
    return {**measures, "given_found": _given_found(tally)}


def _counts(counts: Counts) -> dict[str, float]:
    rates = {rate: getattr(counts, rate) for rate in RATES}
    return {"tp": counts.tp, "fp": counts.fp, "fn": counts.fn, **rates}


def _given_found(tally: Tally) -> dict[str, Any]:
    rows = {name: {"right": getattr(tally, name), "share": tally.accuracy(name)} for name in FIELDS}
    return {**rows, "metric_token_f1": tally.mean_metric_f1}
