"""The year of a target: the mentions in reach, anaphors resolved, weighed against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policyextract import lexicon
from policyextract.assemble import opinions, reach
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import Option
from policyextract.types import Segment, Span


def resolve(reading: Reading) -> Reading:
    """The reading with "by then", "five years later" and "this term" turned into years."""
    resolved: list[Span] = []
    last: int | None = None
    horizon = _horizon(reading)
    now = reading.document.date.year if reading.document.date else None
    for span in reading.by_label.get("YEAR", []):
        rule = span.attr("resolve") or ""
        year = int(raw) if (raw := span.attr("year")) else None
        if rule.startswith("same") and last is not None:
            year = last + int(span.attr("shift") or 0)
            span = _with(span, year)
        elif rule == "plan" and horizon is not None:
            span = _with(span, horizon)
        resolved.append(span)
        if (
            year is not None
            and not span.attr("soft")
            and (
                rule in ("plain", "period", "short", "decade", "2050")
                or rule.startswith("same")
                or year > (now or 0)
            )
            and not _dated(reading, span)
            and (now is None or year >= now)
        ):
            last = year
    anew = Reading.of(reading.document, reading.segments, _replaced(reading.spans, resolved))
    anew.horizon, anew.resolved = _horizon_span(anew), True
    return anew


def _replaced(spans: list[Span], years: list[Span]) -> list[Span]:
    kept = [s for s in spans if s.label != "YEAR"]
    return sorted([*kept, *years], key=lambda s: (s.start, s.end))


def _with(span: Span, year: int) -> Span:
    attrs = tuple(a for a in span.attrs if a[0] != "year")
    return replace(span, attrs=(*attrs, ("year", str(year))))


def _horizon_span(reading: Reading) -> Span | None:
    """The first period or "to YEAR" that the text names: its plan's own horizon."""
    now = reading.document.date.year if reading.document.date else 0
    for span in reading.by_label.get("YEAR", []):
        if (raw := span.attr("year")) and int(raw) >= now and span.attr("kind") in ("period", "by"):
            return span
    return None


def _horizon(reading: Reading) -> int | None:
    """The last year of the plan's horizon."""
    span = reading.horizon if reading.resolved else _horizon_span(reading)
    return int(span.attr("year") or 0) if span is not None else None


