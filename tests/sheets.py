"""Sheets as spreadsheet programs hand them back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from reviewing import TEXTS as ENGLISH

from policyextract.review.sheet_layout import COLUMNS, TITLE

TEXTS = {
    **ENGLISH,
    "=1+1/hải dương.txt": (
        "HẢI DƯƠNG - Ủy ban nhân dân tỉnh ban hành kế hoạch chuyển đổi số.\n"
        "Đến năm 2030, phấn đấu ít nhất 80% số hộ gia đình có kết nối internet cáp quang.\n"
        "Đến năm 2025, 3/4 số xã và 12,5% số hộ nghèo được dùng mạng di động 5G.\n"
        "Đến năm 2030, phấn đấu 100% hồ sơ công việc cấp tỉnh được xử lý trên môi trường mạng.\n"
    ),
}
NAMES = [column.name for column in COLUMNS]
Grid = list[list[Any]]


def load(path: Path) -> Grid:
    """The cells of a sheet as it was exported, header first; all have the same length."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [list(row) for row in csv.reader(file)]
    sheet = openpyxl.load_workbook(path)[TITLE]
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def fill(grid: Grid, row: int | str, **cells: Any) -> None:
    """Write into a row: of that number as a spreadsheet shows it, or of that target_id; "new_year" is "new year"."""
    names = grid[0]
    if isinstance(row, str):
        at = names.index("target_id")
        row = 1 + next(n for n, line in enumerate(grid) if line[at] == row)
    for name, value in cells.items():
        grid[row - 1][names.index(column(name))] = value


def column(name: str) -> str:
    """A column by a name that Python takes."""
    return name.replace("new_", "new ", 1)


def added(**cells: Any) -> list[Any]:
    """A line of one's own, in the order of the export."""
    values = {column(name): value for name, value in cells.items()}
    assert values.keys() <= set(NAMES)
    return [values.get(name, "") for name in NAMES]


def ids(grid: Grid) -> list[str]:
    """The target_ids in the order of the lines."""
    at = grid[0].index("target_id")
    return [line[at] for line in grid[1:]]


def as_csv(grid: Grid, separator: str = ",", encoding: str = "utf-8-sig", end: str = "\r\n") -> bytes:
    """The bytes of a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(grid)
    return text.getvalue().encode(encoding, "replace")


def as_xlsx(path: Path, sheets: Mapping[str, Grid], change: Callable[[Any], None] | None = None) -> Path:
    """A workbook with these sheets; text stays text, whatever it looks like."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, grid in sheets.items():
        sheet = book.create_sheet(name)
        for r, line in enumerate(grid, 1):
            for c, value in enumerate(line, 1):
                if value != "":
                    cell = sheet.cell(r, c, value)
                    if isinstance(value, str):
                        cell.data_type = "s"
    if change is not None:
        change(book)
    book.save(path)
    return path
