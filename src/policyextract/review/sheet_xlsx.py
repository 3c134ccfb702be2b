"""Lines of cells → an XLSX file: header, colours, choices and filters by XlsxWriter, the lines by templates.

XlsxWriter took 12 s for the cells of 100,000 rows, which is more than a whole export may take. So it writes the
workbook with one line, from which the styles are read, and the other lines are put in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from policyextract.review.sheet_layout import COLUMNS, FROZEN, TITLE, SheetColumn

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Marked = tuple[str, str, str]
"""A text with some of it marked: what stands before, the marked words, what follows."""
Value = str | float | Marked | None
LAST = 1_048_576
"""The last line of a sheet."""
_SPARE = 1000  # lines behind the last row that offer the choices too, for rows to add
_HEIGHT = 13.5  # points of a line of text
_WRAPPED = tuple(
    (n, column.width)
    for n, column in enumerate(COLUMNS)
    if column.name in ("sentence", "value", "metric", "locality", "decided")
)
_CHUNK = 2000  # lines that are compressed at once
_PART = "xl/worksheets/sheet1.xml"
_TEMPLATE = ('<row r="2"', "</row>")
_STYLE = re.compile(r'<c r="[A-Z]+2" s="(\d+)"')
_DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
# What XML cannot hold as it stands, and what reads like the way of writing it.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_FILLS = {"value": "#fff3c4", "year": "#e3f6e8", "level": "#f9e9fa", "locality": "#e4efff"}
_HEADS = {"value": "#ffe27a", "year": "#c9efd4", "level": "#f3d3f5", "locality": "#cfe3ff"}
_INK, _SOFT, _LINE, _GROUND, _FILL_IN, _HEAD_IN = (
    "#1f2430",
    "#667085",
    "#e4e7ec",
    "#f6f7f9",
    "#fffaf0",
    "#fde7c2",
)
_STATUSES = {"decision": {"accept": "#c9efd4", "reject": "#e4e7ec", "edit": "#cfe3ff", "add": "#cfe3ff"}}
_STATUSES["status"] = {
    **{"accepted": "#c9efd4", "rejected": "#e4e7ec", "edited": "#cfe3ff", "added": "#cfe3ff"},
    "conflict": "#ffd9d2",
}


def write_xlsx(file: IO[bytes], lines: Iterable[Sequence[Value]], count: int, guide: Sequence[str]) -> None:
    """Write a workbook with ``count`` lines of the cells of ``COLUMNS``, and a second sheet that explains them."""
    frame = _frame(count, guide)
    with ZipFile(frame) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != _PART:
                target.writestr(name, source.read(name))
                continue
            with target.open(_PART, "w", force_zip64=True) as part:
                for piece in _part(source.read(_PART).decode("utf-8"), lines, count):
                    part.write(piece.encode("utf-8"))


def _part(frame: str, lines: Iterable[Sequence[Value]], count: int) -> Iterator[str]:
    """The XML of the sheet with the lines in the place of the one that XlsxWriter wrote."""
    start = frame.find(_TEMPLATE[0])
    end = frame.find(_TEMPLATE[1], start) + len(_TEMPLATE[1])
    if not 0 <= start < end:
        raise AssertionError("XlsxWriter left out a line that has cells")
    styles = _STYLE.findall(frame[start:end])
    heads = [(f'<c r="{_letters(n)}', f'" s="{style}"') for n, style in enumerate(styles)]
    last = f"{_letters(len(COLUMNS) - 1)}{count + 1}"
    yield _DIMENSION.sub(f'<dimension ref="A1:{last}"/>', frame[:start])
    chunk: list[str] = []
    for number, line in enumerate(lines, 2):
        cells = [
            f"{head}{number}{style}{_content(value)}"
            for (head, style), value in zip(heads, line, strict=True)
            if value is not None and value != ""
        ]
        chunk.append(f'<row r="{number}" ht="{_height(line)}" customHeight="1">{"".join(cells)}</row>')
        if len(chunk) >= _CHUNK:
            yield "".join(chunk)
            chunk.clear()
    yield "".join(chunk) + frame[end:]


def _height(line: Sequence[Value]) -> float:
    """The height of a line in points, so that no wrapped text is hidden; not every program finds it itself."""
    rows = 1
    for at, width in _WRAPPED:
        text = line[at]
        length = len(text) if isinstance(text, str) else sum(map(len, text)) if isinstance(text, tuple) else 0
        rows = max(rows, -(-length // width))
    return min(_HEIGHT * rows + 2, 409)


def _content(value: Value) -> str:
    """The rest of a cell: its type and what it holds."""
    if isinstance(value, str):
        return f' t="inlineStr"><is>{_text(value)}</is></c>'
    if isinstance(value, tuple):
        before, words, after = (_text(part) if part else "" for part in value)
        bold = f'<r><rPr><b/><sz val="10"/><color rgb="FF{_INK[1:]}"/><rFont val="Calibri"/></rPr>{words}</r>'
        runs = [f"<r>{part}</r>" if part else "" for part in (before, after)]
        return f' t="inlineStr"><is>{runs[0]}{bold}{runs[1]}</is></c>'
    return f"><v>{value!r}</v></c>"


def _text(text: str) -> str:
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if not text.isprintable() or "_x" in text:
        text = _ODD.sub(_escaped, text)
    return f'<t xml:space="preserve">{text}</t>'


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "\ufffd" if code >= 0xD800 else f"_x{code:04X}_"


def _letters(column: int) -> str:
    """The letters of a column that is counted from 0."""
    return chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)


# --- the frame ----------------------------------------------------------------------------------------------


def _frame(count: int, guide: Sequence[str]) -> BytesIO:
    """A workbook with everything but the lines; a blank one stands for their styles."""
    from xlsxwriter import Workbook

    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.formats[0].set_font_size(10)
        sheet = book.add_worksheet(TITLE)
        for n, column in enumerate(COLUMNS):
            style = book.add_format(_style(column))
            sheet.set_column(n, n, column.width, style)
            sheet.write_string(0, n, column.name, book.add_format(_head_style(column)))
            sheet.write_blank(1, n, None, style)
            _choices(sheet, n, column, min(count + _SPARE, LAST - 1))
            _colours(book, sheet, n, column, max(count, 1))
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, FROZEN)
        sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A2:{_letters(len(COLUMNS) - 1)}{LAST}"})
        sheet.set_landscape()
        sheet.repeat_rows(0)
        _guide(book, guide)
    file.seek(0)
    return file


def _style(column: SheetColumn) -> dict[str, object]:
    style: dict[str, object] = {"font_size": 10, "font_color": _INK, "valign": "top"}
    style |= {"bottom": 1, "bottom_color": _LINE}
    if column.kind in ("new", "decision", "note"):
        style |= {"bg_color": _FILL_IN, "left": 1, "right": 1, "left_color": _LINE, "right_color": _LINE}
        # Words stay as they are typed, "01" and "3/4"; "80%" typed as a number must not turn into a hidden 0.8.
        words = column.kind != "new" or column.field in (
            "value",
            "metric",
            "locality",
            "locality_code",
            "locality_scheme",
        )
        style["num_format"] = "@" if words else "General;-General;General"
    elif column.field in _FILLS:
        style["bg_color"] = _FILLS[column.field]
    if column.kind == "field" and column.field in ("number", "number_high"):
        style["num_format"] = "[>=100000]#,##0;General"
    if column.kind == "about" and column.name != "sentence":
        style["font_color"] = _SOFT
    if column.name in ("sentence", "decided", "note") or column.field in ("metric", "value", "locality"):
        style["text_wrap"] = True
    if column.kind == "decision" or column.name == "value":
        style["bold"] = True
    return style


def _head_style(column: SheetColumn) -> dict[str, object]:
    typed = column.kind in ("new", "decision", "note")
    colour = _HEAD_IN if typed else _HEADS.get(column.field, _GROUND)
    return {
        **{"bold": True, "font_size": 10, "font_color": _INK, "bg_color": colour, "text_wrap": True},
        **{"valign": "vcenter", "bottom": 2, "bottom_color": _SOFT},
    }


def _choices(sheet: Worksheet, n: int, column: SheetColumn, last: int) -> None:
    """A list to choose from where a column knows its choices; short forms may still be typed as decisions."""
    if not column.allowed:
        return
    rule: dict[str, object] = {"validate": "list", "source": list(column.allowed)}
    if column.kind == "decision":
        rule |= {"show_error": False}
    else:
        allowed = ", ".join(column.allowed)
        rule |= {"error_title": column.name, "error_message": f"Choose one of: {allowed}"[:255]}
    sheet.data_validation(1, n, last, n, rule)


def _colours(book: Workbook, sheet: Worksheet, n: int, column: SheetColumn, count: int) -> None:
    for word, colour in _STATUSES.get(column.name, {}).items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"'}
        sheet.conditional_format(1, n, count, n, {**rule, "format": book.add_format({"bg_color": colour})})


def _guide(book: Workbook, guide: Sequence[str]) -> None:
    """The second sheet: how to fill in the first, and what its columns mean."""
    sheet = book.add_worksheet("how to")
    bold = book.add_format({"bold": True, "valign": "top", "font_size": 10})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "font_size": 10})
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 100)
    for n, line in enumerate(guide):
        sheet.merge_range(n, 0, n, 1, line, wrap)
    for n, column in enumerate(COLUMNS, len(guide) + 1):
        sheet.write_string(n, 0, column.name, bold)
        sheet.write_string(n, 1, column.meaning, wrap)
