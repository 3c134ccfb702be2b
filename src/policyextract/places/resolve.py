"""Mentions → mentions with one meaning each, by the other places of the document and its date."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, replace

from policyextract.places.gazetteer import Gazetteer, load
from policyextract.places.model import Place, PlaceMention, prior
from policyextract.places.naming import locality
from policyextract.types import Level

REFORM = dt.date(2025, 7, 1)
"""The day on which Vietnam's districts were abolished and its provinces merged."""
_OLD_WORDS = re.compile(r"(?<!\w)(?:huyện|quận|thị xã|cấp huyện|districts?)(?!\w)", re.I)
_NEW_WORDS = re.compile(
    r"(?<!\w)(?:đặc khu|(?:hai|2) cấp|sáp nhập|hợp nhất|special zones?"
    r"|two-tier|two-level|merge[rd]|merging)(?!\w)",
    re.I,
)
_CITY_WORDS = re.compile(r"\b(?:city|city's|mayor|municipal|councillors|city-wide|citywide)\b", re.I)
_PROVINCE_WORDS = re.compile(
    r"\b(?:provinc\w+|regions?|regional|states?|count(?:y|ies)|cantons?|prefectures?|governors?|oblasts?)\b",
    re.I,
)
_SMALL_TYPES = frozenset({"commune", "communes", "village"})
_CITY_TYPES = frozenset(
    {"city", "cities", "city of", "cities of", "city council", "mayor of", "thành phố", "tp", "t.p"}
)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the clear mentions of a document say: countries, places named, the time of its units."""

    countries: Counter[str]
    named: frozenset[str]
    typed: frozenset[str]
    era: str | None
    old_names: frozenset[str]
    urban: bool


def resolve(mentions: list[PlaceMention], date: dt.date | None = None, text: str = "") -> list[PlaceMention]:
    """The mentions, the place each one means first among its candidates, without unsupported weak ones.

    ``date`` tells which map of Vietnam holds; without it the words of ``text`` tell.
    """
    gazetteer = load()
    era = _era(text, date)
    urban = len(_CITY_WORDS.findall(text)) > 2 * len(_PROVINCE_WORDS.findall(text)) + 1
    context = _context(mentions, [], era, urban)
    first = [_settle(gazetteer, m, context) for m in mentions]
    # The second pass knows the provinces that the first one settled on.
    context = _context([m for m in first if not m.weak], first, era, urban)
    settled = [_settle(gazetteer, m, context) for m in mentions]
    return _one_spelling([m for m in settled if not m.weak or _supported(m, context)])


def _context(
    mentions: list[PlaceMention], every: list[PlaceMention], era: str | None, urban: bool
) -> _Context:
    """The context that a list of clear mentions gives, with the type words of every mention."""
    countries: Counter[str] = Counter()
    named: set[str] = set()
    for m in mentions:
        places = {p.country for p in m.candidates if p.level in {"national", "provincial"}} or {m.country}
        if m.weak or not m.candidates:
            continue
        if m.candidates[0].level == "national":
            countries[m.country] += 2
        elif len(places) == 1:
            countries[m.country] += 1
        if m.how != "demonym":
            named.add(m.candidates[0].id)
    if any(m.lang == "vi" for m in mentions):
        countries["VN"] += 3
    typed = frozenset(m.candidates[0].id for m in every if m.typed and m.candidates)
    old = frozenset(m.candidates[0].id for m in mentions if m.how == "old")
    return _Context(countries, frozenset(named), typed, era, old, urban)


def _era(text: str, date: dt.date | None) -> str | None:
    """Whether the document names units of the old or of the new map of Vietnam."""
    if date is not None:
        return "new" if date >= REFORM else "old"
    old = len(_OLD_WORDS.findall(text))
    new = len(_NEW_WORDS.findall(text))
    if old == new:
        return None
    return "old" if old > new else "new"


def _settle(gazetteer: Gazetteer, mention: PlaceMention, context: _Context) -> PlaceMention:
    """The mention with its likeliest place first and named."""
    if not mention.candidates:
        return mention
    ranked = sorted(mention.candidates, key=lambda p: _score(p, mention, context), reverse=True)
    place = ranked[0]
    name = locality(gazetteer, place, mention)
    return replace(
        mention, name=name, level=_level(place, mention), code=place.code, scheme=place.scheme,
        country=place.country, parents=place.parents, candidates=tuple(ranked),
    )  # fmt: skip


def _level(place: Place, mention: PlaceMention) -> Level:
    """The level of a place; the type word decides for a place of the world's cities."""
    small = mention.typed is not None and mention.typed.split()[0] in _SMALL_TYPES
    return "commune" if small and place.kind == "city" else place.level


def _score(place: Place, mention: PlaceMention, context: _Context) -> float:
    """How well a place fits the document."""
    score = prior(place)
    total = sum(context.countries.values()) or 1
    score += 5 * context.countries[place.country] / total
    score += 1 if context.countries[place.country] else 0
    if place.level != "national":
        own = {p.id for p in mention.candidates}  # a province does not support the city of its own name
        score += 2.5 * any(parent in context.named and parent not in own for parent in place.parents[:-1])
        score += 1.5 * (place.parents[-1:] != () and place.parents[-1] in context.named)
    if place.id in context.typed and not (
        place.kind == "city" and mention.candidates[0].level == "provincial"
    ):
        score += 1.5
    if place.country == "VN" and context.era and place.era not in {"both", context.era}:
        # A text of today may name a unit of yesterday; the reverse needs foresight.
        score -= 6 if context.era == "old" else 1.2 if place.level == "provincial" or mention.typed else 2.6
    if place.kind == "sub1" and mention.typed in _CITY_TYPES:
        score -= 4
    elif place.kind == "sub1" and context.urban and not mention.typed:
        # Where a text speaks of a city, "Utrecht" is the city; idle where there is no city of the name.
        score -= 3.5
    if place.parents and place.parents[0] in context.old_names and place.level == "district":
        score += 4
    return score


def _supported(mention: PlaceMention, context: _Context) -> bool:
    """Whether the document speaks of the province or country that a weak mention would lie in."""
    place = mention.place
    if place is None or place.id in context.typed:
        return True
    if place.level == "national":
        return place.id in context.named
    if place.kind == "region":
        return context.countries[place.country] > 0
    if place.country == "VN":
        return any(parent in context.named for parent in place.parents[:-1])
    if len(mention.surface) < 4 or mention.how == "alternate":
        return False
    return any(parent in context.named for parent in place.parents) or context.countries[place.country] > 1


def _one_spelling(mentions: list[PlaceMention]) -> list[PlaceMention]:
    """The mentions, those written in capitals named as the document names the place elsewhere."""
    names: dict[str, Counter[str]] = {}
    for m in mentions:
        if m.place is not None and not m.surface.isupper() and m.how in {"name", "glued", "old"}:
            names.setdefault(m.place.id, Counter())[m.name] += 1
    out = []
    for m in mentions:
        known = names.get(m.place.id) if m.place else None
        out.append(replace(m, name=known.most_common(1)[0][0]) if known and m.surface.isupper() else m)
    return out
