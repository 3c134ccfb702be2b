"""A sheet goes out and comes back: nothing is lost, nothing is taken that was not meant."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from reviewing import write
from sheets import NAMES, TEXTS, Grid, added, as_csv, as_xlsx, fill, ids, load

from policyextract.errors import ReviewError
from policyextract.review import Desk
from policyextract.review.sheet_export import export_sheet
from policyextract.review.sheet_import import Imported, import_sheet, refusals_csv
from policyextract.review.sheet_layout import TITLE

SRC = Path(__file__).parents[1] / "src"
VI = "=1+1/hải dương.txt"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "out"
    write(folder, TEXTS)
    return folder


@pytest.fixture
def desk(out: Path, tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "store").mkdir()
    with Desk.open(out, tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def grid(desk: Desk, tmp_path: Path) -> Grid:
    return exported(desk, tmp_path / "sheet.csv")


def exported(desk: Desk, path: Path) -> Grid:
    export_sheet(desk, path, force=True)
    return load(path)


@pytest.fixture
def take(desk: Desk, tmp_path: Path) -> Callable[..., Imported]:
    """Imports a grid as An's."""

    def run(grid: Grid, reviewer: str = "An", **options: Any) -> Imported:
        path = tmp_path / "back.csv"
        path.write_bytes(as_csv(grid))
        return import_sheet(desk, path, reviewer, **options)

    return run


def statuses(desk: Desk) -> list[str]:
    return [row.state.status for row in desk.rows]


def events(desk: Desk) -> int:
    return len(list(desk.store.events()))


# --- export ----------------------------------------------------------------------------------------------


def test_every_row_with_its_fields_and_empty_columns_for_the_reviewer(desk: Desk, grid: Grid):
    assert grid[0] == NAMES
    assert ids(grid) == [row.target.target_id for row in desk.rows]
    for line, row in zip(grid[1:], desk.rows, strict=True):
        cells = dict(zip(NAMES, line, strict=True))
        assert cells["sentence"].removeprefix("'") == row.target.sentence
        assert cells["number"] == f"{row.target.number:g}"
        assert (cells["level"], cells["status"], cells["decided"]) == (
            row.target.level or "",
            "undecided",
            "",
        )
        assert not any(
            value for name, value in cells.items() if name in ("decision", "note") or name[:4] == "new "
        )


