"""The name of a place as the guideline writes a locality."""

from __future__ import annotations

import re

from policyextract.places.fold import key
from policyextract.places.gazetteer import Gazetteer
from policyextract.places.model import Place, PlaceMention

_TITLED = frozenset({"alias", "abbr", "demonym", "phrase"})
_CITY = {
    "en": {"TP": "{} City", "TX": "{} Town", "city": "{} City"},
    "vi": {"TP": "Thành phố {}", "TX": "Thị xã {}", "city": "Thành phố {}"},
}


def locality(gazetteer: Gazetteer, place: Place, mention: PlaceMention) -> str:
    """The locality's name: as the text spells it where it spells the name out, else the common name.

    A city that shares its province's name keeps "City" if the text says so ("Hai Duong City").
    """
    surface, lang, typed = mention.surface, mention.lang, mention.typed
    if place.kind == "county":  # of the United States: "Dane County" is called Dane
        surface = re.sub(r"(?i)(?<!\s)\s+(?:county|parish)$", "", surface)
    title = gazetteer.title(place, lang)
    name = (
        title
        if mention.how in _TITLED or (title != place.name and _part_of(surface, title))
        else _clean(surface, title)
    )
    if surface.isdigit() and typed:
        return f"{typed.removesuffix(' of').capitalize()} {surface}"
    if typed and surface.lower() in gazetteer.common:
        return f"{name} {typed.title()}" if not typed.endswith(" of") else name
    beside = mention.end - mention.start > len(surface)
    if place.kind == "city" and typed == "city of":
        return name
    if typed and beside and shares_name(gazetteer, place):
        form = _CITY[lang].get(place.kind)
        if form and typed.split()[0] in {"city", "cities", "town", "thành", "tp", "t.p", "thị", "tx"}:
            return form.format(name)
    return name


def _part_of(surface: str, title: str) -> bool:
    """Whether the title says more than the surface: "Ho Chi Minh" of "Ho Chi Minh City"."""
    return key(surface) != key(title) and f" {key(surface)} " in f" {key(title)} "


def _clean(surface: str, title: str) -> str:
    """The surface on one line; the title where the surface is in capitals, glued or stripped of its marks."""
    name = re.sub(r"\s{0,9}[-–—‑]\s{0,9}", lambda m: m.group() if m.group() == "-" else " - ", surface)
    name = " ".join(name.split())
    same = key(name) == key(title)
    if name.isupper() or (same and " " in title and " " not in name and "-" not in name):
        return title if same or name.isupper() else name
    if same and name.isascii() and not title.isascii() and _vietnamese(title):
        return title
    return name


def _vietnamese(title: str) -> bool:
    return any(c in title for c in "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđĐăơưĂƠƯ")


def shares_name(gazetteer: Gazetteer, place: Place) -> bool:
    """Whether a city has the name of its own province (of any first-level division of its country)."""
    if place.level != "district" or gazetteer.renamed.intersection(place.parents):
        return False
    others = (n.row for n in gazetteer.names(key(place.name)))
    return any(row[3] == "provincial" and row[4] == place.country for row in others)
