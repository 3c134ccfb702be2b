"""Tasks for Label Studio and back, on texts that shift offsets elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import Case, cases, spans
from reviewing import FIRST, SECOND, write
from typer.testing import CliRunner

from policyextract import dataset, exchange
from policyextract.cli import app
from policyextract.errors import ReviewError
from policyextract.exchange.label_studio_export import span_of
from policyextract.exchange.shown import FLAGS
from policyextract.review import GUIDELINE, Desk
from policyextract.types import Target

ROOT = Path(__file__).parents[1]
RECORDED = Path(__file__).parent / "tables" / "label_studio_annotation.json"
TEXTS = {"a.txt": FIRST, "b.txt": SECOND, "n.txt": "The province has set out its plan for the town.\n"}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write(tmp_path / "out", TEXTS)
    return tmp_path / "out"


def tasks_of(desk: Desk, folder: Path) -> list[dict[str, Any]]:
    exchange.export_tasks(desk, folder / "tasks.json", "label-studio", force=True)
    return json.loads((folder / "tasks.json").read_text("utf-8"))


def annotated(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks as an export has them after somebody submitted every prediction as it was."""
    tasks = deepcopy(tasks)
    for n, task in enumerate(tasks, 1):
        result = task.pop("predictions")[0]["result"]
        task |= {
            "id": n,
            "annotations": [{"id": n, "completed_by": 1, "was_cancelled": False, "result": result}],
        }
    return tasks


def back(desk: Desk, folder: Path, content: Any, reviewer: str = "An", **more: Any) -> exchange.Imported:
    (folder / "export.json").write_text(json.dumps(content), "utf-8")
    return exchange.import_tasks(desk, folder / "export.json", "label-studio", reviewer, **more)


def results(tasks: list[dict[str, Any]], n: int = 0) -> list[dict[str, Any]]:
    return tasks[n]["annotations"][0]["result"]


def cell(result: list[dict[str, Any]], name: str, control: str, content: list[str] | None) -> None:
    """Set what a control of a region says; None clears it."""
    region = next(one for one in result if one.get("id") == name and one["type"] == "labels")
    result[:] = [one for one in result if not (one.get("id") == name and one.get("from_name") == control)]
    if content is not None:
        kind, key = ("choices", "choices") if control in CHOICES else ("textarea", "text")
        value = {"start": region["value"]["start"], "end": region["value"]["end"], key: content}
        result.append({"id": name, "from_name": control, "to_name": "text", "type": kind, "value": value})


CHOICES = (
    "unit",
    "comparator",
    "change",
    "per",
    "level",
    "level_explicit",
    "year_kind",
    "optional",
    "verdict",
)


def region(name: str, start: int, end: int, label: str = "value") -> dict[str, Any]:
    value = {"start": start, "end": end, "text": FIRST[start:end], "labels": [label]}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def guideline(target: Target | None) -> dict[str, Any] | None:
    return None if target is None else {name: getattr(target, name) for name in GUIDELINE}


# --- the configuration -----------------------------------------------------------------------------------


def test_the_configuration_offers_what_the_guideline_allows():
    root = ET.fromstring(exchange.labelling_config())
    choices = {
        tag.attrib["name"]: tuple(one.attrib["value"] for one in tag.iter("Choice"))
        for tag in root.iter("Choices")
    }
    typed = {tag.attrib["name"] for tag in root.iter("TextArea")}
    columns = {column.name: column for column in dataset.TARGETS}
    for name in set(GUIDELINE) - {"value", "start", "end"}:
        if columns[name].allowed:
            assert choices[name] == columns[name].allowed
        elif name in FLAGS:
            assert choices[name] == (FLAGS[name],)
        else:
            assert name in typed
    assert {tag.attrib["value"] for tag in root.iter("Label")} == {
        "value",
        "metric",
        "level",
        "year",
        "locality",
    }
    controls = [*root.iter("Choices"), *root.iter("TextArea")]
    assert all((c.attrib["perRegion"], c.attrib["whenLabelValue"]) == ("true", "value") for c in controls)


