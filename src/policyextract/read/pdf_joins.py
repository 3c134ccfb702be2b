"""Tables that go on over the end of a page: a row that the end cuts through is put together."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile

from policyextract.read.pdf_lines import Line
from policyextract.read.pdf_tables import Table
from policyextract.read.tables import Cell, Grid

_FIGURES = re.compile(r"[\d.,%<>≥≤~+/–-]+")
Blocks = list[Line | Table]
Row = list[Cell]


def same_table(one: Table, other: Table) -> bool:
    """Whether ``other`` goes on with ``one``: on the next page, or below it if only one of them has rules."""
    loose = one.loose or other.loose
    most = 40 if loose else 6
    follows = one.page + 1 == other.page or (loose and one.page == other.page)
    return (
        follows
        and len(one.edges) == len(other.edges)
        and all(abs(a - b) < most for a, b in zip(one.edges, other.edges, strict=True))
    )


def join_rows(pages: list[Blocks]) -> list[Blocks]:
    """The pages with each row that begins on one page and ends on the next put together on the first."""
    pages = [list(blocks) for blocks in pages]
    for before, after in zip(pages, pages[1:], strict=False):
        last = next((i for i in range(len(before) - 1, -1, -1) if not _is_note(before[i])), None)
        if last is None or not after:
            continue
        one, other = before[last], after[0]
        if isinstance(one, Table) and isinstance(other, Table) and one.grid and same_table(one, other):
            head = _repeated(one.grid, other.grid)
            if len(other.grid) > head and _is_rest(one.grid[-1], other.grid[head]):
                row = _joined(one.grid[-1], other.grid[head])
                before[last] = replace(one, grid=[*one.grid[:-1], row])
                after[0] = replace(other, grid=[*other.grid[:head], *other.grid[head + 1 :]])
    return pages


def _is_note(block: Line | Table) -> bool:
    return isinstance(block, Line) and block.note


def _repeated(one: Grid, other: Grid) -> int:
    """How many rows at the top of ``other`` are those of ``one``."""
    same = takewhile(lambda pair: _texts(pair[0]) == _texts(pair[1]), zip(one, other, strict=False))
    return sum(1 for _ in same)


def _texts(row: Row) -> list[str]:
    return [" ".join(cell.text.split()) for cell in row]


def _is_rest(row: Row, rest: Row) -> bool:
    """Whether ``rest`` only goes on with words of ``row``: it has no number of its own, no label and no figures."""
    texts, more = _texts(row), _texts(rest)
    if not texts[0] or more[0] or not any(more):
        return False
    added = [(text, further) for text, further in zip(texts, more, strict=True) if further]
    return all(
        text
        and not text.endswith((".", ";", ":"))
        and not further.endswith(":")
        and not _FIGURES.fullmatch(further)
        for text, further in added
    )


def _joined(row: Row, rest: Row) -> Row:
    made: dict[tuple[int, int], Cell] = {}
    return [
        made.setdefault((id(cell), id(more)), Cell(f"{cell.text}\n{more.text}"))
        if more.text.strip()
        else cell
        for cell, more in zip(row, rest, strict=True)
    ]
