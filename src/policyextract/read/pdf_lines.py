"""One PDF page → its words in lines, in reading order, with tables apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from policyextract.read.raw import tidy
from policyextract.read.tables import Cell, Grid

_BOLD = re.compile(r"bold|black|heavy|demi|-bd\b", re.IGNORECASE)
_LETTERHEAD = re.compile(
    r"CỘNG H[OÒ][ÀA]|ĐẢNG CỘNG SẢN|Độc lập\b|SOCIALIST REPUBLIC|Independence\b|Nơi nhận", re.IGNORECASE
)
_MIN_COLUMN_LINES, _ENDLESS = 8, 1e6


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its box in points from the top left corner of the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool


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


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: its cells and where its columns and its upper edge stand."""

    grid: Grid
    edges: tuple[float, ...]
    top: float
    page: int


def page_blocks(page: Any, number: int) -> list[Line | Table]:
    """Lines and tables of a pdfplumber page from top to bottom, a left column before a right one."""
    words = _words(page)
    tables, words = _tables(page, words, number)
    rows = _rows(words)
    lines: list[Line | Table] = []
    pending = sorted(tables, key=lambda table: table.top)
    for band in _bands(rows, float(page.width)):
        for line in _band_lines(band, number, float(page.height)):
            while pending and pending[0].top < line.top and len(band) == 1:
                lines.append(pending.pop(0))
            lines.append(line)
    return _with_tables(lines, pending) if pending else lines


def _with_tables(lines: list[Line | Table], tables: list[Table]) -> list[Line | Table]:
    for table in tables:
        after = [i for i, line in enumerate(lines) if line.top > table.top]
        lines.insert(after[0] if after else len(lines), table)
    return lines


def _words(page: Any) -> list[Word]:
    """The upright words of the page; text printed twice to look bold is read once."""
    places = {(char["text"], round(char["x0"]), round(char["top"])) for char in page.chars}
    if len(places) < 0.9 * len(page.chars):
        page = page.dedupe_chars(tolerance=1)
    found = page.extract_words(
        x_tolerance_ratio=0.16, y_tolerance=2, extra_attrs=["fontname", "size"], return_chars=False
    )
    return [
        Word(
            word["text"], word["x0"], word["x1"], word["top"], word["bottom"], word["size"],
            _BOLD.search(word["fontname"]) is not None,
        )
        for word in found
        if word.get("upright", True) and word["x1"] > 0 and word["x0"] < page.width
    ]  # fmt: skip


def _tables(page: Any, words: list[Word], number: int) -> tuple[list[Table], list[Word]]:
    """Ruled tables with their words, and the words outside them."""
    if len(page.lines) + len(page.rects) + len(page.curves) < 4:
        return [], words
    tables: list[Table] = []
    for found in page.find_tables():
        table, rest = _table(found, words, number)
        if table is not None:
            tables.append(table)
            words = rest
    return tables, words


def _table(found: Any, words: list[Word], number: int) -> tuple[Table | None, list[Word]]:
    x0, top, x1, bottom = found.bbox
    columns = _edges([edge for cell in found.cells for edge in (cell[0], cell[2])])
    rows = _edges([edge for cell in found.cells for edge in (cell[1], cell[3])])
    if len(columns) < 3 or len(rows) < 3:
        return None, words
    inside: dict[int, list[Word]] = {}
    rest: list[Word] = []
    for word in words:
        x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
        if not (x0 <= x <= x1 and top <= y <= bottom):
            rest.append(word)
            continue
        boxes = [
            i for i, cell in enumerate(found.cells) if cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]
        ]
        if boxes:
            inside.setdefault(boxes[0], []).append(word)
    blank = Cell("")
    grid: Grid = [[blank] * (len(columns) - 1) for _ in rows[1:]]
    for index, box in enumerate(found.cells):
        cell = Cell("\n".join(_text(row) for row in _rows(inside.get(index, []))))
        for y in range(_nearest(rows, box[1]), _nearest(rows, box[3])):
            for x in range(_nearest(columns, box[0]), _nearest(columns, box[2])):
                grid[y][x] = cell
    return Table(grid, tuple(columns), top, number), rest


def _edges(values: Iterable[float]) -> list[float]:
    """Distinct edges, those within three points taken as one."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > 3:
            edges.append(value)
    return edges


def _nearest(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))


def _rows(words: list[Word]) -> list[list[Word]]:
    """Words by line, each from left to right: those that share more than half of their height."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom, word.x0)):
        for row in reversed(rows[-2:]):
            tallest = max(row, key=lambda other: other.size)
            shared = min(word.bottom, tallest.bottom) - max(word.top, tallest.top)
            if shared > 0.55 * min(word.bottom - word.top, tallest.bottom - tallest.top):
                row.append(word)
                break
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.x0) for row in rows]