# --- there and back --------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(cases())
def test_any_row_of_any_text_comes_back_as_it_was(case: Case):
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        dataset.save(case.targets, [], out, run={}, documents=[case.document])
        with Desk.open(out) as desk:
            tasks = tasks_of(desk, out)
            for one in tasks[0]["predictions"][0]["result"]:
                if one["type"] == "labels":
                    assert (
                        tasks[0]["data"]["text"][one["value"]["start"] : one["value"]["end"]]
                        == one["value"]["text"]
                    )
            found = back(desk, out, annotated(tasks))
            assert set(found.decisions) <= {"accept"} and found.saved == len(case.targets)
            assert [row.state.final for row in desk.rows] == case.targets


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_region_drawn_anywhere_is_found(data: st.DataObject):
    """In code points as Label Studio counts today, or in UTF-16 units as it did until 2022."""
    text = data.draw(cases()).document.text
    start, end = data.draw(spans(text))
    words = text[start:end]
    said = words.replace("\n", "\\n") if data.draw(st.booleans()) else words
    assert span_of(text, {"start": start, "end": end, "text": said}) == (start, end)
    units = [len(text[:n].encode("utf-16-le")) // 2 for n in (start, end)]
    first, last = span_of(text, {"start": units[0], "end": units[1], "text": said})
    assert "".join(text[first:last].split()) == "".join(words.split())
    if text.count(words) == 1 and not words.isspace():
        assert text[first:last].strip() == words.strip()


def test_what_the_editor_of_label_studio_wrote(tmp_path: Path):
    """Recorded with the editor of Label Studio 1.10.1: rows sent as they were, and a value drawn anew behind emoji."""
    recorded = json.loads(RECORDED.read_text("utf-8"))
    write(tmp_path / "out", {"a.txt": recorded["text"]})
    with Desk.open(tmp_path / "out") as desk:
        sent = tasks_of(desk, tmp_path)
        tasks = annotated(sent)
        tasks[0]["annotations"][0]["result"] = recorded["result"]
        [drawn] = [
            o
            for o in recorded["result"]
            if o.get("from_name") == "label" and len(o["id"]) == 10 and "-2" not in o["id"]
        ][-1:]
        with pytest.raises(ReviewError, match=rf"region {drawn['id']}: number is '', but must be"):
            back(desk, tmp_path, tasks)
        assert {row.state.status for row in desk.rows} == {"undecided"}
        cell(recorded["result"], drawn["id"], "number", ["1"])
        cell(recorded["result"], drawn["id"], "unit", ["count"])
        found = back(desk, tmp_path, tasks)
        rows = len(desk.rows) - 1
        assert dict(found.decisions) == {"accept": rows, "add": 1}
        [added] = [row.target for row in desk.rows if row.state.status == "added"]
        assert (added.value, recorded["text"][added.start : added.end]) == ("fibre", "fibre")
        assert all(row.state.final == row.target for row in desk.rows)


def test_every_answer_becomes_its_event(desk: Desk, tmp_path: Path):
    tasks = annotated(tasks_of(desk, tmp_path))
    result = results(tasks)
    first, second, third, *_ = [row.target.target_id for row in desk.rows]
    cell(result, first, "year", ["2031"])
    cell(result, first, "level", None)
    cell(result, first, "optional", ["optional"])
    cell(result, first, "note", ["see the annex"])
    result[:] = [one for one in result if second not in (one.get("id"), one.get("from_id"), one.get("to_id"))]
    cell(result, third, "verdict", ["reject"])
    at, year = FIRST.index("digital economy"), FIRST.index("2030")
    metric = FIRST.index("regional GDP")
    result += [
        region("new", at, at + 15),
        region("y", year, year + 4, "year"),
        region("m", metric, metric + 12, "metric"),
    ]
    result += [
        {"type": "relation", "from_id": a, "to_id": b, "direction": "right"}
        for a, b in (("new", "m"), ("y", "new"))
    ]
    cell(result, "new", "number", ["1"])
    cell(result, "new", "unit", ["count"])
    found = back(desk, tmp_path, tasks)
    rows = len(desk.rows)
    assert dict(found.decisions) == {"edit": 1, "reject": 2, "add": 1, "accept": rows - 4}
    edited = desk.row(first)
    assert edited.state.final is not None
    assert (edited.state.final.year, edited.state.final.level, edited.state.final.optional) == (
        2031,
        None,
        True,
    )
    assert edited.state.verdicts["An"].fields == {"year": 2031, "level": None, "optional": True}
    assert edited.state.verdicts["An"].note == "see the annex"
    assert {desk.row(name).state.status for name in (second, third)} == {"rejected"}
    [added] = [row.target for row in desk.rows if row.state.status == "added"]
    assert (added.value, added.metric, added.year, added.comparator) == (
        "digital economy",
        "regional GDP",
        2030,
        "=",
    )
    assert back(desk, tmp_path, tasks).saved == 0  # the same again
    assert len(desk.rows) == rows


def test_a_moved_value_is_an_edit(desk: Desk, tmp_path: Path):
    tasks = annotated(tasks_of(desk, tmp_path))
    name = desk.rows[0].target.target_id  # "at least 90 per cent"
    for one in results(tasks):
        if one.get("id") == name:
            one["value"]["start"] += len("at least ")
            if isinstance(one["value"].get("text"), str):
                one["value"]["text"] = "90 per cent"
    back(desk, tmp_path, tasks)
    final = desk.row(name).state.final
    assert final is not None and final.value == "90 per cent" == FIRST[final.start : final.end]


def test_a_metric_linked_to_other_words_is_an_edit(desk: Desk, tmp_path: Path):
    tasks = annotated(tasks_of(desk, tmp_path))
    name = desk.rows[0].target.target_id
    at = FIRST.index("work records")
    results(tasks)[:] = [
        one
        for one in results(tasks)
        if not (one.get("from_id") == name and one["to_id"].startswith("metric"))
    ]
    results(tasks).append(region("m", at, at + len("work records"), "metric"))
    results(tasks).append({"type": "relation", "from_id": name, "to_id": "m", "direction": "right"})
    back(desk, tmp_path, tasks)
    final = desk.row(name).state.final
    assert final is not None and (final.metric, final.year) == ("work records", 2025)


def test_lost_relations_change_nothing(desk: Desk, tmp_path: Path):
    """Exports of Label Studio have come without them."""
    tasks = annotated(tasks_of(desk, tmp_path))
    for n in range(len(tasks)):
        results(tasks, n)[:] = [one for one in results(tasks, n) if one["type"] != "relation"]
    assert set(back(desk, tmp_path, tasks).decisions) == {"accept"}


def test_a_copied_region_is_a_row_of_its_own(desk: Desk, tmp_path: Path):
    """Label Studio's "duplicate" keeps the meta; the guideline splits a value over years."""
    tasks = annotated(tasks_of(desk, tmp_path))
    name = desk.rows[0].target.target_id
    copies = [{**deepcopy(one), "id": "0copy"} for one in results(tasks) if one.get("id") == name]
    results(tasks)[:0] = copies
    cell(results(tasks), "0copy", "year", ["2040"])
    found = back(desk, tmp_path, tasks)
    assert (found.decisions["add"], found.decisions["reject"]) == (1, 0)
    assert desk.row(name).state.status == "accepted"
    assert sorted(
        row.target.year or 0 for row in desk.rows if row.target.start == desk.row(name).target.start
    ) == [2025, 2040]


def test_decided_rows_are_shown_as_decided(desk: Desk, tmp_path: Path):
    first, second, *_ = [row.target.target_id for row in desk.rows]
    desk.record("An", "edit", first, fields={"year": 2031, "locality": " Hải Dương "})
    desk.record("An", "reject", second)
    tasks = tasks_of(desk, tmp_path)
    assert second not in json.dumps(tasks)
    found = back(desk, tmp_path, annotated(tasks), "Binh")
    assert found.decisions == {"edit": 1, "accept": len(desk.rows) - 2}
    assert (desk.row(first).state.status, desk.row(second).state.status) == ("edited", "rejected")
    assert not any(row.state.conflict for row in desk.rows)
    # Back to what was extracted, by whoever edited it.
    tasks = annotated(tasks)
    cell(results(tasks), first, "year", ["2025"])
    cell(results(tasks), first, "locality", [desk.row(first).target.locality or ""])
    back(desk, tmp_path, tasks, " An ")
    assert desk.row(first).state.verdicts["An"].row == desk.row(first).target


# --- what goes wrong -------------------------------------------------------------------------------------


def test_a_bad_export_changes_nothing_and_says_everything(desk: Desk, tmp_path: Path):
    tasks = annotated(tasks_of(desk, tmp_path))
    first, second, *_ = [row.target.target_id for row in desk.rows]
    last = desk.rows[-1].target.target_id
    cell(results(tasks), first, "number", ["ninety"])
    cell(results(tasks), second, "unit", None)
    for one in results(tasks, 1):
        if one.get("id") == last and one["type"] == "labels":
            one["value"]["text"] = "dragons"
    with pytest.raises(ReviewError) as error:
        back(desk, tmp_path, tasks)
    said = str(error.value)
    assert "nothing was imported, for 3 of the answers" in said
    assert f"task 1 (a.txt), region {first}: number is 'ninety', but must be a number" in said
    assert f"task 1 (a.txt), region {second}: unit is '', but must be one of percent" in said
    assert f"task 2 (b.txt), region {last}: the text at" in said and "not 'dragons'" in said
    assert list(desk.store.events()) == []


def test_what_only_the_whole_row_shows_names_its_region(desk: Desk, tmp_path: Path):
    tasks = annotated(tasks_of(desk, tmp_path))
    name = desk.rows[1].target.target_id
    cell(results(tasks), name, "year_start", ["2099"])
    with pytest.raises(ReviewError, match=rf"region {name}: year_start is 2099, but must be at most year"):
        back(desk, tmp_path, tasks)
    assert list(desk.store.events()) == []


def test_a_changed_text_is_passed_over_and_named(out: Path, tmp_path: Path):
    with Desk.open(out) as desk:
        tasks = annotated(tasks_of(desk, tmp_path))
    write(out, {"a.txt": "New: " + FIRST, "n.txt": TEXTS["n.txt"]})
    (tmp_path / "export.json").write_text(json.dumps(tasks), "utf-8")
    result = CliRunner().invoke(
        app, ["import-tasks", str(out), str(tmp_path / "export.json"), "--reviewer", "An"]
    )
    assert result.exit_code == 1
    assert "passed over: task 1: the text of a.txt has changed since it was exported" in result.output
    assert "passed over: task 2: b.txt is no longer in the dataset" in result.output


def test_a_row_that_a_new_run_no_longer_finds_is_added(out: Path, tmp_path: Path):
    with Desk.open(out) as desk:
        tasks = annotated(tasks_of(desk, tmp_path))
        name = next(row.target.target_id for row in desk.rows if row.target.value == "95%")
    write(out, TEXTS, drop=frozenset({"95%", "80 per cent"}))
    gone = next(one["id"] for one in results(tasks) if one.get("value", {}).get("text") == "80 per cent")
    results(tasks)[:] = [one for one in results(tasks) if gone not in (one.get("id"), one.get("from_id"))]
    with Desk.open(out) as desk:
        found = back(desk, tmp_path, tasks)
        assert (found.decisions["add"], found.decisions["reject"]) == (1, 0)
        assert desk.row(name).target.value == "95%"


def test_of_several_annotations_the_right_one_counts(desk: Desk, tmp_path: Path):
    [task, *_] = annotated(tasks_of(desk, tmp_path))
    [one] = task["annotations"]
    rows = sum(row.target.doc == "a.txt" for row in desk.rows)
    skipped = {**one, "was_cancelled": True, "result": [], "completed_by": 9}
    old = {**one, "result": [], "updated_at": "2025-01-01T00:00:00Z"}
    new = {**one, "updated_at": "2025-02-01T00:00:00Z"}
    task["annotations"] = [new, old, skipped]
    assert back(desk, tmp_path, [task]).decisions == {"accept": rows}
    other = {**one, "result": [], "completed_by": {"id": 2, "email": "b@example.org"}, "parent_prediction": 7}
    task["annotations"] = [new, other]
    with pytest.raises(
        ReviewError, match=r"several people \(1, 2 b@example.org\); say whose to take: --annotator"
    ):
        back(desk, tmp_path, [task], "Binh")
    assert back(desk, tmp_path, [task], "Binh", annotator="b@example.org").decisions == {"reject": rows}
    task["annotations"] = [skipped]
    assert back(desk, tmp_path, [task], "Chi").decisions == {}


def test_an_annotation_begun_from_nothing_rejects_nothing(desk: Desk, tmp_path: Path):
    """A project that does not prelabel shows the annotator none of the rows."""
    tasks = annotated(tasks_of(desk, tmp_path))
    results(tasks)[:] = [region("new", 0, 3)]
    found = back(desk, tmp_path, tasks)
    rows = [row.target.doc for row in desk.rows]
    assert dict(found.decisions) == {"accept": rows.count("b.txt")}
    assert found.skipped[0].startswith(
        f"task 1: the annotation was not begun from the {rows.count('a.txt')} rows that were sent"
    )
    results(tasks)[:] = []
    tasks[0]["annotations"][0]["parent_prediction"] = 1
    assert back(desk, tmp_path, tasks).decisions["reject"] == rows.count("a.txt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "it must be a list of tasks"),
        ([{"id": 1, "text": "x"}], "export from Label Studio in the format JSON, not JSON-MIN"),
        ([{"id": 1, "annotations": [{"result": []}], "data": {}}], "PASSED"),
        ("no JSON", "this is no export"),
    ],
)
def test_other_files_are_told_apart(content: Any, message: str, desk: Desk, tmp_path: Path):
    if message == "PASSED":
        assert "was not made by export-tasks" in back(desk, tmp_path, content).skipped[0]
        return
    with pytest.raises(ReviewError, match=message):
        back(desk, tmp_path, content)
    (tmp_path / "x.json").write_bytes(b"\xff{")
    with pytest.raises(ReviewError, match=r"x\.json: this is no JSON"):
        exchange.import_tasks(desk, tmp_path / "x.json", "label-studio", "An")


