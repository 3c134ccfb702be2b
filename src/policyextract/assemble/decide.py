"""Target or reported fact: the features of a value in its sentence, weighed by ``data/weights.json``."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract import lexicon
from policyextract.assemble import opinions
from policyextract.assemble.clauses import clause
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import cell_of
from policyextract.types import Segment, Span

_NEAR = 7  # tokens either side of a value that count as near
_STRONG = frozenset({";", ".", ":", "!", "?", "\n"})
_GOVERN = ("COMMIT", "PAST", "PRES", "FORECAST", "BUDGET", "OLD")


def features(reading: Reading, value: Span) -> tuple[str, ...]:
    """Named features of a value in its sentence and under its heads."""
    index = reading.segment_at(value.start)
    segment = reading.segments[index]
    found = {
        "bias",
        f"kind={value.attr('kind')}",
        f"rule={value.source}",
        f"comparator={value.attr('comparator') or '='}",
        f"segment={segment.kind}",
        *_itself(reading, value),
        *_words(reading, value, segment),
        *_place_in_sentence(reading, value, segment),
        *_time(reading, value, segment, index),
    }
    return (*sorted(name.replace("#", "") for name in found), *opinions.target_features(reading, value))


def _itself(reading: Reading, value: Span) -> Iterator[str]:
    """The words of the value: the quantifier or fraction itself, its comparator's first word, its unit."""
    words = reading.words(value.start, value.end)
    if not words:
        return
    if not any(w[0].isdigit() for w in words):
        yield f"text:{' '.join(words[:3])}"
    elif not words[0][0].isdigit():
        yield f"begins:{words[0]}"
    if value.attr("kind") in ("quantity", "currency"):
        yield f"measure:{words[-1]}"


def _words(reading: Reading, value: Span, segment: Segment) -> Iterator[str]:
    """Cues near the value, in its clause, its sentence, the heads and the sentence before."""
    if segment.kind == "row":
        cell = cell_of(reading, value, segment)
        yield f"table={cell.role}"
        yield f"table={cell.role}-{'alone' if cell.alone else 'in-text'}"
        return
    left = reading.words(segment.start, value.start)
    right = reading.words(value.end, segment.end)
    for offset in (1, 2):
        if len(left) >= offset:
            yield f"left{offset}:{left[-offset]}"
            yield f"left{offset}:{left[-offset]}&{value.attr('kind')}"
        if len(right) >= offset:
            yield f"right{offset}:{right[offset - 1]}"
            yield f"right{offset}:{right[offset - 1]}&{value.attr('kind')}"
    if len(left) > 1:
        yield f"left12:{left[-2]} {left[-1]}"
    if len(right) > 1:
        yield f"right12:{right[0]} {right[1]}"
    for word in dict.fromkeys(left[-_NEAR:]):  # each once, in order: sums depend on it
        yield f"near-l:{word}"
    for word in dict.fromkeys(right[:_NEAR]):
        yield f"near-r:{word}"
    yield from _baseline(reading, value, segment, left, right)
    yield from _marked(reading, value, segment, left, right)
    first, last = clause(reading, value, segment)
    near_left = reading.tokens.starts[max(0, reading.token_at(value.start) - _NEAR)]
    near_right = reading.tokens.ends[min(len(reading.tokens) - 1, reading.token_at(value.end) + _NEAR)]
    yield from _cues(reading, "near-left", max(first, near_left), value.start)
    yield from _cues(reading, "near-right", value.end, min(last, near_right))
    yield from _cues(reading, "clause-left", first, value.start)
    yield from _cues(reading, "clause-right", value.end, last)
    yield from _cues(reading, "before", segment.start, value.start)
    yield from _cues(reading, "after", value.end, segment.end)
    for depth, head in enumerate(reversed(segment.heads)):
        yield from _cues(reading, "head" if depth == 0 else "outer", head.start, head.end)
    index = reading.segment_at(value.start)
    if index and reading.segments[index - 1].paragraph == segment.paragraph:
        previous = reading.segments[index - 1]
        yield from _cues(reading, "previous", previous.start, previous.end)
    ruled = governor(reading, value, segment, first, last)
    yield f"governor={ruled}"
    yield f"governor={ruled}&kind={value.attr('kind')}"
    heads = "goal" if any(_has(reading, h, "GOAL") for h in segment.heads) else "none"
    yield f"heads={heads}&governor={ruled.partition('.')[0]}"
    yield f"heads={heads}&segment={segment.kind}"
    yield f"heads={heads}&kind={value.attr('kind')}"
    ahead = any(_tense(reading, y) == "future" for y in reading.within("YEAR", segment.start, segment.end))
    yield f"governor={ruled}&ahead={ahead}"
    if not left:
        yield "first-in-segment"
    if not right or right[0] in _STRONG:
        yield "last-in-segment"


