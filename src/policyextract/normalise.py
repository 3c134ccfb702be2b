"""Candidate → target: numbers, fields by name, the evidence and where it stands."""

from __future__ import annotations

import bisect
import math

from policyextract.types import Candidate, Document, Evidence, Span, Target, YearKind

_RATE = frozenset({"percent", "score", "quantity", "count", "currency"})


def normalise(document: Document, candidate: Candidate) -> Target | None:
    """The target that a candidate states, or None if its number is not finite.

    One on a page that OCR read says so in its ``source``, is as much less sure as the page, and is not for acceptance
    unseen: a digit may be misread where the row looks right.
    """
    value = candidate.value
    number = _number(value, "number", candidate.scale)
    if number is None:
        return None
    year, start, kind = _year(candidate.year)
    place = candidate.place
    text = document.text
    segment = candidate.segment
    page = bisect.bisect_right(document.pages, value.start)
    sure = (document.ocr[page - 1] or None) if 0 < page <= len(document.ocr) else None  # 0: not read by OCR
    return Target(
        doc=document.path,
        value=text[value.start : value.end],
        start=value.start,
        end=value.end,
        number=number,
        number_high=_number(value, "number_high", candidate.scale),
        unit=candidate.unit,
        comparator=candidate.comparator,
        change=candidate.change,
        per=candidate.per,
        metric=metric_text(text, candidate.metric),
        level=candidate.level,
        level_explicit=candidate.level_span is not None,
        year=year,
        year_start=start,
        year_kind=kind,
        locality=place.attr("name") if place is not None else None,
        optional=candidate.optional,
        locality_code=place.attr("code") if place is not None else None,
        locality_scheme=place.attr("scheme") if place is not None else None,
        page=page,
        sentence=" ".join(text[segment.start : segment.end].split()),
        source=_sources(candidate) if sure is None else (*_sources(candidate), "ocr"),
        confidence=candidate.confidence if sure is None else round(candidate.confidence * sure, 4),
        auto_accept=candidate.auto and sure is None,
        evidence=_evidence(candidate),
    )


def metric_text(text: str, pieces: tuple[tuple[int, int], ...]) -> str:
    """The stretches of the metric joined with a blank, white space folded."""
    return " ".join(" ".join(text[start:end].split()) for start, end in pieces)


def _number(value: Span, name: str, scale: float) -> float | None:
    raw = value.attr(name)
    if raw is None:
        return None
    number = round(float(raw) * scale, 6)
    return number if math.isfinite(number) else None


def _year(span: Span | None) -> tuple[int | None, int | None, YearKind | None]:
    if span is None:
        return None, None, None
    start = span.attr("start")
    kind = span.attr("kind")
    known: dict[str | None, YearKind] = {"by": "by", "in": "in", "from": "from", "period": "period"}
    return int(span.attr("year") or 0), int(start) if start else None, known.get(kind, "in")


def _sources(candidate: Candidate) -> tuple[str, ...]:
    spans = (candidate.value, candidate.year, candidate.place, candidate.level_span)
    said = dict.fromkeys(s.source for s in spans if s is not None)
    return (*said, *(f"model:{field}" for field in candidate.agreed))


def _evidence(candidate: Candidate) -> tuple[Evidence, ...]:
    """Where each field was read; an implied country has none."""
    found = [Evidence("metric", start, end) for start, end in candidate.metric]
    for field, span in (
        ("level", candidate.level_span),
        ("year", candidate.year),
        ("locality", candidate.place),
    ):
        if span is not None and span.end > span.start:
            found.append(Evidence(field, span.start, span.end))
    return tuple(found)
