"""Round trips of sheets: by chance, through a killed process, through LibreOffice."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reviewing import FIRST, write
from sheets import NAMES, TEXTS, Grid, as_csv, as_xlsx, column, fill, ids, load

from policyextract import dataset
from policyextract.dataset.cells import guard, plain
from policyextract.pipeline import document_of
from policyextract.review import Desk, Entry
from policyextract.review.sheet_cells import text_of
from policyextract.review.sheet_export import export_sheet
from policyextract.review.sheet_import import import_sheet
from policyextract.review.sheet_layout import TITLE
from policyextract.types import Change, Comparator, Level, Target, Unit

SRC = Path(__file__).parents[1] / "src"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "out"
    write(folder, TEXTS)
    with Desk.open(folder) as desk:
        for name in ("s.csv", "s.xlsx"):
            export_sheet(desk, folder / name)
    return folder


# --- by chance ---------------------------------------------------------------------------------------------

# What CSV, pandas and spreadsheets are known to change.
NASTY = (
    *("NA", "null", "None", "nan", "'", "''=1", "'x", "=1+1", "+84", "-5%", "@sum(A1)", "=HYPERLINK(\"x\")", "#tag"),
    *("01", "1.200", "3/4", "5-10", "1e5", "7,5%", "2025", "70%", 'say "x", y;z\tt', "a\nb", '"', '","', "a|b"),
    *("Hải Dương", "HÀ NỘI; =1", "＝1", "TRUE", "[1]", "😀 trẻ em 👩‍👩‍👧", "x\u2028y", "0" * 300, "long " * 2000),
    *("00012", "12:30", "accept", "t0123456789abcdef", "sep=;", "<b>&amp;</b>", "]]>", "(ba)", "١٢٣", "\u200bx"),
)  # fmt: skip
letters = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"])
texts = (
    (st.sampled_from(NASTY) | st.text(letters, min_size=1, max_size=30))
    .map(text_of)
    .filter(
        lambda text: (
            text and "?" not in text and "\ufffd" not in text and text.strip("#'") and "_x" not in text
        )
    )
)
numbers = (st.integers(-(10**6), 10**15).map(float) | st.floats(1.0001, 1e15) | st.floats(-1e9, -0.001)).map(
    lambda number: float(f"{number:.15g}")
)  # no spreadsheet keeps more digits
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "number": numbers,
    "unit": st.sampled_from(get_args(Unit)),
    "comparator": st.sampled_from(get_args(Comparator)),
    "change": st.none() | st.sampled_from(get_args(Change)),
    "per": st.sampled_from(("year", None)),
    "metric": texts,
    "level": st.none() | st.sampled_from(get_args(Level)),
    "level_explicit": st.booleans(),
    "year": st.none() | st.integers(1000, 9999),
    "locality": st.none() | texts,
    "optional": st.booleans(),
    "locality_code": st.none() | texts,
}


@dataclass(frozen=True)
class Line:
    """What a reviewer writes into a line; an edit may lack its word."""

    decision: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    silent: bool = False


judged = st.builds(Line, st.sampled_from(["accept", "reject", ""]), note=st.just("")) | st.builds(
    Line, st.sampled_from(["accept", "reject"]), note=st.just("") | texts
)
edits = st.builds(
    Line,
    st.just("edit"),
    st.dictionaries(st.sampled_from(list(FIELDS)), st.none(), min_size=1, max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in names})
    ),
    st.just("") | texts,
    st.booleans(),
)


def written(line: Line, cell: Any) -> dict[str, Any]:
    """The cells of a line."""
    cells = {"decision": "" if line.silent else line.decision, "note": cell(line.note) if line.note else ""}
    return cells | {
        f"new_{name}": "(none)" if value is None else cell(value) for name, value in line.fields.items()
    }


def csv_cell(value: Any) -> str:
    if isinstance(value, bool):
        return "WAHR" if value else "FALSCH"
    return guard(value) if isinstance(value, str) else str(plain(value))


def shuffled(data: st.DataObject, grid: Grid) -> Grid:
    """The grid with columns and rows in another order, and a column more."""
    order = data.draw(st.permutations(range(len(NAMES))))
    rows = data.draw(st.permutations(grid[1:]))
    return [
        [*(line[n] for n in order), extra]
        for line, extra in zip([grid[0], *rows], ["mine", *"x" * 99], strict=False)
    ]


def same_as_decided(out: Path, lines: list[Line], path: Path) -> None:
    """Whether a sheet leads to the rows to which the decisions lead that it holds."""
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        Desk.open(out, Path(one)) as sheet,
        Desk.open(out, Path(other)) as direct,
    ):
        done = import_sheet(sheet, path, "An")
        assert done.refusals == ()
        names = [row.target.target_id for row in direct.rows]
        entries = [
            Entry("An", line.decision, name, fields=line.fields, note=line.note)  # type: ignore[arg-type]
            for name, line in zip(names, lines, strict=False)
            if line.decision
        ]
        direct.record_all(entries)
        assert [_judged(row) for row in sheet.rows] == [_judged(row) for row in direct.rows]
        assert import_sheet(sheet, path, "An").news == 0


def _judged(row: Any) -> Any:
    verdict = row.state.verdicts.get("An")
    return row.target, row.state.status, verdict and (verdict.row, dict(verdict.fields), verdict.note)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data(), lines=st.lists(judged | edits, min_size=1, max_size=6))
def test_any_decisions_survive_csv(out: Path, data: st.DataObject, lines: list[Line]):
    grid = load(out / "s.csv")
    for n, line in enumerate(lines, 2):
        fill(grid, n, **written(line, csv_cell))
    separator = data.draw(st.sampled_from(",;\t|"))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    end = data.draw(st.sampled_from(["\r\n", "\n"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.csv"
        path.write_bytes(as_csv(shuffled(data, grid), separator, encoding, end))
        same_as_decided(out, lines, path)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data(), lines=st.lists(judged | edits, min_size=1, max_size=6))
def test_any_decisions_survive_a_workbook(out: Path, data: st.DataObject, lines: list[Line]):
    grid = load(out / "s.xlsx")
    for n, line in enumerate(lines, 2):
        fill(grid, n, **written(line, lambda value: value))
    with tempfile.TemporaryDirectory() as folder:
        same_as_decided(out, lines, as_xlsx(Path(folder) / "s.xlsx", {"any": shuffled(data, grid)}))


odd = st.text(max_size=40) | st.sampled_from(
    [*NASTY, "_x000D_", "\x00\x01\x1f\x7f", "a\r\nb", "\ufffe", "x" * 40_000]
)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(metric=odd, locality=st.none() | odd, sentence=st.none() | odd, number=numbers, doc=odd.filter(bool))
def test_any_dataset_goes_out_and_is_recognised(
    metric: str, locality: str | None, sentence: str | None, number: float, doc: str, tmp_path_factory: Any
):
    """Whatever stands in the fields of a row: the sheet opens, and its own cells are no changes of it."""
    folder = tmp_path_factory.mktemp("any")
    [base, *_] = dataset.load(_one(tmp_path_factory))
    document = replace(document_of(FIRST, "a.txt"), path=doc)
    row = replace(
        base,
        doc=doc,
        metric=metric,
        locality=locality,
        sentence=sentence,
        number=number,
        number_high=None,
        target_id="",
    )
    try:
        dataset.save([row], [], folder / "out", run={}, documents=[document])
    except Exception:  # half of a character, which no file can hold
        assert any("\ud800" <= c <= "\udfff" for c in f"{metric}{locality}{sentence}{doc}")
        return
    with Desk.open(folder / "out") as desk:
        for name in ("s.csv", "s.xlsx"):
            export_sheet(desk, folder / name)
            if name == "s.xlsx":
                openpyxl.load_workbook(folder / name)
            done = import_sheet(desk, folder / name, "An")
            assert (done.refusals, done.undecided) == ((), 1), name


_ONE: list[Path] = []


def _one(factory: Any) -> Path:
    if not _ONE:
        _ONE.append(factory.mktemp("one") / "out")
        write(_ONE[0])
    return _ONE[0]


# --- kill -9 -----------------------------------------------------------------------------------------------

_IMPORT = """
import sys
from policyextract.review import Desk
from policyextract.review.sheet_import import import_sheet
with Desk.open(sys.argv[1]) as desk:
    for n in range(10_000):
        import_sheet(desk, sys.argv[2], f"r{n}")
        print(n, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_import_that_is_killed_is_there_as_a_whole_or_not_at_all(tmp_path: Path):
    rows, count = many(tmp_path / "out", 400), 400
    sheet = tmp_path / "s.csv"
    with Desk.open(tmp_path / "out") as desk:
        export_sheet(desk, sheet)
    grid = load(sheet)
    for name in ids(grid):
        fill(grid, name, decision="edit", new_year="2031")
    sheet.write_bytes(as_csv(grid))
    env = {**os.environ, "PYTHONPATH": str(SRC)}
    chance = random.Random(7)
    for n in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", _IMPORT, tmp_path / "out", sheet],
            stdout=subprocess.PIPE,
            env=env,
            encoding="ascii",
        ) as process:
            assert process.stdout is not None
            for _ in range(n * 2 + 1):
                process.stdout.readline()
            time.sleep(chance.random() / 5)
            process.kill()
            answered = n * 2 + 1 + len(process.stdout.read().splitlines())
        with Desk.open(tmp_path / "out") as desk:
            of: dict[str, int] = {}
            for event in desk.store.events():
                of[event.reviewer] = of.get(event.reviewer, 0) + 1
            assert set(of.values()) == {count}
            assert {f"r{k}" for k in range(answered)} <= set(of)
            name = f"r{len(of)}"  # the one that was killed, if it left nothing
            assert import_sheet(desk, sheet, name).news == count
            assert import_sheet(desk, sheet, name).news == 0
            assert all(row.state.verdicts[name].fields == {"year": 2031} for row in desk.rows)
    assert len(rows) == count


