"""The jurisdiction that a document speaks for, where a sentence names none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from policyextract.places.evidence import Features, features, level_cues, place_key
from policyextract.places.gazetteer import load
from policyextract.places.model import Place, PlaceMention
from policyextract.types import Lang

WEIGHTS: Features = {
    "count": 1.11,
    "title": 3.62,
    "lead": 3.24,
    "issuer": 0.96,
    "office": 1.74,
    "qualifies": -1.9,
    "cue": 2.29,
    "children": -0.84,
    "dateline": -0.43,
    "dateline_only": -6.11,
    "title_dateline": 3.09,
    "national_cue": 1.5,
    "implied": 2.83,
    "parts": 4.93,
    "typed_head": 2.8,
    "alone": 11.0,
}
"""Weights of the features, fitted by ``scripts/fit_home.py`` as a choice among the places of a document.

That of "alone" is set by hand: whole articles seldom name one place only, the sentences that people try out do.
"""


def home(text: str, title: str | None, mentions: list[PlaceMention], lang: Lang) -> PlaceMention | None:
    """The jurisdiction a target belongs to when its sentence names none; ``mentions`` must be resolved.

    The mention returned has the offsets of the first mention of that place; a country that is only implied
    (by its provinces, or by the language) has the empty span 0:0.
    """
    found = candidates(text, title, mentions, lang)
    if not found:
        return None
    best = max(found, key=lambda name: sum(WEIGHTS.get(f, 0.0) * v for f, v in found[name].items()))
    group = [m for m in mentions if place_key(m) == best]
    return _first(group) if group else _implied(best, lang)


def candidates(text: str, title: str | None, mentions: list[PlaceMention], lang: Lang) -> dict[str, Features]:
    """The places that may be the document's own with their features; the implied country is always one."""
    found = features(text, title, mentions, lang)
    countries = _countries(mentions, lang)
    if countries:
        code, parts = max(countries.items(), key=lambda item: item[1])
        cues = level_cues(text, lang)["national"]
        nation_ = found.setdefault(f"ISO:{code}", {"national_cue": cues})
        nation_["implied"] = 1.0
        nation_["parts"] = min(parts, 8) / 8
    return found


def nation(mentions: list[PlaceMention], lang: Lang) -> PlaceMention | None:
    """The country that the document is about, named or implied; Vietnam for a Vietnamese text without."""
    countries = _countries(mentions, lang)
    if not countries:
        return None
    code = max(countries, key=lambda c: countries[c])
    named = [m for m in mentions if place_key(m) == f"ISO:{code}"]
    return _first(named) if named else _implied(f"ISO:{code}", lang)


def _countries(mentions: list[PlaceMention], lang: Lang) -> dict[str, int]:
    """The country most places lie in, with the number of its parts that are named."""
    votes: Counter[str] = Counter(m.country for m in mentions if m.country and m.place is not None)
    if lang == "vi":
        votes["VN"] += 2
    if not votes:
        return {}
    top = votes.most_common(1)[0][0]
    return {top: len({place_key(m) for m in mentions if m.country == top and m.level != "national"})}


def _first(group: list[PlaceMention]) -> PlaceMention:
    """The first mention of a place, named as most of its mentions are."""
    names = Counter(m.name for m in group)
    return replace(group[0], name=names.most_common(1)[0][0])


def _implied(place_id: str, lang: Lang) -> PlaceMention | None:
    """A country that no mention names."""
    gazetteer = load()
    place = gazetteer.place(place_id)
    return _mention(place, gazetteer.title(place, lang), lang) if place else None


def _mention(place: Place, name: str, lang: Lang) -> PlaceMention:
    """A mention with an empty span, for a place that the text implies."""
    return PlaceMention(
        start=0,
        end=0,
        name=name,
        level=place.level,
        code=place.code,
        scheme=place.scheme,
        country=place.country,
        parents=place.parents,
        surface="",
        lang=lang,
        how="implied",
        candidates=(place,),
    )
