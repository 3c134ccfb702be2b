"""One PDF page → its lines and tables in reading order, the left of two columns before the right one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from policyextract.read.pdf_aligned import aligned_tables
from policyextract.read.pdf_page import Page, Word
from policyextract.read.pdf_tables import Table, page_tables
from policyextract.read.pdf_words import Row, row_text, rows

_LETTERHEAD = re.compile(
    r"CỘNG H[OÒ][ÀA]|ĐẢNG CỘNG SẢN|Độc lập\b|SOCIALIST REPUBLIC|Independence\b|Nơi nhận", re.IGNORECASE
)
_COLUMN_ROWS, _LETTERHEAD_ROWS, _CORRIDOR = 8, 12, 5.0
ENDLESS = 1e6  # the right edge where there is none
_FIRST_PAGES = 4  # pages that are read again when columns are found on a later one


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column: its words' text and box, the edges of its column and its place on the page.

    ``right`` is 0 in a page of one column; ``depth`` runs from 0 at the top of the page to 1 at its foot; a
    ``note`` stands at the foot of a column and is no part of its text.
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
    note: bool = False


def all_blocks(pages: Iterable[Page]) -> list[list[Line | Table]]:
    """Lines and tables of each page in reading order; where columns part on one page they may part on others."""
    found: list[list[Line | Table]] = []
    first: list[Page] = []
    gutter: float | None = None
    for page in pages:
        blocks, own = _blocks(page, gutter)
        found.append(blocks)
        if own is not None and gutter is None:
            found[: len(first)] = [_blocks(before, own)[0] for before in first]
        gutter = own or gutter
        first = [] if gutter else [*first, page] if len(found) <= _FIRST_PAGES else first
    return found


def _blocks(page: Page, hint: float | None) -> tuple[list[Line | Table], float | None]:
    """Lines and tables of a page, and where its columns part."""
    tables, words = page_tables(page)
    number, height, width = page.number, max(page.height, 1.0), page.width
    gutter = _gutter(words, width, hint)
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
    return blocks, gutter


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
    right = max(line.x1 for line in lines) if column.kind == "column" else ENDLESS
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
    for top, bottom in sorted({*_blocked(words, gutter), *across, (ENDLESS, ENDLESS)}):
        zone = [word for word in words if floor <= _middle(word) < top]
        yield _Column(rows([word for word in zone if word.x1 <= gutter]), "column")
        yield _Column(rows([word for word in zone if word.x1 > gutter]), "column")
        yield from _letterheads(rows([word for word in words if top <= _middle(word) < bottom]), width)
        floor = bottom


def _middle(word: Word) -> float:
    return (word.top + word.bottom) / 2


def _gutter(words: list[Word], width: float, hint: float | None) -> float | None:
    """Where two columns of prose part, or None on a page of one column or with an unruled table.

    Where another page's columns part, those of this one may be short.
    """
    text = _height(_stretches(words))
    best: tuple[float, float] | None = None
    places = range(int(width * 0.35), int(width * 0.65), max(5, int(width / 400)))
    for x, crossing in zip(places, _crossing(words, places), strict=True):
        across = _height(_stretches(crossing))
        if across < 0.4 * text and (best is None or across < best[0]):
            best = across, float(x)
    if best is not None:
        left, right = _sides(words, best[1])
        clear = best[0] < 0.15 * text
        if any(
            _is_prose(one) and _is_prose(other, 0.3 if clear else 0.5)
            for one, other in ((left, right), (right, left))
        ):
            return best[1]
    if (
        hint is not None
        and _height(_stretches([word for word in words if _crosses(word, hint)])) < 0.4 * text
    ):
        left, right = _sides(words, hint)
        if left and sum(map(len, left + right)) > 3.5 * len(left + right):
            return hint
    return None


def _sides(words: list[Word], gutter: float) -> tuple[list[Row], list[Row]]:
    left, right = [word for word in words if word.x1 <= gutter], [word for word in words if word.x0 >= gutter]
    return rows(left), rows(right)


def _crosses(word: Word, x: float) -> bool:
    return word.x0 < x + _CORRIDOR and word.x1 > x - _CORRIDOR


def _crossing(words: list[Word], places: range) -> list[list[Word]]:
    """For each place the words that cross it."""
    found: list[list[Word]] = [[] for _ in places]
    for word in words:
        first = max(0, int((word.x0 - _CORRIDOR - places.start) // places.step))
        for index in range(first, len(places)):
            if _crosses(word, places[index]):
                found[index].append(word)
            elif places[index] > word.x0:
                break
    return found


def _is_prose(side: list[Row], share: float = 0.5) -> bool:
    """Whether the rows are mostly words and, at least that share of them, fill their column."""
    if len(side) < _COLUMN_ROWS:
        return False
    span = max(row[-1].x1 for row in side) - min(row[0].x0 for row in side)
    filled = sum(row[-1].x1 - row[0].x0 > 0.6 * span for row in side)
    return filled > share * len(side) and sum(map(len, side)) > 3.5 * len(side)


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