@settings(deadline=None, max_examples=40)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda s: (
            st.lists(s, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "type", "value", "from_name", "start", "end", "text", "labels", "meta", "from_id"]
                ),
                s,
                max_size=4,
            )
        ),
    )
)
def test_damaged_annotations_are_refused_not_crashed_on(junk: Any):
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        case = Case(*_small())
        dataset.save(case.targets, [], out, run={}, documents=[case.document])
        with Desk.open(out) as desk:
            tasks = annotated(tasks_of(desk, out))
            for change in ({"result": junk}, {"result": [*results(tasks), junk]}):
                try:
                    back(desk, out, [{**tasks[0], "annotations": [change]}])
                except ReviewError:
                    assert list(desk.store.events()) == []
                else:
                    desk.undo("An")
                    break
            with suppress(ReviewError):
                back(desk, out, [{**tasks[0], "annotations": junk}], "Binh")


def _small() -> tuple[Any, list[Target]]:
    from policyextract.pipeline import document_of, extract

    document = document_of("By 2030, 95% of wards in Hanoi will have fibre.", "a.txt")
    return document, extract(document, model=None)


# --- on the command line ---------------------------------------------------------------------------------


def test_export_replaces_nothing_unasked(out: Path, tmp_path: Path):
    def call(*more: str) -> Any:
        return CliRunner().invoke(app, ["export-tasks", str(out), "-o", str(tmp_path / "t.json"), *more])

    (tmp_path / "t.xml").write_text("mine", "utf-8")
    result = call()
    assert isinstance(result.exception, ReviewError) and "t.xml is there already" in str(result.exception)
    assert not (tmp_path / "t.json").exists()
    result = call("--force")
    assert result.exit_code == 0 and "documents  3" in result.output
    assert f"written to {tmp_path / 't.json'} and {tmp_path / 't.xml'}" in result.output
    assert (tmp_path / "t.xml").read_text("utf-8") == exchange.labelling_config()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "t.json", "t.xml"]


