"""Text → mentions of places: names of the gazetteer and names that only a type word gives away."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyextract.places.doubt import is_doubtful, is_ordinary, is_weak, without_persons
from policyextract.places.fold import words
from policyextract.places.gazetteer import Gazetteer, Name, load
from policyextract.places.hits import Hit, Page, hits_of
from policyextract.places.model import Place, PlaceMention, prior
from policyextract.places.typewords import TypeWord, type_after, type_apposed, type_before
from policyextract.places.unknown import Taken, unknown
from policyextract.types import Lang

_JOINED = re.compile(r"\s*(?:,|;|/|&|\band\b|\bor\b|\bvà\b|\bhoặc\b|,\s*and\b|-|–)\s*$")
_JOINT = 12
"""Longest text between two names of one list."""
_MARKED = re.compile(r"[à-ỹÀ-Ỹđ]")
_USES = ("name", "alias", "old", "abbr", "glued", "phrase", "demonym", "alternate")


@dataclass(frozen=True, slots=True)
class _Typed:
    """A hit with its type word and the span of both."""

    hit: Hit
    word: TypeWord | None
    start: int
    end: int


def find(text: str, lang: Lang) -> list[PlaceMention]:
    """The places named in a text, in order, without overlaps; ``resolve`` then settles which are meant."""
    gazetteer = load()
    page = Page(text, lang, list(words(text)), bool(_MARKED.search(text)))
    found: list[PlaceMention] = []
    for typed in _typed(page, hits_of(page, gazetteer)):
        mention = _mention(page, gazetteer, typed)
        if mention is None:
            continue
        if mention.typed and found and found[-1].start >= mention.start:
            found.pop()  # "London" of "London Borough of Lewisham"
        if not found or mention.start >= found[-1].end:
            found.append(mention)
    found = [m for m in found if not is_doubtful(page, m)]
    found = without_persons(text, found, gazetteer.common)
    extra = unknown(text, lang, [m for m in found if not m.weak])
    taken = Taken(text, extra)
    found = [m for m in found if not taken.within(m.start, m.end)]
    return sorted(found + extra, key=lambda m: m.start)


def _typed(page: Page, hits: list[Hit]) -> list[_Typed]:
    """Each hit with its type word; a plural type word goes to all names it is coordinated with."""
    found = [_beside(page, hit) for hit in hits]
    for n, typed in enumerate(found):
        # "the districts of Dong Van and Meo Vac" names districts, "the districts of Hanoi" names Hanoi.
        alone = n + 1 == len(hits) or not _joined(page.text, hits[n], hits[n + 1])
        if alone and typed.word is not None and typed.word.position == "pre" and typed.word.plural:
            found[n] = _Typed(typed.hit, None, typed.hit.start, typed.hit.end)
    for n in range(1, len(found)):
        left, word = found[n - 1], found[n - 1].word
        heads = word is not None and word.position == "pre" and (word.plural or page.lang == "vi")
        if found[n].word is None and heads and _joined(page.text, left.hit, hits[n]):
            found[n] = _Typed(hits[n], word, hits[n].start, hits[n].end)
    for n in range(len(found) - 2, -1, -1):
        right, word = found[n + 1], found[n + 1].word
        heads = word is not None and word.position == "post" and word.plural
        if found[n].word is None and heads and _joined(page.text, hits[n], right.hit):
            found[n] = _Typed(hits[n], word, hits[n].start, hits[n].end)
    return found


def _beside(page: Page, hit: Hit) -> _Typed:
    """A hit with the type word right beside it or in apposition."""
    before = type_before(page.text, hit.start, page.lang)
    after = type_after(page.text, hit.end, page.lang)
    if before is not None and (after is None or after.word.plural):
        return _Typed(hit, before.word, before.start, hit.end)
    if after is not None:
        return _Typed(hit, after.word, hit.start, after.end)
    return _Typed(hit, type_apposed(page.text, hit.end, page.lang), hit.start, hit.end)


def _joined(text: str, left: Hit, right: Hit) -> bool:
    """Whether two hits are neighbours in a list."""
    return right.start - left.end < _JOINT and _JOINED.match(text[left.end : right.start]) is not None


def _mention(page: Page, gazetteer: Gazetteer, typed: _Typed) -> PlaceMention | None:
    """The mention of a hit, its candidates narrowed by the type word."""
    hit, word, start, end = typed.hit, typed.word, typed.start, typed.end
    names: tuple[Name, ...] = ()
    if word is not None and not is_ordinary(page, gazetteer, hit, word):
        names = _fitting(hit.names, word)
    if not names:
        word, start, end = None, hit.start, hit.end
        names = tuple(n for n in hit.names if n.use != "typed")
    if not names:
        return None
    places = _places(names)
    first = places[0]
    uses = {name.use for name in names if name.row[0] == first.id}
    return PlaceMention(
        start=start,
        end=end,
        name=gazetteer.title(first, page.lang),
        level=first.level,
        code=first.code,
        scheme=first.scheme,
        country=first.country,
        parents=first.parents,
        surface=page.text[hit.start : hit.end],
        lang=page.lang,
        typed=word.text if word else None,
        how=next(use for use in _USES if use in uses or use == "alternate"),
        weak=word is None and is_weak(page, gazetteer, hit, first),
        candidates=places,
    )


def _places(names: tuple[Name, ...]) -> tuple[Place, ...]:
    """The places that the names stand for, each once, the likeliest first."""
    unique: dict[tuple[str, str], Place] = {}
    for name in names:
        unique.setdefault((name.row[0], name.row[7]), name.place)
    return tuple(sorted(unique.values(), key=prior, reverse=True))


def _fitting(names: tuple[Name, ...], word: TypeWord) -> tuple[Name, ...]:
    """The names of the kinds that the type word allows; a unit whose rank changed is known by its level."""
    exact = tuple(n for n in names if n.row[2] in word.kinds)
    if exact or word.level != "district":
        return exact
    return tuple(n for n in names if n.row[3] == "district" and n.row[4] == "VN")
