"""The nouns: frozen, slotted, in one coordinate system.

Offsets are end-exclusive character indices into ``Document.text``, which no stage changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Lang = Literal["en", "vi"]
Unit = Literal["percent", "count", "rank", "currency", "multiple", "score", "quantity"]
Comparator = Literal["=", ">=", ">", "<=", "<", "~"]
Change = Literal["increase", "decrease"]
Level = Literal["national", "provincial", "district", "commune"]
YearKind = Literal["by", "in", "from", "period"]
SegmentKind = Literal["sentence", "item", "heading", "row", "header", "dateline"]

LEVELS: tuple[Level, ...] = ("national", "provincial", "district", "commune")


@dataclass(frozen=True, slots=True)
class Document:
    """One text to read: ``text`` is NFC with ``\\n`` line ends and never changes after reading.

    ``path`` is relative to the corpus folder, in POSIX form (``file.jsonl#id`` for a line of a JSON
    Lines file). ``pages`` holds the offset at which each page starts (``(0,)`` if the format has no
    pages). ``ocr`` has the confidence, from 0 to 1, with which each page was read by OCR: None for a page that has
    text of its own, 0 for a picture that was not read; it is empty if there is no such page. ``date`` is the date of
    publication, which resolves "this year". Table rows stand on a
    line of their own with cells parted by `` | ``, the header row first.
    """

    text: str
    path: str
    lang: Lang
    title: str | None = None
    date: dt.date | None = None
    pages: tuple[int, ...] = (0,)
    ocr: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read: its path, the error's name and a reason a person understands."""

    path: str
    error: str
    reason: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text read at once, with the segments it stands under, outermost first.

    ``body`` is where its own words begin, after an enumerator or a bullet; ``paragraph`` is the number
    of its line; ``separator`` parts the cells of a table row.
    """

    start: int
    end: int
    kind: SegmentKind
    heads: tuple[Segment, ...] = ()
    paragraph: int = 0
    body: int = 0
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """What a pattern or a model found: a label over ``start:end`` and the id of what found it."""

    start: int
    end: int
    label: str
    source: str
    attrs: tuple[tuple[str, str], ...] = ()

    def attr(self, name: str) -> str | None:
        """The attribute called ``name``, or None."""
        for key, value in self.attrs:  # asked some thousand times a document, so no generator
            if key == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a field of a target was read: ``field`` is the field's name."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the reading model says of one value.

    ``target`` is the logit of its being a target. ``starts`` and ``ends`` are the character offsets of the pieces the
    model saw, in order of text, ``wordy`` whether each holds a letter or digit; ``shares`` has a number for each of them, by field: of "metric" the probability that
    the piece belongs to it, of "level", "year" and "locality" the part of the pointing that falls on the piece.
    ``nothing`` is the part that falls on none, by field. ``kinds`` has the probability of each unit, comparator, change and
    per, by these names; "" is none.
    """

    target: float
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    wordy: npt.NDArray[np.bool_]
    shares: Mapping[str, npt.NDArray[np.float32]]
    nothing: Mapping[str, float]
    kinds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def pieces(self, start: int, end: int) -> slice:
        """The pieces that share a character with ``start:end``."""
        return slice(int(self.ends.searchsorted(start, "right")), int(self.starts.searchsorted(end)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value with what was found to belong to it: one row to be, not yet normalised.

    ``metric`` holds the stretches of text that name what is measured, in the order they are joined;
    ``year`` and ``place`` are the spans they were read from (None if none applies), ``level`` the name of
    the level with the span that states it, if any. ``agreed`` names the fields in which the reading model says the
    same, ``auto`` whether the row may be accepted unseen, ``signs`` are the features of its ``confidence``.
    """

    value: Span
    metric: tuple[tuple[int, int], ...]
    year: Span | None
    place: Span | None
    level: Level | None
    level_span: Span | None
    unit: Unit
    comparator: Comparator
    change: Change | None
    per: Literal["year"] | None
    scale: float
    optional: bool
    confidence: float
    segment: Segment
    agreed: tuple[str, ...] = ()
    auto: bool = False
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One quantified target: a row of the dataset, of the gold and of the review sheet.

    The fields up to ``optional`` are those of the annotation guideline; ``start`` and ``end`` are the
    offsets of ``value``. ``confidence`` is between 0 and 1 and says how likely the row is right in every field;
    ``auto_accept`` marks those that were right 95 times in 100 where that was measured. ``page`` counts from 1.
    """

    doc: str
    value: str
    start: int
    end: int
    number: float
    number_high: float | None
    unit: Unit
    comparator: Comparator
    change: Change | None
    per: Literal["year"] | None
    metric: str
    level: Level | None
    level_explicit: bool
    year: int | None
    year_start: int | None
    year_kind: YearKind | None
    locality: str | None
    optional: bool = False
    locality_code: str | None = None
    locality_scheme: str | None = None
    page: int | None = None
    sentence: str | None = None
    source: tuple[str, ...] = ()
    confidence: float | None = None
    auto_accept: bool = False
    evidence: tuple[Evidence, ...] = field(default=())
    target_id: str = ""
