"""Copies of annotated documents with other years, places, figures, levels, order and marks of lists, so that none is a shortcut.

A copy says what its document says with every year shifted by the same number, every place called by the name of
another of its kind (or by one that no gazetteer holds), the digits of figures exchanged, and perhaps districts and communes
for each other, the items of a list in another order and the text as untidy as texts are; the gold moves along. What the
patterns then find in the copy is judged by the moved gold like any document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from policyextract import patterns
from policyextract.evaluate.localities import same_locality
from policyextract.training.edits import Edit, edited
from policyextract.training.strangers import stranger
from policyextract.training.untidy import exchanged_levels, reordered, untidied
from policyextract.types import Document, Lang, Level, Span, Target

__all__ = ["EXCHANGED", "Names", "augmented", "cropped", "names_of"]

_YEAR = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d(?![\d]|[.,]\d)|(?<=[-/–])(?:19|20)\d\d(?![\d]|[.,]\d)")
# "2021-25" would need its second half moved over the end of a century: such documents keep their years.
_SHORT_PERIOD = re.compile(r"(?:19|20)\d\d\s?[-–/]\s?\d\d(?!\d)")
_DIGITS = re.compile(r"\d+")
_BULLET = re.compile(r"(?m)^([-–•*+])(?= )")
_BULLETS = "-–•*+"
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SHIFTS = [shift for shift in range(-5, 7) if shift]
EXCHANGED = frozenset(("years", "places", "strangers", "figures", "marks", "levels", "order", "dirt"))
_STRANGE = 0.3  # part of the places below the first level that get a name outside the gazetteer
_DIRTY, _SWAPPED = 0.4, 0.3  # parts of the copies with untidy text, and with other levels
Kind = tuple[Lang, str, str]
Names = dict[Kind, list[str]]


def names_of(documents: Iterable[Document]) -> Names:
    """The names of places in ``documents`` that can stand for each other: by language, level and list of the same country."""
    found: dict[Kind, set[str]] = {}
    for document in documents:
        for span in patterns.find(document):
            if span.label == "PLACE" and not span.attr("weak"):
                found.setdefault(_kind(document, span), set()).add(span.attr("name") or "")
    return {kind: sorted(names) for kind, names in found.items()}


def _kind(document: Document, span: Span) -> Kind:
    scheme = span.attr("scheme") or ""
    country = (span.attr("code") or "").partition("-")[0] if scheme == "ISO 3166-2" else ""
    return document.lang, span.attr("level") or "", f"{scheme} {country}"


def augmented(
    document: Document,
    rows: Sequence[Target],
    names: Names,
    random: Random,
    what: frozenset[str] = EXCHANGED,
) -> tuple[Document, list[Target]]:
    """A copy of ``document`` and its gold, with what ``what`` names exchanged at random."""
    spans = patterns.find(document)
    places = [span for span in spans if span.label == "PLACE"]
    text = document.text
    shift = 0 if _SHORT_PERIOD.search(text) or "years" not in what else random.choice(_SHIFTS)
    edits = [Edit(m.start(), m.end(), str(int(m.group()) + shift)) for m in _YEAR.finditer(text) if shift]
    renamed: dict[str, str] = {}
    if "places" in what:
        strange = _STRANGE if "strangers" in what else 0.0
        edits += _renamings(document, places, names, renamed, random, strange)
    if "figures" in what:
        edits += _figures(document, spans, random)
    if "marks" in what:
        mark = random.choice(_BULLETS)
        edits += [Edit(m.start(), m.end(), mark) for m in _BULLET.finditer(text)]
    swapped: dict[str, str] = {}
    if "levels" in what and random.random() < _SWAPPED:
        swaps, swapped = exchanged_levels(document, spans)
        edits += swaps
    if "dirt" in what and random.random() < _DIRTY:
        edits += untidied(document, random)
    copy, moved = edited(document, rows, edits)
    now = [span for span in patterns.find(copy) if span.label == "VALUE"]
    then = [span for span in spans if span.label == "VALUE"]
    meant = [
        _levelled(_meant(_counted(new, old, now, then), shift, renamed), swapped)
        for new, old in zip(moved, rows, strict=True)
    ]
    if "order" in what:
        copy, meant = reordered(copy, meant, patterns.find(copy), random)
    return _dated(copy, shift), meant


def _renamings(
    document: Document,
    places: list[Span],
    names: Names,
    renamed: dict[str, str],
    random: Random,
    strange: float,
) -> list[Edit]:
    """The edits that call places by the names of others, the same throughout the document; notes them in ``renamed``.

    A country keeps its name, for its people and its parts go by it too, and so does a place that is somewhere called
    by another word than its name.
    """
    spots: dict[str, list[tuple[int, int]]] = {}
    kinds: dict[str, Kind] = {}
    kept: set[str] = set()
    for span in places:
        name = span.attr("name") or ""
        at = document.text[span.start : span.end].casefold().find(name.casefold())
        if at < 0 or not name or span.attr("level") == "national":
            kept.add(name)
            continue
        start = span.start + at
        spots.setdefault(name, []).append((start, start + len(name)))
        kinds[name] = _kind(document, span)
    edits: list[Edit] = []
    for name, found in spots.items():
        others = [n for n in names.get(kinds[name], ()) if n not in spots and n not in renamed.values()]
        if name in kept or not others:
            continue
        below = kinds[name][1] != "provincial"
        unknown = random.random() < (strange if below else strange / 3)
        new = renamed[name] = stranger(document.lang, random) if unknown else random.choice(others)
        edits += [
            Edit(start, end, new.upper() if document.text[start:end].isupper() else new)
            for start, end in found
        ]
    return edits


def _figures(document: Document, spans: Sequence[Span], random: Random) -> list[Edit]:
    """Other digits for half of the figures: as many of them, no leading nought, a hundred percent stays."""
    changed: dict[str, str] = {}
    edits = []
    for span in spans:
        if span.label != "VALUE" or random.random() < 0.3:
            continue
        for match in _DIGITS.finditer(document.text, span.start, span.end):
            digits = match.group()
            if digits == "100" or not digits.strip("0") or _YEAR.fullmatch(digits):
                continue
            if digits not in changed:
                kept = len(digits) - len(digits.rstrip("0"))
                head = digits[: len(digits) - kept]
                new = "".join(
                    str(random.randint(1, 9)) if i == 0 or i == len(head) - 1 else str(random.randint(0, 9))
                    for i in range(len(head))
                )
                changed[digits] = (
                    "0" + new[1:] if digits.startswith("0") and len(digits) > 1 else new
                ) + "0" * kept
            edits.append(Edit(match.start(), match.end(), changed[digits]))
    return edits


def cropped(document: Document, rows: Sequence[Target], random: Random) -> tuple[Document, list[Target]]:
    """A few lines on end of ``document``, half of the time under its first line, with the rows whose values they hold.

    So that a model does not come to need a whole document around a sentence.
    """
    lines = [(m.start(), m.end()) for m in _LINE.finditer(document.text)]
    first = random.randrange(len(lines))
    last = min(len(lines), first + random.randint(1, 4)) - 1
    kept = [(lines[first][0], lines[last][1])]
    if first and random.random() < 0.5:
        kept.insert(0, lines[0])
    edits, at = [], 0
    for start, end in kept:
        edits.append(Edit(at, start, "\n\n" if at else ""))
        at = end
    edits.append(Edit(at, len(document.text), "\n"))
    held = [
        row
        for row in rows
        if row.start is not None
        and row.end is not None
        and any(a <= row.start and row.end <= b for a, b in kept)
    ]
    return edited(document, held, edits)


def _counted(row: Target, old: Target, now: Sequence[Span], then: Sequence[Span]) -> Target:
    """The row with the numbers that its new figures state, by how the patterns read the old and the new."""

    def read(spans: Sequence[Span], one: Target, name: str) -> float:
        found = next((s for s in spans if s.start < one.end and one.start < s.end), None)
        return float((found.attr(name) if found else None) or 0.0)

    if row.value == old.value:
        return row
    number, high = (
        round(stated * read(now, row, name) / before, 6)
        if stated and (before := read(then, old, name))
        else stated
        for stated, name in ((row.number, "number"), (row.number_high, "number_high"))
    )
    return replace(row, number=row.number if number is None else number, number_high=high)


def _dated(document: Document, shift: int) -> Document:
    if not document.date or not shift:
        return document
    day = min(document.date.day, 28)
    return replace(document, date=document.date.replace(year=document.date.year + shift, day=day))


def _meant(row: Target, shift: int, renamed: dict[str, str]) -> Target:
    """The row's fields after the shift of years and the renaming of places."""
    locality = row.locality
    for old, new in renamed.items():
        if row.locality and same_locality(row.locality, old):
            locality = new
    metric = _YEAR.sub(lambda m: str(int(m.group()) + shift), row.metric)
    for old, new in renamed.items():
        metric = metric.replace(old, new)
    return replace(
        row,
        metric=metric,
        locality=locality,
        year=row.year + shift if row.year else row.year,
        year_start=row.year_start + shift if row.year_start else row.year_start,
    )


def _levelled(row: Target, swapped: dict[str, str]) -> Target:
    """The row after districts and communes changed places: its level where the text states it, and its metric's words."""
    if not swapped:
        return row
    metric = re.sub(r"\w+", lambda m: swapped.get(m.group(), m.group()), row.metric)
    level = row.level
    if row.level_explicit and level in _OTHER:
        level = _OTHER[level]
    return replace(row, metric=metric, level=level)


_OTHER: dict[Level, Level] = {"district": "commune", "commune": "district"}