def _marked(
    reading: Reading, value: Span, segment: Segment, left: tuple[str, ...], right: tuple[str, ...]
) -> Iterator[str]:
    """Words that mark the figure beside them as a level of today or of before, and figures inside another's noun."""
    listed = lexicon.phrases(reading.document.lang, "baselines")
    if listed["marked"].among(left[-2:]):
        yield "marked-left"
        yield f"marked-left&kind={value.attr('kind')}"
    if listed["markedafter"].among(right[:4]):
        yield "marked-right"
    for side, years in (
        ("left", reading.within("YEAR", segment.start, value.start)[-1:]),
        ("right", reading.within("YEAR", value.end, segment.end)[:1]),
    ):
        for year in years:
            gap = left[-4:] if side == "left" else right[:4]
            low, high = (year.end, value.start) if side == "left" else (value.end, year.start)
            if len(reading.words(low, high)) <= len(gap) <= 4 and len(reading.words(low, high)) <= 3:
                yield f"year-adjacent={_tense(reading, year)}&{side}"
                yield f"year-adjacent={_tense(reading, year)}&{side}&governed={bool(gap)}"
    before = reading.within("VALUE", segment.start, value.start)[-1:]
    if left[-1:] and left[-1] in ("of", "of the", "số", "trong") and before:
        if before[0].attr("unit") == "percent" and len(reading.words(before[0].end, value.start)) == 1:
            yield "share-of"
    if value.attr("kind") in ("count", "ratio", "quantity"):
        first, _ = clause(reading, value, segment)
        quantified = [
            v for v in reading.within("VALUE", first, value.start) if v.attr("kind") == "quantifier"
        ]
        if quantified:
            yield "inside-each"
        shares = [v for v in reading.within("VALUE", first, value.start) if v.attr("unit") == "percent"]
        if shares and value.attr("comparator") == ">=" and float(value.attr("number") or 0) <= 5:
            yield "inside-share"
    if segment.start < value.start:
        classes = [c.attr("class") for c in reading.within("CUE", segment.start, segment.end)]
        yield f"forecasts={min(classes.count('FORECAST'), 3)}"
        yield f"olds={min(classes.count('OLD'), 2)}"


_MOVE = 14  # tokens within which "from 61 %" must meet its "to 80 %"


def _baseline(
    reading: Reading, value: Span, segment: Segment, left: tuple[str, ...], right: tuple[str, ...]
) -> Iterator[str]:
    """Whether the value is where a change starts ("from 61 % to 80 %", "to 80 %, from 61 %")."""
    table = lexicon.word_sets(reading.document.lang, "baselines")
    own = reading.words(value.start, value.end)[:1]
    if table["from"].isdisjoint(left[-1:] + own):
        return
    goal = next((i for i, w in enumerate(right[:_MOVE]) if w in table["onto"]), None)
    after = reading.within("VALUE", value.end, segment.end)
    if goal is not None and after and ";" not in right[:goal]:
        gap = reading.words(value.end, after[0].start)
        if not table["onto"].isdisjoint(gap):
            yield "from-onto"
    before = reading.within("VALUE", segment.start, value.start)
    if before and len(reading.words(before[-1].end, value.start)) <= 4:
        yield "onto-from"
        yield f"onto-from&same={before[-1].attr('unit') == value.attr('unit')}"


