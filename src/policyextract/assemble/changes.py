"""Whether a value is a level or a change, and whether it holds a year."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract import lexicon
from policyextract.assemble.clauses import clause
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import Option
from policyextract.types import Span

_NEAR = 6


def _around(reading: Reading, value: Span, index: int) -> Iterator[str]:
    """Words of rising, falling and reaching around a value, and its immediate neighbours."""
    segment = reading.segments[index]
    table = lexicon.table(reading.document.lang, "changes")
    first, last = clause(reading, value, segment)
    left = reading.words(first, value.start)
    right = reading.words(value.end, last)
    kind = value.attr("kind") or ""
    yield f"kind={kind}"
    for name, listed in table.items():
        words = set(listed)
        if set(left[-_NEAR:]) & words:
            yield f"near:{name}"
        if set(left) & words:
            yield f"left:{name}"
        if set(right[:3]) & words:
            yield f"right-near:{name}"
        if set(right) & words:
            yield f"right:{name}"
        if set(reading.words(segment.start, first)) & words:
            yield f"sentence:{name}"
        if segment.heads and set(reading.words(segment.heads[-1].start, segment.heads[-1].end)) & words:
            yield f"head:{name}"
    last_change = next(
        (w for w in reversed(left) if any(w in t for n, t in table.items() if n != "year")), None
    )
    if last_change:
        names = [n for n, t in table.items() if last_change in t and n != "year"]
        step = left[-1]
        yield f"last={'+'.join(names)}"
        yield f"last={'+'.join(names)}&prep={step if step in table['by'] or step in table['to'] else '-'}"
        yield f"last={'+'.join(names)}&kind={kind}"
    if left:
        yield f"left1:{_plain(left[-1])}"
        yield f"left1:{_plain(left[-1])}&{kind}"
        if len(left) > 1:
            yield f"left2:{_plain(left[-2])}"
            yield f"left12:{_plain(left[-2])} {_plain(left[-1])}"
    else:
        yield "left-empty"
    for offset, word in enumerate(right[:2], 1):
        yield f"right{offset}:{_plain(word)}"
    if len(right) > 1:
        yield f"right12:{_plain(right[0])} {_plain(right[1])}"
    if value.attr("baseline"):
        yield "baseline"
    own = reading.words(value.start, value.end)
    yield f"value-begins:{_plain(own[0]) if own else '-'}"
    if value.attr("comparator"):
        yield f"comparator={value.attr('comparator')}"
    for name, listed in table.items():
        if right and right[0] in listed:
            yield f"right1-class={name}&{kind}"
            yield f"right1-class={name}"
        if left and left[-1] in listed:
            yield f"left1-class={name}"
            yield f"left1-class={name}&{value.attr('comparator') or '='}"
    if last_change:
        yield f"last={'+'.join(names)}&prep={step if step in table['by'] or step in table['to'] else '-'}&{value.attr('comparator') or '='}"
    siblings = [
        v for v in reading.within("VALUE", segment.start, value.start) if v.attr("unit") == value.attr("unit")
    ]
    if siblings:
        before = reading.words(max(segment.start, siblings[0].start - 40), siblings[0].start)[-3:]
        for name, listed in table.items():
            if set(before) & set(listed):
                yield f"first-sibling:{name}"


def _plain(word: str) -> str:
    return "number" if word[0].isdigit() else word


def change_options(reading: Reading, value: Span, index: int) -> list[Option]:
    """A level (None), an increase or a decrease."""
    around = tuple(_around(reading, value, index))
    fixed = value.attr("change")
    made = [Option(None, ("null",))]
    for name in ("increase", "decrease"):
        features = (name, *(f"{name}|{a}" for a in around), *([f"{name}|fixed"] if fixed == name else []))
        made.append(Option(name, features))
    return made


def per_options(reading: Reading, value: Span, index: int) -> list[Option]:
    """A yearly flow or rate ("year"), or not (None)."""
    around = tuple(_around(reading, value, index))
    return [Option(None, ("null",)), Option("year", ("year", *around))]
