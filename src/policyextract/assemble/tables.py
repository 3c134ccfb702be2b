"""Tables of indicators: what a cell's column and row say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyextract import lexicon
from policyextract.assemble.reading import Reading
from policyextract.types import Segment, Span

_CELLS = {
    "|": re.compile(r"\s*\|\s*"),
    "\t": re.compile(r"\t+"),
    "   ": re.compile(r" {3,}"),
    ";": re.compile(r"\s*;\s*"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands in its table: offsets of its header, its row's label and unit cell."""

    role: str
    column: int
    header: tuple[int, int] | None
    label: tuple[int, int] | None
    unit: tuple[int, int] | None
    alone: bool
    heads: tuple[tuple[int, int], ...] = ()


def cells(text: str, row: Segment) -> list[tuple[int, int]]:
    """Offsets of the cells of a table row."""
    found: list[tuple[int, int]] = []
    at, end = row.start, row.end
    for gap in _CELLS.get(row.separator, _CELLS["|"]).finditer(text, row.start, row.end):
        found.append((at, gap.start()))
        at = gap.end()
    return [*found, (at, end)]


def cell_of(reading: Reading, value: Span, row: Segment) -> Cell:
    """The cell of a value in a table row; ``role`` is target, actual, dated, index or label."""
    text = reading.document.text
    header = next((h for h in reversed(row.heads) if h.kind == "header"), None)
    heads = cells(text, header) if header else []
    row_cells = cells(text, row)
    column = next((i for i, (_, end) in enumerate(row_cells) if value.start < end), len(row_cells) - 1)
    label = _label(reading, row_cells)
    # a row that lacks its number cell is one cell short of the header
    shift = len(heads) - len(row_cells) if len(heads) > len(row_cells) and column > 0 else 0
    at = column + shift
    head = heads[at] if at < len(heads) else None
    roles = [_role(reading, h) for h in heads]
    role = roles[at] if head else "dated"
    if role == "dated" and "actual" in roles[:at]:
        role = "target"
    unit = next(
        (
            row_cells[i - shift]
            for i, r in enumerate(roles)
            if r == "unit" and 0 <= i - shift < len(row_cells)
        ),
        None,
    )
    if (row_cells[column] == label and column != at) or role in ("unit", "index"):
        role = "label"
    core = value.attr("core") or f"{value.start}:{value.end}"
    first, last = (int(x) for x in core.split(":"))
    cell_text = text[slice(*row_cells[column])]
    alone = len(cell_text) - (last - first) <= max(12, len(cell_text) // 2)
    return Cell(role, column, head, label, unit, alone, tuple(heads))


def _label(reading: Reading, row: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The first cell that holds words."""
    text = reading.document.text
    return next((c for c in row if sum(ch.isalpha() for ch in text[slice(*c)]) >= 3), None)


def _role(reading: Reading, cell: tuple[int, int]) -> str:
    """What a header cell announces."""
    table = lexicon.table(reading.document.lang, "tables")
    words = reading.words(*cell)
    joined = f" {' '.join(words)} "

    def has(name: str) -> bool:
        return any(f" {w} " in joined for w in table[name])

    years = [int(y) for s in reading.within("YEAR", *cell) if (y := s.attr("year"))]
    if has("unit") and len(words) <= 4 and not years:
        return "unit"
    if has("index") and len(words) <= 2:
        return "index"
    if has("target") and not (has("actual") and _is_past(reading, years)):
        return "target"
    if has("actual"):
        return "actual"
    if years:
        return "actual" if _is_past(reading, years) else "dated"
    return "label"


def _is_past(reading: Reading, years: list[int]) -> bool:
    date = reading.document.date
    return bool(years) and date is not None and max(years) < date.year
