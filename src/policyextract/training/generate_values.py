"""Quantities and years of made-up documents: how they are written, and what the guideline has of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from policyextract.types import Change, Comparator, Lang, Level, Unit, YearKind

__all__ = ["Amount", "Metric", "Style", "When", "amount", "figure", "metrics_of", "steps", "when"]

_FIELDS = {
    "share": ("pop", "one", "vp", "ger"),
    "count": ("noun", "verb", "pp"),
    "level": ("np",),
    "down": ("np",),
    "growth": ("np",),
    "rank": ("np",),
}
_COMPARED = 0.28


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured: its ``words`` by slot, its ``unit`` of measure, plausible ``low`` and ``high``.

    ``level`` is that of the units it counts or covers.
    """

    kind: str
    words: Mapping[str, str]
    unit: str
    low: float
    high: float
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How one document writes its figures: the word for percent, and the country's money (form, worth of a dollar)."""

    lang: Lang
    percent: str
    money: str
    rate: float


@dataclass(frozen=True, slots=True)
class Amount:
    """A value as it is written with its fields."""

    text: str
    number: float
    high: float | None = None
    unit: Unit = "percent"
    comparator: Comparator = "="
    change: Change | None = None
    per: str | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A year or period as it is written with its fields."""

    text: str
    year: int
    start: int | None
    kind: YearKind


def metrics_of(sector: Mapping[str, Any]) -> list[Metric]:
    """The metrics of a sector's lines, "words|…|unit|low-high|level" by kind."""
    found = []
    for kind, names in _FIELDS.items():
        for line in sector.get(kind, ()):
            cells = [cell.strip() for cell in line.split("|")]
            words = dict(zip(names, cells, strict=False))
            rest = cells[len(names) :]
            unit = (
                rest.pop(0)
                if kind in ("level", "down")
                else {"count": "count", "rank": "rank"}.get(kind, "%")
            )
            low, _, high = rest[0].partition("-")
            level: Any = rest[1] if len(rest) > 1 else None
            found.append(Metric(kind, words, unit, float(low), float(high), level))
    return found


def steps(metric: Metric, style: Style, random: Random) -> list[float]:
    """Four numbers of the metric's range, each nearer to the goal than the one before."""
    low, high = metric.low, metric.high
    if metric.unit == "$":
        low, high = low * style.rate, high * style.rate
    wide = high / max(low, 0.01) > 8
    if wide:
        anchor = math.exp(random.uniform(math.log(max(low, 0.1)), math.log(high)))
        low, high = max(low, anchor * 0.8), min(high, anchor * 2)
    found: set[float] = set()
    for _ in range(60):
        if len(found) == 4:
            break
        found.add(_rounded(random.uniform(low, high), metric.unit, random))
    numbers = sorted(found)
    while len(numbers) < 4:
        numbers.append(numbers[-1] + 1)
    return numbers[::-1] if metric.kind in ("down", "rank") else numbers


def _rounded(number: float, unit: str, random: Random) -> float:
    if unit in ("%", "points"):
        return round(number, 1) if random.random() < 0.25 or number < 6 else float(round(number))
    if number < 20:
        return (
            round(number, 1)
            if unit not in ("count", "rank") and random.random() < 0.4
            else float(max(2, round(number)))
        )
    kept = random.choice((1, 2, 2, 3)) - 1
    scale: float = 10 ** max(0, math.floor(math.log10(number)) - kept)
    return round(number / scale) * scale


def figure(number: float, lang: Lang) -> str:
    """A number as the language writes it: 12,400 and 3.5; 12.400 and 3,5."""
    text = f"{number:,.2f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def _scaled(number: float, words: Mapping[str, Any], style: Style, floor: float) -> tuple[str, float]:
    """A large number with its scale word, and what it comes to."""
    for size, word in words["scales"]:
        if number >= size and number >= floor:
            short = round(number / size, 1 if number / size < 100 else 0)
            return f"{figure(short, style.lang)} {word}", short * size
    return figure(number, style.lang), number


