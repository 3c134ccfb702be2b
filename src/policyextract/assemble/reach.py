"""Where a mention stands to a value: in its clause, its sentence, a head, or an earlier sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policyextract.assemble.clauses import clause
from policyextract.assemble.reading import Reading
from policyextract.types import Segment, Span

_EARLIER = 6  # sentences before the value's own that may carry a field on
_MOST = 60  # mentions in a sentence that are near: no more are in prose, and a run of thousands must not cost its square


def mentions(reading: Reading, label: str, value: Span, index: int) -> Iterator[tuple[Span, str]]:
    """Spans with a label that may belong to the value, each with its scope, nearest scopes first."""
    segment = reading.segments[index]
    first, last = clause(reading, value, segment)
    seen: set[int] = set()
    own = reading.within(label, segment.start, value.start)[-_MOST:]
    own += reading.within(label, max(value.start, segment.start), segment.end)[:_MOST]
    for span in own:
        side = "before" if span.start < value.start else "after"
        inside = first <= span.start < last
        seen.add(span.start)
        yield span, f"{'clause' if inside else 'sentence'}-{side}"
    for depth, head in enumerate(reversed(segment.heads)):
        for span in reading.within(label, head.start, head.end)[-_MOST:]:
            if span.start not in seen and not segment.start <= span.start < segment.end:
                seen.add(span.start)
                yield span, f"head{min(depth, 3)}"
    for back in range(1, _EARLIER + 1):
        if index - back < 0:
            break
        earlier = reading.segments[index - back]
        near = "paragraph" if earlier.paragraph == segment.paragraph else "earlier"
        for span in reading.within(label, earlier.start, earlier.end)[-_MOST:]:
            if span.start not in seen:
                seen.add(span.start)
                yield span, "dateline" if earlier.kind == "dateline" else f"{near}{min(back, 4)}"


@dataclass(frozen=True, slots=True)
class Carried:
    """What was decided for the target before: a text often goes on with the same year and place."""

    value: Span
    year: Span | None
    place: Span | None
    level: Span | None = None


def nearness(reading: Reading, value: Span, index: int, carried: Carried) -> str:
    """How near the target before stands: in the sentence, the paragraph, under the same head, or farther."""
    segment = reading.segments[index]
    before = reading.segments[reading.segment_at(carried.value.start)]
    if before is segment:
        return "sentence"
    if before.paragraph == segment.paragraph:
        return "paragraph"
    if before.heads and segment.heads and before.heads[-1] == segment.heads[-1]:
        return "head"
    return "next" if segment.paragraph - before.paragraph <= 2 else "far"


def between(reading: Reading, value: Span, span: Span) -> int:
    """How many other values stand between a value and a mention."""
    low, high = (span.end, value.start) if span.start < value.start else (value.end, span.start)
    return len(reading.within("VALUE", low, high)) if low < high else 0


def distance(reading: Reading, value: Span, span: Span) -> str:
    """The distance in tokens, in steps."""
    gap = abs(reading.token_at(span.start) - reading.token_at(value.start))
    return next((str(step) for step in (2, 4, 7, 12, 20, 40) if gap <= step), "far")


def nearest(reading: Reading, label: str, value: Span, segment: Segment) -> tuple[Span | None, Span | None]:
    """The mentions next to the value on either side in its sentence."""
    found = reading.within(label, segment.start, segment.end)
    before = [s for s in found if s.end <= value.start]
    after = [s for s in found if s.start >= value.end]
    return (before[-1] if before else None), (after[0] if after else None)
