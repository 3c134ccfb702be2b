"""The ruled tables of a PDF page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policyextract.read.pdf_words import Word, row_text, rows
from policyextract.read.tables import Cell, Grid


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its cells, where its columns part and where its upper edge stands.

    One that is ``loose`` has no rules: where its columns part is known by their words alone.
    """

    grid: Grid
    edges: tuple[float, ...]
    top: float
    page: int
    loose: bool = False


def page_tables(page: Any, words: list[Word], number: int) -> tuple[list[Table], list[Word]]:
    """The ruled tables of a pdfplumber page with their words, and the words outside them."""
    tables: list[Table] = []
    if len(page.lines) + len(page.rects) + len(page.curves) < 4:
        return tables, words
    for found in page.find_tables():
        table, rest = _table(found, words, number)
        if table is not None:
            tables.append(table)
            words = rest
    return tables, words


def _table(found: Any, words: list[Word], number: int) -> tuple[Table | None, list[Word]]:
    """One table, or None for a mere frame, and the words that it does not hold."""
    columns = _edges(edge for cell in found.cells for edge in (cell[0], cell[2]))
    lines = _edges(edge for cell in found.cells for edge in (cell[1], cell[3]))
    if len(columns) < 3 or len(lines) < 3:
        return None, words
    inside: dict[int, list[Word]] = {}
    rest: list[Word] = []
    for word in words:
        if not _holds(found.bbox, word):
            rest.append(word)
        elif (index := next((i for i, box in enumerate(found.cells) if _holds(box, word)), None)) is not None:
            inside.setdefault(index, []).append(word)
        else:
            rest.append(word)
    blank = Cell("")
    grid: Grid = [[blank] * (len(columns) - 1) for _ in lines[1:]]
    for index, box in enumerate(found.cells):
        cell = Cell("\n".join(row_text(row) for row in rows(inside.get(index, []))))
        for y in range(_nearest(lines, box[1]), _nearest(lines, box[3])):
            for x in range(_nearest(columns, box[0]), _nearest(columns, box[2])):
                grid[y][x] = cell
    return Table(grid, tuple(columns), found.bbox[1], number), rest


def _holds(box: tuple[float, float, float, float], word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _edges(values: Iterable[float]) -> list[float]:
    """Distinct edges, those within three points taken as one."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > 3:
            edges.append(value)
    return edges


def _nearest(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))
