"""Places that only the reading model sees: names that no gazetteer holds and no type word gives away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from policyextract.assemble.opinions import told_of
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import Option, choose
from policyextract.places import is_plain_word, standing
from policyextract.types import LEVELS, Level, Span

__all__ = ["SOURCE", "level_options", "with_proposals"]

SOURCE = "place.model"
_TARGET = -2.0  # logit of being a target from which a value may propose a place
_SHARE = 0.25  # part of a value's pointing that must fall on a name
_PIECE = 0.05  # part from which a piece is looked at
_CAP = r"[^\W\d_a-zß-ÿ][\w'’.]*"
_JOINT = r"(?:[ -](?:de|del|da|do|la|las|los|le|el|al|of|the|upon|on|en|na|im|am|et))?[ -]"
_NAME = re.compile(rf"{_CAP}(?:{_JOINT}{_CAP}){{0,4}}")
_REACH = 1_000  # characters before a place in the text in which a name that holds it may begin
_SUBNATIONAL: tuple[Level, ...] = ("provincial", "district", "commune")


def with_proposals(reading: Reading) -> Reading:
    """The reading with a PLACE span at every mention of a name that the model points at for the locality of a value.

    Names that a span of the patterns covers are left alone. Each is given the level that its surroundings speak for.
    """
    names: dict[str, None] = {}
    for value in reading.by_label.get("VALUE", []):
        for start, end in _pointed(reading, value):
            names.setdefault(reading.document.text[start:end])
    if not names:
        return reading
    groups: dict[str, list[Span]] = {}  # in their order: one's level tells of the next's
    for name, places in standing(reading.document.text, names).items():
        for start, end in places:
            if not _covered(reading, start, end):
                span = Span(start, end, "PLACE", SOURCE, (("name", _plain(name)),))
                groups.setdefault(_plain(name), []).append(span)
    found = reading.added([span for own in groups.values() for span in own])
    for own in groups.values():
        option, _ = choose("place-level", level_options(found, own))
        for span in own:
            found.swap(span, replace(span, attrs=(*span.attrs, ("level", option.payload))))
    return found


def _pointed(reading: Reading, value: Span) -> Iterator[tuple[int, int]]:
    """The names outside all places that the model points at from a value."""
    told = told_of(reading, value)
    if told is None or told.target < _TARGET:
        return
    share = told.shares["locality"]
    seen: set[tuple[int, int]] = set()
    for i in np.flatnonzero(share >= _PIECE):
        spot = int(told.starts[i])
        span = _name_at(reading, spot + (reading.document.text[spot] == " "))
        if span is None or span in seen or _covered(reading, *span):
            continue
        seen.add(span)
        if float(share[told.pieces(*span)].sum()) >= _SHARE:
            yield span


def _name_at(reading: Reading, spot: int) -> tuple[int, int] | None:
    """The capitalised words around a place in the text, without those that open a sentence."""
    text = reading.document.text
    line = text.rfind("\n", max(0, spot - _REACH), spot) + 1 or max(0, spot - _REACH)
    for match in _NAME.finditer(text, line, min(len(text), spot + 80)):
        if not match.start() <= spot < match.end():
            continue
        start, end = match.span()
        # "In Lawra", "For Seme": what opens a sentence need not be part of the name.
        while (first := re.match(r"[\w'’.]+[ -]+", text[start:end])) and start + first.end() <= spot:
            if not _opens(reading, first.group().strip(" -")):
                break
            start += first.end()
        name = text[start:end].rstrip(".'’")
        return (start, start + len(name)) if len(name) > 2 and not name.isdigit() else None
    return None


def _opens(reading: Reading, word: str) -> bool:
    """Whether a word is an ordinary one, or one that the text also writes small."""
    return is_plain_word(word) or f" {word.lower()} " in reading.document.text


def _covered(reading: Reading, start: int, end: int) -> bool:
    return any(
        s.start < end and start < s.end
        for label in ("PLACE", "VALUE", "YEAR")
        for s in reading.within(label, max(0, start - 60), end)
    )


def _plain(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split(" ")) if name.isupper() else name


def level_options(reading: Reading, mentions: list[Span]) -> list[Option]:
    """The levels that a place may have, with what speaks for each around its mentions."""
    home = next(iter(reading.by_label.get("HOME", [])), None)
    rank = LEVELS.index(home.attr("level")) if home and home.attr("level") in LEVELS else -1
    beside = [_beside(reading, span) for span in mentions[:3]]
    said = [_said(reading, span) for span in mentions[:3]]
    places = reading.tally("PLACE", "level") - Counter(s.attr("level") for s in mentions)
    words: Counter[str] = Counter()
    for names, times in reading.tally("LEVEL", "levels").items():
        for name in (names or "").split(","):
            words[name] += times
    return [Option(level, tuple(_level_features(level, reading.document.lang, rank, beside, said, places, words)))
            for level in _SUBNATIONAL]  # fmt: skip


def _level_features(
    level: Level, lang: str, home: int, beside: list[str], said: list[str],
    places: Counter[str | None], words: Counter[str],
) -> Iterator[str]:  # fmt: skip
    yield f"{level}&{lang}"
    step = LEVELS.index(level) - home if home >= 0 else "none"
    yield f"step={step}"
    yield f"{level}&home={home}"
    for kind, found in (("beside", beside), ("said", said)):
        for other in sorted(set(found) - {""}):
            yield f"{kind}={_order(level, other)}"
            yield f"{kind}={other}&{level}"
    others = [name for name in _SUBNATIONAL if name != level]
    yield f"places-most={places[level] >= max(places[name] for name in others)}&{level}"
    yield f"places={min(places[level], 3)}&{level}"
    yield f"words={min(words[level], 3)}&{level}"


def _order(level: str, other: str) -> str:
    if other not in LEVELS:
        return "other"
    step = LEVELS.index(level) - LEVELS.index(other)
    return "same" if not step else "finer" if step > 0 else "coarser"


_LISTED = re.compile(
    r"\s*(?:,|;|&|/|and|or|và|hoặc)(?:\s+(?:and|or|và|the))?\s*|[^.;\n]{0,40}?[,;]\s*(?:(?:and|while|và|còn)\s*)?"
)


def _beside(reading: Reading, span: Span) -> str:
    """The level of the place that this one is listed with, if any."""
    text = reading.document.text
    near = [
        s
        for s in reading.within("PLACE", span.start - 80, span.end + 80)
        if s.attr("level") and s.start != span.start
    ]
    for other in sorted(near, key=lambda s: abs(s.start - span.start)):
        low, high = (other.end, span.start) if other.start < span.start else (span.end, other.start)
        if low < high and _LISTED.fullmatch(text[low:high]) and other.attr("level") != "national":
            return other.attr("level") or ""
    return ""


def _said(reading: Reading, span: Span) -> str:
    """The level of the last level word before the name in its paragraph, or of its head."""
    index = reading.segment_at(span.start)
    segment = reading.segments[index]
    before = reading.within("LEVEL", max(segment.start, span.start - 120), span.start)
    after = reading.within("LEVEL", span.end, min(segment.end, span.end + 40))
    heads = [s for head in reversed(segment.heads) for s in reading.within("LEVEL", head.start, head.end)]
    earlier = reading.before("LEVEL", span.start, 1)
    for found in (before[::-1], after, heads, earlier):
        if found:
            levels = (found[0].attr("levels") or "").split(",")
            return levels[0] if len(levels) == 1 else "many"
    return ""
