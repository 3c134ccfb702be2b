"""A parsed HTML page: tables to rows, lists to marked lines, and its blocks as lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyextract.read.limits import MOST_CELLS
from policyextract.read.raw import tidy
from policyextract.read.tables import Cell, Grid, table_lines

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

_INLINE = "b|i|em|strong|span|font|u|mark|small|abbr|time|cite|ins|bdi|big|tt|label|code|var|wbr|nobr"
_UNSEEN = (
    "script|style|noscript|template|iframe|svg|object|form|select|button|input|textarea|del|s|strike|head"
)
_FURNITURE = "nav|footer|aside|menu|dialog"
_DIRT = re.compile(
    r"\b(?:nav(?:bar|igation)?|menu|breadcrumbs?|footer|sidebar|related|share|social|comments?|cookie|advert\w*|ads?"
    r"|banner|promo|newsletter|subscribe|tags?|tin-lien-quan|lien-quan|binh-luan|chia-se|quang-cao)\b",
    re.IGNORECASE,
)
_BLOCK_NAMES = (
    "p div section article main header h1 h2 h3 h4 h5 h6 li ul ol dl dt dd table tr blockquote pre "
    "figure figcaption address body center fieldset hr td th caption head item list row cell quote "
    "ab"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_NO_XML = re.compile(
    r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # what the parser takes, but will not give back
_SPAN_LIMIT, _CELL_LIMIT = 50, 400
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNIT = re.compile(r"(?:^|[\d\s/(])(?:[kcdm]?m|ha)$|[/\d]$")


def prepare(tree: HtmlElement) -> None:
    """Change ``tree``: what is not shown dropped, inline marks unwrapped, tables and lists as lines."""
    _drop_controls(tree)
    for element in _all(tree, _UNSEEN):
        if element.tag != "head":
            element.drop_tree()
    _drop_hidden(tree)
    for element in _all(tree, "sup"):
        _unwrap_superscript(element)
    for element in _all(tree, _INLINE + "|sub"):
        element.drop_tag()
    for heading in _all(tree, "h1|h2|h3|h4|h5|h6"):
        heading.tag = "p"
    for table in reversed(_all(tree, "table")):
        _rewrite_table(table)
    for items in _all(tree, "ul|ol"):
        _mark_items(items)


def _drop_controls(tree: HtmlElement) -> None:
    """Drop the signs that the parser takes but will not have put back when text is moved."""
    for element in tree.iter():
        if element.text and _NO_XML.search(element.text):
            element.text = _NO_XML.sub("", element.text)
        if element.tail and _NO_XML.search(element.tail):
            element.tail = _NO_XML.sub("", element.tail)


def _drop_hidden(tree: HtmlElement) -> None:
    """Drop what the page itself hides, but for the most of its text, which a script would have shown."""
    whole = len(tree.text_content())
    for element in list(tree.iter("*")):
        hides = element.get("hidden") is not None or _HIDES.search(element.get("style") or "")
        if hides and element.getparent() is not None and len(element.text_content()) < whole / 2:
            element.drop_tree()


def strip_furniture(tree: HtmlElement) -> None:
    """Drop from ``tree`` the blocks that by their name are menus, notices, related links and the like."""
    for element in _all(tree, _FURNITURE):
        element.drop_tree()
    for element in _all(tree, "div|section|ul|ol|p|header"):
        name = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}"
        if name.strip() and _DIRT.search(name.replace("_", "-")) and element.getparent() is not None:
            element.drop_tree()


def block_lines(tree: _Element) -> list[str]:
    """The text of each block of ``tree`` on a line of its own, in reading order."""
    from lxml.etree import iterwalk  # no recursion: tags may be nested deeply

    lines: list[str] = []
    parts: list[str] = []

    def close() -> None:
        lines.extend(line for part in "".join(parts).split("\n") if (line := tidy(part)))
        parts.clear()

    kept = 0  # how many <pre> are open
    for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start":
            if element.tag in _BLOCKS:
                close()
            if element.tag in ("br", "lb"):
                parts.append("\n")
            kept += element.tag == "pre"
            parts.append(_blanks(element.text, kept > 0))
            continue
        kept -= element.tag == "pre"
        if event == "end" and element.tag in _BLOCKS:
            close()
        if element is not tree:
            parts.append(_blanks(element.tail, kept > 0))
    close()
    return lines


def _blanks(text: str | None, preformatted: bool) -> str:
    if not text:
        return ""
    return text if preformatted else re.sub(r"[^\S\xa0]+", " ", text)


def _all(tree: HtmlElement, tags: str) -> list[HtmlElement]:
    return list(tree.iter(*tags.split("|")))


def _unwrap_superscript(element: HtmlElement) -> None:
    """``m<sup>2</sup>`` stays ``m2``; the number of a footnote goes."""
    before = element.getprevious()
    parent = element.getparent()
    text = (before.tail if before is not None else parent.text if parent is not None else "") or ""
    if re.fullmatch(r"\W*\d{1,3}\W*", element.text_content()) and not _UNIT.search(text[-4:]):
        element.drop_tree()
    else:
        element.drop_tag()


def _rewrite_table(table: HtmlElement) -> None:
    """Replace a table of data by a paragraph a row; one that lays out the page stays."""
    if table.getparent() is None or next(table.iterdescendants("table"), None) is not None:
        return
    grid = _grid(table)
    texts = [cell.text for cells in grid for cell in cells]
    links = sum(len(link.text_content()) for link in table.iter("a"))
    size = sum(map(len, texts))
    if not texts or max(map(len, texts)) > _CELL_LIMIT * 4 or (links > size / 2 and links > 60):
        return
    captions = [tidy(caption.text_content()) for caption in table.iter("caption")]
    tail, table.tail = table.tail, None
    for child in list(table):
        table.remove(child)
    table.text = None
    table.tag = "div"
    table.attrib.clear()
    for line in [*filter(None, captions), *table_lines(grid)]:
        paragraph = table.makeelement("p")
        paragraph.text = line
        table.append(paragraph)
    table.tail = tail


def _grid(table: HtmlElement) -> Grid:
    """Cells by row and column, merged ones at every place that they cover."""
    grid: dict[tuple[int, int], Cell] = {}
    rows = list(table.iter("tr"))
    width = 0
    for y, tr in enumerate(rows):
        x = 0
        for element in tr.iterchildren("td", "th"):
            while (y, x) in grid:
                x += 1
            cell = Cell("\n".join(block_lines(element)))
            across, down = _span(element.get("colspan")), _span(element.get("rowspan"))
            if len(grid) > MOST_CELLS:
                return []
            for dy in range(min(down, len(rows) - y)):
                for dx in range(across):
                    grid.setdefault((y + dy, x + dx), cell)
            x += across
            width = max(width, x)
    blank = Cell("")
    if width * len(rows) > MOST_CELLS:
        return []
    return [[grid.get((y, x), blank) for x in range(width)] for y in range(len(rows))]


def _span(value: str | None) -> int:
    return min(max(int(value[:9]), 1), _SPAN_LIMIT) if value and value.strip().isdecimal() else 1


def _mark_items(items: HtmlElement) -> None:
    """Write the marker of each list item, which HTML leaves to the browser, before its text."""
    start = items.get("start") or "1"
    number = int(start) if start.isdecimal() and len(start) < 7 else 1
    for item in items.iterchildren("li"):
        marker = _marker(number, items.get("type") or "1") if items.tag == "ol" else "•"
        first = next((child for child in item if isinstance(child.tag, str)), None)
        if (item.text or "").strip() or first is None or first.tag not in _BLOCKS:
            item.text = f"{marker} {(item.text or '').lstrip()}"
        else:
            first.text = f"{marker} {(first.text or '').lstrip()}"
        number += 1


def _marker(number: int, kind: str) -> str:
    if kind in "aA" and 1 <= number <= 26:
        return f"{chr(ord(kind) + number - 1)})"
    return f"{number}."
