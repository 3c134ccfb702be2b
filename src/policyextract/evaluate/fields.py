"""Which fields of a prediction are right beside a gold row."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources

from policyextract.errors import LexiconError
from policyextract.evaluate.localities import same_locality
from policyextract.types import Lang, Target

FIELDS = ("value", "level", "year", "locality", "metric")
"""The five fields of a tuple, in the order in which they are reported."""
METRIC_RIGHT = Fraction(1, 2)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is right in a matched pair; ``f1`` is the token F1 of the two metrics."""

    value: bool
    level: bool
    year: bool
    locality: bool
    f1: Fraction
    core: bool

    @property
    def metric(self) -> bool:
        """Whether the metrics share enough words."""
        return self.f1 >= METRIC_RIGHT

    @property
    def right(self) -> tuple[bool, ...]:
        """Right or wrong, in the order of FIELDS."""
        return (self.value, self.level, self.year, self.locality, self.metric)

    @property
    def strict(self) -> bool:
        """Whether all five fields are right."""
        return all(self.right)


def judge(one: Target, other: Target, lang: Lang) -> Verdict:
    """Compare two rows field by field; the order of the two makes no difference."""
    same_number = _equal(one.number, other.number)
    f1 = metric_f1(one.metric, other.metric, lang)
    value = same_number and _equal(one.number_high, other.number_high) and _facets(one) == _facets(other)
    return Verdict(
        value=value,
        level=one.level == other.level,
        year=one.year == other.year,
        locality=same_locality(one.locality, other.locality),
        f1=f1,
        core=same_number and one.year == other.year and f1 >= METRIC_RIGHT,
    )


def _facets(target: Target) -> tuple[str | None, ...]:
    return (target.unit, target.comparator, target.change, target.per)


def _equal(one: float | None, other: float | None) -> bool:
    """Equal numbers, but for what floating point does to "1.1 million"."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9)


@cache
def stop_words(lang: Lang) -> frozenset[str]:
    """The closed-class words of a language, from ``data/<lang>/stopwords.txt``."""
    path = resources.files("policyextract") / "data" / lang / "stopwords.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise LexiconError(f"data/{lang}/stopwords.txt is missing; reinstall the package") from error
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def metric_tokens(metric: str, lang: Lang) -> Counter[str]:
    """The words of a metric that count, with how often each stands.

    >>> sorted(metric_tokens("the share of e-government services, the commune's", "en"))
    ['commune', 'e', 'government', 'services', 'share']
    """
    text = unicodedata.normalize("NFC", metric).casefold()
    stop = stop_words(lang)
    return Counter(word for word in _WORD.findall(text) if word not in stop)


def metric_f1(one: str, other: str, lang: Lang) -> Fraction:
    """Token F1 of two metrics: 1 if both hold the same words, 0 if they share none.

    >>> metric_f1("work records processed online", "records that are processed", "en")
    Fraction(2, 3)
    """
    left, right = metric_tokens(one, lang), metric_tokens(other, lang)
    size = left.total() + right.total()
    return Fraction(2 * (left & right).total(), size) if size else Fraction(1)
