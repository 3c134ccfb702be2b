"""The landmarks of a value's sentence, and the stretches between them that may name its metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policyextract.assemble.reading import Reading
from policyextract.assemble.stretches import Piece
from policyextract.types import Segment, Span

Named = tuple[str, tuple[Piece, ...]]
_PRIOR = 2  # sentences back in which the figure stands that an ellipsis refers to
_STRONG = frozenset({";", ":", "(", ")", "—", "–", "“", "”", '"', "\n", "!", "?"})


@dataclass(frozen=True, slots=True)
class Frame:
    """The landmarks of a value's sentence, as offsets."""

    start: int
    end: int
    clause_start: int
    clause_end: int
    comma_before: int
    comma_after: int
    first: Span
    last: Span
    previous: Span | None
    following: Span | None
    head: Piece | None
    cue: Piece | None


def named_stretches(
    reading: Reading, frame: Frame, value: Span, index: int, antecedent: tuple[Piece, ...]
) -> Iterator[Named]:
    """Every way to join stretches to a metric, with the name of the way."""
    yield from _templates(frame, value)
    yield from _carried(frame, value, antecedent)
    yield from _prior(reading, frame, value, index)


def frame_of(reading: Reading, value: Span, segment: Segment, siblings: list[Span]) -> Frame:
    """The landmarks of a value's sentence; ``siblings`` are the values taken for targets."""
    start = max(segment.start, segment.body)
    clause_start, comma_before = _back(reading, value.start, start)
    clause_end, comma_after = _ahead(reading, value.end, segment.end)
    others = [s for s in siblings if s.start >= start]
    inside = [s for s in others if clause_start <= s.start < clause_end] or [value]
    at = others.index(value) if value in others else 0
    head = next(((h.start, h.end) for h in reversed(segment.heads) if h.kind != "header"), None)
    cues = [
        c for c in reading.within("CUE", clause_start, value.start) if c.attr("class") in ("COMMIT", "GOAL")
    ]
    cue = (cues[-1].start, cues[-1].end) if cues and cues[-1].end <= value.start else None
    return Frame(
        start, segment.end, clause_start, clause_end, comma_before, comma_after, inside[0], inside[-1],
        others[at - 1] if at > 0 else None, others[at + 1] if at + 1 < len(others) else None, head, cue,
    )  # fmt: skip


def _back(reading: Reading, position: int, floor: int) -> tuple[int, int]:
    """Start of the clause before a position, and the last comma (or the clause's start)."""
    comma = None
    i = reading.token_at(position) - 1
    while i >= 0 and reading.tokens.starts[i] >= floor:
        if reading.tokens.norms[i] in _STRONG:
            return reading.tokens.ends[i], comma or reading.tokens.ends[i]
        if reading.tokens.norms[i] == "," and comma is None:
            comma = reading.tokens.ends[i]
        i -= 1
    return floor, comma or floor


def _ahead(reading: Reading, position: int, ceiling: int) -> tuple[int, int]:
    """End of the clause after a position, and the first comma (or the clause's end)."""
    comma = None
    i = reading.token_at(position)
    while i < len(reading.tokens) and reading.tokens.ends[i] <= ceiling:
        if reading.tokens.norms[i] in _STRONG:
            return reading.tokens.starts[i], comma or reading.tokens.starts[i]
        if reading.tokens.norms[i] == "," and comma is None:
            comma = reading.tokens.starts[i]
        i += 1
    return ceiling, comma or ceiling


def _templates(frame: Frame, value: Span) -> Iterator[Named]:
    """Named combinations of stretches left and right of the value."""
    previous = frame.previous.end if frame.previous else frame.start
    following = frame.following.start if frame.following else frame.end
    left = {
        "L": (max(frame.clause_start, previous), value.start),
        "Lcomma": (max(frame.comma_before, previous), value.start),
        "Lclause": (frame.clause_start, min(frame.first.start, value.start)),
        "Lsentence": (frame.start, min(frame.first.start, value.start)),
        "Lopen": (frame.start, value.start),
    }
    right = {
        "R": (value.end, min(frame.clause_end, following)),
        "Rcomma": (value.end, min(frame.comma_after, following)),
        "Rclause": (value.end, frame.clause_end),
        "Rsentence": (value.end, frame.end),
    }
    for name, piece in left.items():
        yield name, (piece,)
    for name, piece in right.items():
        yield name, (piece,)
    for name, piece in left.items():
        for other, second in right.items():
            yield f"{name}+{other}", (piece, second)
    if frame.cue is not None:
        after, subject = (frame.cue[1], value.start), (frame.clause_start, frame.cue[0])
        yield "Cue", (after,)
        yield "Subject", (subject,)
        for other in ("R", "Rcomma"):
            yield f"Cue+{other}", (after, right[other])
            yield f"Subject+{other}", (subject, right[other])
    yield from _shared(frame, value, left, right)


