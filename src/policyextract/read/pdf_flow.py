"""Lines and tables of PDF pages → text: wrapped lines joined to paragraphs, tables to rows."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from policyextract.read.pdf_joins import same_table
from policyextract.read.pdf_lines import ENDLESS, Line
from policyextract.read.pdf_notes import starts_note
from policyextract.read.pdf_tables import Table
from policyextract.read.tables import table_lines

_MARKER = re.compile(
    r"(?:-{1,2}|[–—•*+▪◦●○■□➢✓·])\s"
    r"|\(?(?:\d{1,3}(?:\.\d{1,3}){0,4}|[a-zđ]|[ivxlc]{1,6}|[IVXLC]{1,6}|[A-Z])(?:[.)]\s?(?=\D)|/\s)"
    r"|\d{1,2}(?:\.\d{1,2}){1,4}\.?\s(?=[A-ZÀ-ỸĐ])"
    r"|(?:Điều|Khoản|Chương|Mục|Phần|Phụ lục|Biểu|Bảng|Article|Section|Chapter|Part|Annex|Appendix"
    r"|Table|Clause)"
    r"\s+(?:\d+|[IVXLC]+|[A-Z])\b|(?:Q|A|PV|Hỏi|Đáp):\s"
)
_ENDS = re.compile(r"(?<!\bNo)(?<!\bNos)(?<!\bArt)(?<!\b[A-Z])[.;:!?…][\"”’)\]]*$|/\.?$")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad‐]$")
_KEEPS_HYPHEN = re.compile(
    r"(?:\b(?:socio|non|self|co|multi|well|long|short|high|low|medium|mid|semi|post|pre|cross|inter|e|anti|ex|half"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|all|full|part|public|private|state|year|day|new|old|end|first|second|third|north|south|east|west))$",
    re.IGNORECASE,
)
Blocks = list[Line | Table]


def flow(pages: list[Blocks]) -> tuple[str, tuple[int, ...]]:
    """The text of the pages and the offset at which each one starts."""
    return _Writer(pages).write()


class _Writer:
    """Text under construction, with what has to be known of all pages to put their lines together."""

    def __init__(self, pages: list[Blocks]) -> None:
        self.pages = pages
        lines = [block for blocks in pages for block in blocks if isinstance(block, Line)]
        self.words = Counter(
            word.lower() for line in lines for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*", line.text)
        )
        self.right, self.columns = _common_edge(lines), _column_edges(lines)
        self.leading = _leading(pages)
        self.indent = _usual_indent(pages)
        self.parts: list[str] = []
        self.length = 0
        self.offsets = [0]
        self.before: Line | Table | None = None
        self.first: Line | None = None
        self.header = ""
        self.notes: list[Line] = []

    def write(self) -> tuple[str, tuple[int, ...]]:
        for number, blocks in enumerate(self.pages):
            for block in blocks:
                if isinstance(block, Line) and block.note:
                    self.notes.append(block)
                    continue
                if isinstance(block, Table):
                    self._table(block)
                else:
                    self._line(block)
                self.offsets += [self.start] * (number + 1 - len(self.offsets))
                self.before = block
        self._put_notes()
        self._add("\n" if self.parts else "")
        self.offsets += [self.length] * (len(self.pages) - len(self.offsets))
        return "".join(self.parts), tuple(self.offsets)

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _put_notes(self) -> None:
        """Write the notes that were found while a paragraph ran on, each in a paragraph of its own."""
        notes, self.notes = self.notes, []
        for note in notes:
            self._line(note)
            self.before = note

    def _line(self, line: Line) -> None:
        if self.notes and (not isinstance(self.before, Line) or self._breaks(self.before, line)):
            self._put_notes()
        before = self.before
        if not isinstance(before, Line) or self._breaks(before, line):
            gap = (
                isinstance(before, Line)
                and before.page == line.page
                and self._gap(before, line) <= 0.3 * line.size
            )
            self._add("" if before is None else "\n" if gap else "\n\n")
            self.first = line
        else:
            self._join(line.text)
        self.start = self.length
        self._add(line.text)

    def _table(self, table: Table) -> None:
        """The rows of ``table``; one that goes on from the page before does not repeat its header."""
        goes_on = isinstance(self.before, Table) and same_table(self.before, table)
        if not goes_on:
            self._put_notes()
        before = self.before
        lines = table_lines(table.grid)
        if goes_on and lines and lines[0] == self.header:
            lines = lines[1:]
        elif not goes_on:
            self.header = lines[0] if lines else ""
        self._add("" if before is None or not lines else "\n" if goes_on else "\n\n")
        self.start = self.length
        self._add("\n".join(lines))

    def _join(self, following: str) -> None:
        """Close the line break: a blank, nothing after a hyphen, and no hyphen where it only broke a word."""
        last = self.parts[-1]
        if not _HYPHEN.search(last) or not following[:1].isalnum():
            self._add("" if last.endswith(("-", "–", "/")) and not last.endswith((" -", " –")) else " ")
            return
        head = re.findall(r"(?<![^\W_])(?<![^\W_]-)[^\W_]+(?:-[^\W_]+)*(?=[-\u00ad‐]$)", last)
        tail = re.match(r"[^\W_]+(?:-[^\W_]+)*", following)
        if not head or tail is None or not following[0].islower():
            return
        joined, hyphened = (head[0] + tail[0]).lower(), f"{head[0]}-{tail[0]}".lower()
        if (
            last[-1] == "-"
            and not self.words[joined]
            and (self.words[hyphened] or _KEEPS_HYPHEN.search(head[0]))
        ):
            return
        self.parts[-1] = last[:-1]
        self.length -= 1

    def _gap(self, before: Line, line: Line) -> float:
        """How far the lines stand apart beyond the usual leading, in points."""
        return (line.top - before.top) - self.leading * max(line.size, before.size)

    def _breaks(self, before: Line, line: Line) -> bool:
        """Whether ``line`` starts a paragraph rather than going on with the one of ``before``."""
        if abs(before.size - line.size) > 0.9 or before.bold != line.bold or before.note != line.note:
            return True
        if line.note and starts_note(line.text):
            return True
        full = self._is_full(before, line)
        ended = _ENDS.search(before.text) is not None
        same_column = before.page == line.page and line.top > before.top
        if same_column and self._gap(before, line) > 0.3 * line.size:
            return True
        if not full:
            return True
        if _MARKER.match(line.text) and (ended or (same_column and line.x0 < before.x0 - 3)):
            return True
        if not same_column and ended and not line.text[:1].islower():
            return True
        return before.left == line.left and self._indented(before, line)

    def _is_full(self, before: Line, line: Line) -> bool:
        """Whether the first word of ``line`` found no room at the end of ``before``."""
        right = (
            self.columns.get(round(before.left / 4), before.right)
            if 0 < before.right < ENDLESS
            else before.right
        )
        right = right or self.right[before.page]
        return before.x1 + line.first_width + 0.2 * before.size > right - 1.5

    def _indented(self, before: Line, line: Line) -> bool:
        """Whether the left edge of ``line`` tells of a new paragraph."""
        step = line.x0 - before.x0
        if self.indent and abs(step) < 2 and before is self.first and not _MARKER.match(before.text):
            return round(line.x0) in self.indent
        if before is self.first:
            return step > 6 and not _MARKER.match(before.text) and _is_centred(before, line) is False
        return abs(step) > 6 and _is_centred(before, line) is False


def _usual_indent(pages: list[Blocks]) -> frozenset[int]:
    """Where first lines start, if the document sets the first line of its paragraphs in."""
    starts = Counter(
        round(before.x0)
        for blocks in pages
        for before, after in pairwise(blocks)
        if isinstance(before, Line)
        and isinstance(after, Line)
        and 8 < before.x0 - after.x0 < 60
        and not _is_centred(before, after)
        and before.x1 > after.x0 + 200
    )
    return frozenset(start + shift for start, count in starts.items() if count >= 3 for shift in (-1, 0, 1))


def _is_centred(before: Line, line: Line) -> bool:
    return abs((before.x0 + before.x1) - (line.x0 + line.x1)) < 6


def _common_edge(lines: list[Line]) -> dict[int, float]:
    """The right edge of the text on each page; that of the whole document on a page of short lines."""
    by_page: dict[int, list[float]] = {}
    for line in lines:
        by_page.setdefault(line.page, []).append(line.x1)
    whole = sorted(line.x1 for line in lines)
    usual = whole[int(len(whole) * 0.9)] if whole else 0.0
    return {page: max(edges) if max(edges) > 0.8 * usual else usual for page, edges in by_page.items()}


def _column_edges(lines: list[Line]) -> dict[int, float]:
    """The right edge of the columns that begin at a place on some page, by that place in steps of four points."""
    edges: dict[int, float] = {}
    for line in lines:
        if 0 < line.right < ENDLESS:
            place = round(line.left / 4)
            edges[place] = max(line.right, edges.get(place, 0.0))
    return edges


def _leading(pages: list[Blocks]) -> float:
    """The usual distance of lines in a paragraph, as a multiple of the size of letters."""
    steps = [
        (after.top - before.top) / max(after.size, 1.0)
        for blocks in pages
        for before, after in pairwise(blocks)
        if isinstance(before, Line) and isinstance(after, Line) and abs(before.size - after.size) < 0.5
    ]
    usual = sorted(step for step in steps if 0.8 < step < 3)
    return usual[len(usual) // 10] if usual else 1.3
