"""Where a row stands after its events: agreement, conflict, adjudication, undo."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviewing import ROW, event, numbered

from policyextract.errors import ReviewError
from policyextract.review import EDITABLE, GUIDELINE, Event, State, checked, edited, states
from policyextract.review.events import standing
from policyextract.review.fields import consistent

ACCEPT, REJECT = event("An", "accept"), event("An", "reject")
EDIT = event("An", "edit", {"year": 2031})
B_ACCEPT, B_REJECT = event("Binh", "accept"), event("Binh", "reject")
B_SAME, B_OTHER = event("Binh", "edit", {"year": 2031}), event("Binh", "edit", {"year": 2032})
ADDED = event("An", "add")
JUDGE = event("Chi", "edit", {"year": 2033}, adjudicates=True)


def state(*events: Event) -> State:
    [only] = states(numbered(*events)).values()
    return only


@pytest.mark.parametrize(
    ("events", "status", "year"),
    [
        pytest.param([ACCEPT], "accepted", 2030, id="one accepts"),
        pytest.param([REJECT], "rejected", None, id="one rejects"),
        pytest.param([EDIT], "edited", 2031, id="one edits"),
        pytest.param([ADDED], "added", 2030, id="one adds"),
        pytest.param([ACCEPT, REJECT], "rejected", None, id="the latest of a reviewer counts"),
        pytest.param([REJECT, EDIT], "edited", 2031, id="a rejection can be reconsidered"),
        pytest.param([ACCEPT, B_ACCEPT], "accepted", 2030, id="two accept"),
        pytest.param([REJECT, B_REJECT], "rejected", None, id="two reject"),
        pytest.param([EDIT, B_SAME], "edited", 2031, id="two edit to the same: agreement"),
        pytest.param([EDIT, B_OTHER], "conflict", None, id="two edit to different years"),
        pytest.param([ACCEPT, B_REJECT], "conflict", None, id="one accepts, one rejects"),
        pytest.param([EDIT, B_ACCEPT], "conflict", None, id="an edit says that the row was wrong"),
        pytest.param([EDIT, B_ACCEPT, B_SAME], "edited", 2031, id="the second comes round"),
        pytest.param([ADDED, B_ACCEPT], "added", 2030, id="an added row accepted by another"),
        pytest.param([ADDED, EDIT], "added", 2031, id="an added row corrected stays an added one"),
        pytest.param([ADDED, B_REJECT], "conflict", None, id="an added row rejected by another"),
        pytest.param([ADDED, REJECT], "rejected", None, id="an added row withdrawn"),
        pytest.param([ACCEPT, B_REJECT, JUDGE], "edited", 2033, id="an adjudicator settles"),
        pytest.param([JUDGE, ACCEPT, B_REJECT], "edited", 2033, id="later reviewers do not reopen"),
        pytest.param(
            [JUDGE, event("Dung", "reject", adjudicates=True)],
            "rejected",
            None,
            id="a later adjudicator does",
        ),
        pytest.param(
            [JUDGE, event("Chi", "reject")], "edited", 2033, id="an adjudicator's own review does not"
        ),
        pytest.param([ACCEPT, event("An", "undo", undoes=1)], "undecided", None, id="undone"),
        pytest.param(
            [ACCEPT, REJECT, event("An", "undo", undoes=2)],
            "accepted",
            2030,
            id="undo brings back the one before",
        ),
        pytest.param(
            [ACCEPT, event("Binh", "undo", undoes=1)], "accepted", 2030, id="nobody undoes another's decision"
        ),
        pytest.param(
            [ACCEPT, event("An", "undo", undoes=1), event("An", "undo", undoes=2)],
            "accepted",
            2030,
            id="an undo can be undone",
        ),
        pytest.param(
            [ACCEPT, B_REJECT, JUDGE, event("Chi", "undo", undoes=3)],
            "conflict",
            None,
            id="an adjudication undone leaves the conflict",
        ),
    ],
)
def test_states(events: list[Event], status: str, year: int | None):
    found = state(*events)
    assert found.status == status
    assert found.conflict == (status == "conflict")
    assert (found.final.year if found.final else None) == year


def test_a_state_says_who_decided():
    found = state(ACCEPT, B_REJECT, JUDGE)
    assert (found.decided_by, found.adjudicated_by) == ("Chi", "Chi")
    assert {name: verdict.decision for name, verdict in found.verdicts.items()} == {
        "An": "accept",
        "Binh": "reject",
        "Chi": "edit",
    }
    assert state(ACCEPT, B_ACCEPT).decided_by == "Binh"
    open_conflict = state(ACCEPT, B_REJECT)
    assert (open_conflict.decided_by, open_conflict.final) == (None, None)


@pytest.mark.parametrize("field", GUIDELINE)
def test_rows_that_differ_in_any_field_of_the_guideline_conflict(field: str):
    other = {
        **{"value": "80 %", "start": 8, "end": 13, "number": 81.0, "number_high": 90.0, "unit": "count"},
        **{"comparator": ">=", "change": "increase", "per": "year", "metric": "other", "level": "commune"},
        **{"level_explicit": True, "year": 2031, "year_start": 2029, "year_kind": "in", "locality": "Hanoi"},
        "optional": True,
    }
    assert state(ACCEPT, event("Binh", "edit", {field: other[field]})).conflict
    assert not state(ACCEPT, event("Binh", "edit", {"locality_code": "31"})).conflict


events = st.builds(
    event,
    st.sampled_from(["An", "Binh", "Chi"]),
    st.sampled_from(["accept", "reject", "edit"]),
    st.sampled_from([{}, {"year": 2031}, {"year": 2032}]),
)


@settings(deadline=None)
@given(st.lists(events, max_size=6), st.lists(events, max_size=6))
def test_the_order_between_reviewers_makes_no_conflict(first: list[Event], second: list[Event]):
    """However the events of two reviewers interleave, the row is in conflict or not, and the row is the same."""
    one = [replace(e, reviewer="An") for e in first]
    two = [replace(e, reviewer="Binh") for e in second]
    if not one and not two:
        return
    left, right = state(*one, *two), state(*two, *one)
    assert (left.conflict, left.status, left.final) == (right.conflict, right.status, right.final)


@settings(deadline=None)
@given(st.lists(events, min_size=1, max_size=8), events)
def test_undo_restores_what_was_before(before: list[Event], last: Event):
    taken_back = event(last.reviewer, "undo", undoes=len(before) + 1)
    assert state(*before, last, taken_back) == state(*before)
    assert standing(numbered(*before, last, taken_back)) == numbered(*before)


# --- fields ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("number", "80", 80.0),
        ("number", " 1500.5 ", 1500.5),
        ("number", "1.5E+12", 1.5e12),
        ("number", "1 200 000", 1200000.0),
        ("number", "1\u00a0200", 1200.0),
        ("number", 80, 80.0),
        ("number_high", "", None),
        ("year", "2030", 2030),
        ("year", 2030.0, 2030),
        ("year", " ", None),
        ("unit", "Percent", "percent"),
        ("change", "", None),
        ("level_explicit", "TRUE", True),
        ("optional", "false", False),
        ("metric", "  households ", "households"),
        ("metric", "", ""),
        ("locality", "Hải Dương", "Hải Dương"),
        ("locality", "Hải Dương", "Hải Dương"),
    ],
)
def test_fields_are_read_as_a_person_writes_them(name: str, given: object, value: object):
    found = checked({name: given})[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "given", "allowed"),
    [
        ("number", "1,200", "decimal point"),
        ("number", "1.200.000", "decimal point"),
        ("number", "nan", "a number"),
        ("number", "inf", "a number"),
        ("number", "1_000", "a number"),
        ("number", "", "a number"),
        ("number", True, "a number"),
        ("year", "2030.5", "a whole number from 1000 to 9999, or empty"),
        ("year", 20300, "from 1000 to 9999"),
        ("start", -1, "a whole number from 0"),
        ("unit", "per cent", "one of percent, count, rank"),
        ("unit", "", "one of percent"),
        ("level", "county", "one of national, provincial, district, commune, or empty"),
        ("optional", "perhaps", "true or false"),
        ("value", "", "text that is not empty"),
        ("metric", 3, "text"),
    ],
)
def test_a_wrong_field_says_what_is_allowed(name: str, given: object, allowed: str):
    with pytest.raises(ReviewError) as error:
        checked({name: given})
    assert str(error.value).startswith(f"{name} is {given!r}, but must be ")
    assert allowed in str(error.value)


@pytest.mark.parametrize("name", ["target_id", "doc", "confidence", "evidence", "nothing"])
def test_other_fields_may_not_be_edited(name: str):
    with pytest.raises(ReviewError, match=f"{name} is no field that may be edited; these are: value, start"):
        checked({name: "x"})
    assert name not in EDITABLE


def test_what_goes_with_a_field_goes_with_it():
    row = replace(ROW, year_start=2026, locality_scheme="GSO-VN")
    assert edited(row, {"year": None}) == replace(row, year=None, year_start=None, year_kind=None)
    moved = edited(row, {"locality": "Hanoi"})
    assert (moved.locality_code, moved.locality_scheme) == (None, None)
    assert edited(row, {"locality": "Hanoi", "locality_code": "01"}).locality_code == "01"
    assert edited(row, {"locality": row.locality}).locality_code == "30"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"end": 9}, "start is 9, but must be less than end"),
        ({"number_high": 79.0}, "number_high is 79, but must be at least number, 80"),
        ({"year_start": 2031}, "year_start is 2031, but must be at most year"),
    ],
)
def test_a_row_that_contradicts_itself(fields: dict[str, object], message: str):
    with pytest.raises(ReviewError, match=message):
        consistent(edited(ROW, fields))
