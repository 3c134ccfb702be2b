"""The locality of a target: the places in reach, the document's own and its country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from policyextract import lexicon
from policyextract.assemble import opinions, reach
from policyextract.assemble.pairs import partner
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import Option
from policyextract.types import LEVELS, Segment, Span

_JOIN = frozenset(
    {",", "and", "và", "&", "or", "-", "cùng", "with", "as", "well", "the", "districts", "district"}
)


def options(
    reading: Reading, value: Span, index: int, label: tuple[int, int] | None, carried: reach.Carried | None
) -> list[Option]:
    """Places that the target may bind; the payload is the span, None for no jurisdiction."""
    home = next(iter(reading.by_label.get("HOME", [])), None)
    nation = next(iter(reading.by_label.get("NATION", [])), None)
    found = list(reach.mentions(reading, "PLACE", value, index))
    if label:
        found = [(s, "row") for s in reading.within("PLACE", *label)] + found
    found += [(s, f"seat-{scope}") for s, scope in reach.mentions(reading, "SEAT", value, index)]
    found += [(s, scope) for s, scope in ((home, "home"), (nation, "nation")) if s is not None]
    if home is not None and nation is not None and _same(home, nation):
        found.pop()
    if carried is not None and carried.place is not None:
        if not any(_same(carried.place, s) for s, _ in found):
            found.append((carried.place, "carried"))
    segment = reading.segments[index]
    around = _Around(
        reading, value, segment, home, nation, reading.tally("PLACE", "name"),
        carried, reach.nearness(reading, value, index, carried) if carried else "first",
        _agent(reading, value, index),
        frozenset(reading.words(segment.start, value.start)),
        any(s.start < value.start for s in reading.within("PLACE", segment.start, segment.end)),
        reading.before("PLACE", value.start, 12)[::-1],
    )  # fmt: skip
    made = [Option(s, tuple(_features(around, s, scope))) for s, scope in found]
    made.append(Option(None, tuple(_of_none(around))))
    made = opinions.of_options(
        reading, value, "locality", "PLACE", made, lambda span: (span.attr("name"), span.attr("level"))
    )
    return opinions.of_levels(
        reading, value, made, lambda span: [(span.attr("level") if span is not None else None) or ""]
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What the options of one value share; ``words`` stand before it in its sentence, ``before`` are the last places."""

    reading: Reading
    value: Span
    segment: Segment
    home: Span | None
    nation: Span | None
    counts: Counter[str | None]
    carried: reach.Carried | None
    near: str
    agent: str
    words: frozenset[str]
    own_place: bool
    before: list[Span]


_SUBJECT = 8  # tokens at the start of a sentence in which its subject stands


def _agent(reading: Reading, value: Span, index: int) -> str:
    """Whether a company, school or other organisation speaks or acts: in the sentence, or for the document."""
    segment = reading.segments[index]
    listed = lexicon.phrases(reading.document.lang, "references")["organisation"]
    words = reading.words(segment.start, value.start)
    if listed.among(words[:_SUBJECT]):
        return "subject"
    if listed.among(words):
        return "sentence"
    if index and listed.among(reading.words(reading.segments[index - 1].start, segment.start)[:_SUBJECT]):
        return "before"
    top = reading.segments[0]
    return "document" if listed.among(reading.words(0, top.end)) else "none"


def _of_none(around: _Around) -> Iterator[str]:
    yield "none"
    yield f"none&agent={around.agent}"
    if around.carried is not None and around.near in ("sentence", "paragraph"):
        yield f"none&carried={around.carried.place is None}&near={around.near}"


def _same(one: Span, other: Span) -> bool:
    return one.attr("name") == other.attr("name") and one.attr("level") == other.attr("level")


def _rank(span: Span | None) -> int:
    level = span.attr("level") if span else None
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _features(around: _Around, span: Span, scope: str) -> Iterator[str]:
    reading, value, home, nation = around.reading, around.value, around.home, around.nation
    finer = _rank(span) - _rank(home)
    relation = (
        "home" if home and _same(span, home) else "finer" if finer > 0 else "coarser" if finer < 0 else "peer"
    )
    yield f"scope={scope}"
    yield f"relation={relation}"
    yield f"scope={scope}&{relation}"
    yield f"level={span.attr('level')}"
    yield f"how={span.source}"
    yield f"how={span.source}&{relation}"
    if nation and _same(span, nation):
        yield "nation"
        yield f"nation&{scope}"
    for name in ("weak", "dateline"):
        if span.attr(name):
            yield name
            yield f"{name}&{relation}"
    yield f"typed={'yes' if span.attr('typed') else 'no'}&{relation}"
    yield f"count={min(around.counts[span.attr('name')], 4)}&{relation}"
    segment = around.segment
    yield from _continuity(around, span, scope)
    generic = lexicon.word_sets(reading.document.lang, "references")
    words = around.words
    for level, listed in generic.items():
        if level in LEVELS and not words.isdisjoint(listed):
            yield f"refers={'same' if level == span.attr('level') else 'other'}&{relation}&{scope.rstrip('0123456789')}"
    if scope == "nation" or (nation and _same(span, nation)):
        meant = words & generic["national"]
        yield f"nation-meant={bool(meant)}&{relation}"
        for word in reading.within("LEVEL", segment.start, segment.end):
            if "national" in (word.attr("levels") or ""):
                yield f"level-word=national&{word.attr('role')}"
    if not scope.startswith(("clause", "sentence", "seat-clause", "seat-sentence")):
        return
    side = scope[-6:]
    yield f"distance={reach.distance(reading, value, span)}&{side}"
    yield f"between={min(reach.between(reading, value, span), 3)}&{side}&{relation}"
    yield from _order(reading, value, span, segment, side)
    before, after = reach.nearest(reading, "PLACE", value, segment)
    if span is before or span is after:
        yield f"next&{side}&{relation}"
    at = reading.token_at(span.start)
    if at and reading.tokens.starts[at - 1] >= segment.start:
        yield f"word:{_plain(reading.tokens.norms[at - 1])}"
        yield f"word:{_plain(reading.tokens.norms[at - 1])}&{relation}"
    elif span.start < value.start:
        yield f"opens-sentence&{relation}"
    after_word = (
        reading.tokens.norms[reading.token_at(span.end)]
        if reading.token_at(span.end) < len(reading.tokens)
        else "\n"
    )
    yield f"then:{_plain(after_word)}"


