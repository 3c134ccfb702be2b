"""Targets survive every file format; a dataset is replaced as a whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rows import ROW

from policyextract import dataset
from policyextract.dataset import DOCUMENTS, FAILURES, TARGETS, Documents, cells
from policyextract.dataset.staging import READY
from policyextract.errors import DatasetError
from policyextract.types import (
    Change,
    Comparator,
    Document,
    Evidence,
    Failure,
    Lang,
    Level,
    Target,
    Unit,
    YearKind,
)

DOCS = Path(__file__).parents[1] / "docs"
FILES = {
    "documents.jsonl",
    "targets.jsonl",
    "targets.csv",
    "targets.parquet",
    "failures.csv",
    "run.json",
    "datapackage.json",
}
# What CSV, pandas or spreadsheets are known to change.
NASTY = (
    *("NA", "null", "None", "nan", "", " ", "'", "''=1", "=1+1", "+84", "-5%", "@sum(A1)", "\t=1", "\r\n=1"),
    *("01", "1.200", "3/4", "5-10", "1e5", "7,5%", "2025", "70%", 'say "x", y', "a\nb", "a\rb", "a\u2028b"),
    *("Hải Dương", "HÀ NỘI; =1", "＝1", "true", "[1]", "\ufeffx", "x\x85y", "00001", "12:30"),
)
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=20))
offsets = st.integers(0, 10**6)
years = st.none() | st.integers(1900, 2100)
numbers = st.one_of(
    st.integers(-(10**6), 10**15).map(float), st.floats(allow_nan=False, allow_infinity=False)
)
targets = st.builds(
    Target,
    doc=texts,
    value=texts,
    start=offsets,
    end=offsets,
    number=numbers,
    number_high=st.none() | numbers,
    unit=st.sampled_from(get_args(Unit)),
    comparator=st.sampled_from(get_args(Comparator)),
    change=st.none() | st.sampled_from(get_args(Change)),
    per=st.sampled_from((None, "year")),
    metric=texts,
    level=st.none() | st.sampled_from(get_args(Level)),
    level_explicit=st.booleans(),
    year=years,
    year_start=years,
    year_kind=st.none() | st.sampled_from(get_args(YearKind)),
    locality=st.none() | texts,
    optional=st.booleans(),
    locality_code=st.none() | texts,
    locality_scheme=st.none() | texts,
    page=st.none() | st.integers(1, 999),
    sentence=st.none() | texts,
    source=st.lists(texts, max_size=3).map(tuple),
    confidence=st.none() | st.floats(0, 1),
    evidence=st.lists(st.builds(Evidence, texts, offsets, offsets), max_size=3).map(tuple),
    target_id=texts.filter(bool),
)
PLAIN = replace(
    ROW,
    sentence="By 2030, at least 80% of households will have fibre.",
    source=("en.values.percent", "en.years.by"),
    confidence=0.875,
    evidence=(Evidence("year", 3, 7),),
)
PAPER = Document("By 2030,\n80% of communes", "d.txt", "en", "A plan", dt.date(2025, 7, 14), (0, 9))
FAILURE = Failure("b.pdf", "NoTextError", "=the pages carry no text")


def some(n: int, doc: str = "d.txt") -> list[Target]:
    return dataset.identify([replace(PLAIN, doc=doc, start=i, end=i + 12) for i in range(n)])


# --- round trips -----------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(targets, max_size=5))
def test_every_format_gives_back_what_was_saved(rows: list[Target], tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("data") / "out"
    dataset.save(rows, [], out, run={})
    assert dataset.load(out) == rows
    assert dataset.load(out / "targets.jsonl") == rows
    assert dataset.load(out / "targets.parquet") == rows
    assert dataset.load(out / "targets.csv") == rows


@settings(deadline=None, max_examples=300)
@given(text=texts, nullable=st.booleans())
def test_no_cell_is_a_formula_and_none_is_lost(text: str, nullable: bool):
    column = next(c for c in TARGETS if c.name == ("locality" if nullable else "value"))
    cell = cells.cell(column, text)
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert cells.value(column, cell) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        *((t, t) for t in ("70", "70%", "at least 70%", "2025", "Top 20", "0", "Hải Dương", "12th", "$5")),
        *((t, f"'{t}") for t in ("=", "-5%", "+3", "01", "1.200", "1,5", "3/4", "5-10", "1e5", "'x", "7,5%")),
        *((t, t) for t in (">=", "<", "~", "5 to 10", "NA")),
    ],
)
def test_cells_that_a_spreadsheet_would_change_are_guarded(text: str, cell: str):
    assert cells.guard(text) == cell


def test_years_are_whole_and_null_is_empty(tmp_path: Path):
    na = replace(PLAIN, locality="NA", level=None, number=1.5e12, number_high=66.7)
    dataset.save([na], [], tmp_path / "out", run={})
    assert (tmp_path / "out" / "targets.csv").read_bytes().startswith(b"\xef\xbb\xbfdoc,target_id,value,")
    with (tmp_path / "out" / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["year"], row["number"], row["number_high"]) == ("2030", "1500000000000", "66.7")
    assert (row["locality"], row["level"], row["year_start"], row["optional"]) == ("NA", "", "", "false")
    [line] = (tmp_path / "out" / "targets.jsonl").read_text("utf-8").splitlines()
    assert '"number": 1500000000000, "number_high": 66.7' in line
    assert list(json.loads(line)) == [c.name for c in TARGETS]


def test_columns_are_the_fields_of_a_target():
    names = [f.name for f in fields(Target) if f.name not in ("doc", "target_id")]
    assert [c.name for c in TARGETS] == ["doc", "target_id", *names]
    assert [c.name for c in FAILURES] == [f.name for f in fields(Failure)]


def test_an_empty_dataset_has_all_files(tmp_path: Path):
    dataset.save([], [], tmp_path / "out", run={"counts": {}})
    assert {p.name for p in (tmp_path / "out").iterdir()} == FILES
    for name in ("", "targets.jsonl", "targets.csv", "targets.parquet"):
        assert dataset.load(tmp_path / "out" / name) == []


# --- schema ----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(targets, max_size=4, unique_by=lambda t: t.target_id))
def test_the_data_package_is_valid(rows: list[Target], tmp_path_factory: pytest.TempPathFactory):
    from frictionless import Package

    # Frictionless takes cells of blanks for empty and trims lines; the tool never writes such names.
    plain = [
        replace(t, doc=f"d {t.doc}".strip(), value=f"v {t.value}".strip(), target_id=f"t{i}")
        for i, t in enumerate(rows)
    ]
    out = tmp_path_factory.mktemp("data") / "out"
    dataset.save([*plain, *some(3)], [FAILURE], out, run={}, documents=[PAPER, replace(PAPER, path="e")])
    report = Package(str(out / "datapackage.json")).validate()
    assert report.valid, report.flatten(["fieldName", "type", "note"])
    assert report.stats["tasks"] == 3


@pytest.mark.parametrize(
    "change",
    [("year", "20305"), ("unit", "per cent"), ("confidence", "1.5"), ("start", ""), ("level", "county")],
)
def test_the_data_package_finds_broken_cells(change: tuple[str, str], tmp_path: Path):
    from frictionless import Package

    out = tmp_path / "out"
    dataset.save(some(2), [], out, run={})
    with (out / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[1][change[0]] = change[1]
    with (out / "targets.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    package = json.loads((out / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        del resource["hash"], resource["bytes"]
    (out / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert not Package(str(out / "datapackage.json")).validate().valid


def test_the_data_package_finds_other_documents(tmp_path: Path):
    from frictionless import Package

    out = tmp_path / "out"
    dataset.save(some(2), [], out, run={}, documents=[PAPER])
    package = Package(str(out / "datapackage.json"))
    assert [resource.name for resource in package.resources] == ["targets", "failures", "documents"]
    (out / "documents.jsonl").write_text(
        (out / "documents.jsonl").read_text("utf-8").replace("80%", "85%"), "utf-8"
    )
    report = package.validate()
    assert [note for _, note in report.flatten(["fieldName", "type"])] == ["hash-count"]


def test_checksums_stand_in_run_json_and_the_data_package(tmp_path: Path):
    out = tmp_path / "out"
    dataset.save(some(3), [FAILURE], out, run={"model": None, "counts": {"targets": 3}})
    run = json.loads((out / "run.json").read_text("utf-8"))
    assert (run["model"], run["counts"]) == (None, {"targets": 3})
    assert set(run["files"]) == FILES - {"run.json"}
    for name, file in run["files"].items():
        content = (out / name).read_bytes()
        assert file == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_columns_are_documented():
    """docs/columns.md holds the row of each column, word for word."""
    page = (DOCS / "columns.md").read_text("utf-8")
    for column in (*TARGETS, *FAILURES, *DOCUMENTS):
        allowed = ", ".join(f"`{v}`" for v in column.allowed)
        if column.minimum is not None:
            high = "" if column.maximum is None else f" to {column.maximum:g}"
            allowed = f"{column.minimum:g}{high}" if high else f"from {column.minimum:g}"
        row = f"| `{column.name}` | {column.type} | {allowed} | {column.null or 'never'} | {column.meaning} |"
        assert row in page.splitlines(), row
    documented = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert documented == [c.name for c in (*TARGETS, *FAILURES, *DOCUMENTS)]


# --- names -----------------------------------------------------------------------------------------------


def test_a_name_holds_whatever_the_other_rows():
    first, _, third = some(3)
    assert dataset.identify([replace(third, target_id="")])[0].target_id == third.target_id
    assert dataset.target_id(replace(first, metric="other", confidence=None)) == first.target_id
    assert first.target_id == "tb761fe99ea50a6de"  # that it is the same in every release


@pytest.mark.parametrize(
    "change", [{"doc": "x"}, {"start": 8}, {"end": 20}, {"level": None}, {"year": 2031}, {"locality": None}]
)
def test_a_name_depends_on_what_tells_rows_apart(change: dict[str, object]):
    assert dataset.target_id(replace(PLAIN, **change)) != dataset.target_id(PLAIN)  # type: ignore[arg-type]


def test_rows_that_agree_in_all_are_numbered(tmp_path: Path):
    rows = dataset.identify([PLAIN, replace(PLAIN, metric="other"), PLAIN])
    assert len({row.target_id for row in rows}) == 3
    assert dataset.identify(rows) == rows
    dataset.save([PLAIN, PLAIN], [], tmp_path / "out", run={})
    assert [t.target_id for t in dataset.load(tmp_path / "out")] == [rows[0].target_id, rows[1].target_id]


# --- loading what others wrote ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"year": "2030"}, "line 1: year is '2030', not an integer or null"),
        ({"year": 2030.5}, "year is 2030.5"),
        ({"unit": "per cent"}, "unit is 'per cent', not one of percent, count"),
        ({"number": None}, "number is None, not a number"),
        ({"number": float("nan")}, "number is nan"),
        ({"optional": 1}, "optional is 1, not a boolean"),
        ({"evidence": [{"field": "x"}]}, "evidence {'field': 'x'} is not"),
        ({"value": ...}, "line 1 lacks value"),
    ],
)
def test_a_broken_line_is_named(change: dict[str, object], message: str, tmp_path: Path):
    dataset.save([PLAIN], [], tmp_path / "out", run={})
    row = json.loads((tmp_path / "out" / "targets.jsonl").read_text("utf-8")) | change
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({k: v for k, v in row.items() if v is not ...}), encoding="utf-8")
    with pytest.raises(DatasetError) as error:
        dataset.load(path)
    assert message in str(error.value)


def test_rows_of_other_tools(tmp_path: Path):
    """Whole numbers may be written 2030.0, what has a default may be missing, others may stand there."""
    dataset.save([PLAIN], [], tmp_path / "out", run={})
    row = json.loads((tmp_path / "out" / "targets.jsonl").read_text("utf-8"))
    row = {k: v for k, v in row.items() if k not in ("page", "source", "evidence", "target_id")}
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(row | {"year": 2030.0, "note": "checked"}) + "\n\n", encoding="utf-8-sig")
    [target] = dataset.load(path)
    assert target == replace(PLAIN, source=(), evidence=())
    assert type(target.year) is int


@pytest.mark.parametrize("content", ["{", "[1]", '"x"', "\xff"])
def test_files_that_are_no_dataset(content: str, tmp_path: Path):
    for name in ("x.jsonl", "x.parquet"):
        path = tmp_path / name
        path.write_bytes(content.encode("latin-1"))
        with pytest.raises(DatasetError, match=name):
            dataset.load(path)
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DatasetError, match="name a folder that extract wrote"):
            dataset.load(path)


# --- documents -------------------------------------------------------------------------------------------

papers = st.builds(
    Document,
    text=texts,
    path=texts,
    lang=st.sampled_from(get_args(Lang)),
    title=st.none() | texts,
    date=st.none() | st.dates(),
    pages=st.lists(offsets, max_size=3).map(lambda found: (0, *found)),
    ocr=st.lists(st.none() | st.floats(0, 1), max_size=3).map(tuple),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(papers, max_size=5, unique_by=lambda d: d.path))
def test_documents_come_back_as_they_were(rows: list[Document], tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("data") / "out"
    dataset.save([], [], out, run={}, documents=rows)
    with Documents(out) as found:
        assert list(found) == [row.path for row in rows]
        for row in reversed(rows):
            assert found[row.path] == row
            assert found.sha256(row.path) == hashlib.sha256(row.text.encode("utf-8")).hexdigest()
    lines = (out / "documents.jsonl").read_bytes().splitlines(keepends=True)
    for line, row in zip(lines, rows, strict=True):
        names = [c.name for c in DOCUMENTS if c.name != "ocr" or row.ocr]
        assert list(json.loads(line)) == names, "ocr is left out where no page is a picture"


def test_half_a_character_does_not_end_a_run(tmp_path: Path):
    """As a title of another tool's JSON Lines may hold one."""
    broken = replace(PAPER, title="half \ud83d", text="text \ud800")
    dataset.save([], [], tmp_path / "out", run={}, documents=[broken, replace(PAPER, path="e")])
    with Documents(tmp_path / "out") as found:
        assert (found["d.txt"], found["e"].title) == (broken, "A plan")


