"""The tables of a PDF page that have no rules between their columns: figures that stand under each other."""

from __future__ import annotations

import re
from itertools import pairwise

from policyextract.read.pdf_page import Word
from policyextract.read.pdf_tables import Table
from policyextract.read.pdf_words import Row, row_text, rows
from policyextract.read.tables import Cell

_FIGURE = re.compile(r"[<>≥≤~≈+]?\d[\d.,/–-]*\s?%?\*?|[-–—…]|\.{3}|n/a", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_BETWEEN, _HEADER_ROWS = 7, 5  # most lines between two rows of figures, and in a header
_CORRIDOR, _APART, _FAR = 0.6, 0.8, 2.0  # widths of gaps, in letters
Corridors = list[tuple[float, float]]


def aligned_tables(words: list[Word], number: int) -> tuple[list[Table], list[Word]]:
    """The tables without rules among the words of a page of one column, and the words outside them."""
    found = rows(words)
    tables: list[Table] = []
    used: set[int] = set()
    end = 0
    for block in _blocks(found):
        figures = [found[i] for i in block]
        corridors = _corridors(figures)
        if len(corridors) + len(block) < 4 or not corridors:
            continue
        tight = _tight(found[block[0] : block[-1] + 1])
        first, last = _record(found, block[0], block[-1], tight, end)
        start, stop = _header(found, first, end, corridors)
        for row in reversed(found[start:stop]):
            wider = _corridors([*figures, row])
            corridors = wider if len(wider) == len(corridors) else corridors
        texts = [_cells(band, corridors) for band in _bands(found[stop : last + 1], tight)]
        if sum(any(map(str.isalpha, cells[0] + cells[1])) for cells in texts) < 0.6 * len(texts):
            continue  # the axes of a chart
        header = [_header_cells(found[start:stop], corridors)] if stop > start else []
        tables.append(_table(header + _unwrapped(texts), found[start : last + 1], corridors, number))
        end = last + 1
        used.update(id(word) for row in found[start:end] for word in row)
    return tables, [word for word in words if id(word) not in used] if used else words


def _blocks(found: list[Row]) -> list[list[int]]:
    """The numbers of rows of figures that belong to one table: close to each other, two or more."""
    blocks: list[list[int]] = [[]]
    for i, row in enumerate(found):
        if not _is_figures(row):
            continue
        if blocks[-1] and not _together(found[blocks[-1][-1] : i + 1]):
            blocks.append([])
        blocks[-1].append(i)
    return [block for block in blocks if len(block) > 1]


def _is_figures(row: Row) -> bool:
    """Whether a row holds a label and figures that keep their distance from what stands before them."""
    pairs = [(before, word) for before, word in pairwise(row) if _FIGURE.fullmatch(word.text)]
    apart = sum(word.x0 - before.x1 > _APART * word.size for before, word in pairs) > 1 or any(
        word is row[-1] and word.x0 - before.x1 > _FAR * word.size for before, word in pairs
    )
    texts = [word.text for word in row]
    alone = all(map(_FIGURE.fullmatch, texts)) and not all(map(_YEAR.fullmatch, texts))  # its label elsewhere
    return apart and (alone or sum(map(str.isalpha, row_text(row))) > 2)


def _together(found: list[Row]) -> bool:
    """Whether the lines from one row of figures to the next may be of one table: no prose is among them."""
    if len(found) > _BETWEEN + 2 or not all(_close(above, below) for above, below in pairwise(found)):
        return False
    left, right = min(row[0].x0 for row in found), max(row[-1].x1 for row in found)
    prose = [not _is_parted(row) and row[-1].x1 - row[0].x0 > 0.6 * (right - left) for row in found]
    ends = any(one and row[-1].text[-1] in ".;:" for one, row in zip(prose, found, strict=True))
    return not ends and not any(one and other for one, other in pairwise(prose))


def _close(above: Row, below: Row) -> bool:
    return below[0].top - above[0].bottom < 2.5 * max(above[0].size, below[0].size)


def _is_parted(row: Row) -> bool:
    return any(word.x0 - before.x1 > _APART * word.size for before, word in pairwise(row))


def _corridors(found: list[Row]) -> Corridors:
    """What no word of the rows stands in, from left to right: there the columns part."""
    words = sorted((word for row in found for word in row), key=lambda word: word.x0)
    least = _CORRIDOR * max(word.size for word in words)
    corridors: Corridors = []
    right = words[0].x1
    for word in words:
        if word.x0 - right > least:
            corridors.append((right, word.x0))
        right = max(right, word.x1)
    return corridors


def _column(x: float, corridors: Corridors) -> int:
    return sum(x > (left + right) / 2 for left, right in corridors)


def _columns(row: Row, corridors: Corridors) -> set[int]:
    return {_column((word.x0 + word.x1) / 2, corridors) for word in row}


def _tight(found: list[Row]) -> float:
    """The most white between lines of one row of the table; -1 if lines stand as far apart as rows do."""
    size = found[0][0].size
    gaps = [below[0].top - above[0].bottom for above, below in pairwise(found)]
    tight = min(gaps) + 0.15 * size
    bands = _split(found, tight)
    return tight if all(sum(map(_is_figures, band)) < 2 for band in bands) else -size


def _split(found: list[Row], tight: float) -> list[list[Row]]:
    bands = [[found[0]]]
    bottom = max(word.bottom for word in found[0])
    for row in found[1:]:
        if min(word.top for word in row) - bottom > tight:
            bands.append([])
        bands[-1].append(row)
        bottom = max(bottom, *(word.bottom for word in row))
    return bands


def _bands(body: list[Row], tight: float) -> list[list[Row]]:
    """The lines of each row of the table."""
    bands = _split(body, tight) if tight > -body[0][0].size else [[row] for row in body]
    return bands if all(sum(map(_is_figures, band)) < 2 for band in bands) else [[row] for row in body]


def _record(found: list[Row], first: int, last: int, tight: float, floor: int) -> tuple[int, int]:
    """The first and the last line of the rows of the table that begin and end its figures."""
    while first > floor and found[first][0].top - found[first - 1][0].bottom <= tight:
        first -= 1
    near = tight if tight > -found[last][0].size else 0.8 * found[last][0].size
    while last + 1 < len(found) and found[last + 1][0].top - found[last][0].bottom <= near:
        text = found[last + 1][0].text
        if tight == -found[last][0].size and not (text[0].islower() or text[0] == "("):
            break
        last += 1
    return first, last


def _header(found: list[Row], first: int, floor: int, corridors: Corridors) -> tuple[int, int]:
    """Where the header above line ``first`` begins and ends; a heading within the table may stand between."""

    def is_head(index: int) -> bool:
        row = found[index]
        inside = _columns(row, corridors)
        return _close(row, found[index + 1]) and (_is_parted(row) or (len(inside) == 1 and inside != {0}))

    stop = first
    if stop - 2 >= floor and not is_head(stop - 1) and _close(found[stop - 1], found[stop]):
        stop -= is_head(stop - 2)
    start = stop
    while start > max(floor, stop - _HEADER_ROWS) and is_head(start - 1):
        start -= 1
    while start < stop and len(_columns(found[start], corridors)) < 2:
        start += 1
    return (start, stop) if start < stop else (first, first)


def _header_cells(found: list[Row], corridors: Corridors) -> list[str]:
    """The header in one row; what stands over two columns is read with both."""
    cells: list[list[str]] = [[] for _ in range(len(corridors) + 1)]
    for row in found:
        part: Row = []
        for word, after in zip(row, [*row[1:], None], strict=True):
            part.append(word)
            if after is None or after.x0 - word.x1 > _APART * word.size:
                for column in range(_column(part[0].x0, corridors), _column(word.x1, corridors) + 1):
                    cells[column].append(row_text(part))
                part = []
    return [" ".join(texts) for texts in cells]


def _cells(band: list[Row], corridors: Corridors) -> list[str]:
    """The text of each column of a row; of one that runs on over the columns, all in the first."""
    if len(band) == 1 and not _is_parted(band[0]):
        return [row_text(band[0]), *("" for _ in corridors)]
    words = [word for row in band for word in row]
    columns = [
        [word for word in words if _column((word.x0 + word.x1) / 2, corridors) == i]
        for i in range(len(corridors) + 1)
    ]
    return [" ".join(row_text(row) for row in rows(column)) for column in columns]


def _unwrapped(cells: list[list[str]]) -> list[list[str]]:
    """The rows, with the second line of a label, which begins small, put to the first."""
    joined: list[list[str]] = []
    for texts in cells:
        label = next((text for text in texts if text), "")
        if joined and label[:1].islower() and not (any(texts[1:]) and any(joined[-1][1:])):
            joined[-1] = [f"{a} {b}".strip() for a, b in zip(joined[-1], texts, strict=True)]
        else:
            joined.append(texts)
    return joined


def _table(cells: list[list[str]], found: list[Row], corridors: Corridors, number: int) -> Table:
    words = [word for row in found for word in row]
    left, right = min(word.x0 for word in words), max(word.x1 for word in words)
    edges = (left, *((a + b) / 2 for a, b in corridors), right)
    grid = [[Cell(text) for text in texts] for texts in cells]
    return Table(grid, edges, min(word.top for word in found[0]), number, loose=True)
