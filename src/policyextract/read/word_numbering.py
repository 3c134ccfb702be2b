"""The automatic numbers of Word paragraphs, which their text does not hold: ``1.``, ``a)``, ``•``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policyextract.read.word_text import W

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from lxml.etree import _Element

_LEVELS = 9
_ROMAN_VALUES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
_ROMAN_SIGNS = ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i")


@dataclass(slots=True)
class _Level:
    """How one level of a list counts: its first number, the kind of figures and the text around them."""

    start: int = 1
    kind: str = "decimal"
    text: str = ""


@dataclass(slots=True)
class _List:
    """The levels of a list and, while the text is walked, where each counter stands."""

    levels: dict[int, _Level]
    counters: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the list paragraphs of one document in the order in which they are asked for."""

    def __init__(self, document: WordDocument) -> None:
        self._styles = _style_numbers(document)
        self._lists = _lists(document)

    def marker(self, paragraph: _Element) -> str:
        """The marker that Word prints before ``paragraph``, or an empty string."""
        number, level = self._place(paragraph)
        found = self._lists.get(number)
        if found is None or level not in found.levels:
            return ""
        for deeper in range(level + 1, _LEVELS):
            found.counters.pop(deeper, None)
        for upper in range(level):
            found.counters.setdefault(upper, _level(found, upper).start)
        found.counters[level] = found.counters.get(level, found.levels[level].start - 1) + 1
        return _written(found, level)

    def _place(self, paragraph: _Element) -> tuple[str, int]:
        """The list that ``paragraph`` belongs to, by itself or by its style, and its level."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        number, level = self._styles.get(style.get(f"{W}val", "") if style is not None else "", ("", 0))
        own_number, own_level = _num_pr(paragraph)
        return own_number or number, level if own_level is None else own_level


def _level(found: _List, level: int) -> _Level:
    return found.levels.get(level) or _Level()


def _written(found: _List, level: int) -> str:
    """The marker of ``level`` with the numbers of the levels that its text names."""
    this = found.levels[level]
    if this.kind == "none":
        return this.text if "%" not in this.text else ""
    if this.kind == "bullet":
        return this.text if this.text in ("-", "–", "—", "+", "*") else "•"

    def figure(match: re.Match[str]) -> str:
        named = int(match[1]) - 1
        return _figure(found.counters.get(named, _level(found, named).start), _level(found, named).kind)

    return re.sub(r"%([1-9])", figure, this.text).strip()


def _figure(number: int, kind: str) -> str:
    """``number`` as a list writes it.

    >>> _figure(4, "lowerLetter"), _figure(28, "upperLetter"), _figure(9, "upperRoman")
    ('d', 'BB', 'IX')
    """
    if kind in ("lowerLetter", "upperLetter") and 0 < number <= 780:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if kind == "upperLetter" else letters
    if kind in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = ""
        for value, sign in zip(_ROMAN_VALUES, _ROMAN_SIGNS, strict=True):
            roman += sign * (number // value)
            number %= value
        return roman.upper() if kind == "upperRoman" else roman
    return f"{number:02}" if kind == "decimalZero" else str(number)


def _num_pr(element: _Element) -> tuple[str, int | None]:
    """The list and level that the properties of a paragraph or a style name."""
    number = element.find(f"{W}pPr/{W}numPr/{W}numId")
    level = element.find(f"{W}pPr/{W}numPr/{W}ilvl")
    value = level.get(f"{W}val", "") if level is not None else ""
    return (
        number.get(f"{W}val", "") if number is not None else "",
        int(value[:9]) if value.isdecimal() and int(value[:9]) < _LEVELS else None,
    )


def _style_numbers(document: WordDocument) -> dict[str, tuple[str, int]]:
    """List and level by the id of a paragraph style, inherited from the style that it is based on."""
    styles = {style.get(f"{W}styleId", ""): style for style in document.styles.element.iter(f"{W}style")}
    found: dict[str, tuple[str, int]] = {}
    for name in styles:
        current, seen = name, set[str]()
        while current in styles and current not in seen:
            seen.add(current)
            number, level = _num_pr(styles[current])
            if number:
                found[name] = number, level or 0
                break
            based = styles[current].find(f"{W}basedOn")
            current = based.get(f"{W}val", "") if based is not None else ""
    return found


def _lists(document: WordDocument) -> dict[str, _List]:
    """The lists of the document by their id; those of one definition share their counters."""
    part = next(
        (rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None
    )
    if part is None:
        return {}
    root = part.element
    abstract = {
        item.get(f"{W}abstractNumId", ""): _List(_levels(item)) for item in root.iter(f"{W}abstractNum")
    }
    lists: dict[str, _List] = {}
    for num in root.iter(f"{W}num"):
        target = num.find(f"{W}abstractNumId")
        shared = abstract.get(target.get(f"{W}val", "") if target is not None else "")
        if shared is None:
            continue
        overrides = list(num.iter(f"{W}lvlOverride"))
        lists[num.get(f"{W}numId", "")] = _overridden(shared, overrides) if overrides else shared
    return lists


def _overridden(shared: _List, overrides: list[_Element]) -> _List:
    """A list of its own that counts anew, with the levels that its overrides change."""
    levels = {index: _Level(level.start, level.kind, level.text) for index, level in shared.levels.items()}
    for override in overrides:
        index = int(override.get(f"{W}ilvl", "0")[:9]) if override.get(f"{W}ilvl", "0").isdecimal() else 0
        levels.update(_levels(override))
        start = override.find(f"{W}startOverride")
        value = start.get(f"{W}val", "") if start is not None else ""
        if value.isdecimal() and index in levels:
            levels[index].start = int(value[:9])
    return _List(levels)


def _levels(item: _Element) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for element in item.iter(f"{W}lvl"):
        index = element.get(f"{W}ilvl", "")
        if not index.isdecimal() or int(index[:9]) >= _LEVELS:
            continue
        values = {}
        for name in ("start", "numFmt", "lvlText"):
            found = element.find(f"{W}{name}")
            values[name] = found.get(f"{W}val", "") if found is not None else ""
        start = int(values["start"][:9]) if values["start"].isdecimal() else 1
        levels[int(index)] = _Level(start, values["numFmt"] or "decimal", values["lvlText"])
    return levels
