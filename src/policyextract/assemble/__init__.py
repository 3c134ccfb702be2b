"""Spans → candidates: drops reported facts, splits lists, inherits year, place and level."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract.assemble import changes, decide, levels, localities, metrics, neighbours, years
from policyextract.assemble.pairs import listed_years, partner
from policyextract.assemble.reach import Carried
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell, cell_of
from policyextract.assemble.units import measure
from policyextract.assemble.weigh import choose, consensus, probability, score
from policyextract.types import LEVELS, Candidate, Document, Level, Segment, Span

__all__ = ["assemble"]

THRESHOLD = 0.39  # probability at which found F1 is best over folds of the train split
_HEADLINE = 2  # segments at the top that may repeat what the body says


def assemble(document: Document, segments: list[Segment], spans: list[Span]) -> list[Candidate]:
    """Candidates in order of text: one for each value, level and locality that a target is split into."""
    if not segments:
        return []
    reading = years.resolve(Reading.of(document, segments, spans))
    accepted = targets(reading)
    taken = [value for value, _ in accepted]
    candidates: list[Candidate] = []
    for value, confidence in accepted:
        before = candidates[-1] if candidates else None
        candidates.extend(_rows(reading, value, confidence, taken, before))
    return candidates


def targets(reading: Reading) -> list[tuple[Span, float]]:
    """The values taken for targets with the probability that they are."""
    values = reading.by_label.get("VALUE", [])
    named = [decide.features(reading, value) for value in values]
    first = [(v, score("target", f)) for v, f in zip(values, named, strict=True)]
    found: list[tuple[Span, float]] = []
    for i, value in enumerate(values):
        around = first[max(0, i - neighbours.WINDOW) : i + neighbours.WINDOW + 1]
        logit = score("target-again", (*named[i], *neighbours.neighbour_features(reading, around, value)))
        if (p := probability(logit)) >= THRESHOLD:
            found.append((value, p))
    return found


def _rows(
    reading: Reading,
    value: Span,
    confidence: float,
    taken: list[Span],
    before: Candidate | None,
) -> Iterator[Candidate]:
    """The candidates of one value: one for each locality and level; ``before`` is the last candidate."""
    carried = _carried(before) if before is not None else None
    index = reading.segment_at(value.start)
    segment = reading.segments[index]
    cell = cell_of(reading, value, segment) if segment.kind == "row" else None
    siblings = [s for s in taken if segment.start <= s.start < segment.end]
    year, _ = choose("year", years.options(reading, value, index, cell.header if cell else None, carried))
    place, _ = choose(
        "locality", localities.options(reading, value, index, cell.label if cell else None, carried)
    )
    level, _ = choose("level", levels.options(reading, value, index, place.payload, carried))
    change, _ = choose("change", changes.change_options(reading, value, index, cell))
    per, _ = choose("per", changes.per_options(reading, value, index, cell))
    at = siblings.index(value)
    found = measure(reading, value, segment, cell, siblings[at - 1] if at else None)
    places: list[Span | None] = [None]
    if place.payload is not None:
        group = localities.group(reading, place.payload, value)
        places = [*localities.respective(reading, group, value, siblings)]
    when = year.payload
    if when is not None:
        when = partner(reading, segment, value, siblings, listed_years(reading, segment, when)) or when
    names = _levels(level.payload, None) if level.payload is not None else []
    own = partner(reading, segment, value, siblings, names)
    metric = _metric(reading, value, index, siblings, cell, before.metric if before else ())
    for where in places:
        for name in [own] if own is not None else _levels(level.payload, where):
            yield Candidate(
                value, metric, when, where, name, level.payload,
                found.unit, found.comparator, change.payload, per.payload, found.scale,
                _optional(value, segment, index), round(confidence, 4), segment,
            )  # fmt: skip


def _carried(before: Candidate) -> Carried:
    return Carried(before.value, before.year, before.place, before.level_span)


def _levels(span: Span | None, place: Span | None) -> list[Level | None]:
    if span is not None:
        return [name for name in LEVELS if name in (span.attr("levels") or "").split(",")]
    own = place.attr("level") if place is not None else None
    return [next((name for name in LEVELS if name == own), None)]


def _metric(
    reading: Reading,
    value: Span,
    index: int,
    siblings: list[Span],
    cell: Cell | None,
    antecedent: tuple[tuple[int, int], ...],
) -> tuple[tuple[int, int], ...]:
    if cell is not None and (cell.alone or cell.role == "target"):
        pieces = metrics.cell_metric(reading, value, cell)
        if pieces:
            return pieces
    options = metrics.options(reading, value, index, siblings, antecedent)
    return tuple(consensus("metric", options, metrics.likeness(reading)).payload)


def _optional(value: Span, segment: Segment, index: int) -> bool:
    """A qualitative coverage goal, or a headline that the body repeats."""
    return value.attr("kind") in ("universal", "zero") or (segment.kind == "heading" and index < _HEADLINE)
