"""Corpus texts written as real PDF, Word and HTML files, the way agencies and newspapers publish them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

Block = tuple[str, list[str]]
HEADER, FOOTER = "OFFICIAL GAZETTE – Công báo điện tử", "Page {page} of {pages}"
_BULLETS = ("• ", "- ", "– ", "* ")


def blocks(text: str) -> Iterator[Block]:
    """The text as (kind, lines): ``title`` first, then ``table``, ``items``, ``heading`` and ``prose``."""
    lines = [line.strip() for line in text.strip().split("\n")]
    index = 0
    while index < len(lines):
        stop = index
        while stop < len(lines) and " | " in lines[stop]:
            stop += 1
        line = lines[index]
        if index and stop - index >= 3:
            yield "table", lines[index:stop]
            index = stop
            continue
        if index == 0:
            yield "title", [line]
        elif line.startswith(_BULLETS):
            yield "item", [line]
        elif line.isupper() and len(line) < 120:
            yield "heading", [line]
        elif line:
            yield "prose", [line]
        index += 1


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def table_rows(lines: list[str]) -> list[list[str]]:
    rows = [cells(line) for line in lines]
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def as_html(text: str, path: Path) -> None:
    """A news page: menu, advertisement, share buttons, the article with a captioned picture, related links."""
    title = next(lines[0] for kind, lines in blocks(text) if kind == "title")
    path.write_text(
        _PAGE.format(title=html.escape(title), body="\n".join(_html_blocks(text))), encoding="utf-8"
    )


def _html_blocks(text: str) -> Iterator[str]:
    items: list[str] = []
    for number, (kind, lines) in enumerate(blocks(text)):
        escaped = [html.escape(line) for line in lines]
        if kind == "item" and lines[0].startswith("• "):
            items.append(f"<li>{escaped[0][2:]}</li>")
            continue
        if items:
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        if kind == "table":
            head, *rows = table_rows(lines)
            yield "<table><thead>" + _html_row(head, "th") + "</thead><tbody>"
            yield "\n".join(_html_row(row, "td") for row in rows) + "</tbody></table>"
        elif kind == "heading":
            yield f"<h2>{escaped[0]}</h2>"
        elif kind != "title":
            yield f"<p>{escaped[0]}</p>"
        if number == 5:
            yield '<div class="ads-banner"><a href="/buy">Advertisement: 50% off all phones until 2030</a></div>'
    if items:
        yield f"<ul>{''.join(items)}</ul>"


def _html_row(row: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"


_LINKS = "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(12))
_PAGE = (
    """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title} | Daily News Online</title>
<script>var targets = "100 percent by 2030";</script><style>p {{ margin: 1em }}</style></head>
<body>
<header><a href="/">Daily News</a><nav class="menu"><ul>"""
    + _LINKS
    + """</ul></nav></header>
<div class="breadcrumb"><a href="/">Home</a> &gt; <a href="/p">Politics</a></div>
<main><article>
<h1>{title}</h1>
<div class="share-buttons"><a href="#">Facebook</a> <a href="#">Zalo</a> <a href="#">Print</a></div>
<div class="article-body">
{body}
</div>
</article></main>
<aside class="related-news"><h3>Related news</h3><ul>"""
    + '<li><a href="/r1">Ministry wants 99 percent of homes online by 2040</a></li>'
    + '<li><a href="/r2">Port city sets 75 percent goal for 2035</a></li>'
    + """</ul></aside>
<footer><p>© Daily News. All rights reserved. Licence No. 12/GP-2020.</p></footer>
</body></html>
"""
)


def as_docx(text: str, path: Path) -> None:
    """A Word file with heading styles, automatic bullets and real tables."""
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = HEADER
    for kind, lines in blocks(text):
        if kind == "table":
            rows = table_rows(lines)
            table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
            for cells_, row in zip(table.rows, rows, strict=True):
                for cell, value in zip(cells_.cells, row, strict=True):
                    cell.text = value
        elif kind == "title":
            document.add_heading(lines[0], 0)
        elif kind == "heading":
            document.add_heading(lines[0], 2)
        elif kind == "item" and lines[0].startswith("• "):
            document.add_paragraph(lines[0][2:], style="List Bullet")
        else:
            document.add_paragraph(lines[0])
    document.save(str(path))


def as_pdf(text: str, path: Path) -> None:
    """A paged PDF in A4 with a running header, page numbers, justified prose and ruled tables."""
    import font_roboto
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import SimpleDocTemplate

    for name, file in (("Roboto", font_roboto.Roboto), ("Roboto-Bold", font_roboto.RobotoBold)):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, file))

    class Numbered(Canvas):  # type: ignore[misc]
        """Draws header and footer when the number of pages is known."""

        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            self.states: list[dict[str, object]] = []

        def showPage(self) -> None:  # noqa: N802 (reportlab's name)
            self.states.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page, state in enumerate(self.states, 1):
                self.__dict__.update(state)
                self.setFont("Roboto", 8)
                self.drawString(70, 810, HEADER)
                self.drawCentredString(297, 30, FOOTER.format(page=page, pages=len(self.states)))
                super().showPage()
            super().save()

    template = SimpleDocTemplate(str(path), pagesize=A4, leftMargin=70, rightMargin=70)
    template.build(list(_flowables(text)), canvasmaker=Numbered)


def _flowables(text: str) -> Iterator[object]:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Table

    prose = ParagraphStyle("prose", fontName="Roboto", fontSize=10, leading=13, spaceAfter=7, alignment=4)
    item = ParagraphStyle("item", parent=prose, leftIndent=22, firstLineIndent=-10)
    small = ParagraphStyle("cell", parent=prose, fontSize=8, leading=10, alignment=0, spaceAfter=0)
    bold = ParagraphStyle("heading", parent=prose, fontName="Roboto-Bold", alignment=0, spaceBefore=6)
    title = ParagraphStyle("title", parent=bold, fontSize=16, leading=20)
    styles = {"prose": prose, "item": item, "heading": bold, "title": title}
    for kind, lines in blocks(text):
        if kind == "table":
            rows = [[Paragraph(html.escape(cell), small) for cell in row] for row in table_rows(lines)]
            yield Table(rows, repeatRows=1, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
        else:
            yield Paragraph(html.escape(lines[0]), styles[kind])
