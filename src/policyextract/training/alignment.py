"""Where the fields of a gold row stand in the text: gold gives offsets for values only.

The value's span is given. A year, level or locality is the nearest place where the text says it; a metric's
words are found in their order so that they lie as close together and to the value as can be. What the text
does not say in so many words ("next year") has no span.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from policyextract import lexicon
from policyextract.types import Lang, Target

__all__ = ["FIELDS", "Aligned", "align"]

FIELDS = ("value", "metric", "level", "year", "locality")
REACH = 700  # characters around a value in which its metric is looked for
WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Aligned:
    """The spans of one row, by field, each an end-exclusive pair of characters in order; a metric may have several."""

    value: tuple[Span, ...] = ()
    metric: tuple[Span, ...] = ()
    level: tuple[Span, ...] = ()
    year: tuple[Span, ...] = ()
    locality: tuple[Span, ...] = ()


def align(text: str, target: Target, lang: Lang) -> Aligned:
    """The spans of ``target``'s fields in ``text``, the document it was annotated in."""
    if target.start is None or target.end is None:
        return Aligned()
    here = (target.start, target.end)
    year = _nearest(text, rf"(?<![\d.,]){target.year}(?!\d)", here) if target.year else ()
    locality = _nearest(text, rf"(?<!\w){re.escape(target.locality)}(?!\w)", here) if target.locality else ()
    level: tuple[Span, ...] = ()
    if target.level and target.level_explicit:
        words = sorted(_level_words(lang, target.level), key=len, reverse=True)
        level = _nearest(text, rf"(?i)(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", here, reach=REACH)
    return Aligned((here,), _metric(text, target.metric, here), level, year, locality)


def _level_words(lang: Lang, level: str) -> set[str]:
    words = lexicon.table(lang, "levels")["words"].values()
    tables = [table for table in words if isinstance(table, dict)]
    return {phrase.replace(" - ", "-") for table in tables for phrase in table.get(level, ())}


def _nearest(text: str, pattern: str, value: Span, reach: int | None = None) -> tuple[Span, ...]:
    """The match nearest to ``value``; of two as near, the one before it."""
    found = [(match.start(), match.end()) for match in re.finditer(pattern, text)]
    free = [span for span in found if span[1] <= value[0] or span[0] >= value[1]]
    nearest = min(free, key=lambda span: (_distance(span, value), span), default=None)
    if nearest is None or (reach is not None and _distance(nearest, value) > reach):
        return ()
    return (nearest,)


def _distance(span: Span, value: Span) -> int:
    return max(value[0] - span[1], span[0] - value[1], 0)


def _metric(text: str, metric: str, value: Span) -> tuple[Span, ...]:
    """Runs of the metric's words in order, by dynamic programming over their places around the value."""
    words = [match.group().casefold() for match in WORD.finditer(metric)]
    first = max(0, value[0] - REACH)
    around = [
        (first + match.start(), first + match.end(), match.group().casefold())
        for match in WORD.finditer(text[first : value[1] + REACH])
    ]
    around = [one for one in around if one[1] <= value[0] or one[0] >= value[1]]
    places = [[i for i, (_, _, word) in enumerate(around) if word == wanted] for wanted in words]
    if not words or not all(places):
        return ()
    chosen = _chain(places, [_distance((start, end), value) for start, end, _ in around])
    if chosen is None:
        return ()
    runs: list[Span] = []
    for before, i in zip([None, *chosen], chosen, strict=False):
        start, end, _ = around[i]
        gap = text[runs[-1][1] : start] if runs else ""
        joined = before is not None and i == before + 1 and not (runs[-1][1] <= value[0] < start)
        if joined and len(gap) < 4 and "\n" not in gap:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return tuple(runs)


def _chain(places: list[list[int]], distance: list[int]) -> list[int] | None:
    """One place a word, rising, with the smallest sum of gaps and of distance from the value; None when none fits."""
    gap_cost, far_cost = 30.0, 1.0
    cost = [{i: far_cost * distance[i] for i in places[0]}]
    back: list[dict[int, int]] = [{}]
    for wanted in places[1:]:
        before = sorted(cost[-1])
        here: dict[int, float] = {}
        origin: dict[int, int] = {}
        for i in wanted:
            options = before[: bisect_right(before, i - 1)]
            if options:
                best = min(options, key=lambda j: cost[-1][j] + gap_cost * min(i - j - 1, 40))
                here[i] = cost[-1][best] + gap_cost * min(i - best - 1, 40) + far_cost * distance[i] / 10
                origin[i] = best
        if not here:
            return None
        cost.append(here)
        back.append(origin)
    last = min(cost[-1], key=lambda i: cost[-1][i])
    chosen = [last]
    for origin in reversed(back[1:]):
        chosen.append(origin[chosen[-1]])
    return chosen[::-1]
