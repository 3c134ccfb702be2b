"""A file that a spreadsheet program saved → the table of its review sheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from policyextract.errors import ReadError, ReviewError
from policyextract.read.plain import decode
from policyextract.review.sheet_cells import Cell, text_of
from policyextract.review.sheet_layout import COLUMNS, key

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_KNOWN = frozenset(key(column.name) for column in COLUMNS)
_TYPED = frozenset(key(column.name) for column in COLUMNS if column.kind in ("decision", "new"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATORS = ",;\t|"
_HEAD = 30  # lines in which the header is looked for: there may be a title above it
_SAMPLE = 1_000_000  # characters of a file from which its separator is told
_ENOUGH = 500  # numbers with decimals from which the sign before them is told
_SEP_LINE = re.compile(r"sep=([,;\t|])[^\n]*\n", re.I)  # Excel reads it and does not show it
_COMMA = re.compile(r"[+-]?(?:0|\d{4,}),\d+|[+-]?\d+,(?:\d{1,2}|\d{4,})")
_POINT = re.compile(r"[+-]?(?:0|\d{4,})\.\d+|[+-]?\d+\.(?:\d{1,2}|\d{4,})")
_ID = re.compile(r"\bt[0-9a-f]{16}\b")

Line = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a review sheet below its header, with their numbers as a spreadsheet shows them.

    ``places`` says in which cell a column stands, by its ``key``; lines may be shorter than that. ``guarded`` tells
    whether apostrophes keep texts from running as formulas, ``comma`` whether decimals follow a comma, None if that
    cannot be told.
    """

    places: Mapping[str, int]
    width: int
    lines: Sequence[tuple[int, Line]]
    guarded: bool
    comma: bool | None

    def cell(self, line: Line, name: str) -> Cell:
        """The cell of a column, an empty text if there is none."""
        at = self.places.get(name, -1)
        return line[at] if 0 <= at < len(line) else ""

    def fault(self, line: Line) -> str | None:
        """What is wrong with a line as a whole: too many cells, or a quotation mark that swallowed other lines."""
        if len(line) == self.width:
            return None
        if any(isinstance(cell, str) and "\n" in cell and _ID.search(cell) for cell in line):
            return "a quotation mark is not closed and swallows the lines below it; write it twice or take it away"
        if any(text_of(cell) for cell in line[self.width :]):
            return "it holds more cells than the header; put text with separators in quotation marks"
        return None


def read_sheet(path: Path | str, name: str | None = None) -> Table:
    """The review sheet in a file: CSV with any separator and encoding, or a workbook, there the sheet ``name``.

    Without ``name`` it is the only sheet with a header like that of an export. Raises ReviewError, saying what to
    do, if there is none, or several, or the file cannot be read.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReviewError(f"{path} cannot be read: {error.strerror}") from error
    if data.startswith(_WORKBOOKS):
        return _of_workbook(path, name)
    if name is not None:
        raise ReviewError(f"{path} is no workbook and holds no sheets; leave out --sheet")
    try:
        text = decode(data)
    except ReadError as error:
        raise ReviewError(f"{path} cannot be read as a sheet: {error}") from error
    return _of_text(path, text)


def _of_text(path: Path, text: str) -> Table:
    before = csv.field_size_limit(2**31 - 1)
    try:
        separator = _SEP_LINE.match(text)
        text = text[separator.end() :] if separator else text
        for mark in (separator[1],) if separator else _SEPARATORS:
            head = list(islice(_records(text[:_SAMPLE], mark), _HEAD))
            if (at := _header(head)) is not None:
                return _table(path, list(_records(text, mark)), at, guarded=True)
    except csv.Error as error:
        raise ReviewError(f"{path} cannot be read as CSV: {error}") from error
    finally:
        csv.field_size_limit(before)
    raise ReviewError(_headless(path))


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=separator)


def _of_workbook(path: Path, name: str | None) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        if name is not None and name not in names:
            raise ReviewError(f"{path} holds no sheet {name!r}, but {', '.join(map(repr, names))}")
        found: dict[str, tuple[CalamineSheet, int]] = {}
        for one in names if name is None else [name]:
            sheet = book.get_sheet_by_name(one)
            at = _header(islice(sheet.iter_rows(), _HEAD))
            if at is not None:
                found[one] = sheet, at
        if len(found) > 1:
            listed = ", ".join(map(repr, found))
            raise ReviewError(f"{path} holds several sheets of a review: {listed}; name one with --sheet")
        if not found:
            raise ReviewError(_headless(path))
        [(sheet, at)] = found.values()
        lines = list(sheet.iter_rows())
        _fill(lines, sheet.merged_cell_ranges or [], at)
    except PasswordError as error:
        raise ReviewError(f"{path} needs a password; save it without one") from error
    except (CalamineError, OSError, ValueError) as error:
        raise ReviewError(f"{path} cannot be read as a workbook: {error}") from error
    return _table(path, lines, at, guarded=False)


def _fill(
    lines: list[list[Cell]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]], header: int
) -> None:
    """What stands in merged cells below the header counts for each of them."""
    for (top, left), (bottom, right) in merged:
        if top > header and top < len(lines):
            value = lines[top][left] if left < len(lines[top]) else ""
            for line in lines[top : bottom + 1]:
                line[left : right + 1] = [value] * len(line[left : right + 1])


def _header(lines: Iterable[Line]) -> int | None:
    """The number of the line with the names of the columns, from 0."""
    for n, line in enumerate(lines):
        names = {key(text_of(cell)) for cell in line if cell != ""}
        if "target_id" in names and not names.isdisjoint(_TYPED):
            return n
    return None


def _headless(path: Path) -> str:
    return (
        f"{path} holds no sheet of a review: no line in its first {_HEAD} names the columns target_id and decision; "
        "name a file that policyextract review export wrote, and leave its header in it"
    )


def _table(path: Path, records: Sequence[Line], header: int, *, guarded: bool) -> Table:
    names = [key(text_of(cell)) for cell in records[header]]
    for name in _KNOWN:
        if names.count(name) > 1:
            raise ReviewError(f"{path} has {names.count(name)} columns called {name}; leave one of them")
    while names and not names[-1]:
        names.pop()
    places = {name: n for n, name in enumerate(names) if name in _KNOWN}
    lines = [
        (n, line) for n, line in enumerate(records[header + 1 :], header + 2) if any(c != "" for c in line)
    ]
    signs = set(_texts(lines, places.get("comparator")))
    guarded = guarded if signs.isdisjoint({"=", "'="}) else "'=" in signs
    return Table(places, len(names), lines, guarded, _decimals(lines, places))


def _texts(lines: Iterable[tuple[int, Line]], at: int | None) -> Iterator[str]:
    if at is not None:
        yield from (line[at] for _, line in lines if at < len(line) and isinstance(line[at], str))  # type: ignore[misc]


def _decimals(lines: Sequence[tuple[int, Line]], places: Mapping[str, int]) -> bool | None:
    """Whether numbers that the export wrote now have a comma before their decimals."""
    commas = points = 0
    for name in ("confidence", "number", "number_high"):
        for text in _texts(lines, places.get(name)):
            number = text.strip()
            commas += _COMMA.fullmatch(number) is not None
            points += _POINT.fullmatch(number) is not None
            if commas + points >= _ENOUGH:
                return commas > points
    return None if not commas and not points else commas > points
