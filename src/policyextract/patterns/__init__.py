"""Segments → spans, by spaCy patterns over the vocabulary in ``data/``."""

from __future__ import annotations

from policyextract import lexicon, places
from policyextract.patterns.cues import find_cues
from policyextract.patterns.levels import find_levels
from policyextract.patterns.values import find_values
from policyextract.patterns.years import find_years
from policyextract.types import Document, Span

__all__ = ["find"]


def find(document: Document) -> list[Span]:
    """Every VALUE, MASK, YEAR, LEVEL and CUE span of the document, in order of text."""
    tokens = lexicon.tokenise(document.text, document.lang)
    values = find_values(tokens, document.lang)
    masks = [s for s in values if s.label == "MASK"]
    years = find_years(tokens, document.lang, document.date, masks)
    levels = find_levels(tokens, document.lang)
    cues = find_cues(tokens, document.lang)
    return sorted([*values, *years, *levels, *cues, *_places(document)], key=lambda s: (s.start, s.end))


def _places(document: Document) -> list[Span]:
    """PLACE spans, SEAT (a capital that may stand for its country), HOME and NATION (the document's own)."""
    found = places.find(document.text, document.lang)
    mentions = places.resolve(found, document.date)
    spans = [_place("PLACE", m, places.is_dateline(document.text, m)) for m in mentions]
    spans += [_place("SEAT", seat) for m in mentions if (seat := places.seat_of(m)) is not None]
    home = places.home(document.text, document.title, mentions, document.lang)
    nation = places.nation(mentions, document.lang)
    spans += [_place(label, m) for label, m in (("HOME", home), ("NATION", nation)) if m is not None]
    return spans


def _place(label: str, mention: places.PlaceMention, dateline: bool = False) -> Span:
    attrs = {
        "name": mention.name,
        "level": mention.level,
        "code": mention.code,
        "scheme": mention.scheme,
        "typed": mention.typed,
        "weak": "1" if mention.weak else None,
        "dateline": "1" if dateline else None,
    }
    kept = tuple((key, value) for key, value in attrs.items() if value)
    return Span(mention.start, mention.end, label, f"place.{mention.how}", kept)
