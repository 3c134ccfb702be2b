"""Document and its targets → the text with every field marked, for the terminal and as a page of HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from itertools import pairwise
from string import Template
from typing import TYPE_CHECKING

from policyextract.types import Document, Target

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

# In order of what is drawn on top where fields overlap.
FIELDS = ("value", "year", "level", "locality", "metric")
_STYLES = {
    "value": "bold #1f2430 on #ffe27a",
    "year": "bold green",
    "level": "bold magenta",
    "locality": "bold blue",
    "metric": "underline",
}
_SIGNS = {"=": "", ">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< ", "~": "≈ "}
_UNITS = {
    "percent": " %",
    "rank": " (rank)",
    "multiple": " times",
    "score": " (score)",
    "currency": " (money)",
}
_CHANGES = {"increase": "up ", "decrease": "down "}
_COLUMNS = ("#", "value", "read as", "metric", "level", "year", "locality", "page", "sure")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text whose marks are the same throughout.

    ``rows`` are the numbers, from 1, of the targets that read a field here, ``ends`` of those whose value
    ends with it.
    """

    text: str
    fields: tuple[str, ...]
    rows: tuple[int, ...]
    ends: tuple[int, ...]


def pieces(text: str, targets: Sequence[Target]) -> Iterator[Piece]:
    """The whole text, cut wherever a mark begins or ends; fields may overlap."""
    marks = sorted(_marks(targets, len(text)))
    edges = sorted({0, len(text), *(m[0] for m in marks), *(m[1] for m in marks)})
    ends: dict[int, list[int]] = {}
    for row, target in enumerate(targets, 1):
        ends.setdefault(target.end, []).append(row)
    open_marks: list[tuple[int, int, str, int]] = []
    at = 0
    for start, end in pairwise(edges):
        while at < len(marks) and marks[at][0] <= start:
            open_marks.append(marks[at])
            at += 1
        open_marks = [m for m in open_marks if m[1] > start]
        found = {m[2] for m in open_marks}
        rows = tuple(sorted({m[3] for m in open_marks}))
        fields = tuple(f for f in FIELDS if f in found)
        yield Piece(text[start:end], fields, rows, tuple(ends.get(end, ())))


def _marks(targets: Sequence[Target], length: int) -> Iterator[tuple[int, int, str, int]]:
    """(start, end, field, row) of each stretch to mark; what lies outside the text is left out."""
    for row, target in enumerate(targets, 1):
        found = [("value", target.start, target.end), *((e.field, e.start, e.end) for e in target.evidence)]
        for field, start, end in found:
            if field in FIELDS and 0 <= start < end <= length:
                yield start, end, field, row


def reading(target: Target) -> str:
    """The value as it was understood.

    >>> from policyextract import extract
    >>> [target] = extract("Vietnam will cut emissions by at least 43.5% by 2030.")
    >>> reading(target)
    'down ≥ 43.5 %'
    """
    numbers = [_digits(n) for n in (target.number, target.number_high) if n is not None]
    sign, change = _SIGNS[target.comparator], _CHANGES.get(target.change or "", "")
    year = " a year" if target.per == "year" else ""
    return f"{change}{sign}{'–'.join(numbers)}{_UNITS.get(target.unit, '')}{year}"


def _digits(number: float) -> str:
    return f"{number:,.6f}".rstrip("0").rstrip(".")


def _columns(document: Document) -> tuple[str, ...]:
    """The columns of the table; pages are named only where there are several."""
    return tuple(name for name in _COLUMNS if name != "page" or len(document.pages) > 1)


def _cells(row: int, target: Target, columns: Sequence[str]) -> tuple[str, ...]:
    """What the table says of a target, in the order of its columns; inherited levels stand in brackets."""
    level = target.level or "–"
    cells = (
        str(row),
        target.value,
        reading(target),
        target.metric,
        level if target.level_explicit or target.level is None else f"({level})",
        _years(target),
        target.locality or "–",
        "–" if target.page is None else str(target.page),
        "–" if target.confidence is None else f"{target.confidence:.2f}",
    )
    return tuple(cell for name, cell in zip(_COLUMNS, cells, strict=True) if name in columns)


