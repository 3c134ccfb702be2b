"""Gold and patterns → the examples that the reading model learns from: a view and a label a piece for each value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tokenizers import Tokenizer

from policyextract import patterns, segment
from policyextract.assemble import years
from policyextract.assemble.reading import Reading
from policyextract.evaluate.gold import Gold
from policyextract.evaluate.localities import same_locality
from policyextract.ner.views import LABELS, SIZE, Pieces, view
from policyextract.training.alignment import align
from policyextract.training.finetune import IGNORED
from policyextract.types import Document, Span, Target

__all__ = ["Example", "examples"]


@dataclass(frozen=True, slots=True)
class Example:
    """One candidate value: its document and offsets, the ids that the model reads and a label for each of them.

    ``mark`` is the place among them of the mark that opens the value.
    """

    document: str
    start: int
    end: int
    ids: list[int]
    labels: list[int]
    mark: int


def examples(document: Document, gold: Gold, tokenizer: Tokenizer, *, size: int = SIZE) -> Iterator[Example]:
    """An example for every value that the patterns find in ``document`` and every gold value they miss.

    Values that the gold marks as optional are left out: a dataset may hold them or not.
    """
    rows = gold[document.path]
    segments = segment.segment(document)
    reading = years.resolve(Reading.of(document, segments, patterns.find(document)))
    pieces = Pieces.of(document.text, tokenizer)
    values = {(s.start, s.end): s for s in reading.by_label.get("VALUE", [])}
    missed = [
        (row.start, row.end)
        for row in rows
        if row.start is not None
        and row.end is not None
        and not any(start < row.end and row.start < end for start, end in values)
    ]
    for start, end in sorted({*values, *missed}):
        own = [
            r for r in rows if r.start is not None and r.end is not None and start < r.end and r.start < end
        ]
        if own and all(row.optional for row in own):
            continue
        seen = view(pieces, segments, start, end, size=size)
        labels = [IGNORED if at < 0 else 0 for at in seen.origin]
        labels[seen.mark] = LABELS.index("TARGET") if own else 0
        place = {at: i for i, at in enumerate(seen.origin) if at >= 0}
        for name, span in _spans(reading, document, own):
            for at in range(*pieces.within(*span)):
                if at in place and not start <= pieces.starts[at] < end:
                    labels[place[at]] = LABELS.index(name)
        yield Example(document.path, start, end, seen.ids, labels, seen.mark)


def _spans(reading: Reading, document: Document, rows: list[Target]) -> Iterator[tuple[str, tuple[int, int]]]:
    """What belongs to a value, by label, the metric first so that a place or year inside it prevails."""
    found = [align(document.text, row, document.lang) for row in rows]
    for one in found:
        yield from (("METRIC", span) for span in one.metric)
    for one in found:
        yield from (("LEVEL", span) for span in one.level)
    wanted = {row.year for row in rows if row.year}
    places = {row.locality for row in rows if row.locality}
    for span in reading.by_label.get("YEAR", []):
        if _year(span) in wanted:
            yield "YEAR", (span.start, span.end)
    for span in reading.by_label.get("PLACE", []):
        if any(same_locality(span.attr("name"), place) for place in places):
            yield "LOCALITY", (span.start, span.end)


def _year(span: Span) -> int | None:
    year = span.attr("year")
    return int(year) if year else None
