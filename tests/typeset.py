"""Texts set in columns with footnotes, running heads and page numbers, as gazettes and plans are printed."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import font_roboto
import formats
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table

MARGIN, GUTTER, NOTE_SIZE = 60, 22, 7.5
Line = tuple[list[str], float, bool]  # words, their indent, and whether the line is filled to the edge


class Setter:
    """Fills columns from left to right and pages one after the other; ``notes`` go below the column they are named in."""

    def __init__(
        self, path: Path, columns: int = 1, size: float = 10, wide: bool = False, head: str = ""
    ) -> None:
        for name, file in (("Roboto", font_roboto.Roboto), ("Roboto-Bold", font_roboto.RobotoBold)):
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, file))
        self.page = landscape(A4) if wide else A4
        self.canvas = Canvas(str(path), pagesize=self.page)
        self.size, self.columns, self.head = size, columns, head
        self.width = (self.page[0] - 2 * MARGIN - (columns - 1) * GUTTER) / columns
        self.number, self.column = 1, 0
        self.top = self.page[1] - MARGIN
        self.y = self.top
        self.notes: list[list[str]] = []
        self.marks = 0

    @property
    def x(self) -> float:
        return MARGIN + self.column * (self.width + GUTTER)

    @property
    def floor(self) -> float:
        return MARGIN + sum(len(note) * (NOTE_SIZE + 2) for note in self.notes) + (8 if self.notes else 0)

    def save(self) -> None:
        self._end_column()
        self._end_page()
        self.canvas.save()

    def centred(self, text: str, size: float) -> None:
        """A heading over all columns; only at the top of a page."""
        lines = self._wrap(text.split(" "), self.page[0] - 2 * MARGIN, size, "Roboto-Bold")
        for line in lines:
            self.y -= size * 1.3
            self.canvas.setFont("Roboto-Bold", size)
            self.canvas.drawCentredString(self.page[0] / 2, self.y, " ".join(line))
        self.y -= size
        self.top = self.y

    def paragraph(
        self, text: str, notes: Sequence[str] = (), font: str = "Roboto", indent: float = 0
    ) -> None:
        """A justified paragraph; each ``^`` in it stands for the mark of the next of ``notes``."""
        words = text.split(" ")
        waiting = list(notes)
        lines = self._wrap(words, self.width - indent, self.size, font)
        for index, line in enumerate(lines):
            below = []
            for _ in range(sum(word.count("^") for word in line)):
                number = self.marks + len(below) + 1
                below.append([" ".join(part) for part in self._wrap(
                    f"{number} {waiting.pop(0)}".split(" "), self.width, NOTE_SIZE, "Roboto")])  # fmt: skip
            room = sum(len(note) * (NOTE_SIZE + 2) for note in below) + (8 if below and not self.notes else 0)
            if self.y - self.size * 1.3 < self.floor + room:
                self._end_column()
            self.notes += below
            self.y -= self.size * 1.3
            self._draw(line, indent, font, filled=index < len(lines) - 1)
        self.y -= self.size * 0.6

    def table(
        self,
        rows: list[list[str]],
        style: Sequence[Any] = (),
        widths: Sequence[float] | None = None,
        repeat: int = 1,
        cut: int = 0,
    ) -> None:
        """A ruled table whose cells are wrapped, cut where the column ends."""
        small = ParagraphStyle("cell", fontName="Roboto", fontSize=8, leading=10)
        cells = [[Paragraph(html.escape(cell), small) for cell in row] for row in rows]
        rule = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
        parts: list[Any] = [Table(cells, colWidths=widths or [self.width / len(cells[0])] * len(cells[0]), repeatRows=repeat, splitInRow=cut, style=[rule, *style])]  # fmt: skip
        while parts:
            part = parts.pop(0)
            _, height = part.wrapOn(self.canvas, self.width, self.y - self.floor)
            if height > self.y - self.floor:
                split = part.split(self.width, self.y - self.floor)
                if not split:
                    self._end_column()
                    parts.insert(0, part)
                    continue
                parts[:0] = split
                part = parts.pop(0)
                _, height = part.wrapOn(self.canvas, self.width, 1000)
            part.drawOn(self.canvas, self.x, self.y - height)
            self.y -= height + 10
            if parts:
                self._end_column()

    def _wrap(self, words: list[str], width: float, size: float, font: str) -> list[list[str]]:
        lines: list[list[str]] = [[]]
        for word in words:
            if lines[-1] and pdfmetrics.stringWidth(" ".join([*lines[-1], word]), font, size) > width:
                lines.append([])
            lines[-1].append(word)
        return lines

    def _draw(self, line: list[str], indent: float, font: str, *, filled: bool) -> None:
        width = sum(self._advance(word, font) for word in line)
        blank = pdfmetrics.stringWidth(" ", font, self.size)
        if filled and len(line) > 1:
            blank = (self.width - indent - width) / (len(line) - 1)
        x = self.x + indent
        for word in line:
            for part in re.split(r"(\^)", word):
                if part == "^":
                    self.marks += 1
                    self.canvas.setFont(font, self.size * 0.6)
                    self.canvas.drawString(x, self.y + self.size * 0.35, str(self.marks))
                    x += pdfmetrics.stringWidth(str(self.marks), font, self.size * 0.6)
                elif part:
                    self.canvas.setFont(font, self.size)
                    self.canvas.drawString(x, self.y, part)
                    x += pdfmetrics.stringWidth(part, font, self.size)
            x += blank

    def _advance(self, word: str, font: str) -> float:
        mark = pdfmetrics.stringWidth("1", font, self.size * 0.6) * word.count("^")
        return float(pdfmetrics.stringWidth(word.replace("^", ""), font, self.size) + mark)

    def _end_column(self) -> None:
        y = self.floor - 8
        if self.notes:
            self.canvas.line(self.x, y + 6, self.x + 60, y + 6)
        self.canvas.setFont("Roboto", NOTE_SIZE)
        for note in self.notes:
            for line in note:
                y -= NOTE_SIZE + 2
                self.canvas.drawString(self.x, y + 4, line)
        self.notes = []
        self.column += 1
        self.y = self.top
        if self.column == self.columns:
            self._end_page()

    def _end_page(self) -> None:
        self.canvas.setFont("Roboto", 8)
        if self.head:
            self.canvas.drawString(MARGIN, self.page[1] - 35, self.head)
            self.canvas.drawRightString(self.page[0] - MARGIN, self.page[1] - 35, f"No {11 + self.number}")
        self.canvas.drawCentredString(self.page[0] / 2, 25, str(self.number))
        self.canvas.showPage()
        self.number += 1
        self.column = 0
        self.top = self.y = self.page[1] - MARGIN


def typeset(text: str, path: Path, notes: Sequence[str] = (), **how: Any) -> None:
    """A corpus text in columns; every third long paragraph points to one of ``notes`` behind its last figure."""
    setter = Setter(path, **how)
    count = 0
    for kind, lines in formats.blocks(text):
        if kind == "title":
            setter.centred(lines[0], 15)
        elif kind == "table":
            setter.table(formats.table_rows(lines))
        else:
            long = kind == "prose" and len(lines[0]) > 120
            count += long
            figure = list(re.finditer(r"\d%?(?= )", lines[0]))
            text_ = lines[0]
            if notes and long and count % 3 == 0 and figure:
                end = figure[-1].end()
                text_ = f"{text_[:end]}^{text_[end:]}"
            font = "Roboto-Bold" if kind == "heading" else "Roboto"
            setter.paragraph(text_, [notes[count // 3 % len(notes)]] if "^" in text_ and notes else (), font)
    setter.save()