def _years(target: Target) -> str:
    if target.year is None:
        return "–"
    start = f"{target.year_start}–" if target.year_start is not None else ""
    kind = f"{target.year_kind} " if target.year_kind in ("by", "from") else ""
    return f"{kind}{start}{target.year}"


def as_terminal(document: Document, targets: Sequence[Target]) -> Group:
    """What rich prints: the marked text with row numbers, the legend and the table of rows."""
    from rich.console import Group
    from rich.text import Text

    legend = Text("\n")
    for field in FIELDS:
        legend.append(field, style=_STYLES[field]).append("  ")
    return Group(_terminal_text(document.text, targets), legend, _terminal_table(targets, _columns(document)))


def _terminal_text(text: str, targets: Sequence[Target]) -> Text:
    from rich.text import Text

    marked = Text()
    for piece in pieces(text, targets):
        marked.append(piece.text, style=_style(piece.fields))
        if piece.ends:
            marked.append(f"[{','.join(map(str, piece.ends))}]", style="dim")
    return marked


def _style(fields: tuple[str, ...]) -> str:
    """The style of the topmost field; the line under a metric shows through."""
    return " ".join(
        dict.fromkeys([*(_STYLES[f] for f in fields[:1]), *(_STYLES[f] for f in fields if f == "metric")])
    )


def _terminal_table(targets: Sequence[Target], columns: Sequence[str]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("#", "page", "sure") else "left")
    for row, target in enumerate(targets, 1):
        table.add_row(*map(Text, _cells(row, target, columns)), style="dim" if target.optional else None)
    return table


def as_html(document: Document, targets: Sequence[Target]) -> str:
    """A page that needs no other file: the marked text, and beside it the table of rows."""
    folder = resources.files("policyextract") / "data" / "show"
    columns = _columns(document)
    page = Template((folder / "page.html").read_text(encoding="utf-8"))
    return page.substitute(
        lang=document.lang,
        title=escape(document.title or document.path),
        about=escape(_about(document, targets)),
        style=(folder / "page.css").read_text(encoding="utf-8"),
        script=(folder / "page.js").read_text(encoding="utf-8"),
        legend=" ".join(f'<span class="{field}">{field}</span>' for field in FIELDS),
        text="".join(map(_html_piece, pieces(document.text, targets))),
        head="".join(f"<th>{escape(column)}</th>" for column in columns),
        rows="\n".join(_html_row(row, target, columns) for row, target in enumerate(targets, 1)),
    )


def _about(document: Document, targets: Sequence[Target]) -> str:
    language = {"en": "English", "vi": "Vietnamese"}[document.lang]
    date = document.date.isoformat() if document.date is not None else "no date"
    count = f"{len(targets)} target{'' if len(targets) == 1 else 's'}"
    return f"{document.path} · {language} · {date} · {count}"


def _html_piece(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.fields:
        rows = " ".join(map(str, piece.rows))
        text = f'<mark class="{" ".join(piece.fields)}" data-rows="{rows}">{text}</mark>'
    links = (f'<a href="#row-{row}" id="value-{row}">{row}</a>' for row in piece.ends)
    return text + (f"<sup>{' '.join(links)}</sup>" if piece.ends else "")


def _html_row(row: int, target: Target, columns: Sequence[str]) -> str:
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in _cells(row, target, columns)[1:])
    kind = (
        ' class="optional" title="optional: a careful reader may or may not list it"'
        if target.optional
        else ""
    )
    return f'<tr id="row-{row}" data-rows="{row}"{kind}><td><a href="#value-{row}">{row}</a></td>{cells}</tr>'
