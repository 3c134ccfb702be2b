"""Counts of what was found and what was right; rates are derived, so that counts of two documents add."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

from policyextract.evaluate.fields import FIELDS, Verdict

MEASURES = ("found", "core", "strict")
RATES = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class Counts:
    """Right rows, rows only in the prediction, rows only in the gold."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of predicted rows that are right; without any, 1 if the gold has none either, else 0."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else float(not self.fn)

    @property
    def recall(self) -> float:
        """Share of gold rows that are right; without any, 1 if nothing was predicted either, else 0."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else float(not self.fp)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there was nothing to find and nothing was found."""
        rows = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / rows if rows else 1.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of rows found, right in the core and right in all; of the found, how often each field is right.

    ``metric_f1`` is the sum of the token F1 of the found rows, exact, so that sums do not depend on order. ``auto``
    counts the predicted rows that were marked as sure enough to be accepted unseen, ``auto_right`` those of them that
    are right in all fields.

    >>> (Tally.missed() + Tally.alarm()).found
    Counts(tp=0, fp=1, fn=1)
    """

    found: Counts = Counts()
    core: Counts = Counts()
    strict: Counts = Counts()
    value: int = 0
    level: int = 0
    year: int = 0
    locality: int = 0
    metric: int = 0
    metric_f1: Fraction = Fraction(0)
    auto: int = 0
    auto_right: int = 0

    def __add__(self, other: Tally) -> Tally:
        summed = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return Tally(**summed)

    @classmethod
    def pair(cls, verdict: Verdict, *, auto: bool = False) -> Tally:
        """The tally of one matched pair; a wrong one is a miss and a false alarm."""
        hit, wrong = Counts(tp=1), Counts(fp=1, fn=1)
        return cls(
            found=hit,
            core=hit if verdict.core else wrong,
            strict=hit if verdict.strict else wrong,
            value=verdict.value,
            level=verdict.level,
            year=verdict.year,
            locality=verdict.locality,
            metric=verdict.metric,
            metric_f1=verdict.f1,
            auto=int(auto),
            auto_right=int(auto and verdict.strict),
        )

    @classmethod
    def missed(cls) -> Tally:
        """The tally of a gold row without a match."""
        return cls(Counts(fn=1), Counts(fn=1), Counts(fn=1))

    @classmethod
    def alarm(cls, *, auto: bool = False) -> Tally:
        """The tally of a predicted row without a match."""
        return cls(Counts(fp=1), Counts(fp=1), Counts(fp=1), auto=int(auto))

    @property
    def fully_right(self) -> bool:
        """Whether no row is missed, too many or wrong in any field."""
        return not self.strict.fp and not self.strict.fn

    def accuracy(self, field: str) -> float | None:
        """Share of the found rows whose ``field`` is right, None if none was found."""
        if field not in FIELDS:
            raise ValueError(f"no field {field!r}; choose one of {', '.join(FIELDS)}")
        right: int = getattr(self, field)
        return right / self.found.tp if self.found.tp else None

    @property
    def mean_metric_f1(self) -> float | None:
        """Mean token F1 of the metrics of the found rows, None if none was found."""
        return float(self.metric_f1 / self.found.tp) if self.found.tp else None
