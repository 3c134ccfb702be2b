"""The desk: what a sheet, a page and the commands stand on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reviewing import FIRST, TEXTS, write

from policyextract import dataset
from policyextract.errors import DatasetError, ReviewError
from policyextract.pipeline import document_of
from policyextract.review import Desk, Entry, Row
from policyextract.types import Target

SRC = Path(__file__).parents[1] / "src"
NEW = {"doc": "a.txt", "value": "digital economy", "number": "1", "unit": "count", "metric": "economies"}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data") / "out"
    write(out)
    return out


@pytest.fixture
def out(extracted: Path, tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    for file in extracted.iterdir():
        if not file.name.startswith("review"):
            (tmp_path / "out" / file.name).write_bytes(file.read_bytes())
    return tmp_path / "out"


def ids(desk: Desk) -> list[str]:
    return [row.target.target_id for row in desk.rows]


def test_a_fresh_desk_holds_the_dataset_in_its_order(desk: Desk, out: Path):
    assert [row.target for row in desk.rows] == dataset.load(out)
    assert {row.state.status for row in desk.rows} == {"undecided"}
    assert desk.documents == list(TEXTS)
    assert desk.document("a.txt").text == FIRST
    assert (desk.unattached, desk.gone) == ((), ())
    assert not (out / "review.sqlite").exists()


def test_decisions_are_there_when_it_is_opened_again(desk: Desk, out: Path):
    first, second, third, *_ = ids(desk)
    assert desk.record("An", "accept", first).state.status == "accepted"
    assert desk.record("An", "reject", second, note=" no target ").state.status == "rejected"
    edited = desk.record("An", "edit", third, fields={"year": "2031", "optional": "true"})
    assert edited.state.final == replace(edited.target, year=2031, optional=True)
    added = desk.record("An", "add", row=NEW)
    with Desk.open(out) as again:
        assert again.rows == desk.rows
        assert again.row(second).state.verdicts["An"].note == "no target"
        assert again.row(added.target.target_id) == added


def test_two_desks_see_each_other(desk: Desk, out: Path):
    name = ids(desk)[0]
    with Desk.open(out) as other:
        desk.record("An", "accept", name)
        assert other.refresh() == {name}
        assert other.refresh() == set()
        assert other.record("Binh", "reject", name).state.conflict
        added = desk.record("Chi", "add", row=NEW)
        other.undo("Binh")
        assert desk.refresh() == {name}
        assert not desk.row(name).state.conflict
        assert added in other.rows
        assert desk.rows == other.rows


def test_an_edit_builds_on_the_reviewers_earlier_one(desk: Desk):
    name = ids(desk)[0]
    desk.record("An", "edit", name, fields={"year": 2031})
    row = desk.record("An", "edit", name, fields={"metric": "records"})
    assert row.state.verdicts["An"].fields == {"year": 2031, "metric": "records"}
    row = desk.record("An", "edit", name, fields={"year": row.target.year})
    assert row.state.verdicts["An"].fields == {"metric": "records"}
    row = desk.record("An", "edit", name, fields={"metric": row.target.metric})
    assert (row.state.status, row.state.final) == ("accepted", row.target)


def test_a_corrected_value_is_found_in_the_text(desk: Desk):
    name = ids(desk)[0]  # "at least 90 per cent"
    row = desk.record("An", "edit", name, fields={"value": "90  per cent"})
    final = row.state.final
    assert final is not None
    assert final.value == "90 per cent" == desk.document(final.doc).text[final.start : final.end]
    row = desk.record("An", "edit", name, fields={"start": row.target.start - 9, "end": row.target.end})
    assert row.state.final is not None and row.state.final.value == "By 2025, at least 90 per cent"
    row = desk.record("An", "edit", name, fields={"value": row.target.value})
    assert row.state.status == "accepted"


@pytest.mark.parametrize(
    ("decision", "other", "message"),
    [
        (
            "edit",
            {"fields": {"value": "95 per cent"}},
            "'95 per cent', which does not stand where 'at least 90",
        ),
        ("edit", {"fields": {"start": 0, "end": 5, "value": "HAI"}}, "the text at 0:5 is 'HAI D', not 'HAI'"),
        ("edit", {"fields": {"end": 10**6}}, "the text at"),
        (
            "edit",
            {"fields": {"year": "soon"}},
            "year is 'soon', but must be a whole number from 1000 to 9999",
        ),
        ("edit", {"fields": {"year_start": 2099}}, "year_start is 2099, but must be at most year"),
        ("accept", {"fields": {"year": 2030}}, "fields go with an edit, not with accept"),
        ("accept", {"row": NEW}, "a row goes with an add"),
        ("accept", {"target_id": "t0"}, "there is no row 't0' in this dataset"),
        ("undo", {}, "decision is 'undo', but must be one of accept, reject, edit, add"),
        ("add", {}, "an add needs the new row"),
        ("add", {"row": {**NEW, "doc": "z.txt"}}, "there is no document 'z.txt'"),
        ("add", {"row": {"doc": "a.txt", "value": "province"}}, "the new row lacks number, unit, metric"),
        (
            "add",
            {"row": {**NEW, "value": "per cent"}},
            "'per cent' stands in the text 3 times; give start and",
        ),
        ("add", {"row": {**NEW, "value": "dragon"}}, "'dragon' stands in the text 0 times"),
        ("add", {"row": {**NEW, "start": 0, "end": 3}}, "the text at 0:3 is 'HAI', not 'digital economy'"),
        ("add", {"row": {**NEW, "start": 5, "end": 5}}, "start 5 and end 5 enclose no text"),
        ("add", {"row": {**NEW, "sentence": "x"}}, "sentence is no field that may be edited"),
        ("accept", {"reviewer": " "}, "reviewer is ' ', but must be a name"),
        ("accept", {"reviewer": "A\x00n"}, "but must be a name"),
    ],
)
def test_a_wrong_decision_says_what_to_do_and_changes_nothing(
    desk: Desk, decision: Any, other: dict[str, Any], message: str
):
    first, second, *_ = ids(desk)
    given = {"reviewer": "An", "decision": decision, "target_id": first, **other}
    if decision == "add":
        del given["target_id"]
    with pytest.raises(ReviewError) as error:
        desk.record(**given)
    assert message in str(error.value)
    good = Entry("An", "accept", second)
    with pytest.raises(ReviewError, match="decision 2: "):
        desk.record_all([good, Entry(**given), good])
    assert list(desk.store.events()) == []
    assert {row.state.status for row in desk.rows} == {"undecided"}


def test_the_same_decision_again_is_not_saved_again(desk: Desk):
    """So that the same sheet can be imported twice."""
    first, second, third, *_ = ids(desk)
    entries = [
        Entry("An", "accept", first),
        Entry("An", "reject", second, note="x"),
        Entry("An", "edit", third, fields={"year": 2031}),
        Entry("An", "add", row=NEW),
        Entry("An", "accept", first, adjudicates=True),
    ]
    rows = desk.record_all(entries, "b1")
    saved = list(desk.store.events())
    assert len(saved) == 5
    assert {event.batch for event in saved} == {"b1"}
    assert desk.record_all(entries[1:], "b2") == rows[1:]
    assert list(desk.store.events()) == saved
    desk.record("An", "reject", second, note="another note")
    assert len(list(desk.store.events())) == 6


def test_an_adjudicator_settles_a_conflict_and_may_be_overruled(desk: Desk):
    name = ids(desk)[0]
    desk.record("An", "accept", name)
    assert desk.record("Binh", "reject", name).state.conflict
    assert desk.record("Chi", "accept", name, adjudicates=True).state.adjudicated_by == "Chi"
    assert desk.record("Dung", "reject", name, adjudicates=True).state.status == "rejected"
    assert desk.record("Chi", "accept", name, adjudicates=True).state.status == "accepted"


# --- added rows ------------------------------------------------------------------------------------------


def test_an_added_row_is_named_and_placed_like_an_extracted_one(desk: Desk):
    row = desk.record("An", "add", row=NEW)
    target = row.target
    assert desk.document("a.txt").text[target.start : target.end] == target.value == "digital economy"
    assert target.target_id == dataset.target_id(target)
    assert (target.page, target.source, target.confidence) == (1, ("review",), None)
    assert target.sentence == "By 2030, the digital economy will account for 20 per cent of regional GDP."
    order = [(r.target.doc, r.target.start) for r in desk.rows]
    assert order == sorted(order)
    assert not row.kept


def test_an_added_row_of_an_extracted_value(desk: Desk):
    """The same value at another level is a row; the same row again is an accept of it."""
    there = desk.rows[0].target
    other = desk.record("An", "add", row=replace(there, level="commune"))
    assert (other.state.status, other.target.level) == ("added", "commune")
    assert other.target.target_id != there.target_id
    again = desk.record("An", "add", row=there)
    assert (again.target, again.state.status) == (there, "accepted")
    unlike = desk.record("An", "add", row=replace(there, metric="something else"))
    assert unlike.target.target_id not in (there.target_id, other.target.target_id)
    assert len(set(ids(desk))) == len(ids(desk)) == 7


def test_two_reviewers_who_add_the_same_row_agree(desk: Desk, out: Path):
    first = desk.record("An", "add", row=NEW)
    with Desk.open(out) as other:
        second = other.record("Binh", "add", row=NEW)
        assert second.target.target_id == first.target.target_id
        assert (second.state.status, set(second.state.verdicts)) == ("added", {"An", "Binh"})
        third = other.record("Chi", "add", row={**NEW, "metric": "others"})
        assert (third.target.target_id, third.state.status) == (first.target.target_id, "conflict")
    with Desk.open(out) as again:
        assert again.rows == other.rows


# --- undo ------------------------------------------------------------------------------------------------


def test_undo_goes_back_step_by_step_and_only_over_ones_own(desk: Desk, out: Path):
    first, second, *_ = ids(desk)
    desk.record("An", "accept", first)
    desk.record("An", "edit", first, fields={"year": 2031})
    desk.record("Binh", "reject", second)
    desk.record("An", "add", row=NEW)
    undone = desk.undo("An")
    assert undone is not None
    assert (undone.target.value, undone.state.status) == ("digital economy", "undecided")
    assert undone.target.target_id not in ids(desk)
    steps = [desk.undo("An") for _ in range(3)]
    assert [row.state.status if row else None for row in steps] == ["accepted", "undecided", None]
    assert desk.row(second).state.status == "rejected"
    with Desk.open(out) as again:
        assert again.rows == desk.rows
    assert desk.record("An", "add", row=NEW).state.status == "added"  # by the same name again


def test_undo_of_one_named_decision(desk: Desk):
    first, second, *_ = ids(desk)
    desk.record("An", "accept", first)
    desk.record("An", "accept", second)
    event_id = desk.row(first).state.verdicts["An"].event_id
    assert desk.undo("Binh", event_id) is None
    row = desk.undo("An", event_id)
    assert row is not None and row.target.target_id == first
    assert desk.row(second).state.status == "accepted"


def test_what_could_not_be_reattached_can_be_taken_back(out: Path):
    with Desk.open(out) as desk:
        desk.record("An", "accept", ids(desk)[0])
    write(out, {"b.txt": TEXTS["b.txt"]})
    with Desk.open(out) as desk:
        [lost] = desk.unattached
        assert desk.undo("An", lost.events[0].event_id) is not None
        assert desk.unattached == ()


steps = st.lists(
    st.tuples(
        st.sampled_from(["An", "Binh", "Chi"]),
        st.sampled_from(["accept", "reject", "edit", "add", "undo"]),
        st.integers(0, 5),
        st.sampled_from([{"year": 2031}, {"metric": "x"}, {"value": "per cent"}]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(steps=steps)
def test_a_desk_in_use_is_what_it_is_when_opened_anew(
    steps: list[tuple[str, Any, int, dict[str, Any], bool]],
    extracted: Path,
    tmp_path_factory: pytest.TempPathFactory,
):
    """Whatever was recorded and undone, in one of two desks or the other."""
    store = tmp_path_factory.mktemp("store")
    desks = [Desk.open(extracted, store) for _ in range(2)]
    for n, (reviewer, decision, number, fields, adjudicates) in enumerate(steps):
        desk = desks[n % 2]
        desk.refresh()
        name = ids(desk)[min(number, len(desk.rows) - 1)]
        if decision == "undo":
            desk.undo(reviewer)
        elif decision == "add":
            desk.record(reviewer, decision, row={**NEW, "metric": str(number % 2)}, adjudicates=adjudicates)
        else:
            given = fields if decision == "edit" and "per cent" in desk.row(name).target.value else {}
            given = given or ({"year": 2032} if decision == "edit" else {})
            desk.record(reviewer, decision, name, fields=given, adjudicates=adjudicates)
    for desk in desks:
        desk.refresh()
    with Desk.open(extracted, store) as fresh:
        assert fresh.rows == desks[0].rows == desks[1].rows
        assert fresh.progress() == desks[0].progress()
    for desk in desks:
        desk.close()


# --- datasets and stores ---------------------------------------------------------------------------------


def test_a_run_into_the_same_folder_keeps_every_decision(desk: Desk, out: Path):
    desk.record_all([Entry("An", "accept", name) for name in ids(desk)])
    before = desk.rows
    write(out)
    with Desk.open(out) as again:
        assert again.rows == before


def test_a_renamed_folder_keeps_its_decisions(desk: Desk, out: Path):
    desk.record("An", "accept", ids(desk)[0])
    rows = desk.rows
    desk.close()
    out.rename(out.parent / "elsewhere")
    with Desk.open(out.parent / "elsewhere") as again:
        assert again.rows == rows


def test_a_database_tells_corpora_apart_by_their_names(desk: Desk, out: Path, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    name = ids(desk)[0]
    for corpus_name, decision in ((None, "accept"), ("plans", "reject")):
        with Desk.open(out, url, corpus_name) as one:
            one.record("An", decision, name)  # type: ignore[arg-type]
    for corpus_name, status in (("out", "accepted"), ("plans", "rejected"), ("other", "undecided")):
        with Desk.open(out, url, corpus_name) as one:
            assert one.row(name).state.status == status


def test_a_folder_that_is_no_dataset_says_so(tmp_path: Path, out: Path):
    with pytest.raises(DatasetError, match="name a folder that extract wrote"):
        Desk.open(tmp_path)
    (out / "documents.jsonl").write_text("", "utf-8")
    with pytest.raises(DatasetError, match="holds targets of a.txt, but not its text; run extract again"):
        Desk.open(out)


def test_progress(desk: Desk):
    first, second, *_ = ids(desk)
    desk.record("An", "accept", first)
    desk.record("Binh", "reject", first)
    desk.record("An", "reject", second)
    progress = desk.progress()
    assert dict(progress.total) == {"conflict": 1, "rejected": 1, "undecided": 3}
    assert dict(progress.documents["b.txt"]) == {"undecided": 2}
    assert {name: dict(of) for name, of in progress.reviewers.items()} == {
        "An": {"accept": 1, "reject": 1},
        "Binh": {"reject": 1},
    }


_IMPORT = """
import sys
from policyextract.review import Desk, Entry
desk = Desk.open(sys.argv[1])
names = [row.target.target_id for row in desk.rows]
print("ready", flush=True)
for n in range(10_000):
    desk.record_all([Entry("An", "accept", name, note=str(n)) for name in names], f"import {n}")
    print(n, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_import_that_is_killed_is_there_as_a_whole_or_not_at_all(out: Path):
    env = {**os.environ, "PYTHONPATH": str(SRC)}
    call = [sys.executable, "-c", _IMPORT, out]
    with subprocess.Popen(call, stdout=subprocess.PIPE, env=env, encoding="ascii") as process:
        assert process.stdout is not None
        for _ in range(12):
            process.stdout.readline()
        process.kill()
        rest = process.stdout.read().splitlines()
    answered = 10 + len(rest)
    with Desk.open(out) as desk:
        events = list(desk.store.events())
        assert len(events) % len(desk.rows) == 0
        assert answered <= len(events) // len(desk.rows) <= answered + 1
        assert {row.state.status for row in desk.rows} == {"accepted"}


def test_ten_thousand_rows_are_opened_and_decided_on_at_once(tmp_path: Path):
    base, document = write(tmp_path / "one"), document_of(FIRST, "a.txt")
    rows: list[Target] = []
    documents = []
    for n in range(2000):
        documents.append(replace(document, path=f"d{n:04}.txt"))
        rows += [replace(base[i % 3], doc=f"d{n:04}.txt", target_id="", metric=str(i)) for i in range(5)]
    dataset.save(rows, [], tmp_path / "out", run={}, documents=documents)
    began = time.perf_counter()
    with Desk.open(tmp_path / "out") as desk:
        assert time.perf_counter() - began < 5  # 0.3 s where it was measured
        took = []
        for row in desk.rows[::500]:
            began = time.perf_counter()
            desk.record("An", "accept", row.target.target_id)
            took.append(time.perf_counter() - began)
        assert median(took) < 0.1  # 1 ms and the disk's own time where it was measured
        assert desk.progress().total["accepted"] == 20


def test_status_on_the_command_line(desk: Desk, out: Path):
    first, second, third, *_ = ids(desk)
    desk.record("An", "accept", first)
    desk.record("Binh", "reject", first)
    desk.record("Binh", "accept", second)
    desk.record("Binh", "accept", third)
    desk.close()
    write(
        out, TEXTS | {"a.txt": FIRST.replace("80 per cent", "85 per cent")}, drop=frozenset({"20 per cent"})
    )
    env = {**os.environ, "PYTHONPATH": str(SRC)}
    call = [sys.executable, "-m", "policyextract", "review", "status", str(out)]
    done = subprocess.run(call, capture_output=True, encoding="utf-8", env=env, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "rows         5 (3 undecided, 1 accepted, 1 conflict)"
    assert lines[1] == "kept         1, which this run no longer finds"
    assert "a.txt             1         1         1" in lines
    assert "Binh           1       1" in lines
    assert f"  {first}  a.txt  'at least 90 per cent': accept by An, reject by Binh" in lines
    assert (
        f"  {second}  a.txt  '80 per cent', accept by Binh: '80 per cent' no longer stands in the text"
        in lines
    )


def test_rows_can_be_told_apart_from_a_list_that_was_taken_before(desk: Desk):
    """A page that draws ``rows`` while another thread decides sees one state of them or the other."""
    before = desk.rows
    copy = list(before)
    desk.record("An", "accept", ids(desk)[0])
    assert before == copy
    assert isinstance(desk.rows[0], Row) and desk.rows != before