def _has(reading: Reading, head: Segment, name: str) -> bool:
    return any(c.attr("class") == name for c in reading.within("CUE", head.start, head.end))


def _cues(reading: Reading, scope: str, start: int, end: int) -> set[str]:
    """Cue classes between two offsets, and the cue words themselves."""
    return {f"{scope}:{said}" for cue in reading.within("CUE", start, end) for _, said in cue.attrs}


def governor(reading: Reading, value: Span, segment: Segment, first: int, last: int) -> str:
    """The cue that governs the value: the last before it in its clause, else the first after, else a head's."""
    for scope, start, end, pick in (
        ("left", first, value.start, -1),
        ("right", value.end, last, 0),
        ("before", segment.start, first, -1),
        ("after", last, segment.end, 0),
    ):
        found = [c for c in reading.within("CUE", start, end) if c.attr("class") in _GOVERN]
        if found:
            at = found[pick].start
            names = sorted({c.attr("class") or "" for c in found if c.start == at})
            return f"{scope}.{'+'.join(names)}"
    for head in reversed(segment.heads):
        found = [
            c for c in reading.within("CUE", head.start, head.end) if c.attr("class") in (*_GOVERN, "GOAL")
        ]
        if found:
            names = sorted({c.attr("class") or "" for c in found})
            return f"head.{'+'.join(names)}"
    return "none"


def _place_in_sentence(reading: Reading, value: Span, segment: Segment) -> Iterator[str]:
    text = reading.document.text
    before = text[segment.start : value.start]
    if before.count("(") > before.count(")"):
        yield "in-parenthesis"
        years = reading.within("YEAR", segment.start + before.rindex("("), segment.end)
        if years:
            yield f"in-parenthesis&{_tense(reading, years[0])}"
    if before.count("“") > before.count("”") or before.count('"') % 2:
        yield "in-quotes"
    values = reading.within("VALUE", segment.start, segment.end)
    order = [v.start for v in values].index(value.start)
    yield f"order={min(order, 3)}"
    if order:
        yield f"previous-kind={values[order - 1].attr('kind')}"
    if value.attr("baseline"):
        yield "baseline"
    core = float(value.attr("number") or 0)
    if value.attr("kind") == "count":
        yield "small" if core < 10 else "large" if core >= 1000 else "middling"
    after = text[value.end : value.end + 2]
    if after[:1].isspace() and after[1:2].isupper():
        yield "before-capital"
    if text[max(0, value.start - 1) : value.start] in ("-", "/", "–") or after[:1] in ("-", "/"):
        yield "joined"
    if text[max(0, value.start - 2) : value.start].strip() == "(":
        yield "opens-parenthesis"


def _time(reading: Reading, value: Span, segment: Segment, index: int) -> Iterator[str]:
    """How the years around the value stand to the date of the document."""
    years = reading.within("YEAR", segment.start, segment.end)
    before = [y for y in years if y.start < value.start]
    after = [y for y in years if y.start >= value.end]
    yield f"year-before={_tense(reading, before[-1]) if before else 'none'}"
    yield f"year-after={_tense(reading, after[0]) if after else 'none'}"
    tenses = {_tense(reading, y) for y in years}
    for tense in tenses:
        yield f"sentence-year={tense}"
    for head in reversed(segment.heads):
        found = {_tense(reading, y) for y in reading.within("YEAR", head.start, head.end)}
        if found:
            for tense in found:
                yield f"head-year={tense}"
            break
    if not years and index:
        earlier = reading.within("YEAR", reading.segments[max(0, index - 3)].start, segment.start)
        yield f"earlier-year={_tense(reading, earlier[-1]) if earlier else 'none'}"


def _tense(reading: Reading, year: Span) -> str:
    resolve = year.attr("resolve") or ""
    raw = year.attr("year")
    if raw is None:
        return "past" if resolve == "past" else resolve.rstrip("+N0123456789") or "none"
    now = reading.document.date.year if reading.document.date else None
    if now is None:
        return "dated"
    return "future" if int(raw) > now else "past" if int(raw) < now else "present"
