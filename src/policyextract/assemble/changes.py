"""Whether a value is a level or a change, and whether it holds a year."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract import lexicon
from policyextract.assemble import opinions
from policyextract.assemble.clauses import clause
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell
from policyextract.assemble.weigh import Option
from policyextract.types import Segment, Span

_NEAR = 6
_OPENING = 3  # words at the start of a label in which "Reduction in" or "Mức giảm" names a change
_DIRECTIONS = ("increase", "decrease")


def _around(reading: Reading, value: Span, index: int, cell: Cell | None) -> tuple[str, ...]:
    """What stands around a value, which its change and its flow are both told by; worked out once."""
    key = "changes", value.start, value.end
    found = reading.memo.get(key)
    if found is None:
        found = reading.memo[key] = tuple(_words_around(reading, value, index, cell))
    return found


def _words_around(reading: Reading, value: Span, index: int, cell: Cell | None) -> Iterator[str]:
    """Words of rising, falling and reaching around a value, and its immediate neighbours."""
    segment = reading.segments[index]
    kind = value.attr("kind") or ""
    yield f"kind={kind}"
    if cell is not None:
        yield from _of_cell(reading, cell)
        return
    first, last = clause(reading, value, segment)
    left = reading.words(first, value.start)
    right = reading.words(value.end, last)
    scopes = {
        "near": left[-_NEAR:],
        "left": left,
        "right-near": right[:4],
        "right": right,
        "sentence": reading.words(segment.start, first),
        "rest": reading.words(last, segment.end),
    }
    if segment.heads:
        scopes["head"] = reading.words(segment.heads[-1].start, segment.heads[-1].end)
    for scope, words in scopes.items():
        for name in lexicon.named_among(reading.document.lang, "changes", words):
            yield f"{scope}:{name}"
    yield from _link(reading, left, right, value)
    yield from _neighbours(left, right, kind)
    own = reading.words(value.start, value.end)
    yield f"value-begins:{_plain(own[0]) if own else '-'}"
    if own and own[0].split(" ")[0] in ("còn", "xuống", "lên", "to"):
        yield "value-onto"
    yield f"comparator={value.attr('comparator') or '='}"
    if value.attr("baseline"):
        yield "baseline"
    yield from _of_sibling(reading, value, segment)


def _of_cell(reading: Reading, cell: Cell) -> Iterator[str]:
    """Words of rising and falling in the label, the unit and the column head of a table cell."""
    listed = lexicon.phrases(reading.document.lang, "changes")
    for scope, where in (("label", cell.label), ("header", cell.header), ("unit", cell.unit)):
        words = reading.words(*where) if where is not None else ()
        for name, phrases in listed.items():
            if phrases.among(words):
                yield f"{scope}:{name}"
            if name in (*_DIRECTIONS, "growth") and phrases.among(words[:_OPENING]):
                yield f"{scope}-opens:{name}"
                yield f"opens:{name}"


def _link(reading: Reading, left: tuple[str, ...], right: tuple[str, ...], value: Span) -> Iterator[str]:
    """The last word of change before the value, and what links it to the value."""
    listed = lexicon.phrases(reading.document.lang, "changes")
    own = reading.words(value.start, value.end)
    kind = value.attr("kind") or ""
    for back, word in enumerate(reversed(left), 1):
        names = [n for n in _DIRECTIONS if word in listed[n].single]
        if not names:
            continue
        joint = left[-1] if left[-1] in listed["by"].single | listed["to"].single else "-"
        name = "+".join(names)
        yield f"last={name}"
        yield f"last={name}&joint={joint}"
        yield f"last={name}&joint={joint}&{value.attr('comparator') or '='}"
        yield f"last={name}&kind={kind}"
        yield f"last={name}&back={min(back, 8)}"
        between = left[len(left) - back + 1 :]
        if {*between, *" ".join(own).split(" ")[:1]} & listed["to"].single:
            yield f"last={name}&onto"
        crossed = set(left[-back:]) & {",", "and", "và", ";"}
        yield f"last={name}&crossed={bool(crossed)}&joint={joint}"
        break
    for name in ("after-up", "after-down"):
        if right and right[0] in listed[name].single | {p.strip() for p in listed[name].longer}:
            yield name
            yield f"{name}&kind={kind}"
    if left and left[-1] in listed["more"].single:
        yield "more-before"
    for ahead, word in enumerate(right[:4], 1):
        names = [n for n in (*_DIRECTIONS, "more") if word in listed[n].single]
        if names:
            yield f"next={'+'.join(names)}&ahead={ahead}"
            yield f"next={'+'.join(names)}&than={listed['than'].among(right[ahead : ahead + 2])}"
            break


def _neighbours(left: tuple[str, ...], right: tuple[str, ...], kind: str) -> Iterator[str]:
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
        if len(right) > 2:
            yield f"right123:{_plain(right[0])} {_plain(right[1])} {_plain(right[2])}"


def _of_sibling(reading: Reading, value: Span, segment: Segment) -> Iterator[str]:
    """What stands before the first value of the same unit in the sentence, whose verb a list shares."""
    siblings = [
        v for v in reading.within("VALUE", segment.start, value.start) if v.attr("unit") == value.attr("unit")
    ]
    if not siblings:
        return
    before = reading.words(max(segment.start, siblings[0].start - 60), siblings[0].start)[-_NEAR:]
    between = reading.words(siblings[-1].end, value.start)
    near = "near" if len(between) <= _NEAR else "far"
    for name, phrases in lexicon.phrases(reading.document.lang, "changes").items():
        if phrases.among(before):
            yield f"first-sibling:{name}"
            yield f"first-sibling:{name}&{near}"
        if phrases.among(between):
            yield f"between:{name}"


def _plain(word: str) -> str:
    return "number" if word[0].isdigit() else word


def change_options(reading: Reading, value: Span, index: int, cell: Cell | None) -> list[Option]:
    """A level (None), an increase or a decrease."""
    around = _around(reading, value, index, cell)
    fixed = value.attr("change")
    made = [Option(None, ("null",))]
    for name in _DIRECTIONS:
        features = (name, *(f"{name}|{a}" for a in around), *([f"{name}|fixed"] if fixed == name else []))
        made.append(Option(name, features))
    return opinions.of_kinds(reading, value, "change", made)


def per_options(reading: Reading, value: Span, index: int, cell: Cell | None) -> list[Option]:
    """A yearly flow or rate ("year"), or not (None)."""
    around = _around(reading, value, index, cell)
    made = [Option(None, ("null",)), Option("year", ("year", *around))]
    return opinions.of_kinds(reading, value, "per", made)