def _carried(frame: Frame, value: Span, antecedent: tuple[Piece, ...]) -> Iterator[Named]:
    """The metric of the target before, alone or with what this sentence adds."""
    if not antecedent:
        return
    previous = max(frame.previous.end if frame.previous else frame.start, frame.clause_start)
    following = min(frame.following.start if frame.following else frame.end, frame.clause_end)
    yield "antecedent", antecedent
    yield "antecedent+R", (*antecedent, (value.end, following))
    yield "antecedent+L", (*antecedent, (previous, value.start))
    yield "antecedent+Rcomma", (*antecedent, (value.end, min(frame.comma_after, following)))


def _prior(reading: Reading, frame: Frame, value: Span, index: int) -> Iterator[Named]:
    """What stands around the last figure before, target or not: "34 % of women work. The mark is 40 %"."""
    earlier = [v for v in reading.before("VALUE", frame.clause_start, 3) if v.end <= frame.clause_start]
    known = next((v for v in reversed(earlier) if v.attr("unit") == value.attr("unit")), None)
    if known is None or reading.segment_at(known.start) < index - _PRIOR:
        return
    segment = reading.segments[reading.segment_at(known.start)]
    start = max(segment.start, segment.body)
    left, _ = _back(reading, known.start, start)
    right, comma = _ahead(reading, known.end, segment.end)
    bound = min(right, frame.clause_start)
    yield "prior-L", ((left, known.start),)
    yield "prior-R", ((known.end, bound),)
    yield "prior-Rcomma", ((known.end, min(comma, bound)),)
    yield "prior-L+R", ((left, known.start), (known.end, bound))
    yield "prior-sentence", ((start, known.start),)
    cue = _last_cue(reading, left, known.start)
    if cue is not None:
        yield "prior-Cue", ((cue[1], known.start),)
        yield "prior-Subject", ((left, cue[0]),)
    following = min(frame.following.start if frame.following else frame.end, frame.clause_end)
    yield "prior-L+own", ((left, known.start), (value.end, following))


def _last_cue(reading: Reading, start: int, end: int) -> Piece | None:
    """The last word of a commitment or a report in a stretch: the verb, more or less."""
    kinds = ("COMMIT", "GOAL", "PAST", "PRES")
    cues = [c for c in reading.within("CUE", start, end) if c.attr("class") in kinds and c.end <= end]
    return (cues[-1].start, cues[-1].end) if cues else None


def _shared(frame: Frame, value: Span, left: dict[str, Piece], right: dict[str, Piece]) -> Iterator[Named]:
    """Stretches shared by the values of a list: its common head, its common tail, the heading above."""
    tail = (frame.last.end, frame.clause_end)
    if frame.last is not value and frame.last.start > value.start:
        yield "R+tail", (right["R"], tail)
        yield "Rcomma+tail", (right["Rcomma"], tail)
        yield "L+R+tail", (left["L"], right["R"], tail)
        yield "tail", (tail,)
    if frame.previous is not None:
        first = (frame.first.end, _end_of(frame, frame.first))
        yield "first", (first,)
        yield "first+R", (first, right["R"])
        if frame.last.start >= value.start and frame.last is not frame.first:
            yield "first+tail", (first, (frame.last.end, frame.clause_end))
        before = (frame.previous.end, value.start)
        yield "Lclause+first", (left["Lclause"], first)
        yield "Lsentence+first", (left["Lsentence"], first)
        yield "before", (before,)
        yield "Lsentence+before+R", (left["Lsentence"], before, right["R"])
        yield "Lsentence+before", (left["Lsentence"], before)
        yield "first+before", (first, before)
    if frame.head is not None:
        yield "head", (frame.head,)
        yield "head+L", (frame.head, left["L"])
        yield "head+R", (frame.head, right["R"])
        yield "head+L+R", (frame.head, left["L"], right["R"])


def _end_of(frame: Frame, first: Span) -> int:
    """Where the words after the first value of a list end: at the next value."""
    return frame.following.start if frame.previous is None and frame.following else _cut(frame, first)


def _cut(frame: Frame, first: Span) -> int:
    if frame.previous is not None and frame.previous is not first:
        return min(frame.previous.start, frame.clause_end)
    return frame.clause_end
