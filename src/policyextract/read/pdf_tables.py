"""The ruled tables of a PDF page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policyextract.read.pdf_page import Page, Rule, Word
from policyextract.read.pdf_words import row_text, rows
from policyextract.read.tables import Cell, Grid

Box = tuple[float, float, float, float]


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


def page_tables(page: Page) -> tuple[list[Table], list[Word]]:
    """The ruled tables of a page with their words, and the words outside them."""
    tables: list[Table] = []
    words = page.words
    for cells in _found(page.rules):
        table, words = _table(cells, words, page.number)
        tables += [table] if table is not None else []
    return tables, words


def _found(rules: list[Rule]) -> list[list[Box]]:
    """The cells of each table that the rules enclose, as pdfplumber finds them."""
    if not rules:
        return []
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    edges = [_edge(rule) for rule in rules]
    merged = merge_edges([edge for edge in edges if max(edge["width"], edge["height"]) >= 1], 3, 3, 3, 3)
    long = [edge for edge in merged if max(edge["width"], edge["height"]) >= 3]
    found: list[list[Box]] = cells_to_tables(intersections_to_cells(edges_to_intersections(long, 3, 3)))
    return found


def _edge(rule: Rule) -> dict[str, Any]:
    """A rule in the words of pdfplumber."""
    width, height = rule.x1 - rule.x0, rule.bottom - rule.top
    return {
        "object_type": "line", "orientation": "v" if height > width else "h",
        "x0": rule.x0, "x1": rule.x1, "top": rule.top, "bottom": rule.bottom, "width": width, "height": height,
    }  # fmt: skip


def _table(cells: list[Box], words: list[Word], number: int) -> tuple[Table | None, list[Word]]:
    """One table, or None for a mere frame, and the words that it does not hold."""
    columns = _edges(edge for cell in cells for edge in (cell[0], cell[2]))
    lines = _edges(edge for cell in cells for edge in (cell[1], cell[3]))
    if len(columns) < 3 or len(lines) < 3:
        return None, words
    whole = columns[0], lines[0], max(cell[2] for cell in cells), max(cell[3] for cell in cells)
    inside: dict[int, list[Word]] = {}
    rest: list[Word] = []
    for word in words:
        if not _holds(whole, word):
            rest.append(word)
        elif (index := next((i for i, box in enumerate(cells) if _holds(box, word)), None)) is not None:
            inside.setdefault(index, []).append(word)
        else:
            rest.append(word)
    blank = Cell("")
    grid: Grid = [[blank] * (len(columns) - 1) for _ in lines[1:]]
    for index, box in enumerate(cells):
        cell = Cell("\n".join(row_text(row) for row in rows(inside.get(index, []))))
        for y in range(_nearest(lines, box[1]), _nearest(lines, box[3])):
            for x in range(_nearest(columns, box[0]), _nearest(columns, box[2])):
                grid[y][x] = cell
    return Table(grid, tuple(columns), whole[1], number), rest


def _holds(box: Box, word: Word) -> bool:
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
