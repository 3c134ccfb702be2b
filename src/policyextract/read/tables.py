"""A table of any format → lines: its header in one row, each row on a line with cells parted by `` | ``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policyextract.read.limits import MOST_CELLS
from policyextract.read.raw import row, tidy

_HEADER_ROWS = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; a merged cell stands, as the same object, at every place of the grid that it covers."""

    text: str


Grid = list[list[Cell]]


def table_lines(grid: Sequence[Sequence[Cell]]) -> list[str]:
    """The rows of ``grid`` as lines, the header first; a table that only lays out text, as its lines.

    A header of several rows becomes one row, a merged cell elsewhere is written once.

    >>> aim = Cell("Aim")
    >>> years = [Cell(""), Cell("2025"), Cell("2030")]
    >>> table_lines([[Cell("Rate"), aim, aim], years, [Cell("Poor"), Cell("2%"), Cell("1%")]])
    ['Rate | Aim 2025 | Aim 2030', 'Poor | 2% | 1%']
    """
    if max(map(len, grid), default=0) * len(grid) > MOST_CELLS:
        return _rows_alone(grid)
    rows = _without_empty([list(cells) for cells in grid if any(cell.text.strip() for cell in cells)])
    if not rows:
        return []
    if len(rows[0]) == 1 or _is_layout(rows):
        return _layout_lines(rows)
    count = _header_rows(rows)
    lines = [row(_header(rows[:count]))] if count > 1 else []
    seen: set[int] = set()
    for cells in rows[count if count > 1 else 0 :]:
        lines.append(row([cell.text if _first(cell, seen) else "" for cell in cells]))
    return [line for line in lines if line]


def _rows_alone(grid: Sequence[Sequence[Cell]]) -> list[str]:
    """Each row by itself, each cell once: for tables too large, or too uneven, to be put in columns."""
    seen: set[int] = set()
    lines = (row([cell.text for cell in cells if _first(cell, seen)]) for cells in grid)
    return [line for line in lines if line]


def _first(cell: Cell, seen: set[int]) -> bool:
    new = id(cell) not in seen
    seen.add(id(cell))
    return new


def _without_empty(rows: Grid) -> Grid:
    """Rows of equal length without the columns that are empty or only continue the one before."""
    width = max(map(len, rows), default=0)
    blank = Cell("")
    full = [cells + [blank] * (width - len(cells)) for cells in rows]

    def adds(column: int) -> bool:
        for cells in full:
            cell = cells[column]
            if cell.text.strip() and not (column and cells[column - 1] is cell):
                return True
        return False

    kept = [column for column in range(width) if adds(column)]
    return [[cells[column] for column in kept] for cells in full]


def _is_layout(rows: Grid) -> bool:
    """Whether a table without figures of its own sets two blocks of text side by side, as letterheads do."""
    if len(rows[0]) != 2 or len(rows) > 4:
        return False
    cells = [cell.text.strip() for cells in rows for cell in cells]
    if any(text and sum(map(str.isdigit, text)) > len(text) / 3 for text in cells):
        return False
    return any("\n" in text for text in rows_first(rows)) or any(len(text) > 400 for text in cells)


def rows_first(rows: Grid) -> list[str]:
    """The texts of the first row."""
    return [cell.text.strip() for cell in rows[0]]


def _layout_lines(rows: Grid) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    for column in range(len(rows[0])):
        for cells in rows:
            if _first(cells[column], seen):
                lines += [tidy(line) for line in cells[column].text.split("\n")]
    return [line for line in lines if line]


def _header_rows(rows: Grid) -> int:
    """How many rows the header takes: more than one if a cell of it spans columns that are named below."""
    count = 1
    while count < min(len(rows) - 1, _HEADER_ROWS):
        above, below = rows[count - 1], rows[count]
        spans = [i for i in range(1, len(above)) if above[i] is above[i - 1] and above[i].text.strip()]
        covers_all = len({id(cell) for cell in above}) == 1
        named = all(below[i] is not below[i - 1] and below[i].text.strip() for i in spans)
        gaps = all(
            below[i] is above[i] or not below[i].text.strip()
            for i in range(len(above))
            if i not in spans and i + 1 not in spans
        )
        if not spans or covers_all or not named or not gaps:
            break
        count += 1
    return count


def _header(rows: Grid) -> list[str]:
    texts = []
    for column in range(len(rows[0])):
        seen: set[int] = set()
        parts = [tidy(cells[column].text.replace("\n", " ")) for cells in rows if _first(cells[column], seen)]
        texts.append(" ".join(part for part in parts if part))
    return texts
