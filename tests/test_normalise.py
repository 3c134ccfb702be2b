"""A candidate becomes a target: numbers, fields by name, and evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract.normalise import metric_text, normalise
from policyextract.types import Candidate, Document, Evidence, Segment, Span

TEXT = "Oakham County: by 2030, at least 90 percent\nof  district records go online."
DOCUMENT = Document(TEXT, "plan.txt", "en")


def at(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


def span(words: str, label: str, **attrs: str) -> Span:
    return Span(*at(words), label, f"test.{label.lower()}", tuple(attrs.items()))


CANDIDATE = Candidate(
    value=span("at least 90 percent", "VALUE", number="90.0"),
    metric=(at("records go online"),),
    year=span("2030", "YEAR", year="2030", kind="by"),
    place=span("Oakham County", "PLACE", name="Oakham", code="XX-OA", scheme="ISO 3166-2"),
    level="district",
    level_span=span("district", "LEVEL"),
    unit="percent",
    comparator=">=",
    change=None,
    per=None,
    scale=1.0,
    optional=False,
    confidence=0.75,
    segment=Segment(*at(TEXT[TEXT.index("by 2030") :]), "sentence"),
)


def test_fields_come_from_the_candidate() -> None:
    target = normalise(DOCUMENT, CANDIDATE)
    assert target is not None
    assert (target.doc, target.value) == ("plan.txt", "at least 90 percent")
    assert (target.start, target.end) == at("at least 90 percent")
    assert (target.number, target.number_high, target.unit, target.comparator) == (90, None, "percent", ">=")
    assert (target.level, target.level_explicit) == ("district", True)
    assert (target.year, target.year_start, target.year_kind) == (2030, None, "by")
    assert (target.locality, target.locality_code) == ("Oakham", "XX-OA")
    assert target.locality_scheme == "ISO 3166-2"
    assert (target.metric, target.confidence, target.page) == ("records go online", 0.75, 1)
    assert target.sentence == "by 2030, at least 90 percent of district records go online."
    assert target.source == ("test.value", "test.year", "test.place", "test.level")
    assert target.evidence == (
        Evidence("metric", *at("records go online")),
        Evidence("level", *at("district")),
        Evidence("year", *at("2030")),
        Evidence("locality", *at("Oakham County")),
    )


def test_what_the_text_lacks_is_none() -> None:
    bare = replace(CANDIDATE, year=None, place=None, level=None, level_span=None, metric=())
    target = normalise(DOCUMENT, bare)
    assert target is not None
    assert (target.year, target.year_start, target.year_kind) == (None, None, None)
    assert (target.locality, target.locality_code, target.locality_scheme) == (None, None, None)
    assert (target.level, target.level_explicit, target.metric) == (None, False, "")
    assert target.source == ("test.value",)
    assert target.evidence == ()


def test_an_inherited_level_is_not_explicit() -> None:
    target = normalise(DOCUMENT, replace(CANDIDATE, level="provincial", level_span=None))
    assert target is not None
    assert (target.level, target.level_explicit) == ("provincial", False)


def test_a_range_is_scaled_at_both_ends() -> None:
    value = replace(CANDIDATE.value, attrs=(("number", "1.5"), ("number_high", "2.5")))
    target = normalise(DOCUMENT, replace(CANDIDATE, value=value, scale=1e9, unit="currency"))
    assert target is not None
    assert (target.number, target.number_high) == (1_500_000_000, 2_500_000_000)


def test_zero_is_a_number() -> None:
    target = normalise(DOCUMENT, replace(CANDIDATE, value=replace(CANDIDATE.value, attrs=(("number", "0"),))))
    assert target is not None
    assert target.number == 0


def test_noise_of_floats_is_rounded_off() -> None:
    value = replace(CANDIDATE.value, attrs=(("number", "0.1"),))
    target = normalise(DOCUMENT, replace(CANDIDATE, value=value, scale=3.0))
    assert target is not None
    assert target.number == 0.3


@pytest.mark.parametrize("attrs", [(), (("number", "inf"),), (("number", "1e308"),), (("number", "nan"),)])
def test_a_number_that_is_not_finite_is_no_target(attrs: tuple[tuple[str, str], ...]) -> None:
    value = replace(CANDIDATE.value, attrs=attrs)
    assert normalise(DOCUMENT, replace(CANDIDATE, value=value, scale=1e12)) is None


def test_a_period_has_a_first_and_a_last_year() -> None:
    year = replace(CANDIDATE.year, attrs=(("year", "2030"), ("start", "2026"), ("kind", "period")))
    target = normalise(DOCUMENT, replace(CANDIDATE, year=year))
    assert target is not None
    assert (target.year, target.year_start, target.year_kind) == (2030, 2026, "period")


@pytest.mark.parametrize("attrs", [(("year", "2030"),), (("year", "2030"), ("kind", "around"))])
def test_a_year_without_a_known_kind_is_in(attrs: tuple[tuple[str, str], ...]) -> None:
    target = normalise(DOCUMENT, replace(CANDIDATE, year=replace(CANDIDATE.year, attrs=attrs)))
    assert target is not None
    assert target.year_kind == "in"


def test_an_implied_place_names_the_locality_without_evidence() -> None:
    place = Span(0, 0, "NATION", "place.implied", (("name", "Vietnam"),))
    target = normalise(DOCUMENT, replace(CANDIDATE, place=place))
    assert target is not None
    assert target.locality == "Vietnam"
    assert "locality" not in {e.field for e in target.evidence}


def test_one_source_is_named_once() -> None:
    year = replace(CANDIDATE.year, source="test.value")
    target = normalise(DOCUMENT, replace(CANDIDATE, year=year))
    assert target is not None
    assert target.source == ("test.value", "test.place", "test.level")


@pytest.mark.parametrize(
    ("pages", "page"),
    [
        ((0,), 1),
        ((0, 10), 2),
        ((0, at("at least")[0]), 2),
        ((0, at("at least")[0] + 1), 1),
        ((0, 5, 10, 60), 3),
    ],
)
def test_the_page_is_where_the_value_starts(pages: tuple[int, ...], page: int) -> None:
    target = normalise(replace(DOCUMENT, pages=pages), CANDIDATE)
    assert target is not None
    assert target.page == page


def test_pieces_of_a_metric_are_joined_and_folded() -> None:
    pieces = (at("records"), at("percent\nof  district"))
    assert metric_text(TEXT, pieces) == "records percent of district"
    assert metric_text(TEXT, ()) == ""


@settings(deadline=None, derandomize=True)
@given(st.text(min_size=1, max_size=40), st.data(), st.floats(0, 1e15), st.floats(1e-3, 1e6))
def test_a_target_is_grounded_in_the_text(
    text: str, data: st.DataObject, number: float, scale: float
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    value = Span(start, end, "VALUE", "test.value", (("number", repr(number)),))
    segment = Segment(0, len(text), "sentence")
    candidate = replace(CANDIDATE, value=value, segment=segment, scale=scale, metric=((start, end),))
    target = normalise(Document(text, "any.txt", "en"), candidate)
    assert target is not None
    assert text[target.start : target.end] == target.value
    assert target.number == pytest.approx(number * scale, abs=1e-6)
    assert target.metric == " ".join(target.value.split())