def test_documents_written_by_other_tools(tmp_path: Path):
    """Keys in another order, and keys that are not ours."""
    row = {
        "sha256": "0" * 64,
        "text": "x",
        "pages": [0],
        "date": None,
        "title": None,
        "lang": "vi",
        "doc": "ă",
    }
    lines = json.dumps({**row, "note": 1}), "", json.dumps({**row, "doc": "b"}, ensure_ascii=False)
    (tmp_path / "documents.jsonl").write_text("\n".join(lines), "utf-8")
    with Documents(tmp_path) as found:
        assert list(found) == ["ă", "b"]
        assert found["ă"] == Document("x", "ă", "vi")
        assert "c" not in found
        with pytest.raises(KeyError):
            found["c"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "line 1 is no JSON"),
        ("[1]", "line 1 is no object"),
        ('{"doc": 1}', "line 1: doc is '1', not a string"),
    ],
)
def test_documents_that_are_none(content: str, message: str, tmp_path: Path):
    (tmp_path / "documents.jsonl").write_text(content, "utf-8")
    with pytest.raises(DatasetError, match=message):
        Documents(tmp_path)
    with pytest.raises(DatasetError, match=r"holds no documents\.jsonl; name a folder that extract wrote"):
        Documents(tmp_path / "nowhere")


