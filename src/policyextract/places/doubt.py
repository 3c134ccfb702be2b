"""Names that may be something else: ordinary words, people, streets, communes with everybody's name."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

from policyextract.places.fold import bare
from policyextract.places.gazetteer import Gazetteer
from policyextract.places.hits import Hit, Page
from policyextract.places.model import Place, PlaceMention
from policyextract.places.typewords import TypeWord

_SENTENCE_END = re.compile(r"(?:^|[.!?:;\"“”»\n(\[|•*–—-])\s{0,12}[\"“'‘(]{0,12}$")
_WORD_BEFORE = re.compile(r"(\S{0,30})\s$")
_WORD_AFTER = re.compile(r" (\w+)")
_LOCATIVE = re.compile(r"\b(?:in|at|near|around|outside|across|to|from|of|for|between|towards|via)\s$", re.I)
_TITLES = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sir|Lord|Lady|Senator|President|Minister|Secretary|Judge|Prof|General|Rep)\.?\s$"
)
_STREET = re.compile(
    r"(?:đường|phố|số \S{1,20}|ngõ \S{1,20}|(?<!\d)\d{1,20}[A-Z]?(?:/\d{1,20}){0,9}|trường|cầu|sông|chợ|đền|chùa)\s$",
    re.I,
)
_SIMILAR = 0.6
"""Least likeness of a city's other name to its own name; below, a text must name the country too."""
_FUNCTION = frozenset(
    [
        *(
            "in",
            "at",
            "the",
            "but",
            "and",
            "for",
            "from",
            "to",
            "near",
            "while",
            "when",
            "as",
            "since",
            "after",
        ),
        *(
            "before",
            "meanwhile",
            "however",
            "today",
            "yesterday",
            "both",
            "of",
            "on",
            "by",
            "with",
            "outside",
            "across",
        ),
        *(
            "under",
            "this",
            "that",
            "its",
            "our",
            "today",
            "also",
            "although",
            "if",
            "like",
            "unlike",
            "greater",
            "new",
        ),
    ]
)


def after_name(text: str, start: int) -> bool:
    """Whether a capitalised word that does not open the sentence stands right before."""
    word = _before(text, start)
    if word is None:
        return False
    at = start - len(word) - 1
    return _SENTENCE_END.search(text[max(0, at - 12) : at]) is None


def before_name(text: str, end: int) -> bool:
    """Whether a capitalised word stands right after."""
    match = _WORD_AFTER.match(text[end : end + 25])
    return match is not None and match.group(1)[:1].isupper() and not match.group(1).isupper()


def _before(text: str, start: int) -> str | None:
    """The capitalised word before, if there is one on the same line."""
    match = _WORD_BEFORE.search(text[max(0, start - 30) : start])
    if match is None or match.group().endswith("\n"):
        return None
    word = match.group(1)
    return word if word[:1].isupper() and not word.isupper() and word.isalpha() else None


def without_persons(text: str, mentions: list[PlaceMention], common: frozenset[str]) -> list[PlaceMention]:
    """The mentions without cities that the text uses as the name of a person or as an ordinary word.

    One that stands behind a first name or a title more often than behind "in" or "at" is a person wherever it
    stands; an ordinary word is a place only where a preposition, a dateline or a type word says so.
    """
    persons: Counter[str] = Counter()
    places: set[str] = {m.surface for m in mentions if m.typed}
    for m in mentions:
        if _may_be_person(m):
            persons[m.surface] += _is_person(text, m, common) - _is_located(text, m)
            if _is_located(text, m):
                places.add(m.surface)
    return [
        m
        for m in mentions
        if not _may_be_person(m)
        or (
            persons[m.surface] <= 0
            and not (persons[m.surface] == 0 and _is_person(text, m, common))
            and (m.surface in places or m.surface.lower() not in common)
        )
    ]


def _is_located(text: str, mention: PlaceMention) -> bool:
    """Whether a preposition of place stands before the name, or the name opens a dateline."""
    if _LOCATIVE.search(text[max(0, mention.start - 10) : mention.start]):
        return True
    opens = mention.start == 0 or text[mention.start - 1] == "\n"
    return opens and re.match(r"\s*[,(:–—-]", text[mention.end : mention.end + 3]) is not None


def _may_be_person(mention: PlaceMention) -> bool:
    """Whether a mention is one bare word that names a city of the world or a second-level division."""
    place = mention.place
    if place is None or mention.typed or " " in mention.surface or mention.lang != "en":
        return False
    return place.level in {"district", "commune"} and place.country != "VN"


def _is_person(text: str, mention: PlaceMention, common: frozenset[str]) -> bool:
    """Whether a first name, initial or title stands before the name, or a surname after an ordinary word."""
    before = text[max(0, mention.start - 14) : mention.start]
    if _TITLES.search(before) or re.search(r"\b[A-Z]\.?\s$", before):
        return True
    word = _before(text, mention.start)
    if word is not None and word.lower() not in _FUNCTION:
        return True
    return mention.surface.lower() in common and before_name(text, mention.end)


def is_ordinary(page: Page, gazetteer: Gazetteer, hit: Hit, word: TypeWord) -> bool:
    """Whether name and type word are ordinary words: "Southern provinces", but not "Central Region"."""
    common = page.text[hit.start : hit.end].lower() in gazetteer.common
    return common and word.position == "post" and not page.text[hit.end : hit.end + 8].lstrip()[:1].isupper()


def is_weak(page: Page, gazetteer: Gazetteer, hit: Hit, best: Place) -> bool:
    """Whether a name without a type word needs the support of other places in the document."""
    if any(n.use == "phrase" for n in hit.names):
        return True
    if all(n.use == "alternate" and not _similar(n.text, n.row[1]) for n in hit.names):
        return True
    if best.level == "commune" or page.text[hit.start : hit.end].lower() in gazetteer.common:
        return True
    if best.level == "national":
        return False
    if page.lang == "vi" and (best.country != "VN" or best.level == "district"):
        return True
    follows = after_name(page.text, hit.start)
    return follows or (best.level == "district" and before_name(page.text, hit.end))


def _similar(other: str, name: str) -> bool:
    """Whether another name of a city is a spelling of its name.

    >>> _similar("Aarhus", "Århus"), _similar("Google", "Topeka")
    (True, False)
    """
    one, two = bare(other.replace(" ", "")), bare(name.replace(" ", ""))
    return one in two or two in one or SequenceMatcher(None, one, two).ratio() > _SIMILAR


def is_doubtful(page: Page, mention: PlaceMention) -> bool:
    """Whether a Vietnamese commune's bare name is part of a longer name, a street or a person."""
    if page.lang != "vi" or mention.typed or mention.country != "VN":
        return False
    if mention.level in {"national", "provincial"}:
        return False
    if after_name(page.text, mention.start):
        return True
    if mention.level == "district":
        return False
    before = page.text[max(0, mention.start - 20) : mention.start]
    return before_name(page.text, mention.end) or _STREET.search(before) is not None
