"""Spans → candidates: drops reported facts, splits lists, inherits year, place and level."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import replace

from policyextract.assemble import (
    certainty,
    changes,
    decide,
    levels,
    localities,
    metrics,
    neighbours,
    opinions,
    proposals,
    years,
)
from policyextract.assemble.pairs import listed_years, partner
from policyextract.assemble.reach import Carried
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell, cell_of
from policyextract.assemble.units import measure
from policyextract.assemble.weigh import Option, choose, consensus, fitted, probability, score, threshold
from policyextract.types import LEVELS, Candidate, Document, Level, Segment, Span, Told

__all__ = ["assemble", "fitted", "targets", "values"]

_HEADLINE = 2  # segments at the top that may repeat what the body says


def values(document: Document, segments: list[Segment], spans: list[Span]) -> list[Span]:
    """The values that ``assemble`` will judge, in order of text: what a reading model is asked about."""
    return Reading.of(document, segments, spans).by_label.get("VALUE", [])


def assemble(
    document: Document,
    segments: list[Segment],
    spans: list[Span],
    told: Mapping[tuple[int, int], Told] | None = None,
) -> list[Candidate]:
    """Candidates in order of text: one for each value, level and locality that a target is split into.

    ``told`` is what a reading model says of values, by their offsets; then the weights fitted together with that model
    should be in force (``fitted``). Without it, the patterns decide alone.
    """
    if not segments:
        return []
    reading = years.resolve(Reading.of(document, segments, spans))
    if told:
        reading.told = told
        reading = proposals.with_proposals(reading)
    accepted = targets(reading)
    taken = [value for value, _ in accepted]
    candidates: list[Candidate] = []
    for value, probable in accepted:
        before = candidates[-1] if candidates else None
        candidates.extend(_rows(reading, value, probable, taken, before))
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
        if (p := probability(logit)) >= threshold():
            found.append((value, p))
    return found


def _rows(
    reading: Reading,
    value: Span,
    target: float,
    taken: list[Span],
    before: Candidate | None,
) -> Iterator[Candidate]:
    """The candidates of one value, a target by the probability ``target``: one for each locality and level.

    ``before`` is the last candidate.
    """
    carried = _carried(before) if before is not None else None
    index = reading.segment_at(value.start)
    segment = reading.segments[index]
    cell = cell_of(reading, value, segment) if segment.kind == "row" else None
    siblings = taken[slice(*(bisect_left(taken, at, key=_start) for at in (segment.start, segment.end)))]
    year, year_share = choose(
        "year", years.options(reading, value, index, cell.header if cell else None, carried)
    )
    place, place_share = choose(
        "locality", localities.options(reading, value, index, cell.label if cell else None, carried)
    )
    level, level_share = choose("level", levels.options(reading, value, index, place.payload, carried))
    own_level, own_share = choose("own-level", levels.own_options(reading, value, place.payload))
    change, change_share = choose("change", changes.change_options(reading, value, index, cell))
    per, per_share = choose("per", changes.per_options(reading, value, index, cell))
    at = siblings.index(value)
    found = measure(reading, value, segment, cell, siblings[at - 1] if at else None)
    unit, unit_share = choose("unit", opinions.kind_options(reading, value, "unit", found.unit, cell))
    comparator, comparator_share = choose(
        "comparator", opinions.kind_options(reading, value, "comparator", found.comparator, cell)
    )
    found = replace(found, unit=unit.payload, comparator=comparator.payload)
    places: list[Span | None] = [None]
    if place.payload is not None:
        group = localities.group(reading, place.payload, value)
        places = [*localities.respective(reading, group, value, siblings)]
    when = year.payload
    if when is not None:
        when = partner(reading, segment, value, siblings, listed_years(reading, segment, when)) or when
    names = _stated(level.payload) if level.payload is not None else []
    own = partner(reading, segment, value, siblings, names)
    metric, metric_share = _metric(reading, value, index, siblings, cell, before.metric if before else ())
    rows = [
        (where, name)
        for where in places
        for name in (
            [own] if own is not None else _levels(level.payload, where, place.payload, own_level.payload)
        )
    ]
    shares = {
        "year": year_share, "locality": place_share, "level": level_share * (own_share if level.payload is None else 1.0),
        "change": change_share * per_share, "metric": metric_share, "measure": unit_share * comparator_share,
    }  # fmt: skip
    agreed = opinions.agreed(reading, value, {"year": year, "locality": place, "level": level}, metric)
    what = (
        f"lang={reading.document.lang}", f"unit={found.unit}", f"comparator={found.comparator}",
        f"kind={value.attr('kind')}", f"segment={segment.kind}", f"change={change.payload}",
        f"places={min(len(reading.tally('PLACE', 'name')), 8)}",
        f"none:{'year' if year.payload is None else ''}{'place' if place.payload is None else ''}",
        f"siblings={min(len(siblings), 4)}", f"level-said={level.payload is not None}",
    )  # fmt: skip
    signs = certainty.signs(target, shares, len(rows), agreed, what)
    sure = round(certainty.confidence(signs, target), 4)
    for where, name in rows:
        yield Candidate(
            value, metric.payload, when, where, name, level.payload,
            found.unit, found.comparator, change.payload, per.payload, found.scale,
            _optional(value, segment, index), sure, segment,
            agreed=agreed, auto=certainty.is_auto(sure), signs=signs,
        )  # fmt: skip


def _start(span: Span) -> int:
    return span.start


def _carried(before: Candidate) -> Carried:
    return Carried(before.value, before.year, before.place, before.level_span)


def _levels(span: Span | None, where: Span | None, place: Span | None, own: str) -> list[Level | None]:
    """The levels that a mention states, else that of the row's place, or ``own`` if it is as the chosen ``place``."""
    if span is not None:
        return list(_stated(span))
    level = where.attr("level") if where is not None else None
    if level == (place.attr("level") if place is not None else None):
        level = own
    return [next((name for name in LEVELS if name == level), None)]


def _stated(span: Span) -> list[Level]:
    return [name for name in LEVELS if name in (span.attr("levels") or "").split(",")]


def _metric(
    reading: Reading,
    value: Span,
    index: int,
    siblings: list[Span],
    cell: Cell | None,
    antecedent: tuple[tuple[int, int], ...],
) -> tuple[Option, float]:
    if cell is not None and (cell.alone or cell.role == "target"):
        pieces = metrics.cell_metric(reading, value, cell)
        if pieces:
            return Option(pieces, ()), 0.9  # a label as it stands is mostly right
    options = metrics.options(reading, value, index, siblings, antecedent)
    return consensus("metric", options, metrics.likeness(reading))


def _optional(value: Span, segment: Segment, index: int) -> bool:
    """A qualitative coverage goal, or a headline that the body repeats."""
    return value.attr("kind") in ("universal", "zero") or (segment.kind == "heading" and index < _HEADLINE)