def test_the_format_is_known_by_the_ending(out: Path, tmp_path: Path):
    result = CliRunner().invoke(app, ["export-tasks", str(out), "-o", str(tmp_path / "t.txt")])
    assert result.exit_code == 2 and "give --format" in result.output


# --- the real thing --------------------------------------------------------------------------------------

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks the real label-studio-sdk, in the environment that ``make test`` gives it; see label_studio/check.py."""
    python = Path(os.environ.get("LABEL_STUDIO_PYTHON", ROOT / ".venv-label-studio" / "bin" / "python"))
    if not python.exists():
        pytest.skip("no label-studio-sdk beside this environment: run make test, or set LABEL_STUDIO_PYTHON")
    configuration = tmp_path_factory.mktemp("label-studio") / "configuration.xml"
    configuration.write_text(exchange.labelling_config(), "utf-8")
    call = [str(python), str(ROOT / "tests" / "label_studio" / "check.py"), str(configuration)]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        questions, answers = process.stdin, process.stdout
        assert questions is not None and answers is not None
        assert json.loads(answers.readline()) == "ready"

        def ask(*question: Any) -> Any:
            questions.write(json.dumps(question) + "\n")
            questions.flush()
            return json.loads(answers.readline())

        yield ask
        questions.close()


def test_label_studio_takes_the_configuration_and_the_predictions(sdk: Ask, desk: Desk, tmp_path: Path):
    desk.record(
        "An", "add", row={"doc": "b.txt", "value": "Vietnam", "number": "1", "unit": "count", "metric": ""}
    )
    for task in tasks_of(desk, tmp_path):
        for prediction in task["predictions"]:
            assert sdk("errors", prediction) == []
    broken = deepcopy(prediction if prediction["result"] else tasks_of(desk, tmp_path)[0]["predictions"][0])
    broken["result"][0]["value"]["labels"] = ["dragon"]
    assert sdk("errors", broken) != []  # it does look


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases())
def test_label_studio_takes_any_row(sdk: Ask, case: Case):
    from policyextract.exchange.label_studio import task

    [prediction] = task(case.document, case.targets)["predictions"]
    assert sdk("errors", prediction) == []


def test_label_studios_converter_reads_the_export(sdk: Ask, desk: Desk, tmp_path: Path):
    tasks = annotated(tasks_of(desk, tmp_path))
    (tmp_path / "export.json").write_text(json.dumps(tasks), "utf-8")
    converted = sdk("convert", str(tmp_path / "export.json"), str(tmp_path / "min"))
    for task, content in zip(tasks, converted, strict=True):
        assert content["text"] == task["data"]["text"]
        spans_ = [
            (one["start"], one["end"]) for one in content.get("label", []) if one["labels"] == ["value"]
        ]
        assert spans_ == [
            (r.target.start, r.target.end) for r in desk.rows if r.target.doc == task["data"]["doc"]
        ]
