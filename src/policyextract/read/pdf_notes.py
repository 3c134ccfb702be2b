"""Footnotes: which lines are notes, and where a raised figure only points to one."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby

from policyextract.read.pdf_lines import Line
from policyextract.read.pdf_tables import Table

_NOTE = re.compile(r"(?:\(\d{1,3}\)|\[\d{1,3}\]|\d{1,3}[.)]?|[*†‡§]{1,3}) ?(?=[^\W\d_]|[\"“«‘(])")
_SMALLER, _UPPER = (
    0.9,
    0.35,
)  # points by which notes are smaller than the text; the part of a page without notes
Blocks = list[Line | Table]


def mark_notes(pages: list[Blocks]) -> list[Blocks]:
    """The pages with the lines of footnotes marked: small print at the foot of a column that begins with a mark."""
    usual = _usual_size(pages)
    return [_marked(blocks, usual - _SMALLER) for blocks in pages]


def starts_note(text: str) -> bool:
    """Whether a line of small print begins with the mark of a note."""
    return _NOTE.match(text) is not None


def _usual_size(pages: list[Blocks]) -> float:
    """The size in which most of the text is printed."""
    letters: dict[float, int] = {}
    for blocks in pages:
        for line in blocks:
            if isinstance(line, Line):
                size = round(line.size, 1)
                letters[size] = letters.get(size, 0) + len(line.text)
    return max(letters, key=lambda size: letters[size], default=0.0)


def _marked(blocks: Blocks, most: float) -> Blocks:
    lines = [block for block in blocks if isinstance(block, Line)]
    if not any(line.size <= most for line in lines):
        return blocks
    notes: set[int] = set()
    for _, column in groupby(lines, key=lambda line: (line.left, line.right)):
        notes.update(map(id, _notes(list(column), blocks, most)))
    return [
        replace(block, note=True) if isinstance(block, Line) and id(block) in notes else block
        for block in blocks
    ]


def _notes(column: list[Line], blocks: Blocks, most: float) -> list[Line]:
    """The lines at the end of ``column`` that are notes."""
    start = len(column)
    while start and column[start - 1].size <= most and column[start - 1].depth > _UPPER:
        start -= 1
    while start < len(column) and not _NOTE.match(column[start].text):
        start += 1
    notes = column[start:]
    if not notes or any(_is_below(block, notes[0], most) for block in blocks):
        return []
    texts = (block for block in blocks if isinstance(block, Line) and block.size > most)
    return notes if any(text.top < notes[0].top for text in texts) else []


def _is_below(block: Line | Table, note: Line, most: float) -> bool:
    """Whether ``block`` is text or a table that stands under ``note``."""
    if isinstance(block, Table):
        return block.top > note.top and block.edges[0] < note.x1 and block.edges[-1] > note.x0
    return block.size > most and block.top > note.top and block.x0 < note.x1 and block.x1 > note.x0