def test_no_cell_of_a_csv_file_runs_as_a_formula(desk: Desk, tmp_path: Path, grid: Grid):
    assert (tmp_path / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbfdecision,")
    cells = [cell for line in grid for cell in line]
    assert "'=1+1/hải dương.txt" in cells and "'12,5%" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_what_is_decided_stands_there_with_who_decided(desk: Desk, tmp_path: Path):
    first, second, third, *_ = [row.target.target_id for row in desk.rows]
    desk.record("An", "accept", first)
    desk.record("Bình", "edit", first, fields={"year": 2031, "locality": None}, note="see page 3")
    desk.record("An", "reject", second)
    grid = exported(desk, tmp_path / "sheet.csv")
    lines = {line[NAMES.index("target_id")]: dict(zip(NAMES, line, strict=True)) for line in grid}
    assert lines[first]["status"] == "conflict"
    assert lines[first]["decided"] == "An: accept; Bình: edit year 2031, locality (none) “see page 3”"
    assert (lines[second]["status"], lines[second]["decided"]) == ("rejected", "An: reject")
    assert (lines[third]["status"], lines[third]["decided"]) == ("undecided", "")


def test_order_and_choice_of_rows(desk: Desk, tmp_path: Path):
    desk.record("An", "accept", desk.rows[0].target.target_id)
    path = tmp_path / "sheet.csv"
    assert export_sheet(desk, path, order="confidence", only=["undecided"]) == len(desk.rows) - 1
    sure = [float(line[NAMES.index("confidence")]) for line in load(path)[1:]]
    assert sure == sorted(sure)
    assert export_sheet(desk, path, only=["conflict"], force=True) == 0
    assert load(path) == [NAMES]
    assert export_sheet(desk, tmp_path / "none.xlsx", only=["conflict"]) == 0
    assert import_sheet(desk, tmp_path / "none.xlsx", "An").lines == 0


def test_a_sheet_with_decisions_in_it_is_not_overwritten(desk: Desk, tmp_path: Path):
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(b"work of a week")
    with pytest.raises(ReviewError, match="is there already, perhaps with decisions; .* --force"):
        export_sheet(desk, path)
    assert path.read_bytes() == b"work of a week"
    export_sheet(desk, path, force=True)
    assert [file.name for file in tmp_path.iterdir() if "tmp" in file.name] == []
    with pytest.raises(ReviewError, match="neither .csv nor .xlsx"):
        export_sheet(desk, tmp_path / "sheet.txt")
    with pytest.raises(ReviewError, match="in a folder that exists"):
        export_sheet(desk, tmp_path / "nowhere" / "sheet.csv")


def test_a_workbook_helps_the_reviewer(desk: Desk, tmp_path: Path):
    path = tmp_path / "sheet.xlsx"
    export_sheet(desk, path)
    book = openpyxl.load_workbook(path, rich_text=True)
    assert book.sheetnames == [TITLE, "how to"]
    sheet = book[TITLE]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", f"A1:AV{len(desk.rows) + 1}")
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert rules["A2"].formula1 == '"accept,reject,edit,add"'
    letter = {cell.value: cell.column_letter for cell in sheet[1]}
    assert rules[f"{letter['new level']}2"].formula1 == '"national,provincial,district,commune,(none)"'
    for name in ("unit", "comparator", "change", "per", "level_explicit", "year_kind", "optional"):
        assert f"{letter[f'new {name}']}2" in rules
    assert sheet.column_dimensions[letter["new locality_code"]].number_format == "@"
    for line, row in zip(sheet.iter_rows(min_row=2), desk.rows, strict=True):
        bold = [str(part) for part in line[1].value if getattr(getattr(part, "font", None), "b", False)]
        assert bold == [" ".join(row.target.value.split())]
        assert line[1].alignment.wrap_text
    assert sheet["C2"].fill.fgColor.rgb == "FFFFF3C4"


def test_of_two_like_values_in_a_sentence_the_right_one_is_marked(tmp_path: Path):
    text = "By 2030, 80% of communes in Vietnam will have fibre, and 80% of wards in Hanoi will have 5G.\n"
    write(tmp_path / "out", {"a.txt": text})
    with Desk.open(tmp_path / "out") as desk:
        export_sheet(desk, tmp_path / "s.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "s.xlsx", rich_text=True)[TITLE]
        before = {len(str(cell.value[0])) for (cell,) in sheet.iter_rows(min_row=2, min_col=2, max_col=2)}
        assert before == {row.target.start for row in desk.rows} == {9, 57}


# --- import: what is taken --------------------------------------------------------------------------------


def test_decisions_corrections_and_notes(desk: Desk, grid: Grid, take: Callable[..., Imported]):
    names = ids(grid)
    fill(grid, names[0], decision="accept ", note="fine")
    fill(grid, names[1], decision="R")
    fill(grid, names[2], decision="edit", new_year="2031", new_metric="GRDP share", new_locality="(none)")
    fill(grid, names[3], new_number="72,5")
    fill(grid, names[4], decision="accept", new_level="district")
    fill(grid, names[5], note="look again")
    done = take(grid)
    assert (dict(done.counts), done.news) == ({"accept": 1, "reject": 1, "edit": 3}, 5)
    assert (done.implied, done.corrected, done.notes) == ([5], [6], [7])
    assert done.undecided == len(names) - 5
    rows = {name: desk.row(name) for name in names}
    assert rows[names[0]].state.verdicts["An"].note == "fine"
    assert rows[names[1]].state.status == "rejected"
    final = rows[names[2]].state.final
    assert final is not None and (final.year, final.metric, final.locality) == (2031, "GRDP share", None)
    assert rows[names[3]].state.verdicts["An"].fields == {"number": 72.5}
    assert rows[names[4]].state.status == "edited"
    assert {event.batch for event in desk.store.events()} == {done.batch} != {""}


def test_the_same_sheet_twice_adds_nothing(desk: Desk, grid: Grid, take: Callable[..., Imported]):
    for name, decision in zip(ids(grid), ["accept", "reject", "edit", ""], strict=False):
        fill(grid, name, decision=decision, **({"new_year": "2031"} if decision == "edit" else {}))
    grid.append(
        added(decision="add", doc="a.txt", value="digital economy", number="1", unit="count", metric="x")
    )
    assert take(grid).news == 4
    before, rows = events(desk), desk.rows
    again = take(grid)
    assert (again.news, again.batch, again.refusals, events(desk)) == (0, "", (), before)
    assert desk.rows == rows


def test_a_dry_run_saves_nothing(desk: Desk, grid: Grid, take: Callable[..., Imported]):
    fill(grid, 2, decision="accept")
    done = take(grid, dry_run=True)
    assert (done.news, done.batch, events(desk)) == (1, "", 0)


def test_an_adjudicator_settles_conflicts_by_sheet(desk: Desk, grid: Grid, take: Callable[..., Imported]):
    fill(grid, 2, decision="accept")
    take(grid)
    fill(grid, 2, decision="reject")
    take(grid, "Bình")
    assert statuses(desk)[0] == "conflict"
    take(grid, "Chi", adjudicates=True)
    assert (statuses(desk)[0], desk.rows[0].state.adjudicated_by) == ("rejected", "Chi")


def test_the_file_may_be_changed_in_every_way_that_programs_and_people_change_it(
    desk: Desk, grid: Grid, tmp_path: Path
):
    """One sheet, re-saved in many ways; each gives the same decisions to a reviewer of its own."""
    names = ids(grid)
    fill(grid, names[0], decision="accept", note="chắc chắn rồi")
    fill(grid, names[2], decision="edit", new_year="2031", new_locality="Hải Phòng", new_number="72.5")
    fill(grid, names[3], decision="reject")
    texts: dict[str, bytes] = {
        "as it was": as_csv(grid),
        "semicolons": as_csv(grid, ";"),
        "tabs": as_csv(grid, "\t"),
        "UTF-16 with tabs": as_csv(grid, "\t", "utf-16"),
        "UTF-16 without a mark": as_csv(grid, ",", "utf-16-le"),
        "no mark, line feeds": as_csv(grid, ",", "utf-8", "\n"),
        "old line ends": as_csv(grid, ";", "utf-8", "\r"),
        "sep= line": b"\xef\xbb\xbfsep=;\r\n" + as_csv(grid, ";", "utf-8"),
        "a title and blank lines": b"Review of July\r\n,,\r\n"
        + as_csv(grid, ",", "utf-8").replace(b"\r\n", b"\r\n\r\n"),
        "decomposed": as_csv([[_decomposed(cell) for cell in line] for line in grid]),
    }
    turned = [line[::-1] for line in [grid[0], *grid[:0:-1]]]
    texts["columns and rows turned round"] = as_csv(turned)
    texts["loud headers, a column more"] = as_csv(
        [
            [f" {name.upper().replace('_', ' ')} " for name in grid[0]] + ["mine"],
            *([*line, "1"] for line in grid[1:]),
        ]
    )
    few = [
        NAMES.index(name)
        for name in ("target_id", "decision", "note", "new year", "new locality", "new number")
    ]
    texts["only what matters"] = as_csv([[line[n] for n in few] for line in grid])
    texts["other rows deleted"] = as_csv([line for line in grid if line[0] or line is grid[0]])
    comma = [[cell.replace(".", ",") if _decimal(cell) else cell for cell in line] for line in grid]
    texts["decimal commas"] = as_csv(comma, ";")
    mangled = [list(line) for line in grid]
    for line in mangled[1:]:
        for name in ("year", "new year"):
            at = NAMES.index(name)
            line[at] = f"01/01/{line[at]}" if line[at] else ""
    texts["years as dates"] = as_csv(mangled)
    for what, data in texts.items():
        path = tmp_path / "back.csv"
        path.write_bytes(data)
        done = import_sheet(desk, path, what)
        assert (done.refusals, done.news) == ((), 3), what
    rows = desk.rows[:4]
    for what in texts:
        said = [row.state.verdicts.get(what) for row in rows]
        assert [one.decision if one else None for one in said] == ["accept", None, "edit", "reject"], what
        assert said[0] is not None and said[0].note == "chắc chắn rồi", what
        assert said[2] is not None
        assert dict(said[2].fields) == {"year": 2031, "locality": "Hải Phòng", "number": 72.5}, what


def _decomposed(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFD", text)


def _decimal(cell: str) -> bool:
    return cell.count(".") == 1 and cell.replace(".", "").isdecimal()


@pytest.mark.parametrize(
    ("encoding", "doc", "note"),
    [("cp1258", VI, "đã xem kỹ và chắc chắn"), ("cp1252", "a.txt", "déjà vu à la carte, façon café")],
)
def test_windows_encodings(desk: Desk, tmp_path: Path, encoding: str, doc: str, note: str):
    grid = exported(desk, tmp_path / "sheet.csv")
    at = NAMES.index("doc")
    grid = [grid[0], *(line for line in grid[1:] if line[at].removeprefix("'") == doc)]
    fill(grid, 2, decision="accept", note=note)
    if encoding == "cp1258":  # which has letters and marks apart
        grid = [[_for_1258(cell) for cell in line] for line in grid]
    (tmp_path / "back.csv").write_bytes(as_csv(grid, ";", encoding))
    done = import_sheet(desk, tmp_path / "back.csv", "An")
    assert (done.refusals, done.news) == ((), 1)
    [event] = desk.store.events()
    assert event.note == note


def _for_1258(text: str) -> str:
    """As Windows-1258 spells Vietnamese: the tone as a mark of its own."""
    import unicodedata

    result = ""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(p for p in parts if p in "\u0300\u0301\u0303\u0309\u0323")
        result += unicodedata.normalize("NFC", "".join(p for p in parts if p not in tones)) + tones
    return result


def test_letters_that_an_encoding_lost_are_no_changes_but_no_corrections_either(desk: Desk, tmp_path: Path):
    grid = exported(desk, tmp_path / "sheet.csv")
    vi = next(n for n, line in enumerate(grid, 1) if "hải" in line[NAMES.index("doc")])
    fill(grid, vi, decision="accept")
    (tmp_path / "back.csv").write_bytes(as_csv(grid, ",", "cp1252"))
    assert import_sheet(desk, tmp_path / "back.csv", "An").news == 1
    fill(grid, vi, decision="edit", new_locality="Hải Phòng")
    (tmp_path / "back.csv").write_bytes(as_csv(grid, ",", "ascii"))
    [one] = import_sheet(desk, tmp_path / "back.csv", "An").refusals
    assert "letters were lost when the file was saved" in one.reason


# --- import: workbooks -------------------------------------------------------------------------------------


def test_workbooks_with_dates_merged_cells_and_other_sheets(desk: Desk, grid: Grid, tmp_path: Path):
    names = ids(grid)
    numbers = {"number", "number_high", "year", "confidence", "page", "start", "end"}
    rows: Grid = [NAMES]
    for line in grid[1:]:
        rows.append([float(c) if c and n in numbers else c for n, c in zip(NAMES, line, strict=True)])
    fill(rows, names[0], decision="accept", note="all of them")
    fill(rows, names[3], decision="edit", new_year=dt.datetime(2031, 1, 1), new_optional=True)
    fill(rows, names[4], new_number=85.0)
    for line in rows[1:]:
        line[NAMES.index("year")] = (
            dt.date(int(line[NAMES.index("year")]), 1, 1) if line[NAMES.index("year")] else ""
        )

    def change(book: Any) -> None:
        sheet = book["My review"]
        for name in ("decision", "note"):
            at = NAMES.index(name) + 1
            sheet.merge_cells(start_row=4, end_row=6, start_column=at, end_column=at)
        sheet.merge_cells("A1:D1")

    rows = [["Review of July, all provinces"], [], *rows]
    path = as_xlsx(
        tmp_path / "s.xlsx", {"Notes": [["target_id", "x"]], "My review": rows, "Empty": []}, change
    )
    done = import_sheet(desk, path, "An")
    assert done.refusals == ()
    assert dict(done.counts) == {"accept": 3, "edit": 2}
    verdicts = [row.state.verdicts["An"] for row in desk.rows[:5]]
    assert [verdict.note for verdict in verdicts[:3]] == ["all of them"] * 3
    assert [dict(verdict.fields) for verdict in verdicts[3:]] == [
        {"year": 2031, "optional": True},
        {"number": 85.0},
    ]


def test_of_two_sheets_of_a_review_one_must_be_named(desk: Desk, grid: Grid, tmp_path: Path):
    other = [list(line) for line in grid]
    fill(other, 2, decision="accept")
    path = as_xlsx(tmp_path / "s.xlsx", {"review": grid, "review (2)": other})
    with pytest.raises(ReviewError, match=r"several sheets of a review: 'review', 'review \(2\)'; name one"):
        import_sheet(desk, path, "An")
    with pytest.raises(ReviewError, match="holds no sheet 'mine'"):
        import_sheet(desk, path, "An", sheet="mine")
    assert import_sheet(desk, path, "An", sheet="review (2)").news == 1


def test_formulas_count_as_what_they_came_to(desk: Desk, tmp_path: Path):
    """As a spreadsheet program saves them: the formula with its value."""
    from xlsxwriter import Workbook

    with Workbook(tmp_path / "s.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["target_id", "decision", "new year"])
        sheet.write_string(1, 0, desk.rows[0].target.target_id)
        sheet.write_formula(1, 1, '=IF(1>0,"edit","")', None, "edit")
        sheet.write_formula(1, 2, "=2030+1", None, 2031)
    assert import_sheet(desk, tmp_path / "s.xlsx", "An").news == 1
    assert desk.rows[0].state.verdicts["An"].fields == {"year": 2031}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04 cut off", "cannot be read as a workbook"),
        (b"a,b,c\r\n1,2,3\r\n", "no line in its first 30 names the columns target_id and decision"),
        (b"target_id,decision,Decision\r\n", "2 columns called decision"),
        (b"%PDF-1.4", "a PDF file"),
    ],
)
def test_a_file_that_is_no_sheet_says_so(desk: Desk, tmp_path: Path, data: bytes, message: str):
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(ReviewError, match=message):
        import_sheet(desk, path, "An")
    with pytest.raises(ReviewError, match="cannot be read"):
        import_sheet(desk, tmp_path / "nothing.csv", "An")


# --- import: added targets ---------------------------------------------------------------------------------

ADD = {
    "decision": "add",
    "doc": "a.txt",
    "value": "digital economy",
    "number": "1",
    "unit": "count",
    "metric": "m",
}


@pytest.mark.parametrize(
    ("cells", "start"),
    [
        (ADD, 155),
        ({**ADD, "doc": "A.TXT", "value": "digital  economy"}, 155),
        ({"decision": "thêm", "doc": "a.txt", "new_value": "digital economy", "new_number": "1,0", "new_unit": "Count",
          "new_metric": "m"}, 155),
        ({**ADD, "value": "per cent", "sentence": "By 2025, 80 per cent of households will have access to the internet."},
         139),
        ({**ADD, "value": "per cent", "new_start": "139"}, 139),
        ({**ADD, "value": "0 per cent", "new_start": "136", "new_end": "147"}, 136),
    ],
)  # fmt: skip
def test_missing_targets_are_added(
    desk: Desk, grid: Grid, take: Callable[..., Imported], cells: Any, start: int
):
    start = _start(desk, start)
    if "new_start" in cells:
        shift = start - int(cells["new_start"])
        cells = {**cells, "new_start": str(start)} | (
            {"new_end": str(int(cells["new_end"]) + shift)} if "new_end" in cells else {}
        )
        cells = (
            {**cells, "value": desk.document("a.txt").text[start : int(cells["new_end"])]}
            if "new_end" in cells
            else cells
        )
    before = len(desk.rows)
    done = take([*grid, added(**cells)])
    assert (done.refusals, done.news, len(desk.rows)) == ((), 1, before + 1)
    [row] = [row for row in desk.rows if row.state.status == "added"]
    assert row.target.start == start
    assert row.target.value == desk.document("a.txt").text[row.target.start : row.target.end]
    assert (row.target.number, row.target.unit, row.target.metric) == (1.0, "count", "m")


def _start(desk: Desk, about: int) -> int:
    """The offset of the words that a case is about: they are looked for, so that the text may change."""
    text = desk.document("a.txt").text
    return {155: text.find("digital economy"), 139: text.find("per cent of households")}.get(
        about, text.find("80 per")
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({**ADD, "doc": ""}, "needs doc, the name of the document"),
        ({**ADD, "doc": "z.txt"}, "doc is 'z.txt', but there is no such document"),
        ({**ADD, "value": ""}, "needs value"),
        ({**ADD, "value": "dragons"}, "'dragons', which does not stand in the document"),
        ({**ADD, "value": "per cent"}, "'per cent' stands in the document 3 times; write its sentence into sentence"),
        ({**ADD, "value": "per cent", "sentence": "Never said."}, "'Never said.', which does not stand in the doc"),
        ({**ADD, "value": "per cent", "sentence": "HAI DUONG"}, "stands in that sentence 0 times"),
        ({**ADD, "number": ""}, "the new row lacks number"),
        ({**ADD, "new_year": "soon"}, "year is 'soon', but must be a whole number"),
        ({**ADD, "decision": ""}, "the line has no target_id: write add"),
        ({**ADD, "decision": "accept"}, "the line has no target_id: write add"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_placed_is_refused(
    desk: Desk, grid: Grid, take: Callable[..., Imported], cells: Any, reason: str
):
    done = take([*grid, [""] * len(NAMES), added(**cells)])
    [one] = done.refusals
    assert reason in one.reason
    assert (one.row, one.target_id) == (len(grid) + 2, "")
    assert events(desk) == 0


def test_a_value_is_not_found_within_a_longer_one(tmp_path: Path):
    write(
        tmp_path / "out",
        {"a.txt": "By 2030, 15% of communes and 5% of wards in Vietnam, then 1.5% of towns.\n"},
    )
    with Desk.open(tmp_path / "out") as desk:
        grid = exported(desk, tmp_path / "s.csv")
        grid.append(added(decision="add", doc="a.txt", value="5%", number="5", unit="percent", metric="new"))
        (tmp_path / "s.csv").write_bytes(as_csv(grid))
        assert import_sheet(desk, tmp_path / "s.csv", "An").news == 1
        [row] = [row for row in desk.rows if row.target.metric == "new"]
        assert row.target.start == desk.document("a.txt").text.index("5% of wards")


# --- import: what is refused -------------------------------------------------------------------------------


def test_all_refusals_are_told_at_once_and_nothing_is_saved(
    desk: Desk, grid: Grid, take: Callable[..., Imported]
):
    fill(grid, 2, decision="accept")
    fill(grid, 3, decision="maybe")
    fill(grid, 4, decision="edit")
    fill(grid, 5, decision="reject", new_year="2031")
    fill(grid, 6, decision="edit", new_year="2031", new_number="1.2.3", new_level="village")
    fill(grid, 7, decision="add")
    fill(grid, 8, decision="edit", new_value="95 per cent")
    done = take([*grid[:3], [], *grid[3:], added(note="Total", decision="accept")])
    assert [one.row for one in done.refusals] == [3, 5, 6, 7, 8, 9, len(grid) + 2]
    reasons = [one.reason for one in done.refusals]
    for reason, part in zip(
        reasons,
        [
            "decision is 'maybe', but must be accept, reject, edit or add, or empty",
            "edit needs a correction in one of the columns new …",
            "reject does not go with corrections (year)",
            "must be",
            "add is for lines of your own: empty target_id",
            "which does not stand where",
            "the line has no target_id",
        ],
        strict=True,
    ):
        assert part in reason
    assert (events(desk), done.batch) == (0, "")
    report = refusals_csv(done.refusals).splitlines()
    assert report[0] == "row,target_id,reason"
    assert report[1].startswith(f"3,{ids(grid)[1]},")


def test_a_correction_over_the_field_itself_is_not_lost_without_a_word(
    desk: Desk, grid: Grid, take: Callable[..., Imported]
):
    fill(grid, 2, number="91")
    fill(grid, 3, decision="accept", level="")
    first, second = take(grid).refusals
    assert (
        "number is '91' in the sheet and 90 in the row; write corrections into the columns new …"
        in first.reason
    )
    assert "level is '' in the sheet and 'provincial' in the row" in second.reason
    assert events(desk) == 0


def test_a_sheet_of_which_only_some_columns_were_sorted_is_refused(
    desk: Desk, grid: Grid, take: Callable[..., Imported]
):
    """Else the decisions would go to the wrong rows."""
    at = [NAMES.index(name) for name in ("target_id", "check")]
    moved = [grid[0], *(list(line) for line in grid[1:])]
    for line, other in zip(moved[1:], reversed(grid[1:]), strict=True):
        for n in at:
            line[n] = other[n]
    fill(moved, 2, decision="accept")
    assert "are those of another row than target_id" in take(moved).refusals[0].reason
    assert events(desk) == 0


def test_two_lines_on_one_row(desk: Desk, grid: Grid, take: Callable[..., Imported]):
    fill(grid, 2, decision="accept")
    twice = [*grid, list(grid[1])]
    assert take(twice).news == 1
    fill(twice, len(twice), decision="reject")
    [one] = take(twice).refusals
    assert (one.row, one.reason) == (
        len(twice),
        "row 2 decides on the same target_id otherwise; leave one of the lines",
    )


def test_a_percentage_that_a_spreadsheet_divided_is_refused(
    desk: Desk, grid: Grid, take: Callable[..., Imported]
):
    fill(grid, 2, new_number="0.9")  # at least 90 per cent
    [one] = take(grid).refusals
    assert "new number is 0.9, which a spreadsheet makes of 90%; write 90" in one.reason


def test_cells_that_slipped_are_refused(
    desk: Desk, grid: Grid, take: Callable[..., Imported], tmp_path: Path
):
    fill(grid, 2, decision="accept")
    data = as_csv(grid)
    grid[2] = [*grid[2], "", "spilled"]
    [one] = take(grid).refusals
    assert (one.row, "more cells than the header" in one.reason) == (3, True)
    (tmp_path / "back.csv").write_bytes(data.replace(b"\r\naccept,", b'\r\n"accept,', 1))
    done = import_sheet(desk, tmp_path / "back.csv", "An")
    assert (
        "a quotation mark is not closed" in done.refusals[0].reason
        or "decision is" in done.refusals[0].reason
    )
    assert events(desk) == 0


def test_a_sheet_of_another_dataset(desk: Desk, grid: Grid, take: Callable[..., Imported], tmp_path: Path):
    fill(grid, 2, decision="accept")
    write(tmp_path / "other", {"z.txt": TEXTS["a.txt"]})
    (tmp_path / "back.csv").write_bytes(as_csv(grid))
    with Desk.open(tmp_path / "other") as other:
        [one] = import_sheet(other, tmp_path / "back.csv", "An").refusals
        assert f"none of the {len(grid) - 1} rows of the sheet is in this dataset" in one.reason


def test_a_sheet_that_is_older_than_a_new_run(tmp_path: Path):
    """Its rows are named anew, gone, or read otherwise; what nobody decided on does not matter."""
    out = tmp_path / "out"
    write(out, TEXTS)
    with Desk.open(out) as desk:
        grid = exported(desk, tmp_path / "s.csv")
        desk.record("Bình", "accept", desk.rows[0].target.target_id)
        old = [row.target for row in desk.rows]
    text = TEXTS["a.txt"].replace("its digital plan", "its plan for a digital province")
    write(out, {**TEXTS, "a.txt": text}, drop=frozenset({"95%"}))
    gone = next(row.target_id for row in old if row.value == "95%")
    with Desk.open(out) as desk:
        (tmp_path / "s.csv").write_bytes(as_csv(grid))
        done = import_sheet(desk, tmp_path / "s.csv", "An")
        assert (done.refusals, done.gone) == ((), sum(row.doc == "a.txt" for row in old) + 1)
        fill(grid, 2, decision="accept")
        fill(grid, gone, decision="reject")
        (tmp_path / "s.csv").write_bytes(as_csv(grid))
        first, second = import_sheet(desk, tmp_path / "s.csv", "An").refusals
        now = desk.rows[0].target.target_id
        assert (
            first.reason == f"extract has run since the export, and the row is {now} now; export a new sheet"
        )
        assert "extract has run since the export and no longer finds it" in second.reason
        assert events(desk) == 1


def test_a_row_that_a_new_run_reads_otherwise_is_not_accepted_unseen(
    desk: Desk, grid: Grid, take: Callable[..., Imported]
):
    """As a sheet looks after a run that kept the name of a row and changed its metric."""
    fill(grid, 2, decision="accept", metric="something else", check="c00000000")
    fill(grid, 3, metric="something else", check="c00000000")
    [one] = take(grid).refusals
    assert one.row == 2
    assert (
        "reads the row otherwise now (metric is 'something else' in the sheet and 'work records" in one.reason
    )
    fill(grid, 2, decision="")
    assert take(grid).refusals == ()


def test_lines_that_are_no_rows_are_left_alone(desk: Desk, grid: Grid, take: Callable[..., Imported]):
    done = take([*grid, added(number="490", metric="sum of all")])
    assert (done.refusals, done.strangers) == ((), [len(grid) + 1])


# --- the command line --------------------------------------------------------------------------------------


def run(*args: object) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "policyextract", "review", *map(str, args)]
    env = {**os.environ, "PYTHONPATH": str(SRC)}
    return subprocess.run(call, capture_output=True, encoding="utf-8", env=env, check=False)


def test_on_the_command_line(tmp_path: Path):
    out, sheet, report = tmp_path / "out", tmp_path / "s.xlsx", tmp_path / "report.csv"
    targets = write(out, TEXTS)
    done = run("export", out, sheet, "--order", "confidence", "--only", "undecided", "--only", "conflict")
    assert (done.returncode, done.stdout) == (0, f"rows       {len(targets)}\nwritten to {sheet}\n")
    assert run("export", out, sheet).returncode == 2
    book = openpyxl.load_workbook(sheet)
    book[TITLE]["A2"], book[TITLE]["A3"], book[TITLE]["A4"] = "accept", "perhaps", "r"
    book.save(sheet)
    done = run("import", out, sheet, "--reviewer", "An", "--report", report)
    assert done.returncode == 1
    assert "row 3 (t" in done.stderr and "decision is 'perhaps'" in done.stderr
    assert "a line was refused, so nothing was saved; correct the sheet and import it again" in done.stderr
    assert report.read_text(encoding="utf-8-sig").splitlines()[0] == "row,target_id,reason"
    assert not (out / "review.sqlite").exists()
    book[TITLE]["A3"] = "e"
    book[TITLE].cell(3, NAMES.index("new year") + 1, 2040)
    book.save(sheet)
    assert "saved      0 of 3 (dry run)" in run("import", out, sheet, "--reviewer", "An", "--dry-run").stdout
    done = run("import", out, sheet, "--reviewer", "An")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"undecided  {len(targets) - 3}\nsaved      3\nbatch      sheet-" in done.stdout
    assert (
        "known      3, decided just so before\nsaved      0\n"
        in run("import", out, sheet, "--reviewer", "An").stdout
    )
    assert run("import", out, tmp_path / "no.csv", "--reviewer", "An").returncode == 2