def _dated(reading: Reading, span: Span) -> bool:
    """Whether the year is part of a full date or a document's number."""
    return any(
        m.start <= span.start < m.end for m in reading.within("MASK", max(0, span.start - 40), span.end)
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What the options of one value share."""

    reading: Reading
    value: Span
    now: int | None
    latest: int | None
    counts: dict[int, int]
    before: Span | None
    after: Span | None
    head_year: bool
    order: str
    carried: reach.Carried | None
    near: str


def options(
    reading: Reading, value: Span, index: int, header: tuple[int, int] | None, carried: reach.Carried | None
) -> list[Option]:
    """Years that the value may hold for; the payload is the span, None for no year."""
    segment = reading.segments[index]
    before, after = reach.nearest(reading, "YEAR", value, segment)
    found = [
        (s, scope)
        for s, scope in reach.mentions(reading, "YEAR", value, index)
        if s.attr("year") and reading.segments[reading.segment_at(s.start)].kind != "dateline"
    ]
    if header:
        found = [(s, "column") for s in reading.within("YEAR", *header) if s.attr("year")] + found
    counts: dict[int, int] = {}
    for span, _ in found:
        counts[int(span.attr("year") or 0)] = counts.get(int(span.attr("year") or 0), 0) + 1
    title = _horizon(reading)
    now = reading.document.date.year if reading.document.date else None
    heads = any(scope.startswith("head") for _, scope in found)
    around = _Around(
        reading, value, now, title, counts, before, after, heads, _order(reading, segment),
        carried, reach.nearness(reading, value, index, carried) if carried else "first",
    )  # fmt: skip
    made = [Option(span, tuple(_features(around, span, scope))) for span, scope in found]
    made += _carried(around, {id(s) for s, _ in found})
    if carried is not None and carried.year is not None:
        if not any(o.payload.attr("year") == carried.year.attr("year") for o in made):
            made.append(Option(carried.year, tuple(_features(around, carried.year, "before"))))
    none = ["none", f"none-{value.attr('kind')}", f"none-options={min(len(found), 3)}"]
    if carried is not None:
        none.append(f"none&carried={carried.year is None}&near={around.near}")
    made.append(Option(None, tuple(none)))
    return opinions.of_options(reading, value, "year", "YEAR", made, lambda span: span.attr("year"))


_LOOK_BACK = 60  # year mentions before the value among which the last one ahead is sought


def _carried(around: _Around, seen: set[int]) -> list[Option]:
    """The last year named before the reach, and the plan's horizon, as fall-backs."""
    reading, value = around.reading, around.value
    made = []
    for span in reversed(reading.before("YEAR", value.start, _LOOK_BACK)):
        raw = span.attr("year")
        if raw and id(span) not in seen and (around.now is None or int(raw) >= around.now):
            if not _dated(reading, span):
                made.append(Option(span, tuple(_features(around, span, "carried"))))
            break
    first = reading.horizon
    if (
        first is not None
        and first.start < value.start
        and id(first) not in seen
        and not _dated(reading, first)
    ):
        made.append(Option(first, tuple(_features(around, first, "horizon"))))
    return made


def _features(around: _Around, span: Span, scope: str) -> Iterator[str]:
    reading, value = around.reading, around.value
    year = int(span.attr("year") or 0)
    tense = (
        "dated"
        if around.now is None
        else "past"
        if year < around.now
        else "now"
        if year == around.now
        else "ahead"
    )
    kind = span.attr("kind")
    yield f"scope={scope}"
    yield f"scope={scope}&{tense}"
    yield f"tense={tense}"
    yield f"kind={kind}"
    yield f"resolve={(span.attr('resolve') or '').rstrip('N+0123456789')}"
    yield f"resolve={(span.attr('resolve') or '').rstrip('N+0123456789')}&{scope}"
    if span.attr("soft"):
        yield "soft"
    if _dated(reading, span):
        yield "in-date"
        yield f"in-date&{scope}"
    if scope.startswith(("clause", "sentence")):
        yield f"distance={reach.distance(reading, value, span)}"
        yield f"distance={reach.distance(reading, value, span)}&{scope[-6:]}"
        others = min(reach.between(reading, value, span), 3)
        yield f"between={others}"
        yield f"between={others}&{scope[-6:]}"
        yield f"kind={kind}&{scope[-6:]}"
        if span is around.before:
            yield "next-before"
        if span is around.after:
            yield "next-after"
            yield f"next-after&before={'yes' if around.before is not None else 'no'}"
        yield from _follows(reading, value, span)
    elif not scope.startswith(("head", "column")):
        plain = scope.rstrip("0123456789")
        yield f"{plain}&head-year={around.head_year}"
        yield f"{plain}&head-year={around.head_year}&{tense}"
    if scope.startswith(("clause", "sentence")):
        side = scope[-6:]
        yield f"order={around.order}&{side}"
        yield f"order={around.order}&{side}&between={min(reach.between(reading, value, span), 2)}"
        if span.end <= value.start and around.after is not None:
            gap = reading.words(value.end, around.after.start)
            yield f"rival-after={min(len(gap), 6)}"
            yield f"rival-after={min(len(gap), 6)}&{around.order}"
        low, high = sorted((value.end, span.start)) if span.start >= value.end else (span.end, value.start)
        gap_length = len(reading.words(low, high))
        yield f"gap={min(gap_length, 4)}&kind={value.attr('kind')}&{side}"
    if around.carried is not None:
        same = around.carried.year is not None and around.carried.year.attr("year") == span.attr("year")
        own = around.before is not None or around.after is not None
        yield f"carried={same}&near={around.near}&own-year={own}"
        yield f"carried={same}&near={around.near}&{scope.rstrip('0123456789')}"
    yield f"count={min(around.counts.get(year, 0), 3)}"
    if year == around.latest:
        yield "horizon"
    yield from _words_before(reading, span)


def _order(reading: Reading, segment: Segment) -> str:
    """Whether years precede or follow their values in this sentence, told by the first of either."""
    years = reading.within("YEAR", segment.start, segment.end)
    values = reading.within("VALUE", segment.start, segment.end)
    if not years or not values:
        return "none"
    return "year-first" if years[0].start < values[0].start else "value-first"


def _follows(reading: Reading, value: Span, span: Span) -> Iterator[str]:
    """The mark between a value and a year that follows it, and whether the year opens the sentence."""
    if span.start >= value.end:
        gap = reading.words(value.end, span.start)
        for mark in (",", ";", "and", "và", ":", "("):
            if mark in gap:
                yield f"gap:{mark}"
        if not set(gap) & {",", ";"}:
            yield "gap-open"
    else:
        gap = reading.words(span.end, value.start)
        for mark in (";", ":", "(", "and", "và"):
            if mark in gap:
                yield f"gap-back:{mark}"


def _words_before(reading: Reading, span: Span) -> Iterator[str]:
    """Words before the year that mark a baseline, a vision or an orientation."""
    at = reading.token_at(span.start)
    words = reading.tokens.norms[max(0, at - 4) : at]
    for name, listed in lexicon.word_sets(reading.document.lang, "baselines").items():
        if not listed.isdisjoint(words):
            yield f"after-{name}"
    if words and not words[-1][0].isdigit():
        yield f"word:{words[-1]}"
