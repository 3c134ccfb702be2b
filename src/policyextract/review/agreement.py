"""How far two reviewers agree, on the rows that both judged without seeing to a conflict."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from operator import attrgetter
from typing import Any

from policyextract.dataset import TARGETS
from policyextract.evaluate import Scores, evaluate
from policyextract.review.board import Row
from policyextract.review.desk import Desk
from policyextract.review.fields import GUIDELINE
from policyextract.types import Lang, Target

FEW_ROWS, FEW_DOCUMENTS = 30, 5
"""With fewer rows or documents in common, figures say little."""
_COLUMNS = {column.name: column for column in TARGETS}
_RESAMPLES = 1000
Answers = Mapping[str, Sequence[tuple[Hashable, Hashable]]]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """Of the rows that both keep: in how many a field is equal, and kappa where it has categories."""

    field: str
    rows: int
    equal: int
    kappa: float | None
    categorical: bool

    @property
    def share(self) -> float | None:
        """The share of equal rows, None without rows."""
        return self.equal / self.rows if self.rows else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers: what they share, whether they accept and reject alike, and how alike their rows are.

    ``table`` counts (both accept, only the first, only the second, both reject). ``kappa`` is None where it is not
    defined: without rows, or if both gave one and the same answer throughout. ``alone`` counts the rows that one
    of them added and the other did not judge.
    """

    one: str
    other: str
    rows: int
    documents: int
    table: tuple[int, int, int, int]
    kappa: float | None
    interval: Interval | None
    scores: Scores
    fields: tuple[FieldAgreement, ...]
    alone: tuple[int, int]

    @property
    def enough(self) -> bool:
        """Whether they share enough for the figures to mean something."""
        return self.rows >= FEW_ROWS and self.documents >= FEW_DOCUMENTS


def agreements(desk: Desk) -> list[Agreement]:
    """The agreement of each pair of reviewers who have decided on anything, in alphabetical order.

    A decision that settled a conflict does not count: whoever took it had seen the others.
    """
    langs: dict[str, Lang] = {}
    rows = desk.rows
    for doc in {row.target.doc for row in rows if row.state.verdicts}:
        langs[doc] = desk.document(doc).lang
    names = sorted({v.reviewer for row in rows for v in row.state.verdicts.values() if not v.adjudicates})
    return [agreement(rows, one, other, langs) for one, other in combinations(names, 2)]


def agreement(rows: Iterable[Row], one: str, other: str, langs: Mapping[str, Lang]) -> Agreement:
    """How far the reviewers ``one`` and ``other`` agree; the same the other way round, with sides swapped."""
    rows = list(rows)
    both: dict[str, list[tuple[Target | None, Target | None]]] = defaultdict(list)
    for row in rows:
        verdicts = [row.state.verdicts.get(name) for name in (one, other)]
        left, right = (None if v is None or v.adjudicates else v for v in verdicts)
        if left is not None and right is not None:
            both[row.target.doc].append((left.row, right.row))
    answers = {doc: [(a is not None, b is not None) for a, b in pairs] for doc, pairs in both.items()}
    counts = Counter(answer for of_doc in answers.values() for answer in of_doc)
    kept = {doc: [(a, b) for a, b in pairs if a and b] for doc, pairs in both.items()}
    return Agreement(
        one,
        other,
        rows=counts.total(),
        documents=len(both),
        table=(counts[True, True], counts[True, False], counts[False, True], counts[False, False]),
        kappa=cohens_kappa(answer for of_doc in answers.values() for answer in of_doc),
        interval=kappa_interval(answers),
        scores=_scores(both, langs),
        fields=tuple(_field(name, kept) for name in GUIDELINE if name not in ("start", "end")),
        alone=(_alone(rows, one, other), _alone(rows, other, one)),
    )


def _alone(rows: Iterable[Row], one: str, other: str) -> int:
    """How many rows ``one`` added that ``other`` did not judge."""
    verdicts = (row.state.verdicts for row in rows if row.state.verdicts)
    return sum(one in v and other not in v and v[one].decision == "add" for v in verdicts)


