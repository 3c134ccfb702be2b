"""The level of a target: what the text names for this value, otherwise the level of the locality."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract.assemble import opinions, reach
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import Option
from policyextract.types import LEVELS, Span


def options(
    reading: Reading, value: Span, index: int, place: Span | None, carried: reach.Carried | None
) -> list[Option]:
    """LEVEL spans that may hold for the value; the payload None stands for the locality's own level."""
    own = place.attr("level") if place else None
    found = [
        (s, scope)
        for s, scope in reach.mentions(reading, "LEVEL", value, index)
        if scope.startswith(("clause", "sentence", "head", "paragraph1", "earlier1"))
    ]
    near = reach.nearness(reading, value, index, carried) if carried else "first"
    before = carried.level if carried else None
    made = [
        Option(s, (*_features(reading, value, s, scope, own), *_again(s, before, near))) for s, scope in found
    ]
    default = ["default", f"default-own={own}", f"default-kind={value.attr('kind')}"]
    default += _again(None, before, near)
    made.append(Option(None, tuple(default)))
    made = opinions.of_options(reading, value, "level", "LEVEL", made, lambda span: span.attr("levels"))
    return opinions.of_levels(reading, value, made, lambda span: _named(span, own))


def own_options(reading: Reading, value: Span, place: Span | None) -> list[Option]:
    """Levels that the value may have where the text names none: that of its locality, and what a model takes it for.

    The payload "" is no level.
    """
    return opinions.kind_options(reading, value, "level", (place and place.attr("level")) or "", None)


def _named(span: Span | None, own: str | None) -> list[str]:
    return (span.attr("levels") or "").split(",") if span is not None else [own or ""]


def _again(span: Span | None, before: Span | None, near: str) -> Iterator[str]:
    """Whether a level is that of the target before: the same mention, another mention of it, or none."""
    levels = span.attr("levels") if span else None
    same = levels == (before.attr("levels") if before else None)
    yield f"again={same}&near={near}"
    if span is not None and before is not None and span.start == before.start:
        yield f"same-mention&near={near}"


def _features(reading: Reading, value: Span, span: Span, scope: str, own: str | None) -> Iterator[str]:
    role = span.attr("role")
    levels = (span.attr("levels") or "").split(",")
    many = "many" if len(levels) > 1 else levels[0]
    finer = _relation(levels, own)
    yield f"scope={scope}"
    yield f"role={role}&{scope}"
    yield f"role={role}&{many}"
    yield f"levels={many}"
    yield f"relation={finer}&{role}"
    yield f"relation={finer}&own={own}"
    if not scope.startswith(("clause", "sentence")):
        return
    side = scope[-6:]
    distance = reach.distance(reading, value, span)
    yield f"distance={distance}&{side}"
    yield f"distance={distance}&{side}&{role}"
    yield f"between={min(reach.between(reading, value, span), 2)}&{side}&{role}"
    if span.start >= value.end:
        gap = reading.words(value.end, span.start)
        yield f"gap={' '.join(gap) if len(gap) <= 2 else 'long'}"
        yield f"gap-length={min(len(gap), 6)}&kind={value.attr('kind')}&{role}"
        for mark in (",", ";", "and", "và"):
            if mark in gap:
                yield f"gap:{mark}"
    else:
        gap = reading.words(span.end, value.start)
        yield f"back-gap={' '.join(gap) if len(gap) <= 2 else 'long'}"
        for mark in (",", ";", ":", "and", "và"):
            if mark in gap:
                yield f"back-gap:{mark}"
    at = reading.token_at(span.start)
    segment = reading.segments[reading.segment_at(value.start)]
    if at and reading.tokens.starts[at - 1] >= segment.start:
        yield f"word:{reading.tokens.norms[at - 1] if not reading.tokens.norms[at - 1][0].isdigit() else 'number'}&{role}"
    then = reading.token_at(span.end)
    if then < len(reading.tokens):
        yield f"then:{reading.tokens.norms[then]}&{role}"
    yield (
        f"text:{reading.document.text[span.start : span.end].lower()}"
        if span.end - span.start < 24
        else "text:long"
    )


def _relation(levels: list[str], own: str | None) -> str:
    if own not in LEVELS:
        return "unknown"
    ranks = {LEVELS.index(name) - LEVELS.index(own) for name in levels}
    if ranks == {0}:
        return "same"
    return "finer" if min(ranks) >= 0 else "coarser"
