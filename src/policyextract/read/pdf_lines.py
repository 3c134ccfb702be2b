"""One PDF page → its lines and tables in reading order, the left of two columns before the right one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from policyextract.read.pdf_aligned import aligned_tables
from policyextract.read.pdf_tables import Table, page_tables
from policyextract.read.pdf_words import Row, Word, page_words, row_text, rows

_LETTERHEAD = re.compile(
    r"CỘNG H[OÒ][ÀA]|ĐẢNG CỘNG SẢN|Độc lập\b|SOCIALIST REPUBLIC|Independence\b|Nơi nhận", re.IGNORECASE
)
_COLUMN_ROWS, _LETTERHEAD_ROWS, _CORRIDOR, _ENDLESS = 8, 12, 5.0, 1e6


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column: its words' text and box, the edges of its column and its place on the page.

    ``right`` is 0 in a page of one column; ``depth`` runs from 0 at the top of the page to 1 at its foot.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    first_width: float
    page: int
    left: float
    right: float
    depth: float


def page_blocks(page: Any, number: int) -> list[Line | Table]:
    """Lines and tables of a pdfplumber page in reading order."""
    tables, words = page_tables(page, page_words(page), number)
    height, width = max(float(page.height), 1.0), float(page.width)
    gutter = _gutter(words, width)
    if gutter is None:
        aligned, words = aligned_tables(words, number)
        tables = sorted([*tables, *aligned], key=lambda table: table.top)
    across = [
        (table.top, table.top) for table in tables if gutter and table.edges[0] < gutter < table.edges[-1]
    ]
    blocks: list[Line | Table] = []
    for column in _columns(words, width, gutter, [*across, *_outer_rows(words, height)]):
        blocks += [replace(line, depth=line.top / height) for line in column_lines(column, number)]
    for table in tables:
        below = (
            index
            for index, block in enumerate(blocks)
            if block.top > table.top and (isinstance(block, Table) or _beside(block, table))
        )
        blocks.insert(next(below, len(blocks)), table)
    return blocks


def _beside(line: Line, table: Table) -> bool:
    return line.x0 < table.edges[-1] and line.x1 > table.edges[0]


@dataclass(frozen=True, slots=True)
class _Column:
    """Rows to be read together, and whether they fill a column of their own."""

    rows: list[Row]
    kind: str


def column_lines(column: _Column, page: int) -> list[Line]:
    """The lines of a column with its edges; a letterhead has no right edge, as none of its lines is wrapped."""
    lines = [_line(row, page) for row in column.rows]
    if column.kind == "page" or not lines:
        return lines
    left = min(line.x0 for line in lines)
    right = max(line.x1 for line in lines) if column.kind == "column" else _ENDLESS
    return [replace(line, left=left, right=right) for line in lines]


def _line(row: Row, page: int) -> Line:
    letters = sum(len(word.text) for word in row)
    return Line(
        text=row_text(row),
        x0=row[0].x0,
        x1=row[-1].x1,
        top=min(word.top for word in row),
        bottom=max(word.bottom for word in row),
        size=median(word.size for word in row),
        bold=sum(len(word.text) for word in row if word.bold) > 0.7 * letters,
        first_width=row[0].x1 - row[0].x0,
        page=page,
        left=0.0,
        right=0.0,
        depth=0.0,
    )


def _outer_rows(words: list[Word], height: float) -> list[tuple[float, float]]:
    """Where the first and the last row stand if white parts them from the text: a running head is one line."""
    found = _stretches(words)
    pairs = (pair for pair in ((found[:2]), found[:-3:-1]) if len(pair) == 2)
    return [
        edge
        for edge, text in pairs
        if max(text[0] - edge[1], edge[0] - text[1]) > 1.2 * (edge[1] - edge[0])
        and (edge[1] < 0.1 * height or edge[0] > 0.9 * height)
    ]


def _columns(
    words: list[Word], width: float, gutter: float | None, across: list[tuple[float, float]]
) -> Iterator[_Column]:
    """The words of a page by column, in reading order; what runs over both columns parts them."""
    if gutter is None:
        yield from _letterheads(rows(words), width)
        return
    floor = 0.0
    for top, bottom in sorted({*_blocked(words, gutter), *across, (_ENDLESS, _ENDLESS)}):
        zone = [word for word in words if floor <= _middle(word) < top]
        yield _Column(rows([word for word in zone if word.x1 <= gutter]), "column")
        yield _Column(rows([word for word in zone if word.x1 > gutter]), "column")
        yield from _letterheads(rows([word for word in words if top <= _middle(word) < bottom]), width)
        floor = bottom


def _middle(word: Word) -> float:
    return (word.top + word.bottom) / 2


def _gutter(words: list[Word], width: float) -> float | None:
    """Where two columns of prose part, or None on a page of one column or with an unruled table."""
    text = _height(_stretches(words))
    best: tuple[float, float] | None = None
    for x in range(int(width * 0.35), int(width * 0.65), 5):
        across = _height(_blocked(words, x))
        if across < 0.4 * text and (best is None or across < best[0]):
            best = across, float(x)
    if best is None:
        return None
    gutter = best[1]
    left, right = [word for word in words if word.x1 <= gutter], [word for word in words if word.x0 >= gutter]
    return gutter if _is_prose(rows(left)) and _is_prose(rows(right)) else None


def _crosses(word: Word, x: float) -> bool:
    return word.x0 < x + _CORRIDOR and word.x1 > x - _CORRIDOR


def _is_prose(side: list[Row]) -> bool:
    """Whether the rows are mostly words and mostly fill their column."""
    if len(side) < _COLUMN_ROWS:
        return False
    span = max(row[-1].x1 for row in side) - min(row[0].x0 for row in side)
    filled = sum(row[-1].x1 - row[0].x0 > 0.6 * span for row in side)
    return filled > 0.5 * len(side) and sum(map(len, side)) > 3.5 * len(side)


def _blocked(words: list[Word], gutter: float) -> list[tuple[float, float]]:
    """The stretches of the page, from top to bottom, where text runs across the gutter."""
    return _stretches([word for word in words if _crosses(word, gutter)])


def _stretches(words: list[Word]) -> list[tuple[float, float]]:
    """The stretches of the page, from top to bottom, that ``words`` take up."""
    stretches: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda word: word.top):
        if stretches and word.top < stretches[-1][1] + 0.5 * word.size:
            stretches[-1] = stretches[-1][0], max(stretches[-1][1], word.bottom)
        else:
            stretches.append((word.top, word.bottom))
    return stretches


def _height(stretches: list[tuple[float, float]]) -> float:
    return sum(bottom - top for top, bottom in stretches)


def _letterheads(found: list[Row], width: float) -> Iterator[_Column]:
    """Rows of one column, with the halves of a letterhead or a closing block read one after the other."""
    halves: tuple[list[Row], list[Row]] = ([], [])
    for row in found:
        split = _gap(row, width)
        starts = split is not None and _LETTERHEAD.search(row_text(row)) is not None
        goes_on = bool(halves[0]) and len(halves[0]) < _LETTERHEAD_ROWS and not _is_tabular(row)
        if split is not None and (starts or goes_on):
            halves[0].append([word for word in row if word.x1 <= split])
            halves[1].append([word for word in row if word.x1 > split])
            continue
        yield from _both(halves)
        halves = ([], [])
        yield _Column([row], "page")
    yield from _both(halves)


def _both(halves: tuple[list[Row], list[Row]]) -> Iterator[_Column]:
    if halves[0]:
        yield _Column(halves[0], "letterhead")
        yield _Column(halves[1], "letterhead")


def _is_tabular(row: Row) -> bool:
    return sum(word.text[0].isdigit() for word in row) > len(row) / 2


def _gap(row: Row, width: float) -> float | None:
    """The middle of the only wide gap of a row, if it lies about the middle of the page."""
    gaps = [
        (after.x0 + before.x1) / 2
        for before, after in pairwise(row)
        if after.x0 - before.x1 > 2 * max(before.size, 6)
    ]
    return gaps[0] if len(gaps) == 1 and 0.25 * width < gaps[0] < 0.75 * width else None
