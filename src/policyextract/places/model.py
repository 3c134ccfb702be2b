"""The nouns of the gazetteer: a place, and a mention of one in a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from policyextract.types import Lang, Level

Era = Literal["old", "new", "both"]
Kind = str
"""Vietnamese units: T TP Q H TX X P TT DK; elsewhere country, sub1 and sub2 (first and second level),
city1 (a city that is a first-level division), sub3 (a municipality of ISO 3166-2), city, county (of the
United States) and region."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the gazetteer.

    ``id`` is ``ISO:``, ``GSO:``, ``GEO:``, ``FIPS:`` or ``OWN:`` and a code; ``name`` is the English name
    (for Vietnamese units the Vietnamese name); ``parents`` are ids, the nearest first. ``era`` tells whether
    a Vietnamese unit stood until June 2025 (old), since July 2025 (new) or in both times.
    """

    id: str
    name: str
    kind: Kind
    level: Level
    country: str
    parents: tuple[str, ...] = ()
    population: int = 0
    era: Era = "both"

    @property
    def scheme(self) -> str | None:
        """The name of the code's scheme, None for a place without a public code."""
        prefix, _, code = self.id.partition(":")
        if prefix == "ISO":
            return "ISO 3166-2" if "-" in code else "ISO 3166-1"
        return {"GSO": "GSO-VN", "GEO": "GeoNames", "FIPS": "FIPS"}.get(prefix)

    @property
    def code(self) -> str | None:
        """The code in its scheme."""
        return self.id.partition(":")[2] if self.scheme else None


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place named in a text: ``start:end`` covers the name and its type word ("Kisumu County").

    ``name`` is the locality as the guideline writes it, ``surface`` the name as it stands in the text
    without the type word, ``typed`` the type word in lower case ("district", "xã"), ``how`` what found it:
    name, alias, abbr, glued, old, demonym, alternate, phrase, typed (a name outside the gazetteer beside a
    type word) or implied (a country that nothing names). ``weak`` marks a name that may be something else.
    ``candidates`` are the places the name can mean, the likeliest first; level, code, scheme, country and
    parents are those of the first one.
    """

    start: int
    end: int
    name: str
    level: Level | None
    code: str | None
    scheme: str | None
    country: str
    parents: tuple[str, ...]
    surface: str
    lang: Lang
    typed: str | None = None
    how: str = "name"
    weak: bool = False
    candidates: tuple[Place, ...] = field(default=(), repr=False)

    @property
    def place(self) -> Place | None:
        """The place meant, None for a name outside the gazetteer."""
        return self.candidates[0] if self.candidates else None


_TIERS: dict[Level, float] = {"national": 8.0, "provincial": 5.0, "district": 2.0, "commune": 0.0}
_KINDS: dict[Kind, float] = {"county": -1.5, "region": 1.0, "sub2": 1.2, "city": -1.0}


def prior(place: Place) -> float:
    """How likely a place is meant by its name alone: the tier first, then its people.

    A city of nine million still stands below a first-level division of its name.
    """
    people: float = min(place.population, 9_000_000) ** 0.25 / 16
    return _TIERS[place.level] + _KINDS.get(place.kind, 0.0) + people
