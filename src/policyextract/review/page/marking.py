"""A document's text and its rows → HTML in parts, every field marked where it was read.

The characters of the elements ``.part`` are those of the text, one for one, so that a place in the one is a place in
the other. Nothing else stands in them as text: numbers of rows and pages are drawn by the style sheet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from policyextract import show
from policyextract.types import Document, Target

_PART = 1200  # characters, and what is left of the line: what the browser need not draw it skips by parts
# What HTML cannot hold, or would change: each stands for one character.
_UNSAFE = {0: 0xFFFD, 0x0C: 0x2423, 0x0D: 0x2424, **dict.fromkeys(range(55296, 57344), 65533)}


@dataclass(frozen=True, slots=True)
class Marked:
    """A row to mark: ``number`` is what it is called in its document, ``name`` its id, ``status`` where it stands."""

    target: Target
    number: int
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text from ``start`` with its marks."""

    start: int
    html: Markup


def safe(text: str) -> str:
    """The text with what HTML cannot hold replaced, character for character."""
    return text.translate(_UNSAFE)


def parts(document: Document, rows: Sequence[Marked]) -> list[Part]:
    """The whole text in parts that end with a line."""
    edges = _edges(document.text)
    pages = set(document.pages[1:]) if len(document.pages) > 1 else set()
    done: list[Part] = []
    html: list[str] = []
    n, at = 1, 0
    for start, text, piece in _cut(document, rows, [*edges, *sorted(pages)]):
        while n < len(edges) and start >= edges[n]:
            done.append(Part(at, Markup("".join(html))))
            html, at = [], edges[n]
            n += 1
        if start in pages:
            number = bisect_right(document.pages, start)
            html.append(f'<span class="page" id="page-{number}" data-page="{number}"></span>')
        html.append(_html(start, text, piece, rows))
    return [*done, Part(at, Markup("".join(html)))]


def _edges(text: str) -> list[int]:
    """Where parts begin."""
    edges = [0]
    while (end := text.find("\n", edges[-1] + _PART)) >= 0 and end + 1 < len(text):
        edges.append(end + 1)
    return edges


def _cut(
    document: Document, rows: Sequence[Marked], edges: Sequence[int]
) -> Iterator[tuple[int, str, show.Piece]]:
    """The pieces of the text, cut at the edges too: offset, text, and the piece it is of."""
    edges = sorted(set(edges))
    at = n = 0
    for piece in show.pieces(document.text, [row.target for row in rows]):
        end = at + len(piece.text)
        while n < len(edges) and edges[n] <= at:
            n += 1
        start = at
        while n < len(edges) and edges[n] < end:
            yield start, document.text[start : edges[n]], show.Piece("", piece.fields, piece.rows, ())
            start = edges[n]
            n += 1
        yield start, document.text[start:end], piece
        at = end


def _html(start: int, text: str, piece: show.Piece, rows: Sequence[Marked]) -> str:
    html = str(escape(safe(text)))
    if piece.fields:
        numbers = " ".join(str(rows[n - 1].number) for n in piece.rows)
        html = f'<mark id="c{start}" class="{" ".join(piece.fields)}" data-rows="{numbers}">{html}</mark>'
    return html + "".join(_link(rows[n - 1]) for n in piece.ends)


def _link(row: Marked) -> str:
    """The number of a row behind its value, drawn by the style sheet."""
    return (
        f'<a class="n" href="#row-{escape(row.name)}" data-n="{row.number}" data-status="{row.status}" '
        f'aria-label="row {row.number}"></a>'
    )
