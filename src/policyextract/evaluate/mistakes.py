"""What went wrong in a document, row by row, each beside its evidence."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields

from policyextract.evaluate.evidence import sentence_at
from policyextract.evaluate.fields import FIELDS
from policyextract.evaluate.matching import Matching, Pair
from policyextract.types import Target

# What a spreadsheet would run as a formula, and the mark that stops it, as in the dataset's CSV.
_FORMULA = tuple("=+-@\t\r\n'＝＋－＠")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """A miss, a false alarm, or one wrong field of a row that was found.

    ``field`` is empty unless ``mistake`` is ``wrong``; ``gold`` and ``predicted`` are what each side says:
    the field, or for a miss or false alarm the whole row. ``metric_f1`` is that of the pair.
    """

    doc: str
    start: int
    end: int
    mistake: str
    field: str
    value: str
    gold: str
    predicted: str
    metric_f1: str
    sentence: str
    target_id: str


COLUMNS = tuple(f.name for f in fields(Mistake))


def mistakes(matching: Matching, text: str | None) -> tuple[Mistake, ...]:
    """The mistakes of a document in order of text."""
    return tuple(sorted(_all(matching, text)))


def _all(matching: Matching, text: str | None) -> Iterator[Mistake]:
    for target in matching.missed:
        yield _whole(target, "miss", text, gold=_row(target))
    for target in matching.alarms:
        yield _whole(target, "false alarm", text, predicted=_row(target))
    for pair in matching.pairs:
        for name, right in zip(FIELDS, pair.verdict.right, strict=True):
            if not right:
                yield _wrong(pair, name, text)


def _whole(target: Target, mistake: str, text: str | None, *, gold: str = "", predicted: str = "") -> Mistake:
    sentence = sentence_at(text, target) or ""
    place = (target.doc, target.start, target.end)
    return Mistake(*place, mistake, "", target.value, gold, predicted, "", sentence, target.target_id)


def _wrong(pair: Pair, name: str, text: str | None) -> Mistake:
    gold, pred = pair.gold, pair.pred
    return Mistake(
        doc=gold.doc,
        start=gold.start,
        end=gold.end,
        mistake="wrong",
        field=name,
        value=gold.value,
        gold=_said(gold, name),
        predicted=_said(pred, name),
        metric_f1=f"{float(pair.verdict.f1):.2f}",
        sentence=sentence_at(text, gold) or sentence_at(text, pred) or "",
        target_id=pred.target_id,
    )


def _said(target: Target, name: str) -> str:
    """What a row says in a field, for a reader."""
    if name == "value":
        return _value(target)
    said = getattr(target, name)
    return "none" if said is None else str(said)


def _value(target: Target) -> str:
    """The value's parts in one line, without those that are null: ``>= 10 percent, increase, per year``."""
    high = "" if target.number_high is None else f" to {target.number_high:.15g}"
    parts = [f"{target.comparator} {target.number:.15g}{high} {target.unit}"]
    parts += [target.change] if target.change else []
    parts += [f"per {target.per}"] if target.per else []
    return ", ".join(parts)


def _row(target: Target) -> str:
    return " | ".join(_said(target, name) for name in FIELDS)


def as_csv(rows: Iterable[Mistake]) -> str:
    """The mistakes as a table in which no cell is a formula: such a cell begins with an apostrophe."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow([f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in astuple(row)])
    return out.getvalue()
