"""Places outside the gazetteer, known by what stands beside them.

A type word ("East Lombok Regency", "Padiham, a town in"), the place of a dateline ("BASEY, Samar –"), or an
opening "In …," that sets the scene.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from string import capwords

from policyextract.places import tables
from policyextract.places.fold import bare
from policyextract.places.model import PlaceMention
from policyextract.types import Lang, Level

_CAP = r"[A-ZÀ-ÖØ-ÞĀĂĐĒĞİŁŃŌŘŚŞŠŪŻŽ][\w'’-]{1,40}"
_NAME = rf"{_CAP}(?: (?:de |del |la |el |of the |upon )?{_CAP}){{0,2}}"
_SHORTEST = 4
"""Shortest name in capitals; below it is an abbreviation."""
_Found = tuple[str, str, int]
"""A type word, the name beside it and where the name starts."""


_SYLLABLE = re.compile(
    r"(?:[bdhklmnrstvxpg]|[cgknpt]h|ngh?|tr|gi|qu|c)?[aeiouy]{1,3}(?:[cmnpt]|ch|ng|nh)?", re.I
)
"""A syllable that Vietnamese can have, without its marks."""


@dataclass(frozen=True, slots=True)
class _Types:
    """Type words with their levels, and the patterns that find names beside them."""

    levels: dict[str, Level]
    before: re.Pattern[str]
    after: re.Pattern[str]
    listed: re.Pattern[str]
    apposed: re.Pattern[str] | None = None


@cache
def _types(lang: Lang) -> _Types:
    """The type words of a language, plurals included."""
    levels: dict[str, Level] = {}
    words: dict[str, list[str]] = {"pre": [], "post": [], "plural": []}
    for row in tables.read_table("unknown_types.csv"):
        if row["lang"] != lang:
            continue
        level: Level = row["level"]  # type: ignore[assignment]
        levels[row["word"]] = levels[row["plural"]] = level
        words["plural"].append(row["plural"])
        for position in ("pre", "post") if row["position"] == "both" else (row["position"],):
            words[position].append(row["word"])
    pre, post, plural = (
        "|".join(sorted(map(re.escape, words[k]), key=len, reverse=True)) for k in ("pre", "post", "plural")
    )
    if lang == "vi":
        name = r"[^\W\d_a-z][\w'’]*(?: [^\W\d_a-z][\w'’]*){0,3}"
        # Not in capitals: in a heading nobody can tell where the name ends.
        opening = "|".join(word.capitalize() for word in pre.split("|"))
        before = re.compile(rf"(?<!\w)({pre}|{opening}|HUYỆN(?= ỦY)) ({name})")
        return _Types(levels, before, before, before)
    return _Types(
        levels,
        re.compile(rf"\b(?i:({pre}) of) ({_NAME})"),
        re.compile(rf"\b({_NAME}) (?i:({post}))\b"),
        re.compile(
            rf"\b({_NAME}(?:(?:, | and |, and ){_NAME}){{0,30}}),? "
            rf"(?:the|two|three|four|both|all) (?:[a-z-]+ ){{0,3}}({plural})\b(?! of\b)"
        ),
        re.compile(rf"\b({_NAME}), (?:a|an|the) (?:[a-z-]+ ){{0,3}}({pre}|{post})\b(?! of\b)"),
    )


def unknown(text: str, lang: Lang, known: list[PlaceMention]) -> list[PlaceMention]:
    """Mentions of places that only their type word gives away, and the same names where they stand alone."""
    taken = Taken(text, known)
    names: dict[str, str] = {}
    for word, name, start in (*_pairs(text, lang), *_scenes(text, lang, known)):
        numbered = text[start - 1 : start] == "/"  # "227/KH-UBND" is a plan
        if _is_name(name) and not numbered and _free((start, start + len(name)), taken):
            names.setdefault(name, word)
    spellings = {
        spelt: (plain, word)
        for name, word in names.items()
        for plain in (capwords(name) if name.isupper() else name,)
        for spelt in {name, plain, name.upper()}
    }
    places = standing(text, spellings)
    return [
        _mention(span, name, word, lang)
        for spelt, (name, word) in spellings.items()
        for span in places[spelt]
        if _free(span, taken)
    ]


_RUN = re.compile(r"\w+")


def standing(text: str, spellings: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """Where each spelling stands as words of its own, all found in one walk over the text."""
    places: dict[str, list[tuple[int, int]]] = {spelt: [] for spelt in spellings}
    by_word: dict[str, list[str]] = {}
    for spelt in places:
        by_word.setdefault(_RUN.match(spelt).group(), []).append(spelt)  # type: ignore[union-attr]
    for run in _RUN.finditer(text) if places else ():
        for spelt in by_word.get(run.group(), ()):
            end = run.start() + len(spelt)
            last = places[spelt][-1][1] if places[spelt] else 0
            if run.start() >= last and text.startswith(spelt, run.start()) and not _RUN.match(text, end):
                places[spelt].append((run.start(), end))
    return places


_PARTY = re.compile(r"(?i)(?:ủy|uỷ) ")
"""A committee of the party is called after its level: "HUYỆN ỦY MÙ CANG CHẢI"."""


def _pairs(text: str, lang: Lang) -> list[_Found]:
    """Type words and the names beside them."""
    types = _types(lang)
    before = [(m.group(1).lower(), m.group(2), m.start(2)) for m in types.before.finditer(text)]
    if lang == "vi":
        capitals = []
        for word, name, start in before:
            party = _PARTY.match(name)
            skipped = party.end() if party else 0
            capitals.append((word, _capitals(name[skipped:]), start + skipped))
        # One syllable is too often an ordinary word at the start of a sentence; a foreign word is none.
        return [
            pair
            for pair in capitals
            if " " in pair[1] or (pair[1] and not _SYLLABLE.fullmatch(bare(pair[1])))
        ]
    after = [(m.group(2).lower(), m.group(1), m.start(1)) for m in types.after.finditer(text)]
    listed = [
        (m.group(2), name.group(), m.start(1) + name.start())
        for m in types.listed.finditer(text)
        for name in re.finditer(_NAME, m.group(1))
    ]
    apposed = types.apposed.finditer(text) if types.apposed else ()
    return before + after + listed + [(m.group(2).lower(), m.group(1), m.start(1)) for m in apposed]


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.?"
_DATE = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH})\b"
_DATELINE = re.compile(rf"^({_NAME})(?:, | \((?=[A-Z]))", re.M)
_DATELINE_END = re.compile(
    r"\)?(?:\s*\([^()\n]{1,30}\))?\s*(?:,[^\n!?–—]{0,30}?)?(?:\s[–—-]{1,2}\s|,\s\d|:\s)"
)
_DATED = re.compile(rf"{_DATE},? ?(?:\d{{4}})?\s*(?:\([^()\n]{{1,30}}\)\s*)?[–—:-]")
_NEIGHBOUR = re.compile(rf"\b[Nn]eighbou?ring ({_NAME})")
_SCENE = re.compile(rf"(?:^|(?<=[.!?] )|(?<=[-•–*] ))In ({_NAME}),? (?!\d)", re.M)
_DATELINE_REACH = 600


def _scenes(text: str, lang: Lang, known: list[PlaceMention]) -> list[_Found]:
    """Names of an English dateline before a known place or a date, behind "neighbouring", and behind an opening "In …,"."""
    if lang != "en":
        return []
    starts = {m.start: m for m in known}

    def opens(end: int) -> bool:
        place = starts.get(end)
        if place is not None:
            return _DATELINE_END.match(text, place.end) is not None
        return _DATED.match(text, end) is not None

    datelines = [
        ("municipality", m.group(1), m.start(1))
        for m in _DATELINE.finditer(text, 0, _DATELINE_REACH)
        if opens(m.end())
    ]
    datelines += [("district", m.group(1), m.start(1)) for m in _NEIGHBOUR.finditer(text)]
    scenes = [
        ("district", m.group(1), m.start(1))
        for m in _SCENE.finditer(text)
        if m.group().endswith(", ") and " " not in m.group(1)
    ]
    return datelines + scenes


@cache
def _plain_words() -> frozenset[str]:
    return tables.read_words("not_names.txt")


def _is_name(name: str) -> bool:
    """Whether no word of a name is an ordinary one: not "School" of "School District"."""
    if name.isupper() and len(name) < _SHORTEST:
        return False
    return not any(is_plain_word(word) for word in name.split()) and name.lower() not in _common()


def is_plain_word(word: str) -> bool:
    """Whether an English word opens sentences and titles rather than names of places: "For", "Every", "Board"."""
    return word.lower() in _plain_words()


@cache
def _common() -> frozenset[str]:
    return tables.read_words("common_words.txt")


def _capitals(name: str) -> str:
    """The words of a name up to the first in small letters.

    >>> _capitals("Tân Hoá được")
    'Tân Hoá'
    """
    kept = []
    for word in name.split(" "):
        if not word[0].isupper():
            break
        kept.append(word)
    return " ".join(kept)


class Taken:
    """Which mention stands at each character of a text, so that looking up a span costs its length only."""

    def __init__(self, text: str, mentions: Sequence[PlaceMention]) -> None:
        self._mentions = mentions
        # 0 stands for none, 1 for the first of the mentions
        self._at = array("L", bytes(array("L").itemsize * len(text)))
        for number, mention in enumerate(mentions, 1):
            for i in range(mention.start, mention.end):
                self._at[i] = number

    def within(self, start: int, end: int) -> list[PlaceMention]:
        """The mentions that have a part in a span."""
        return [self._mentions[number - 1] for number in sorted(set(self._at[start:end]) - {0})]


def _free(span: tuple[int, int], taken: Taken) -> bool:
    """Whether a span overlaps no known mention, or one whose name is only a part of it: "Geelong" of "Greater Geelong"."""
    start, end = span
    met = taken.within(start, end)
    if not met:
        return True
    if len(met) > 1 or met[0].how == "demonym":
        return False
    inner = met[0].end - len(met[0].surface) if met[0].start < start else met[0].start
    return start <= inner and inner + len(met[0].surface) <= end and len(met[0].surface) < end - start


def _mention(span: tuple[int, int], name: str, word: str, lang: Lang) -> PlaceMention:
    """A mention without a place, its level from the type word."""
    return PlaceMention(
        start=span[0],
        end=span[1],
        name=name,
        level=_types(lang).levels[word],
        code=None,
        scheme=None,
        country="",
        parents=(),
        surface=name,
        lang=lang,
        typed=word,
        how="typed",
    )
