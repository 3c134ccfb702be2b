"""Gold and patterns → the windows that the reading model learns from, with what it should say of each value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from policyextract import patterns, segment
from policyextract.assemble import years
from policyextract.assemble.reading import Reading
from policyextract.evaluate.localities import same_locality
from policyextract.ner.pointers import KINDS
from policyextract.ner.windows import SIZE, Pieces, windows
from policyextract.training.alignment import align
from policyextract.types import Document, Span, Target

__all__ = ["NOTHING", "Example", "Truth", "examples"]

NOTHING = 0  # the place of [CLS]: what a value points at that has no level, year or locality


@dataclass(frozen=True, slots=True)
class Truth:
    """What the model should say of one value.

    ``target`` is None where a dataset may hold the value or not; ``fields`` are the places in the window that belong
    to a target, by field; ``kinds`` the numbers of its unit, comparator, change, per and level among ``pointers.KINDS``. What is not
    there is not learned from.
    """

    start: int
    end: int
    mark: int
    target: bool | None
    fields: dict[str, list[int]]
    kinds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """One window of a document: the ids that the model reads and the truth of each value it reads there."""

    document: str
    ids: list[int]
    truths: list[Truth]


def examples(
    document: Document, rows: list[Target], tokenizer: Tokenizer, *, size: int = SIZE
) -> Iterator[Example]:
    """The windows over ``document``, every value that the patterns find in it judged by the gold ``rows``."""
    segments = segment.segment(document)
    reading = years.resolve(Reading.of(document, segments, patterns.find(document)))
    pieces = Pieces.of(document.text, tokenizer)
    values = [(s.start, s.end) for s in reading.by_label.get("VALUE", [])]
    for window in windows(pieces, segments, values, size=size):
        place = {at: i for i, at in enumerate(window.origin) if at >= 0}
        truths = []
        for number, mark in zip(window.values, window.marks, strict=True):
            start, end = values[number]
            own = [
                r
                for r in rows
                if r.start is not None and r.end is not None and start < r.end and r.start < end
            ]
            sure = [r for r in own if not r.optional]
            fields = _fields(reading, pieces, place, (start, end), sure or own)
            target = bool(sure) if sure or not own else None
            truths.append(Truth(start, end, mark, target, fields, _kinds(sure or own)))
        yield Example(document.path, window.ids, truths)


def _fields(
    reading: Reading, pieces: Pieces, place: dict[int, int], value: tuple[int, int], rows: list[Target]
) -> dict[str, list[int]]:
    """The places of each field; a level, year or locality that the window does not show is left out."""

    def places(spans: list[tuple[int, int]]) -> list[int]:
        seen = {place[at] for span in spans for at in range(*pieces.within(*span)) if at in place}
        return sorted(seen)

    if not rows:
        return {}
    aligned = [align(reading.document.text, row, reading.document.lang) for row in rows]
    told: dict[str, list[int]] = {}
    if all(one.metric for one in aligned):
        inside = set(range(*pieces.within(*value)))
        metric = [span for one in aligned for span in one.metric]
        told["metric"] = [i for i in places(metric) if i not in {place.get(at) for at in inside}]
    for name, spans in _pointed(reading, rows).items():
        if found := [NOTHING] if spans is None else places(spans):
            told[name] = found
    return told


def _kinds(rows: list[Target]) -> dict[str, int]:
    """What kind of value the rows say it is, as far as they agree."""
    found = {}
    for name, kinds in KINDS.items():
        said = {getattr(row, name) or "" for row in rows}
        if len(said) == 1:
            found[name] = kinds.index(said.pop())
    return found


def _pointed(reading: Reading, rows: list[Target]) -> dict[str, list[tuple[int, int]] | None]:
    """Every mention that states the level, year or locality of the rows; None where they have none."""
    wanted_years = {row.year for row in rows}
    wanted_places = {row.locality for row in rows}
    explicit = {row.level for row in rows if row.level_explicit}

    def spans(label: str, fits: Callable[[Span], bool]) -> list[tuple[int, int]]:
        return [(s.start, s.end) for s in reading.by_label.get(label, []) if fits(s)]

    return {
        "year": None if wanted_years == {None} else spans("YEAR", lambda s: _year(s) in wanted_years),
        "locality": None
        if wanted_places == {None}
        else [
            *spans("PLACE", lambda s: any(same_locality(s.attr("name"), p) for p in wanted_places if p)),
            *_named(reading.document.text, wanted_places),
        ],
        "level": None
        if not explicit
        else spans("LEVEL", lambda s: set((s.attr("levels") or "").split(",")) == explicit),
    }


def _named(text: str, places: set[str | None]) -> list[tuple[int, int]]:
    """Where the text has the very names, whether or not the gazetteer knows them."""
    return [
        match.span()
        for place in places
        if place
        for match in re.finditer(rf"(?<!\w){re.escape(place)}(?!\w)", text, re.I)
        if match.group()[0].isupper()
    ]


def _year(span: Span) -> int | None:
    year = span.attr("year")
    return int(year) if year else None