def _continuity(around: _Around, span: Span, scope: str) -> Iterator[str]:
    """Whether the place goes on from the target before, and whether the sentence means it by "the city"."""
    own = around.own_place
    if around.carried is not None:
        same = around.carried.place is not None and _same(around.carried.place, span)
        yield f"carried={same}&near={around.near}"
        yield f"carried={same}&near={around.near}&own-place={own}"
        yield f"carried={same}&{scope.rstrip('0123456789')}"
    yield f"agent={around.agent}&{scope.rstrip('0123456789')}"
    level = span.attr("level")
    last = next((s for s in around.before if s.attr("level") == level), None)
    latest = last is not None and _same(last, span)
    yield f"latest-of-level={latest}"
    listed = lexicon.word_sets(around.reading.document.lang, "references").get(level or "", ())
    if latest and not around.words.isdisjoint(listed):
        yield f"latest-and-meant&own-place={own}"


def _order(reading: Reading, value: Span, span: Span, segment: Segment, side: str) -> Iterator[str]:
    """Whether the list names places before or after their values, and what stands between the two."""
    places = [s for s in reading.within("PLACE", segment.start, segment.end) if not s.attr("dateline")]
    values = reading.within("VALUE", segment.start, segment.end)
    first = "place" if places and places[0].start < values[0].start else "value"
    low, high = (span.end, value.start) if span.start < value.start else (value.end, span.start)
    gap = reading.words(low, high)
    yield f"order={first}&{side}&gap={min(len(gap), 5)}"
    yield f"order={first}&{side}&many={len(values) > 1 and len(places) > 1}"
    if 0 < len(gap) <= 2:
        yield f"gap={' '.join(map(_plain, gap))}&{side}"


def _plain(word: str) -> str:
    return "number" if word[0].isdigit() else word


def group(reading: Reading, chosen: Span, value: Span) -> list[Span]:
    """The chosen place with those coordinated with it ("in Cat Hai and Bach Long Vi districts")."""
    segment = reading.segments[reading.segment_at(value.start)]
    places = reading.by_label.get("PLACE", [])
    if reading.place_of(chosen) is None:  # the document's own, which may be named here as well
        here = [s for s in reading.within("PLACE", segment.start, segment.end) if _same(s, chosen)]
        chosen = next((s for s in reversed(here) if s.start < value.start), next(iter(here), chosen))
    at = reading.place_of(chosen)
    if at is None or not (segment.start <= chosen.start < segment.end or _heads(segment, chosen)):
        return [chosen]
    low = high = at
    while low and _joined(reading, places[low - 1], places[low], value):
        low -= 1
    while high + 1 < len(places) and _joined(reading, places[high], places[high + 1], value):
        high += 1
    unique: dict[tuple[str | None, str | None], Span] = {}
    for span in places[low : high + 1]:
        unique.setdefault((span.attr("name"), span.attr("code")), span)
    return list(unique.values())


def _heads(segment: Segment, chosen: Span) -> bool:
    """Whether the place stands in the head right above the value's sentence."""
    return bool(segment.heads) and segment.heads[-1].start <= chosen.start < segment.heads[-1].end


def respective(reading: Reading, places: list[Span], value: Span, siblings: list[Span]) -> list[Span]:
    """The one place that is the value's own where places and values are paired off ("respectively")."""
    segment = reading.segments[reading.segment_at(value.start)]
    own = partner(reading, segment, value, siblings, places)
    return places if own is None else [own]


def _joined(reading: Reading, left: Span, right: Span, value: Span) -> bool:
    gap = reading.words(left.end, right.start)
    if left.attr("level") != right.attr("level") or left.start < value.start < right.start:
        return False
    return 0 < len(gap) <= 3 and set(gap) <= _JOIN and bool(set(gap) & {",", "and", "và", "&", "or"})