def _text(row: list[Word]) -> str:
    """The words of a line; no blank where they touch, as before a raised figure."""
    text = row[0].text if row else ""
    for before, word in pairwise(row):
        touching = word.x0 - before.x1 < 0.08 * max(word.size, before.size) and word.size != before.size
        text += word.text if touching else f" {word.text}"
    return tidy(text)


def _bands(rows: list[list[Word]], width: float) -> list[list[list[Word]]]:
    """Rows in groups: one row that runs over the page, or rows of two columns that belong together."""
    gutter = _gutter(rows, width)
    bands: list[list[list[Word]]] = []
    for row in rows:
        wide = _gap(row, width)
        split = gutter if gutter is not None and _clear(row, gutter) else None
        if split is None and wide is not None and _LETTERHEAD.search(_text(row)):
            split = wide
        if split is None and bands and len(bands[-1]) > 1 and gutter is None and wide is not None:
            split = wide if len(bands[-1][0]) < 12 and not _is_tabular(row) else None
        if split is None:
            bands.append([row])
            continue
        halves = [[word for word in row if word.x1 <= split], [word for word in row if word.x1 > split]]
        if not bands or len(bands[-1]) == 1:
            bands.append([[], []])
        bands[-1].append(halves[0])
        bands[-1].append(halves[1])
    return [_columns(band) for band in bands]


def _columns(band: list[list[Word]]) -> list[list[Word]]:
    """The rows of a band in reading order: a band of two columns has its halves in turn from the third on."""
    if len(band) == 1:
        return band
    return [row for row in [*band[2::2], *band[3::2]] if row]


def _is_tabular(row: list[Word]) -> bool:
    figures = sum(word.text[0].isdigit() for word in row)
    return figures > len(row) / 2


def _gap(row: list[Word], width: float) -> float | None:
    """The middle of the only wide gap of a row, if it lies about the middle of the page."""
    gaps = [
        (after.x0 - before.x1, (after.x0 + before.x1) / 2)
        for before, after in pairwise(row)
        if after.x0 - before.x1 > 2 * max(before.size, 6)
    ]
    return gaps[0][1] if len(gaps) == 1 and 0.25 * width < gaps[0][1] < 0.75 * width else None


def _gutter(rows: list[list[Word]], width: float) -> float | None:
    """Where two columns of text part, or None on a page of one column."""
    best: tuple[int, float] | None = None
    for x in range(int(width * 0.35), int(width * 0.65), 3):
        both = [row for row in rows if row[0].x0 < x - 20 and row[-1].x1 > x + 20 and len(row) > 3]
        clear = sum(_clear(row, x) for row in both)
        if clear >= _MIN_COLUMN_LINES and clear > 0.6 * len(both) and (best is None or clear > best[0]):
            best = clear, x
    return best[1] if best else None


def _clear(row: list[Word], x: float) -> bool:
    """Whether no word of ``row`` comes within four points of ``x``."""
    return all(word.x1 < x - 4 or word.x0 > x + 4 for word in row)


def _band_lines(band: list[list[Word]], page: int, height: float) -> list[Line]:
    """The lines of a band; those of a letterhead are never wrapped ones, so that their column has no end."""
    lines = [_line(row, page, height) for row in band]
    if len(band) == 1:
        return lines
    middle = (min(line.x0 for line in lines) + max(line.x1 for line in lines)) / 2
    found = []
    for line in lines:
        side = [other for other in lines if (other.x0 < middle - 10) == (line.x0 < middle - 10)]
        left, right = min(other.x0 for other in side), max(other.x1 for other in side)
        found.append(replace(line, left=left, right=right if len(lines) >= _MIN_COLUMN_LINES else _ENDLESS))
    return found


def _line(row: list[Word], page: int, height: float) -> Line:
    letters = sum(len(word.text) for word in row)
    top = min(word.top for word in row)
    return Line(
        text=_text(row),
        x0=row[0].x0,
        x1=row[-1].x1,
        top=top,
        bottom=max(word.bottom for word in row),
        size=median(word.size for word in row),
        bold=sum(len(word.text) for word in row if word.bold) > 0.7 * letters,
        first_width=row[0].x1 - row[0].x0,
        page=page,
        left=0.0,
        right=0.0,
        depth=top / max(height, 1.0),
    )
