"""Text → names of the gazetteer that stand in it: the longest first, in capitals, with their marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from policyextract.places.fold import bare, marked, marks_of, words_of
from policyextract.places.gazetteer import Gazetteer, Name, load
from policyextract.places.typewords import is_type, type_before
from policyextract.types import Lang

WRAPPED = 55
"""Shortest line that counts as wrapped."""
_GAP = re.compile(r"[ \u00a0\t]?\n?[ \u00a0\t]?$|[ \u00a0]?[-–—‑,][ \u00a0]?$|\.[ \u00a0]?$")
_SHORT = frozenset(["st", "ste", "mt", "ft", "tp", "tx", "tt"])
"""Words that may close with a full stop inside a name; single letters may too."""
_SMALL_CITY = 300_000
"""Cities of the world with fewer people are not looked for in Vietnamese texts."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A name in the text before its type word is known."""

    start: int
    end: int
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The text with its words, and what the checks of a name need to know of it."""

    text: str
    lang: Lang
    tokens: list[tuple[int, int, str]]
    has_marks: bool


def hits_of(page: Page, gazetteer: Gazetteer) -> list[Hit]:
    """The longest names of the gazetteer, from left to right."""
    hits = []
    i = 0
    while i < len(page.tokens):
        used = 1
        if _may_open(page, i):
            hit, used = _hit(page, gazetteer, i)
            if hit is not None:
                hits.append(hit)
        i += used
    return hits


def _may_open(page: Page, i: int) -> bool:
    """Whether a name may start at a word: a capital, the article of "the Gambia", a number behind its type word."""
    word = page.tokens[i][2]
    return word[0].isupper() or word == "the" or (word[0].isdigit() and _is_number(page, i))


def _hit(page: Page, gazetteer: Gazetteer, i: int) -> tuple[Hit | None, int]:
    """The longest name that starts at a word, and how many words it takes (1 if none)."""
    start, _, word = page.tokens[i]
    longest = gazetteer.longest.get(bare(word), 0)
    keys: list[str] = []
    joined = ""
    for j in range(i, min(i + longest, len(page.tokens))):
        token = page.tokens[j]
        if j > i and not _continues(page, j):
            break
        joined = f"{joined} {bare(token[2])}" if joined else bare(token[2])
        keys.append(joined)
    for count in range(len(keys), 0, -1):
        end = page.tokens[i + count - 1][1]
        found = gazetteer.names(keys[count - 1])
        names = _accepted(page, found, i, i + count) if found else ()
        if names:
            return Hit(start, end, names), count
    return None, 1


def _is_number(page: Page, i: int) -> bool:
    """Whether a number stands behind a type word: "quận 1", "District 12"."""
    start, _, word = page.tokens[i]
    if not word.isdigit() or len(word) > 2 or i == 0 or start - page.tokens[i - 1][1] != 1:
        return False
    return type_before(page.text, start, page.lang) is not None


def _continues(page: Page, j: int) -> bool:
    """Whether word j can stand in one name with the word before it."""
    before, word = page.tokens[j - 1], page.tokens[j]
    gap = page.text[before[1] : word[0]]
    if gap in {" ", ""}:
        return True
    if "\n" in gap:
        # A line that was wrapped is long; a heading's end is no part of a name.
        return before[1] - page.text.rfind("\n", 0, before[1]) > WRAPPED and _GAP.match(gap) is not None
    if gap.startswith(".") and not (bare(before[2]) in _SHORT or len(before[2]) == 1):
        return False
    return _GAP.match(gap) is not None


def _accepted(page: Page, names: Sequence[Name], i: int, j: int) -> tuple[Name, ...]:
    """The names that fit what stands in the text in capitals, marks and language."""
    tokens = [word for _, _, word in page.tokens[i:j]]
    surface = page.text[page.tokens[i][0] : page.tokens[j - 1][1]]
    gazetteer = load()
    lower = surface.lower()
    if lower in gazetteer.never or (j - i == 1 and surface.isupper() and lower in gazetteer.common):
        return ()
    if page.lang == "vi" and i and surface.isupper():
        if is_type(f"{page.tokens[i - 1][2]} {tokens[0]}".lower(), "vi"):
            return ()  # "PHỐ HUẾ" of "THÀNH PHỐ HUẾ"
        if _runs_on(page, i):
            dropped = {"national", "commune"} if j - i == 1 else {"commune"}
            names = [name for name in names if name.row[3] not in dropped]
    if page.text[page.tokens[j - 1][1] : page.tokens[j - 1][1] + 1] == "$":
        return ()
    if re.match(r"\s+of\s", page.text[page.tokens[j - 1][1] : page.tokens[j - 1][1] + 6], re.I) and is_type(
        tokens[-1], page.lang
    ):
        # "Free State of Saxony", "London Borough of Lewisham"
        return ()
    fits = [name for name in names if _fits(page, name, tokens, surface)]
    if len(tokens) > 1 and is_type(tokens[-1], page.lang):
        # "Norfolk County" is another name of a city, but says more likely what it says.
        fits = [name for name in fits if name.use != "alternate"]
    if any(name.use in {"demonym", "abbr"} for name in fits) and _is_part(page, i, j):
        return ()
    if page.lang == "en" and not surface.isascii():
        exact = [n for n in fits if _same_marks(n.text, tokens)]
        fits = exact or fits
    return tuple(fits)


_BEFORE_NAME = frozenset(["nước", "tại", "ở", "với", "và", "của", "hòa", "từ", "sang", "đến"])


def _runs_on(page: Page, i: int) -> bool:
    """Whether a word in a line of capitals may go on with the word before, as in "BỘ TƯ PHÁP", "ĐẠO ĐỨC"."""
    start = page.tokens[i][0]
    _, before_end, before = page.tokens[i - 1]
    joined = page.text[before_end:start] == " " and before.isupper()
    return joined and before.lower() not in _BEFORE_NAME and type_before(page.text, start, "vi") is None


_PARTS = frozenset(["south", "north", "latin", "central", "native", "inter", "pan", "trans"])


def _is_part(page: Page, i: int, j: int) -> bool:
    """Whether an adjective belongs to something larger or to money: "South American", "US dollars"."""
    before = page.tokens[i - 1][2].lower() if i else ""
    after = page.tokens[j][2].lower() if j < len(page.tokens) else ""
    return before in _PARTS or after.startswith("dollar")


def _fits(page: Page, name: Name, tokens: list[str], surface: str) -> bool:
    """Whether one name of the gazetteer may be what the words say."""
    if name.use == "phrase" or tokens[0] == "the":
        return surface == name.text and name.use == "phrase"
    if any(
        w[0].islower() and not own[0].islower() for w, own in zip(tokens, words_of(name.text), strict=False)
    ):
        return False
    if name.use == "abbr":
        return surface.replace(".", "") == name.text.replace(".", "") or surface == name.text
    if surface.isupper() and len(surface) < 5 and not name.text.isupper() and not _in_capitals(page, surface):
        return False
    country = name.row[4]
    if page.lang == "en":
        return name.lang != "vi" or name.text.isascii()
    if name.use in {"glued", "alternate", "demonym"} and page.has_marks:
        return False
    if name.lang == "en" and name.use != "name":
        return False
    if name.row[2] == "city" and (name.row[6] < _SMALL_CITY or name.use not in {"name", "alias"}):
        return False
    if country == "VN" and not page.has_marks:
        return True
    return _same_marks(name.text, tokens)


def _in_capitals(page: Page, surface: str) -> bool:
    """Whether a short word in capitals stands in a line of capitals or opens a dateline."""
    at = page.text.find(surface)
    line = page.text[page.text.rfind("\n", 0, at) + 1 : page.text.find("\n", at) % (len(page.text) + 1)]
    return line.isupper() or re.match(re.escape(surface) + r"\s*[,(:–—-]", line) is not None


def _same_marks(name: str, tokens: list[str]) -> bool:
    """Whether the words carry the marks of the name, in either style of writing."""
    return marks_of(name) == [marked(w) for w in tokens]
