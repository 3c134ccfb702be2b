"""Decisions after a new run: over the same texts, changed ones, renamed ones, and with other rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviewing import FIRST, NOON, SECOND, TEXTS, write

from policyextract import dataset
from policyextract.errors import ReviewError
from policyextract.review import Attached, Desk, Event, Quote, attach, quote_of
from policyextract.review.quotes import find_quote
from policyextract.types import Target

RECORDS, HOUSEHOLDS, ECONOMY = "at least 90 per cent", "80 per cent", "20 per cent"


def named(out: Path, value: str) -> Target:
    [row] = [row for row in dataset.load(out) if row.value == value]
    return row


def decided(out: Path, decisions: Mapping[str, str]) -> list[Event]:
    """An event on the row of each value."""
    events = []
    with dataset.Documents(out) as documents:
        for n, (value, decision) in enumerate(decisions.items(), 1):
            row = named(out, value)
            quote = quote_of(documents[row.doc].text, row.start, row.end)
            sha256 = documents.sha256(row.doc)
            one = Event(
                row.target_id,
                row.doc,
                "An",
                NOON,
                decision,
                row,
                quote,
                sha256,
                event_id=n,  # type: ignore[arg-type]
            )
            events.append(one)
    return events


def now(events: list[Event], out: Path) -> Attached:
    with dataset.Documents(out) as documents:
        found = attach(events, dataset.load(out), documents)
        for event in found.events:  # whatever was attached is grounded in the text of today
            text = documents[event.doc].text
            for row in (event.row, event.result):
                assert row is None or text[row.start : row.end] == row.value
                assert row is None or (row.doc, row.target_id) == (event.doc, event.target_id)
        together = [*found.events, *found.gone, *(e for one in found.unattached for e in one.events)]
    assert sorted(e.event_id or 0 for e in together) == sorted(
        e.event_id or 0 for e in events
    )  # none is lost
    return found


def after(
    tmp_path: Path, decisions: Mapping[str, str], texts: Mapping[str, str], **other: frozenset[str]
) -> Attached:
    """Where the decisions are after a run over other texts into the same folder."""
    write(tmp_path / "out")
    events = decided(tmp_path / "out", decisions)
    write(tmp_path / "out", texts, **other)
    return now(events, tmp_path / "out")


ALL = {RECORDS: "accept", HOUSEHOLDS: "reject", ECONOMY: "accept", "at least 70%": "accept", "95%": "reject"}


def test_the_same_texts_change_nothing(tmp_path: Path):
    write(tmp_path / "out")
    events = decided(tmp_path / "out", ALL)
    write(tmp_path / "out")
    assert now(events, tmp_path / "out") == Attached(tuple(events), (), (), ())


def test_a_paragraph_inserted_above(tmp_path: Path):
    moved = FIRST.replace("\n", "\nOfficials met on Monday, and 12 speeches were given in the hall.\n", 1)
    found = after(tmp_path, ALL, TEXTS | {"a.txt": moved})
    assert (found.kept, found.unattached, found.gone) == ((), (), ())
    rows = {row.value: row for row in dataset.load(tmp_path / "out")}
    assert [e.target_id for e in found.events] == [rows[e.row.value].target_id for e in found.events]
    assert [e.row.evidence for e in found.events] == [rows[e.row.value].evidence for e in found.events]
    assert [e.decision for e in found.events] == list(ALL.values())


def test_a_changed_number_is_another_claim(tmp_path: Path):
    found = after(tmp_path, ALL, TEXTS | {"a.txt": FIRST.replace("80 per cent", "85 per cent")})
    [lost] = found.unattached
    assert lost.events[0].row.value == HOUSEHOLDS
    assert lost.reason == "'80 per cent' no longer stands in the text"
    assert "85 per cent" not in {e.row.value for e in found.events}
    assert len(found.events) == 4


def test_a_number_that_moved_into_another_sentence_is_not_the_same(tmp_path: Path):
    """ "80 per cent" stands again, elsewhere: the decision does not jump there."""
    text = (
        FIRST.replace("80 per cent", "85 per cent")
        + "In 2019 the audit office had found 80 per cent of forms wrong.\n"
    )
    [lost] = after(tmp_path, {HOUSEHOLDS: "accept"}, {"a.txt": text}).unattached
    assert lost.reason == "'80 per cent' no longer stands in the text with the words around it"


def test_a_deleted_sentence(tmp_path: Path):
    lines = FIRST.splitlines(keepends=True)
    found = after(tmp_path, ALL, TEXTS | {"a.txt": "".join([*lines[:2], *lines[3:]])})
    assert [one.events[0].row.value for one in found.unattached] == [HOUSEHOLDS]
    assert len(found.events) == 4


def test_a_year_changed_far_away_does_not_take_the_decision_along(tmp_path: Path):
    """The words are the same, but the run now reads another year: the accepted row stays, the new one is open."""
    items = "- 90 per cent of communes will have a library with trained staff;\n- 75 per cent of schools will have fibre.\n"
    head = "HAI DUONG - By 2025, the province aims that\n"
    write(tmp_path / "out", {"a.txt": head + items})
    events = decided(tmp_path / "out", {"75 per cent": "accept"})
    write(tmp_path / "out", {"a.txt": head.replace("2025", "2030") + items})
    found = now(events, tmp_path / "out")
    [kept] = found.kept
    today = named(tmp_path / "out", "75 per cent")
    assert (kept.year, today.year) == (2025, 2030)
    assert kept.target_id != today.target_id


def test_a_renamed_file(tmp_path: Path):
    found = after(tmp_path, ALL, {"plans/2025.txt": FIRST, "b.txt": SECOND})
    assert (found.kept, found.unattached) == ((), ())
    assert {e.doc for e in found.events} == {"plans/2025.txt", "b.txt"}
    ids = {row.target_id for row in dataset.load(tmp_path / "out")}
    assert all(e.target_id in ids for e in found.events)


def test_a_file_that_is_gone(tmp_path: Path):
    found = after(tmp_path, ALL, {"b.txt": SECOND})
    assert {one.reason for one in found.unattached} == {"its document is no longer in the dataset"}
    assert len(found.unattached) == 3


def test_a_file_renamed_and_copied(tmp_path: Path):
    found = after(tmp_path, {RECORDS: "accept"}, {"x.txt": FIRST, "y.txt": FIRST})
    assert found.unattached[0].reason == "its document is gone, and several hold the same text: x.txt, y.txt"


def test_rows_that_the_run_no_longer_finds(tmp_path: Path):
    found = after(tmp_path, ALL, TEXTS, drop=frozenset({RECORDS, HOUSEHOLDS}))
    [kept] = found.kept
    assert kept == found.events[0].row
    assert (kept.value, kept.target_id) == (RECORDS, found.events[0].target_id)
    assert [e.row.value for e in found.gone] == [HOUSEHOLDS]
    assert found.unattached == ()


def test_a_kept_row_moves_with_its_text(tmp_path: Path):
    text = "A word before.\n" + FIRST
    found = after(tmp_path, {RECORDS: "accept"}, {"a.txt": text}, drop=frozenset({RECORDS}))
    [kept] = found.kept
    assert text[kept.start : kept.end] == kept.value == RECORDS
    assert kept.target_id == dataset.target_id(kept)
    assert kept.sentence == "By 2025, at least 90 per cent of work records will be processed online."
    assert kept.evidence == ()


def test_repeated_sentences_keep_their_decisions_apart(tmp_path: Path):
    """The same sentence twice, with unlike neighbours: each decision stays with its own."""
    again = "Delegates then heard how the plan is to be paid for over the years.\nBy 2025, 80 per cent of households will have access to the internet.\n"
    write(tmp_path / "out", {"a.txt": FIRST + again})
    rows = [row for row in dataset.load(tmp_path / "out") if row.value == HOUSEHOLDS]
    assert len(rows) == 2
    with dataset.Documents(tmp_path / "out") as documents:
        text, sha256 = documents["a.txt"].text, documents.sha256("a.txt")
    events = [
        Event(
            row.target_id,
            "a.txt",
            "An",
            NOON,
            decision,
            row,
            quote_of(text, row.start, row.end),
            sha256,
            event_id=n,
        )
        for n, (row, decision) in enumerate(zip(rows, ("accept", "reject"), strict=True), 1)  # type: ignore[misc]
    ]
    write(tmp_path / "out", {"a.txt": "Notice of the office.\n" + FIRST + again})
    found = now(events, tmp_path / "out")
    today = [row for row in dataset.load(tmp_path / "out") if row.value == HOUSEHOLDS]
    assert [e.target_id for e in found.events] == [row.target_id for row in today]


def test_two_rows_of_one_value_do_not_become_one(tmp_path: Path):
    """Two levels were decided on, the run now finds one of them: the other is kept."""
    write(tmp_path / "out")
    [first] = decided(tmp_path / "out", {RECORDS: "accept"})
    commune = replace(first.row, level="commune")
    commune = replace(commune, target_id=dataset.target_id(commune))
    second = replace(first, row=commune, target_id=commune.target_id, event_id=2)
    write(tmp_path / "out", {"a.txt": "A word before.\n" + FIRST})
    found = now([first, second], tmp_path / "out")
    assert found.events[0].target_id == named(tmp_path / "out", RECORDS).target_id
    assert [row.level for row in found.kept] == ["commune"]


def test_a_correction_that_the_run_has_learned(tmp_path: Path):
    """A reviewer corrected the year, and the run now reads it so: the decision is on that row."""
    write(tmp_path / "out", {"a.txt": FIRST})
    [one] = decided(tmp_path / "out", {HOUSEHOLDS: "edit"})
    wrong = replace(one.row, year=2020)
    wrong = replace(wrong, target_id=dataset.target_id(wrong))
    learned = replace(one, row=wrong, target_id=wrong.target_id, fields={"year": 2025})
    found = now([learned], tmp_path / "out")
    assert found.kept == ()
    assert found.events[0].target_id == named(tmp_path / "out", HOUSEHOLDS).target_id


def test_a_corrected_value_moves_and_one_that_is_gone_is_told(tmp_path: Path):
    write(tmp_path / "out")
    [one] = decided(tmp_path / "out", {HOUSEHOLDS: "edit"})
    wider = {"value": "By 2025, 80 per cent", "start": one.row.start - 9}
    edit = replace(one, fields=wider)
    write(tmp_path / "out", {"a.txt": "A word before.\n" + FIRST})
    [moved] = now([edit], tmp_path / "out").events
    assert moved.fields["start"] == wider["start"] + 15
    write(tmp_path / "out", {"a.txt": FIRST.replace("By 2025, 80", "Until 2025, 80")})
    [lost] = now([edit], tmp_path / "out").unattached
    assert lost.reason == "the corrected value 'By 2025, 80 per cent' no longer stands in the text"


# --- quotes ----------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.text("ab8% \n", min_size=1, max_size=120), st.data())
def test_a_quote_is_found_where_it_was_taken(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert find_quote(text, quote_of(text, start, end), start) == start


@settings(deadline=None)
@given(st.text("xyz \n", max_size=80), st.integers(0, len(FIRST) - 1))
def test_a_quote_is_found_whatever_was_put_before_the_text(before: str, start: int):
    quote = quote_of(FIRST, start, start + 8)
    assert find_quote(before + FIRST, quote, start) == start + len(before)


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        ("in 2025 80% of homes, in 2030 80% of homes", Quote("80%", "in 2030 ", " of homes"), 30),
        ("80% of homes. 80% of homes.", Quote("80%", "", " of homes."), 14),
        ("in all 80% of homes", Quote("80%", "By 2030, all ", " of homes"), 7),
        ("in 80% of homes", Quote("80%", "By ", " of farms and fields"), "with the words around it"),
        ("at 80% of it, to 80% of it", Quote("80%", "in ", " of it"), "stands in the text 2 times"),
        ("80% 80%", Quote("", "", ""), "no longer stands"),
    ],
)
def test_which_place_a_quote_means(text: str, quote: Quote, found: int | str):
    near = 13
    if isinstance(found, int):
        assert find_quote(text, quote, near) == found
    else:
        with pytest.raises(ReviewError, match=found):
            find_quote(text, quote, near)


def test_the_desk_after_runs_upon_runs(tmp_path: Path):
    """Decisions of several runs meet on one row, and a row that comes back finds its decision."""
    out = tmp_path / "out"
    write(out)
    with Desk.open(out) as desk:
        desk.record("An", "accept", named(out, RECORDS).target_id)
        desk.record("An", "accept", named(out, ECONOMY).target_id)
    write(out, TEXTS | {"a.txt": "A word before.\n" + FIRST}, drop=frozenset({RECORDS}))
    with Desk.open(out) as desk:
        [kept] = [row for row in desk.rows if row.kept]
        assert (kept.target.value, kept.state.status) == (RECORDS, "accepted")
        both = desk.record("Binh", "accept", kept.target.target_id)
        assert (both.kept, set(both.state.verdicts), both.state.status) == (True, {"An", "Binh"}, "accepted")
        desk.record("Binh", "reject", named(out, ECONOMY).target_id)
    with Desk.open(out) as desk:  # the same again
        assert [row for row in desk.rows if row.kept] == [both]
    write(out, {"c.txt": "Two lines.\nA word before.\n" + FIRST, "b.txt": SECOND})
    with Desk.open(out) as desk:
        assert [one.reason for one in desk.unattached] == ["its document is no longer in the dataset"] * 4
    write(out, {"a.txt": "Two lines.\nA word before.\n" + FIRST, "b.txt": SECOND})
    with Desk.open(out) as desk:
        row = desk.row(named(out, RECORDS).target_id)
        assert (row.kept, set(row.state.verdicts), row.state.status) == (False, {"An", "Binh"}, "accepted")
        assert desk.row(named(out, ECONOMY).target_id).state.conflict
        assert (desk.unattached, [r for r in desk.rows if r.kept]) == ((), [])
        final = row.state.final
        assert final is not None and desk.document("a.txt").text[final.start : final.end] == RECORDS