def many(out: Path, count: int) -> list[Target]:
    """A dataset of many rows."""
    base, document = write(out.with_name("base")), document_of(FIRST, "a.txt")
    documents = [replace(document, path=f"d{n:04}.txt") for n in range(count // 4 + 1)]
    rows = [replace(base[n % 3], doc=f"d{n // 4:04}.txt", metric=f"m{n}", target_id="") for n in range(count)]
    dataset.save(rows, [], out, run={}, documents=documents)
    return dataset.load(out)


def test_ten_thousand_rows_go_out_and_come_back_in_a_moment(tmp_path: Path):
    many(tmp_path / "out", 10_000)
    with Desk.open(tmp_path / "out") as desk:
        for name in ("s.csv", "s.xlsx"):
            began = time.perf_counter()
            export_sheet(desk, tmp_path / name)
            assert time.perf_counter() - began < 15  # 0.5 s where it was measured
        grid = load(tmp_path / "s.csv")
        for line in grid[1:]:
            line[0] = "accept"
        (tmp_path / "s.csv").write_bytes(as_csv(grid))
        began = time.perf_counter()
        assert import_sheet(desk, tmp_path / "s.csv", "An").news == 10_000
        assert time.perf_counter() - began < 15  # 1 s where it was measured


# --- LibreOffice -------------------------------------------------------------------------------------------

CSV = "csv:Text - txt - csv (StarCalc):{}"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Re-saves a file in another format, as somebody would who opened it in LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("no LibreOffice here: install it (Debian: libreoffice-calc) to test sheets that it saved")
    profile = tmp_path_factory.mktemp("profile")

    def convert(path: Path, to: str, *options: str) -> Path:
        folder = tmp_path_factory.mktemp("saved")
        call = [program, f"-env:UserInstallation=file://{profile}", "--headless", *options]
        call += ["--convert-to", to, "--outdir", str(folder), str(path)]
        done = subprocess.run(call, capture_output=True, timeout=120, check=False)
        saved = folder / f"{path.stem}.{to.partition(':')[0]}"
        if not saved.exists():
            pytest.skip(f"LibreOffice cannot convert here: {done.stderr.decode('utf-8', 'replace')[-300:]}")
        return saved

    return convert


@pytest.mark.parametrize(
    ("source", "to", "options"),
    [
        ("s.xlsx", "xlsx", ()),
        ("s.xlsx", "ods", ()),
        ("s.xlsx", "xls", ()),
        ("s.xlsx", CSV.format("44,34,76"), ()),
        ("s.xlsx", CSV.format("59,34,76,1,,1031"), ()),  # semicolons, UTF-8, German
        ("s.xlsx", CSV.format("9,34,UNICODE"), ()),
        ("s.csv", "xlsx", ("--infilter=CSV:44,34,76",)),
        ("s.csv", CSV.format("59,34,76"), ("--infilter=CSV:44,34,76,1,,1066",)),  # opened by a Vietnamese
        ("s.csv", "ods", ("--infilter=CSV:44,34,76,1,,1031",)),
    ],
)
def test_what_libreoffice_saved_is_taken(
    office: Any, out: Path, tmp_path: Path, source: str, to: str, options: tuple[str, ...]
):
    path = tmp_path / source
    with Desk.open(out, tmp_path) as desk:
        export_sheet(desk, path)
        names = [row.target.target_id for row in desk.rows]
    filled: list[dict[str, Any]] = [
        {"decision": "accept", "note": "chắc chắn, =1+1"},
        {"decision": "edit", "new_year": 2031, "new_locality": "Hải Phòng", "new_optional": True},
        {"decision": "r"},
        {"new_number": 85},
        {
            "decision": "edit",
            "new_comparator": "~",
            "new_locality_code": "'01" if source == "s.csv" else "01",
        },
    ]
    if path.suffix == ".csv":
        grid = load(path)
        for name, cells in zip(names, filled, strict=False):
            fill(grid, name, **{key: str(value) for key, value in cells.items()})
        path.write_bytes(as_csv(grid))
    else:
        book = openpyxl.load_workbook(path, rich_text=True)
        for n, cells in enumerate(filled, 2):
            for key, value in cells.items():
                cell = book[TITLE].cell(n, NAMES.index(column(key)) + 1, value)
                cell.data_type = "s" if isinstance(value, str) else cell.data_type
        book.save(path)
    with Desk.open(out, tmp_path) as desk:
        done = import_sheet(desk, office(path, to, *options), "An")
        assert done.refusals == ()
        said = [row.state.verdicts["An"] for row in desk.rows[:5]]
        assert [one.decision for one in said] == ["accept", "edit", "reject", "edit", "edit"]
        assert said[0].note == "chắc chắn, =1+1"
        assert dict(said[1].fields) == {"year": 2031, "locality": "Hải Phòng", "optional": True}
        assert dict(said[3].fields) == {"number": 85.0}
        assert said[4].row is not None
        assert (said[4].row.comparator, said[4].row.locality_code) == ("~", "01")
