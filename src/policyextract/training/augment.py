"""Copies of annotated documents with other years, places, figures and list marks, so that none of them is a shortcut.

A copy says what its document says with every year shifted by the same number, every place called by the name of
another of its kind, and the digits of figures exchanged; the gold moves along. What the patterns then find in the copy
is judged by the moved gold like any document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from policyextract import patterns
from policyextract.evaluate.localities import same_locality
from policyextract.types import Document, Lang, Span, Target

__all__ = ["EXCHANGED", "Edit", "Names", "augmented", "cropped", "edited", "names_of"]

_YEAR = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d(?![\d]|[.,]\d)|(?<=[-/–])(?:19|20)\d\d(?![\d]|[.,]\d)")
# "2021-25" would need its second half moved over the end of a century: such documents keep their years.
_SHORT_PERIOD = re.compile(r"(?:19|20)\d\d\s?[-–/]\s?\d\d(?!\d)")
_DIGITS = re.compile(r"\d+")
_BULLET = re.compile(r"(?m)^([-–•*+])(?= )")
_BULLETS = "-–•*+"
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SHIFTS = [shift for shift in range(-5, 7) if shift]
EXCHANGED = frozenset(("years", "places", "figures", "marks"))
Kind = tuple[Lang, str, str]
Names = dict[Kind, list[str]]


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Another text for ``start:end``."""

    start: int
    end: int
    text: str


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
    """A copy of ``document`` and its gold with years, places, figures and list marks exchanged at random.

    ``what`` names those that are.
    """
    spans = patterns.find(document)
    edits: list[Edit] = []
    text = document.text
    shift = 0 if _SHORT_PERIOD.search(text) or "years" not in what else random.choice(_SHIFTS)
    if shift:
        edits += [Edit(m.start(), m.end(), str(int(m.group()) + shift)) for m in _YEAR.finditer(text)]
    renamed: dict[str, str] = {}
    if "places" in what:
        edits += _renamings(
            document, [span for span in spans if span.label == "PLACE"], names, renamed, random
        )
    if "figures" in what:
        edits += _figures(document, spans, random)
    if "marks" in what:
        mark = random.choice(_BULLETS)
        edits += [Edit(m.start(), m.end(), mark) for m in _BULLET.finditer(text)]
    copy, moved = edited(document, rows, edits)
    now = [span for span in patterns.find(copy) if span.label == "VALUE"]
    then = [span for span in spans if span.label == "VALUE"]
    return _dated(copy, shift), [
        _meant(_counted(new, old, now, then), shift, renamed) for new, old in zip(moved, rows, strict=True)
    ]


def _renamings(
    document: Document, places: list[Span], names: Names, renamed: dict[str, str], random: Random
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
        new = renamed[name] = random.choice(others)
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
            if digits in ("100", "0") or _YEAR.fullmatch(digits):
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


def edited(
    document: Document, rows: Sequence[Target], edits: Iterable[Edit]
) -> tuple[Document, list[Target]]:
    """``document`` with ``edits`` made, and its rows with their offsets and values moved along.

    Of edits that overlap, the first in order of text is made.
    """
    made: list[Edit] = []
    for edit in sorted(edits):
        if not made or edit.start >= made[-1].end:
            made.append(edit)
    parts: list[str] = []
    olds, news = [0], [0]
    at = new = 0
    for edit in made:
        parts += [document.text[at : edit.start], edit.text]
        new += edit.start - at + len(edit.text)
        at = edit.end
        olds.append(at)
        news.append(new)
    text = "".join([*parts, document.text[at:]])

    def place(old: int) -> int:
        i = bisect_right(olds, old) - 1
        return news[i] + old - olds[i]

    moved = []
    for row in rows:
        if row.start is None or row.end is None:
            moved.append(row)
            continue
        start, end = place(row.start), place(row.end)
        moved.append(replace(row, start=start, end=end, value=text[start:end]))
    return replace(document, text=text, pages=(0,)), moved


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