def test_documents_stay_those_that_were_opened(tmp_path: Path):
    out = tmp_path / "out"
    dataset.save([], [], out, run={}, documents=[PAPER])
    with Documents(out) as found:
        dataset.save([], [], out, run={}, documents=[replace(PAPER, text="new")])
        assert found["d.txt"] == PAPER
    with Documents(out) as found:
        assert found["d.txt"].text == "new"


# --- all or nothing --------------------------------------------------------------------------------------


def test_other_files_in_the_folder_stay(tmp_path: Path):
    out = tmp_path / "out"
    (out / "notes").mkdir(parents=True)
    (out / "notes" / "mine.txt").write_text("mine", "utf-8")
    (out / "targets.jsonl").write_text("old", "utf-8")
    inode = (out / "notes").stat().st_ino
    dataset.save(some(2), [], out, run={})
    assert {p.name for p in out.iterdir()} == FILES | {"notes"}
    assert (out / "notes").stat().st_ino == inode
    assert len(dataset.load(out)) == 2


@pytest.mark.parametrize("exists", [True, False])
def test_an_error_leaves_the_folder_as_it_was(exists: bool, tmp_path: Path):
    out = tmp_path / "out"
    if exists:
        dataset.save(some(2), [], out, run={})
    before = {p.name: p.read_bytes() for p in out.iterdir()} if exists else {}
    with pytest.raises(ZeroDivisionError), dataset.Writer(out) as writer:
        writer.add(some(5))
        raise ZeroDivisionError
    with pytest.raises(DatasetError, match="number of 'at least 80%' is nan"):
        dataset.save([replace(PLAIN, number=float("nan"))], [], out, run={})
    with pytest.raises(DatasetError, match="cannot be written"):
        dataset.save([replace(PLAIN, metric="\ud800")], [], out, run={})
    with pytest.raises(DatasetError, match="cannot be written"):
        dataset.save([PLAIN], [], out, run={"model": object()})
    assert ({p.name: p.read_bytes() for p in out.iterdir()} if exists else {}) == before
    assert [p.name for p in tmp_path.iterdir()] == (["out"] if exists else [])


