"""What spreadsheet programs do to cells, and what was meant by them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract.dataset.cells import guard
from policyextract.errors import ReviewError
from policyextract.review.sheet_cells import correction, decision_of, parted, unguarded
from policyextract.review.sheet_layout import COLUMNS, key
from policyextract.review.sheet_likeness import like


@pytest.mark.parametrize(
    ("cell", "decision"),
    [
        *((c, "accept") for c in ("accept", "accept ", "ACCEPT", "a", "A", "Accepted", "ok", "chấp nhận")),
        *(
            (c, "accept")
            for c in ("Chấp  Nhận ", "cha\u0302\u0301p nha\u0323\u0302n", "accept.", "\u00a0accept")
        ),
        *((c, "reject") for c in ("reject", "R", "Từ chối", "rejected")),
        *((c, "edit") for c in ("edit", "E", "sửa", "Edited")),
        *((c, "add") for c in ("add", "thêm", "+")),
        *((c, None) for c in ("", " ", "\n")),
    ],
)
def test_words_for_decisions(cell: str, decision: str | None):
    assert decision_of(cell) == decision


@pytest.mark.parametrize("cell", ["maybe", "1", 1.0, True, "accept reject", "undo", "#N/A", "?"])
def test_what_is_no_decision_is_refused(cell: Any):
    with pytest.raises(ReviewError, match="must be accept, reject, edit or add"):
        decision_of(cell)


DAY = dt.date(2025, 1, 1)
CASES = [
    # field, cell, decimals after a comma, value
    ("year", "2025", None, 2025),
    ("year", 2025.0, None, 2025),
    ("year", "2025.0", None, 2025),
    ("year", "2025,0", True, 2025),
    ("year", "2,025", False, 2025),
    ("year", "2.025", True, 2025),
    ("year", "2 025", None, 2025),
    ("year", DAY, None, 2025),
    ("year", dt.datetime(2025, 1, 1, 0, 0), None, 2025),
    ("year", "2025-01-01", None, 2025),
    ("year", "01/01/2025", None, 2025),
    ("year", "1/1/2025 0:00", None, 2025),
    ("year", "01.01.2025", None, 2025),
    ("year", "2025-01-01T00:00:00", None, 2025),
    ("year", dt.date(1905, 7, 17), None, 2025),  # 2025 under the format of dates
    ("year", "17/07/1905", None, 2025),
    ("year", "7/17/1905", None, 2025),
    ("year_start", "2021", None, 2021),
    ("year", "(none)", None, None),
    ("year", "none", None, None),
    ("year", " – ", None, None),
    ("number", "80", None, 80.0),
    ("number", 80, None, 80),
    ("number", "80%", None, 80.0),
    ("number", "1,5", None, 1.5),
    ("number", "1.5", True, 1.5),
    ("number", "1.200,5", None, 1200.5),
    ("number", "1,200.5", None, 1200.5),
    ("number", "1,200,000", None, 1200000.0),
    ("number", "1.200.000", None, 1200000.0),
    ("number", "1.200", True, 1200.0),
    ("number", "1.200", False, 1.2),
    ("number", "1,200", True, 1.2),
    ("number", "1,200", False, 1200.0),
    ("number", "0,125", None, 0.125),
    ("number", "1 200", None, 1200.0),
    ("number", "1\u00a0200\u202f000,5", None, 1200000.5),
    ("number", "1'200.5", None, 1200.5),
    ("number", "−5", None, -5.0),
    ("number", "1,5E+12", None, 1.5e12),
    ("number_high", "(none)", None, None),
    ("optional", "TRUE", None, True),
    ("optional", "WAHR", None, True),
    ("optional", "VRAI", None, True),
    ("optional", "đúng", None, True),
    ("optional", "1", None, True),
    ("optional", 1.0, None, True),
    ("optional", True, None, True),
    ("optional", "x", None, True),
    ("level_explicit", "FALSE", None, False),
    ("level_explicit", "falsch", None, False),
    ("level_explicit", 0.0, None, False),
    ("level_explicit", "sai", None, False),
    ("comparator", "≥", None, ">="),
    ("comparator", "'>=", None, ">="),
    ("comparator", " <= ", None, "<="),
    ("comparator", "=", None, "="),
    ("unit", "Percent ", None, "percent"),
    ("unit", "%", None, "percent"),
    ("level", "PROVINCIAL", None, "provincial"),
    ("level", "(none)", None, None),
    ("change", "-", None, None),
    ("per", "Year", None, "year"),
    ("locality", " Hải Dương", None, "Hải Dương"),
    ("locality", "Ha\u0309i", None, "Hải"),
    ("locality", "(none)", None, None),
    ("locality", "None", None, "None"),
    ("locality", "-", None, "-"),
    ("locality_code", "01", None, "01"),
    ("locality_code", 40.0, None, "40"),
    ("metric", "(none)", None, ""),
    ("metric", "=SUM(A1)", None, "=SUM(A1)"),
    ("metric", "a\nb", None, "a\nb"),
]


@pytest.mark.parametrize(("field", "cell", "comma", "value"), CASES)
def test_mangled_cells_mean_what_was_meant(field: str, cell: Any, comma: bool | None, value: Any):
    found = correction(field, cell, comma)
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


@pytest.mark.parametrize(
    ("field", "cell", "message"),
    [
        ("number", "1.200", "1200 to some and 1.200 to others"),
        ("number", "1,200", "1200 to some and 1.200 to others"),
        ("number", dt.date(2025, 5, 1), "made a date of a number"),
        ("number", "01/05/2025", "made a date of a number"),
        ("number", "#VALUE!", "the error of a formula"),
        ("number", "####", "too narrow"),
        ("number", "(none)", "may not be empty"),
        ("unit", "(none)", "may not be empty"),
        ("level_explicit", "none", "may not be empty"),
        ("value", "(none)", "may not be empty"),
        ("metric", dt.date(2025, 4, 3), "made a date of it"),
        ("locality", "H?i D??ng", "letters were lost"),
        ("locality", "#REF!", "the error of a formula"),
    ],
)
def test_what_nobody_can_tell_is_refused(field: str, cell: Any, message: str):
    with pytest.raises(ReviewError, match=message) as error:
        correction(field, cell, None)
    assert f"new {field} " in str(error.value)


@settings(deadline=None, max_examples=300)
@given(number=st.integers(-(10**9), 10**9), cents=st.integers(1, 99), comma=st.booleans())
def test_numbers_in_the_habits_of_both_sides(number: int, cents: int, comma: bool):
    thousands, decimal = (".", ",") if comma else (",", ".")
    text = f"{number:,}".replace(",", thousands)
    assert parted(text, comma) == str(number)
    grouped = parted(f"{text}{decimal}{cents:02}", comma)
    assert grouped is not None and float(grouped) == float(f"{number}.{cents:02}")


@settings(deadline=None, max_examples=300)
@given(text=st.text(max_size=12) | st.sampled_from(["'", "''", "'=", "=1", "'x", "01", "'01", "\t", "-5"]))
def test_the_apostrophe_of_a_guarded_cell_goes_and_no_other(text: str):
    assert unguarded(guard(text, nullable=True)) == text


@pytest.mark.parametrize(
    ("field", "value", "cells"),
    [
        ("value", "70%", ["70%", 0.7, "0.7", "0,7", "'70%"]),
        ("value", "3/4", [dt.date(2025, 4, 3), "'3/4", "3/4"]),
        ("value", "hơn 1.200 hộ", ["hon 1.200 ho", "HƠN 1.200 HỘ", "h?n 1.200 h?"]),
        ("number", 1.9e6, ["1900000", "1,900,000", "1.900.000", "1.9E+06", 1900000.0, "########"]),
        ("number", 763123456789.0, ["7.63123E+11", "7,63E+11"]),
        ("number", 66.7, ["66,7", "66.7", dt.date(2025, 7, 6), "667"]),
        ("year", 2025, [DAY, "01/01/2025", "2025.0", 2025.0]),
        ("comparator", "=", ["=", "'="]),
        ("optional", False, ["", "FALSE", "FALSCH", False, 0.0]),
        ("optional", True, ["TRUE", "wahr", 1.0, "true"]),
        ("locality", None, [""]),
        ("locality_code", "01", ["1", 1.0, "'01"]),
    ],
)
def test_what_a_spreadsheet_made_of_a_shown_field_is_no_change(field: str, value: Any, cells: list[Any]):
    for cell in cells:
        assert like(field, value, unguarded(cell), None), cell


@pytest.mark.parametrize(
    ("field", "value", "cell"),
    [
        ("value", "70%", "80%"),
        ("number", 1.9e6, "1900100"),
        ("number", 80.0, ""),
        ("number", 0.0, ""),
        ("year", 2025, "2026"),
        ("year", None, "2026"),
        ("comparator", "=", ">="),
        ("level", "district", "commune"),
        ("level", "district", ""),
        ("optional", False, "TRUE"),
        ("metric", "households", "households with fibre"),
        ("start", 100000, "100001"),
    ],
)
def test_what_a_person_wrote_over_a_shown_field_is_a_change(field: str, value: Any, cell: Any):
    assert not like(field, value, cell, None)


def test_names_of_columns_are_known_however_they_are_written():
    names = [key(column.name) for column in COLUMNS]
    assert len(set(names)) == len(names)
    for column in COLUMNS:
        for name in (
            column.name.upper(),
            f" {column.name} ",
            column.name.replace(" ", "_"),
            column.name.title(),
        ):
            assert key(name) == key(column.name)
        assert key(column.name.replace(" ", "\u00a0 ").replace("_", " ")) == key(column.name)