def amount(
    metric: Metric,
    number: float,
    marks: Mapping[str, str],
    words: Mapping[str, Any],
    style: Style,
    random: Random,
) -> Amount:
    """A value of a metric: ``marks`` are the options of its slot, as "range", "pct" or "inc"."""
    change: Change | None = "increase" if "inc" in marks else "decrease" if "dec" in marks else None
    if metric.kind == "growth":
        change = "increase"
    per = "year" if "yr" in marks else None
    if (fixed := _fixed(metric, number, marks, words, style, random)) is not None:
        return Amount(
            fixed.text, fixed.number, fixed.high, fixed.unit, fixed.comparator, fixed.change or change, per
        )
    if "pct" in marks or "pp" in marks:
        number = float(
            random.choice((*range(3, 31), 35, 40, 45, 50)) if "pct" in marks else random.randint(2, 12)
        )
    shown, number, unit = _measured(metric, number, marks, words, style)
    if "range" in marks and (both := _ranged(shown, number, unit, words, style, random)):
        return Amount(both[0], number, both[1], unit, "=", change, per)
    comparator: Comparator = "="
    if "pre" in marks:
        sign: Any = marks["sign"]
        return Amount(f"{marks['pre']} {shown}", number, None, unit, sign, change, per)
    if "more" in marks:
        return Amount(random.choice(words["more"]).format(shown), number, None, unit, "=", change, per)
    falls = metric.kind in ("down", "rank") or change == "decrease"
    if "cmp" in marks or (not {"bare", "el"} & set(marks) and random.random() < _COMPARED):
        forms = words["comparators"]["down" if falls else "up"]
        # A word behind the figure would part it from what it counts.
        form, sign = random.choice([f for f in forms if unit != "count" or f[0].endswith("{}")])
        shown, comparator = form.format(shown), sign
    return Amount(shown, number, None, unit, comparator, change, per)


def _ranged(
    shown: str, number: float, unit: Unit, words: Mapping[str, Any], style: Style, random: Random
) -> tuple[str, float] | None:
    """The text and upper end of a range that begins with ``number``, None where it would read oddly."""
    more = number * random.choice((1.1, 1.2, 1.25, 1.5))
    high = float(round(more)) if more >= 20 or unit == "count" else round(more, 1)
    high = min(high, 100.0) if unit == "percent" else high
    low = figure(number, style.lang)
    if not number < high or number >= 1000 or not shown.startswith(low):
        return None
    text: str = random.choice(words["ranges"]).format(low, figure(high, style.lang))
    return text + shown.removeprefix(low), high


def _measured(
    metric: Metric, number: float, marks: Mapping[str, str], words: Mapping[str, Any], style: Style
) -> tuple[str, float, Unit]:
    """The figure with its unit, the number it states, and the kind of unit."""
    plain = figure(number, style.lang)
    if "pct" in marks:
        return plain + style.percent, number, "percent"
    if "pp" in marks:
        return f"{plain} {words['percentage_points']}", number, "percent"
    if metric.unit == "%":
        return plain if "el" in marks else plain + style.percent, number, "percent"
    if metric.unit == "count":
        shown, number = _scaled(number, words, style, 1e6)
        return shown, number, "count"
    if metric.unit == "$":
        shown, number = _scaled(number, words, style, 10_000 if style.rate > 1000 else 1e6)
        return style.money.format(shown), number, "currency"
    if metric.unit == "points":
        return plain if "el" in marks else f"{plain} {words['points']}", number, "score"
    if metric.unit == "rank":
        return plain, number, "rank"
    shown, number = _scaled(number, words, style, 1e6)
    return shown if "el" in marks else f"{shown} {metric.unit}", number, "quantity"


def _fixed(
    metric: Metric,
    number: float,
    marks: Mapping[str, str],
    words: Mapping[str, Any],
    style: Style,
    random: Random,
) -> Amount | None:
    """A value that words state, or a rank."""
    if "all" in marks:
        return Amount(marks["all"], 100.0)
    if "zero" in marks:
        return Amount(marks["zero"], 0.0, unit="count")
    if "halve" in marks:
        return Amount(marks["halve"], 50.0, change="decrease")
    if "frac" in marks:
        text, share = random.choice(words["fractions"])
        return Amount(text, share)
    if "word" in marks:
        text, count = random.choice(words["number_words"])
        return Amount(text, count, unit="count")
    for name, words_of in (("mult", "multiples"), ("times", "times")):
        if name in marks:
            text, times = random.choice(words[words_of])
            return Amount(text, times, unit="multiple")
    for name in ("top", "among", "ord"):
        if name in marks:
            place = int(number)
            end = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
            text = random.choice(words[name]).format(place, end)
            return Amount(text, float(place), unit="rank", comparator="=" if name == "ord" else "<=")
    return None


def when(year: int, now: int, words: Mapping[str, Any], random: Random, form: str = "") -> When:
    """A year after ``now`` in words; ``form`` is by, in, from, period or bare, else drawn by weights."""
    form = form or random.choices(("by", "in", "from", "period", "near"), (55, 20, 4, 13, 8))[0]
    if form == "near" and year <= now + 1:
        return When(random.choice(words["this" if year == now else "next"]), year, None, "in")
    if form == "near" and now + 2 <= year <= now + 10:
        return When(random.choice(words["within"]).format(words["counted"][year - now]), year, None, "by")
    if form == "period" and year > now + 1:
        start = random.choice((year - 4, now + 1)) if year - 4 >= now - 1 else now + 1
        if start < year:
            return When(random.choice(words["period"]).format(start, year), year, start, "period")
    if form == "bare":
        return When(str(year), year, None, "in")
    kind: Any = form if form in ("in", "from") else "by"
    return When(random.choice(words[kind]).format(year), year, None, kind)
