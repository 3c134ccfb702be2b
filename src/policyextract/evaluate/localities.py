"""When two names are the same locality.

Case, marks and punctuation never count. The words for a province ("Province", "State", "tỉnh", "bang") are
dropped unless the bare name is that of a country ("Mexico State" is not Mexico). The words for a city
("City", "Thành phố", "TP") are dropped unless the bare name is that of a country or of a first-level division
other than a city: "Ho Chi Minh City" is "Ho Chi Minh", but "Hai Duong City" is a town in Hai Duong and "New
York City" one in New York.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from policyextract.places import tables

_LETTERS = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe"})
_WORD = re.compile(r"[^\W_]+")
_PROVINCE = re.compile(r"(?:tinh|bang|province of|state of) (?=\w)|(?<=\w) (?:province|state)$")
_CITY = re.compile(r"(?:thanh pho|tp) (?=\w)|(?<=\w) city$")
_CITY_KINDS = {"city1", "TP"}


def same_locality(one: str | None, other: str | None) -> bool:
    """Whether two names, or None for no jurisdiction, mean the same locality.

    >>> same_locality("Thành phố Hồ Chí Minh", "Hồ Chí Minh"), same_locality("Hoà Bình", "tỉnh Hòa Bình")
    (True, True)
    >>> same_locality("Thành phố Hòa Bình", "Hòa Bình"), same_locality(None, "Vietnam")
    (False, False)
    """
    if one is None or other is None:
        return one is other
    return fold_locality(one) == fold_locality(other)


@cache
def fold_locality(name: str) -> str:
    """The key of a locality: equal keys, same locality.

    >>> fold_locality("Hai Duong Province"), fold_locality("Hai Duong City"), fold_locality("TP. Đà Nẵng")
    ('hai duong', 'hai duong city', 'da nang')
    """
    folded = _fold(name)
    bare = _PROVINCE.sub("", folded, count=1)
    if bare != folded:
        return folded if bare in _countries() else bare
    bare = _CITY.sub("", folded, count=1)
    if bare == folded:
        return folded
    return f"{bare} city" if bare in _countries() or bare in _provinces() else bare


def _fold(name: str) -> str:
    """Lower case without marks, words parted by one blank."""
    text = unicodedata.normalize("NFD", name.casefold().translate(_LETTERS))
    return " ".join(_WORD.findall("".join(c for c in text if not unicodedata.combining(c))))


@cache
def _countries() -> frozenset[str]:
    return frozenset(_fold(name) for name, _, _, _ in tables.countries())


@cache
def _provinces() -> frozenset[str]:
    """Names of first-level divisions, without those that are one city."""
    names: set[str] = set()
    cities: set[str] = set()
    for name, _, _, row in (*tables.vietnam(), *tables.subdivisions(frozenset())):
        if row[3] == "provincial":
            (cities if row[2] in _CITY_KINDS else names).add(_fold(name))
    return frozenset(names - cities)
