"""Values paired off with places, levels or years: "90 and 80 percent in 2025 and 2030, respectively"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from policyextract import lexicon
from policyextract.assemble.reading import Reading
from policyextract.types import Segment, Span

Item = TypeVar("Item")
_LIST = frozenset({",", "and", "và", "&", "or", "the", "in", "by"})


def partner(
    reading: Reading, segment: Segment, value: Span, siblings: list[Span], items: Sequence[Item]
) -> Item | None:
    """The item that is the value's own where the sentence says "respectively" and pairs as many of each."""
    if len(items) < 2 or not is_paired(reading, segment):
        return None
    run = [s for s in siblings if s.attr("unit") == value.attr("unit") or s.attr("kind") == "count"]
    if value not in run or len(run) < len(items):
        return None
    at = run.index(value)
    if len(run) > len(items):
        at -= at // len(items) * len(items)
    return items[at]


def is_paired(reading: Reading, segment: Segment) -> bool:
    """Whether the sentence says "respectively" or the like."""
    listed = lexicon.phrases(reading.document.lang, "references")["respectively"]
    return listed.among(reading.words(segment.start, segment.end))


def listed_years(reading: Reading, segment: Segment, chosen: Span) -> list[Span]:
    """The years coordinated with the chosen one, in order of text ("by 2025 and 2030")."""
    found = [y for y in reading.within("YEAR", segment.start, segment.end) if y.attr("year")]
    if chosen not in found:
        return [chosen]
    low = high = found.index(chosen)
    while low and set(reading.words(found[low - 1].end, found[low].start)) <= _LIST:
        low -= 1
    while high + 1 < len(found) and set(reading.words(found[high].end, found[high + 1].start)) <= _LIST:
        high += 1
    return found[low : high + 1]
