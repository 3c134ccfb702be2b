"""Which lines are rows of tables, and which of them name the columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyextract import tabular
from policyextract.segment.lines import HEADING_WORDS, Line

# The cells of a row are compared with each other, which takes their number squared; the widest tables of statistics have
# some 60 columns. A line beyond this is read as running text, in parts.
MOST_COLUMNS, LONGEST_ROW = 200, 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """A line's part in a table: what parts its cells, and the number of its header's line, if any."""

    separator: str
    header: int | None


def tables_of(lines: list[Line]) -> dict[int, Row]:
    """The lines that are table rows or header rows, by number."""
    separators = _separators(lines)
    rows = _aligned(lines, separators)
    header: int | None = None
    known: dict[tuple[str, int], int] = {}  # a sub-heading may part a table from its header row
    for i, separator in enumerate(separators):
        if not separator:
            header = None
            continue
        shape = separator, len(tabular.cells(lines[i].text, separator))
        adjacent = any(_alike(lines, separators, i, j) for j in (i + 1, i + 2) if j < len(lines))
        if not has_figures(lines[i], separator) and (
            header is None or not _alike(lines, separators, header, i)
        ):
            if not adjacent:
                header = None  # bars in a line of their own: a menu, a caption
                continue
            header = known[shape] = i
            rows[i] = Row(separator, None)
            continue
        if header is None or not _alike(lines, separators, header, i):
            header = known.get(shape)
        rows[i] = Row(separator, header)
    return rows


def _alike(lines: list[Line], separators: list[str], one: int, other: int) -> bool:
    """Whether two lines can stand in one table: the same separator, as many cells give or take one."""
    separator = separators[one]
    counts = [len(tabular.cells(lines[i].text, separator)) for i in (one, other)] if separator else [0, 9]
    return separators[other] == separator and abs(counts[0] - counts[1]) <= 1


def has_figures(line: Line, separator: str) -> bool:
    """Whether a cell of the line holds a figure that is no year."""
    texts = (line.text[a:b].strip() for a, b in tabular.cells(line.text, separator))
    return any(
        re.match(r"[<>≥≤~]?\s?\d", t) and not re.match(r"(19|20)\d\d\b", t) for t in texts if len(t) < 30
    )


def _aligned(lines: list[Line], separators: list[str]) -> dict[int, Row]:
    """Tables whose cells are parted by single blanks, as copied from a PDF: figures under a row of years."""
    rows: dict[int, Row] = {}
    for i, line in enumerate(lines):
        count = 0 if separators[i] or i in rows else tabular.year_columns(line.text)
        found: list[int] = []
        for j in range(i + 1, len(lines) if count else 0):
            if separators[j]:
                break
            if tabular.has_columns(lines[j].text, count):
                found.append(j)
            elif re.search(r"\d", lines[j].text) or len(lines[j].text.split()) > HEADING_WORDS:
                break
        if len(found) > 1:
            rows[i] = Row(tabular.ALIGNED, None)
            rows.update((j, Row(tabular.ALIGNED, i)) for j in found)
    return rows


def _separators(lines: list[Line]) -> list[str]:
    """What parts the cells of each line, "" for a line that is no table row.

    Bars, tabs and wide gaps show a row by themselves; semicolons only where neighbouring lines have as many.
    """
    found = [_separator(line.text) for line in lines]
    semicolons = [line.text.count(";") if len(line.text) < 300 else 0 for line in lines]
    for i, count in enumerate(semicolons):
        if found[i] or count < 2 or _cellular(lines[i].text) is False:
            continue
        near = [j for j in (i - 1, i + 1) if 0 <= j < len(lines)]
        if any(semicolons[j] == count and not lines[j].gap | (j == i + 1 and lines[j].gap) for j in near):
            found[i] = ";"
    for i, count in enumerate(semicolons):  # the column heads, longer than cells, perhaps above a sub-heading
        below = [j for j in (i + 1, i + 2) if j < len(lines) and found[j] == ";"]
        if not found[i] and count >= 2 and below and semicolons[below[0]] == count:
            found[i] = ";" if lines[i].text[-1] not in ";.," else ""
    return found


def _separator(text: str) -> str:
    """What parts the cells of a line that shows by itself that it is a row and is no longer than rows are."""
    separator = tabular.separator_of(text)
    fits = len(text) <= LONGEST_ROW and text.count(separator or "|") <= MOST_COLUMNS
    return separator if fits else ""


def _cellular(text: str) -> bool:
    """Whether the pieces between semicolons are cells, not clauses: mostly short."""
    pieces = text.split(";")
    return sum(len(p) <= 24 for p in pieces) >= len(pieces) - 1
