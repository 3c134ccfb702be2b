"""Tables of indicators: what a cell's column and row say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyextract import lexicon, tabular
from policyextract.assemble.reading import Reading
from policyextract.types import Segment, Span

Stretch = tuple[int, int]
_INDEX = re.compile(r"\(?(?:\d{1,3}|[ivxIVX]{1,5}|[a-zđ])(?:\.\d{1,2})*[.)]?\s+(?=\D)")
_UNIT_WORDS = 3  # a unit of measure at the end of a label has no more words ("triệu đồng", "% per year")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands in its table: offsets of its header, its row's label and unit cell, the caption."""

    role: str
    column: int
    header: Stretch | None
    label: Stretch | None
    unit: Stretch | None
    alone: bool
    heads: tuple[Stretch, ...] = ()
    caption: Stretch | None = None


def cells(text: str, row: Segment) -> list[Stretch]:
    """Offsets of the cells of a table row."""
    line = text[row.start : row.end]
    return [(row.start + start, row.start + end) for start, end in tabular.cells(line, row.separator)]


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
    in_label = label is not None and label[0] <= value.start < label[1]
    if row_cells[column] == label or role in ("unit", "index"):
        role = "label"
    if row.separator == tabular.ALIGNED and label is not None:
        label, unit = _parted(reading, label)
        role = "label" if in_label else role
    else:
        unit = _unit(row_cells, roles, shift, label)
    core = value.attr("core") or f"{value.start}:{value.end}"
    first, last = (int(x) for x in core.split(":"))
    cell_text = text[slice(*row_cells[column])]
    alone = len(cell_text) - (last - first) <= max(12, len(cell_text) // 2)
    return Cell(role, column, head, label, unit, alone, tuple(heads), _caption(reading, row))


def _unit(row: list[Stretch], roles: list[str], shift: int, label: Stretch | None) -> Stretch | None:
    """The row's cell under a header of units; a column called "Measure" may hold the labels instead."""
    found = [row[i - shift] for i, r in enumerate(roles) if r == "unit" and 0 <= i - shift < len(row)]
    return next((cell for cell in found if cell != label), None)


def _parted(reading: Reading, label: Stretch) -> tuple[Stretch, Stretch | None]:
    """A label without its number and its unit of measure, where no separator parts them."""
    text = reading.document.text
    if index := _INDEX.match(text, *label):
        label = (index.end(), label[1])
    last = reading.token_at(label[1])
    known = lexicon.word_sets(reading.document.lang, "words")
    measures = known["PCT"] | known["QUNIT"] | known["CURPOST"] | {"rank", "hạng"}
    for count in range(_UNIT_WORDS, 0, -1):
        words = reading.tokens.norms[max(0, last - count) : last]
        if words and (words[0] in measures or (words[0] in known["SCALE"] and len(words) > 1)):
            start = reading.tokens.starts[last - len(words)]
            if start > label[0]:
                return (label[0], start), (start, label[1])
    return label, None


def _caption(reading: Reading, row: Segment) -> Stretch | None:
    """The line above the table that is its title or states its unit."""
    index = reading.segment_at(row.start)
    while index >= 0 and reading.segments[index].kind in ("row", "header"):
        index -= 1
    above = reading.segments[index] if index >= 0 else None
    return (above.start, above.end) if above is not None and above.end < row.start else None


def _label(reading: Reading, row: list[Stretch]) -> Stretch | None:
    """The first cell that holds words."""
    text = reading.document.text
    return next((c for c in row if sum(ch.isalpha() for ch in text[slice(*c)]) >= 3), None)


def _role(reading: Reading, cell: Stretch) -> str:
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