def test_a_file_in_the_way_says_so(tmp_path: Path):
    (tmp_path / "out").write_text("x", "utf-8")
    for out in (tmp_path / "out", tmp_path / "out" / "deep"):
        with pytest.raises(DatasetError, match="cannot be written to .* in the way; choose another folder"):
            dataset.save([], [], out, run={})
    with pytest.raises(DatasetError, match="closed"):
        dataset.Writer(tmp_path / "new").add(some(1))


def test_without_close_the_dataset_is_written_at_the_end_of_the_block(tmp_path: Path):
    with dataset.Writer(tmp_path / "deep" / "out") as writer:
        writer.add(some(2), [FAILURE])
        assert not (tmp_path / "deep" / "out").exists()
    assert len(dataset.load(tmp_path / "deep" / "out")) == 2
    assert (tmp_path / "deep" / "out" / "failures.csv").read_text("utf-8-sig").splitlines() == [
        "path,error,reason",
        "b.pdf,NoTextError,'=the pages carry no text",
    ]


def test_a_folder_reached_through_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    dataset.save(some(1), [], tmp_path / "link", run={})
    assert (tmp_path / "link").is_symlink()
    assert len(dataset.load(tmp_path / "real")) == 1


@pytest.mark.parametrize("moved", range(8))
def test_a_process_killed_while_files_move_leaves_the_new_dataset(moved: int, tmp_path: Path):
    """The state after ``moved`` of seven files were put in their place: what counts is the new dataset."""
    out, new = tmp_path / "out", tmp_path / "new"
    dataset.save(some(2), [], out, run={})
    dataset.save(some(3), [FAILURE], new, run={}, documents=[PAPER])
    wanted = {p.name: p.read_bytes() for p in new.iterdir()}
    new.rename(out / READY)
    for name in sorted(FILES)[:moved]:
        (out / READY / name).replace(out / name)
    assert len(dataset.load(out)) == 3
    assert list(Documents(out)) == ["d.txt"]
    with pytest.raises(ZeroDivisionError), dataset.Writer(out):
        raise ZeroDivisionError
    assert {p.name: p.read_bytes() for p in out.iterdir()} == wanted


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_killed_run_leaves_the_old_dataset(tmp_path: Path):
    out = tmp_path / "out"
    dataset.save(some(2), [], out, run={})
    before = {name: (out / name).read_bytes() for name in FILES}
    code = (
        "import sys, time; from policyextract import dataset\n"
        "with dataset.Writer(sys.argv[1]) as writer:\n"
        "    writer.add(dataset.load(sys.argv[1])); print('on', flush=True); time.sleep(60)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(DOCS.parent / "src")}
    with subprocess.Popen([sys.executable, "-c", code, out], stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None and process.stdout.readline() == b"on\n"
        process.send_signal(signal.SIGKILL)
    assert {name: (out / name).read_bytes() for name in FILES} == before
    [left] = [p for p in out.iterdir() if p.name not in FILES]
    dataset.save(some(1), [], out, run={})
    assert left.exists()  # it may be that of a run still going on …
    for path in (left, *left.iterdir()):
        os.utime(path, (time.time() - 10**6,) * 2)
    dataset.save(some(1), [], out, run={})
    assert not left.exists()  # … until it is a day old


def test_a_reader_sees_the_old_or_the_new_dataset(tmp_path: Path):
    out = tmp_path / "out"
    sets = [some(40), some(60, "e.txt")]
    dataset.save(sets[0], [], out, run={})
    done = threading.Event()
    seen: list[bool] = []

    def look() -> None:
        try:
            while not done.is_set():
                seen.append(dataset.load(out) in sets)
        except DatasetError:
            seen.append(False)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for n in range(20):
        dataset.save(sets[n % 2], [], out, run={})
    done.set()
    for thread in threads:
        thread.join()
    assert seen and all(seen)


def test_two_runs_write_the_same_bytes(tmp_path: Path):
    for name in ("a", "b"):
        dataset.save(some(5), [FAILURE], tmp_path / name, run={})
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