def cohens_kappa(pairs: Iterable[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of the answers that two people gave to the same questions; None if it is not defined.

    It is (p_o - p_e) / (1 - p_e): p_o the share of equal answers, p_e the share to be expected if both answered
    at random, each as often as they did (J. Cohen, A coefficient of agreement for nominal scales, Educational and
    Psychological Measurement 20, 1960, 37-46). Not defined without answers, or if both gave only one and the same.

    >>> round(cohens_kappa([(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15), 6)
    0.4
    """
    counts = Counter(pairs)
    total = counts.total()
    left: Counter[Hashable] = Counter()
    right: Counter[Hashable] = Counter()
    for (a, b), count in counts.items():
        left[a] += count
        right[b] += count
    # In whole numbers, so that full agreement is exactly 1 and the order of the two makes no difference.
    observed = total * sum(count for (a, b), count in counts.items() if a == b)
    expected = sum(count * right[name] for name, count in left.items())
    if total * total == expected:
        return None
    return (observed - expected) / (total * total - expected)


def kappa_interval(answers: Answers, *, resamples: int = _RESAMPLES, seed: int = 0) -> Interval | None:
    """The 95 % bootstrap interval of kappa on two answers, true or false, over documents, as ``evaluate`` draws them.

    None with fewer than two documents, or if kappa is not defined in half of the draws or more.
    """
    import numpy as np

    docs = sorted(answers)
    if len(docs) < 2:
        return None
    counts = [Counter((bool(a), bool(b)) for a, b in answers[doc]) for doc in docs]
    cells = np.array([[c[True, True], c[True, False], c[False, True], c[False, False]] for c in counts])
    drawn = np.random.default_rng(seed).integers(len(docs), size=(resamples, len(docs)))
    yes, only_one, only_other, no = cells[drawn].sum(axis=1).T.astype(float)
    total = yes + only_one + only_other + no
    expected = (yes + only_one) * (yes + only_other) + (only_other + no) * (only_one + no)
    defined = total * total > expected
    if 2 * defined.sum() <= resamples:
        return None
    room = (total * total - expected)[defined]
    kappas = ((yes + no) * total - expected)[defined] / room
    low, high = np.percentile(kappas, (2.5, 97.5))
    return float(low), float(high)


def _scores(
    both: Mapping[str, Sequence[tuple[Target | None, Target | None]]], langs: Mapping[str, Lang]
) -> Scores:
    """What the first would have against what the second would have.

    "Optional" is taken off, for a gold row that is optional does not count and the two shall be alike.
    """
    left = {doc: [replace(a, optional=False) for a, _ in pairs if a] for doc, pairs in both.items()}
    right = {doc: [replace(b, optional=False) for _, b in pairs if b] for doc, pairs in both.items()}
    return evaluate(left, right, langs=langs)


def _field(name: str, kept: Mapping[str, Sequence[tuple[Target, Target]]]) -> FieldAgreement:
    """How alike one field is; two values are equal if they are the same words at the same place."""
    said = attrgetter("value", "start", "end") if name == "value" else attrgetter(name)
    pairs = [(said(a), said(b)) for of_doc in kept.values() for a, b in of_doc]
    column = _COLUMNS[name]
    categorical = bool(column.allowed) or column.type == "boolean"
    kappa = cohens_kappa(pairs) if categorical else None
    return FieldAgreement(name, len(pairs), sum(a == b for a, b in pairs), kappa, categorical)


def as_dict(found: Agreement) -> dict[str, Any]:
    """An agreement as plain data for JSON; null where a figure is not defined."""
    both, first, second, neither = found.table
    intervals = found.scores.intervals()
    return {
        "reviewers": [found.one, found.other],
        "rows": found.rows,
        "documents": found.documents,
        "enough": found.enough,
        "accept_reject": {
            "both_accept": both,
            "only_first_accepts": first,
            "only_second_accepts": second,
            "both_reject": neither,
            "kappa": found.kappa,
            "kappa_interval": None if found.interval is None else list(found.interval),
        },
        "f1": {
            measure: {
                "f1": getattr(found.scores.total, measure).f1 if found.rows else None,
                "interval": list(intervals[measure]["f1"]) if found.documents > 1 else None,
            }
            for measure in ("found", "strict")
        },
        "fields": {
            field.field: {
                "rows": field.rows,
                "equal": field.equal,
                "share": field.share,
                **({"kappa": field.kappa} if field.categorical else {}),
            }
            for field in found.fields
        },
        "added_by_one_alone": list(found.alone),
    }


def as_json(found: Iterable[Agreement]) -> str:
    """Agreements as JSON."""
    content = {"pairs": [as_dict(one) for one in found], "few_rows": FEW_ROWS, "few_documents": FEW_DOCUMENTS}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def report(found: Agreement) -> str:
    """An agreement as lines to read."""
    head = f"{found.one} and {found.other}: {found.rows} rows judged by both, in {found.documents} documents"
    if not found.rows:
        return f"{head}; nothing to compare"
    lines = [head]
    if not found.enough:
        lines.append(
            f"too little to tell: figures mean something from {FEW_ROWS} rows in {FEW_DOCUMENTS} documents on"
        )
    both, first, second, neither = found.table
    lines.append(
        f"accept or reject   both accept {both}, only {found.one} {first}, only {found.other} {second}, "
        f"both reject {neither}"
    )
    said = "not defined, both gave one answer only" if found.kappa is None else _figure(found.kappa)
    lines.append(f"kappa              {said}{_interval(found.interval)}")
    intervals = found.scores.intervals()
    for measure in ("found", "strict"):
        f1 = getattr(found.scores.total, measure).f1
        around = intervals[measure]["f1"] if found.documents > 1 else None
        lines.append(f"{measure + ' F1':<19}{_figure(f1)}{_interval(around)}")
    if any(found.alone):
        added = " and ".join(
            f"{name} {count}"
            for name, count in zip((found.one, found.other), found.alone, strict=True)
            if count
        )
        lines.append(f"added alone        {added}; the other did not judge these")
    lines += ["", f"{'of rows both keep':<19}{'equal':>12}{'share':>8}{'kappa':>8}"]
    lines += [_line(field) for field in found.fields if field.rows]
    return "\n".join(lines)


def _line(field: FieldAgreement) -> str:
    kappa = "" if not field.categorical else "-" if field.kappa is None else _figure(field.kappa)
    share = "-" if field.share is None else _figure(field.share)
    return f"{field.field:<19}{f'{field.equal} of {field.rows}':>12}{share:>8}{kappa:>8}".rstrip()


def _figure(number: float) -> str:
    return f"{number:.3f}"


def _interval(pair: Interval | None) -> str:
    return "" if pair is None else f" [{pair[0]:.3f}, {pair[1]:.3f}]"
