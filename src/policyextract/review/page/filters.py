"""Which rows to look at: what the filters of the page say, as a test of a row and as a query of a URL."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from urllib.parse import urlencode

from policyextract.review.board import Row
from policyextract.review.page.views import shown
from policyextract.types import LEVELS

Test = Callable[[Row], bool]
NONE = "none"
"""Stands for an empty field in a filter."""
STATUSES = {
    "undecided": "undecided",
    "mine": "not judged by me",
    "conflict": "in conflict",
    "decided": "decided",
    "accepted": "accepted",
    "rejected": "rejected",
    "edited": "edited",
    "added": "added",
    "kept": "not in the latest run",
}
LEVEL_CHOICES = (*LEVELS, NONE)
_YEARS = re.compile(r"(\d{4})?\s*(?:([-–])\s*)?(\d{4})?")


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as typed; an empty text asks for nothing. ``wrong`` says what cannot be understood."""

    document: str = ""
    locality: str = ""
    level: str = ""
    year: str = ""
    low: str = ""
    high: str = ""
    status: str = ""
    metric: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """The filters of a query; what cannot be understood filters nothing and is named in ``wrong``."""
        given = {name: query.get(name, "").strip() for name in NAMES}
        wrong: dict[str, str] = {}
        if given["year"] and _years(given["year"]) is None:
            wrong["year"] = "a year such as 2030, years such as 2025-2030, or none"
        for name in ("low", "high"):
            if given[name] and _number(given[name]) is None:
                wrong[name] = "a number from 0 to 1"
        if given["level"] not in ("", *LEVEL_CHOICES):
            wrong["level"] = f"one of {', '.join(LEVEL_CHOICES)}"
        if given["status"] not in ("", *STATUSES):
            wrong["status"] = f"one of {', '.join(STATUSES)}"
        return cls(**given, wrong=wrong)

    @property
    def query(self) -> str:
        """The filters as the query of a URL, "" if nothing is asked for."""
        pairs = [(name, getattr(self, name)) for name in NAMES if getattr(self, name)]
        return urlencode(pairs, errors="replace")

    @property
    def count(self) -> int:
        """How many filters are set."""
        return sum(bool(getattr(self, name)) for name in NAMES)

    def test(self, reviewer: str, *, status: bool = True) -> Test:
        """What tells whether a row is asked for; without ``status`` all but that is looked at."""
        tests = [
            make(getattr(self, name), reviewer)
            for name, make in _TESTS.items()
            if getattr(self, name) and name not in self.wrong
        ]
        if status and self.status and "status" not in self.wrong:
            tests.append(_status(self.status, reviewer))
        return lambda row: all(test(row) for test in tests)


NAMES = tuple(f.name for f in fields(Filters) if f.name != "wrong")


def _document(given: str, _reviewer: str) -> Test:
    wanted = folded(given)
    return lambda row: wanted in folded(row.target.doc)


def _locality(given: str, reviewer: str) -> Test:
    if given == NONE:
        return lambda row: shown(row, reviewer).locality is None
    wanted = folded(given)
    return lambda row: wanted in folded(shown(row, reviewer).locality or "")


def _level(given: str, reviewer: str) -> Test:
    return lambda row: shown(row, reviewer).level == (None if given == NONE else given)


def _year(given: str, reviewer: str) -> Test:
    if given == NONE:
        return lambda row: shown(row, reviewer).year is None
    low, high = _years(given) or (0, 0)
    return lambda row: low <= (shown(row, reviewer).year or -1) <= high


def _low(given: str, _reviewer: str) -> Test:
    low = _number(given)
    return lambda row: row.target.confidence is not None and low is not None and row.target.confidence >= low


def _high(given: str, _reviewer: str) -> Test:
    high = _number(given)
    return lambda row: row.target.confidence is None or high is None or row.target.confidence <= high


def _metric(given: str, reviewer: str) -> Test:
    words = folded(given).split()
    return lambda row: all(word in folded(shown(row, reviewer).metric) for word in words)


_TESTS: Mapping[str, Callable[[str, str], Test]] = {
    "document": _document,
    "locality": _locality,
    "level": _level,
    "year": _year,
    "low": _low,
    "high": _high,
    "metric": _metric,
}


def _status(given: str, reviewer: str) -> Test:
    match given:
        case "mine":
            return lambda row: reviewer not in row.state.verdicts
        case "decided":
            return lambda row: row.state.status not in ("undecided", "conflict")
        case "kept":
            return lambda row: row.kept
        case _:
            return lambda row: row.state.status == given


def _years(given: str) -> tuple[float, float] | None:
    """First and last of the years asked for, None if that cannot be told; ``none`` is asked for elsewhere."""
    if given == NONE:
        return 0, 0
    match = _YEARS.fullmatch(given)
    if match is None or not (match[1] or match[3]) or (match[1] and match[3] and not match[2]):
        return None
    low = float(match[1] or 0)
    return low, float(match[3] or (math.inf if match[2] else low))


def _number(given: str) -> float | None:
    try:
        number = float(given.replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


@lru_cache(maxsize=200_000)
def folded(text: str) -> str:
    """Lower case without marks: what is typed without them finds what has them.

    >>> folded("Đắk Lắk")
    'dak lak'
    """
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(c for c in plain if not unicodedata.combining(c))
