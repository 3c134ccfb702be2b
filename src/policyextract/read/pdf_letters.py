"""The letters of a page as PDFium tells them → runs of letters."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from policyextract.read.pdf_chars import CLOSE, Run
from policyextract.read.pdf_page import Turn

_BOLD = re.compile(rb"bold|black|heavy|demi|-bd\b", re.IGNORECASE)
_HYPHENS = frozenset({0x2, 0xFFFE})  # PDFium's own signs for a hyphen at the end of a line
_UNNAMED = "•"  # most of the signs that a font does not name are bullets
_FLAT, _TOUCH = (
    0.1,
    2.0,
)  # points by which letters of one line may differ in height; between a blank and a letter
_DESCENT = (
    0.22  # how far letters reach below their line, in heights; what fonts say of it differs more than they do
)
Place = tuple[
    float, float, float
]  # where a letter begins and where it ends in its line, and the height of the line


@dataclass(frozen=True, slots=True)
class Style:
    """How a letter is printed, and whether its font says which letter it is."""

    size: float
    font: bytes
    bold: bool
    upright: bool
    named: bool


class TextPage:
    """The text of a page that PDFium has loaded; ``unnamed`` counts runs that begin with a letter of no name."""

    def __init__(self, pdfium: Any, page: Any, turn: Turn) -> None:
        self._pdfium, self._turn = pdfium, turn
        self._page = pdfium.FPDFText_LoadPage(page)
        self._styles: dict[int, Style] = {}
        self.unnamed = 0

    def close(self) -> None:
        """Give back what PDFium holds of the text."""
        self._pdfium.FPDFText_ClosePage(self._page)

    def runs(self) -> Iterator[Run]:
        """Runs of upright letters in the order in which they are drawn."""
        text, before, blank = "", False, None
        first = style = last = None
        reach = 0.0
        for char, place, index in self._letters():
            if char.isspace():
                blank = blank or place
                continue
            if blank and abs(place[0] - blank[0]) < _FLAT and abs(place[2] - blank[2]) < _FLAT:
                blank = None  # browsers print one under the letter behind a hyphen that is not shown
            if (
                last
                and not blank
                and place[0] <= last[1] + reach
                and (place[0] >= last[0] - _FLAT or unicodedata.combining(char))
                and abs(place[2] - last[2]) < _FLAT
            ):
                text += char
                last = place if place[1] >= last[1] else (place[0], last[1], place[2])
                continue
            if style and style.upright and first and last:
                yield self._run(text, first, last, style, before, _touch(last, blank))
            before, blank = _touch(blank, place), None
            style = self._style(index)
            text, first, last = char if style.named else _UNNAMED, place, place
            reach = CLOSE * style.size
        if style and style.upright and first and last:
            yield self._run(text, first, last, style, before, False)

    def _run(self, text: str, first: Place, last: Place, style: Style, before: bool, after: bool) -> Run:
        self.unnamed += not style.named
        x, y = self._turn.origin
        bottom = y - first[2] + _DESCENT * style.size
        return Run(text, first[0] - x, last[1] - x, bottom, style.size, style.bold, style.font, before, after)

    def _letters(self) -> Iterator[tuple[str, Place, int]]:
        """Letters and blanks, their places and numbers, without the blanks that PDFium makes up."""
        pdfium, page, where = self._pdfium, self._page, _PLACES[self._turn.quarters]
        char_of, box_of, origin_of = (
            pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_GetCharOrigin,
        )  # fmt: skip
        box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        box_pointer, x_pointer, y_pointer = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
        for index in range(pdfium.FPDFText_CountChars(page)):
            code = char_of(page, index)
            if code <= 0x20 and code not in _HYPHENS and pdfium.FPDFText_IsGenerated(page, index):
                continue
            if box_of(page, index, box_pointer) and origin_of(page, index, x_pointer, y_pointer):
                yield _char(code), where(x.value, y.value, box), index

    def _drawn(self, index: int) -> int:
        """What tells apart the pieces of text that are drawn by one command each."""
        drawn = self._pdfium.FPDFText_GetTextObject(self._page, index)
        return ctypes.addressof(drawn.contents) if drawn else -index

    def _style(self, index: int) -> Style:
        pdfium, page = self._pdfium, self._page
        key = self._drawn(index)
        known = self._styles.get(key)
        if known is not None and known.named:
            return known
        matrix, name = pdfium.FS_MATRIX(), ctypes.create_string_buffer(128)
        pdfium.FPDFText_GetMatrix(page, index, matrix)
        length = pdfium.FPDFText_GetFontInfo(page, index, name, len(name), None)
        font = name.value if 0 < length <= len(name) else b""
        style = self._styles[key] = Style(
            pdfium.FPDFText_GetFontSize(page, index) * math.hypot(matrix.c, matrix.d),
            font,
            _BOLD.search(font) is not None,
            self._turn.is_upright(matrix.a, matrix.b),
            pdfium.FPDFText_HasUnicodeMapError(page, index) != 1,
        )
        return style


_PLACES: tuple[Callable[[float, float, Any], Place], ...] = (
    lambda x, y, box: (x, box.right, y),
    lambda x, y, box: (y, box.top, -x),
    lambda x, y, box: (-x, -box.left, -y),
    lambda x, y, box: (-y, -box.bottom, x),
)


def _touch(one: Place | None, other: Place | None) -> bool:
    """Whether ``other`` begins where ``one`` ends."""
    return (
        one is not None
        and other is not None
        and abs(one[2] - other[2]) < _FLAT
        and abs(other[0] - one[1]) < _TOUCH
    )


@lru_cache(4_096)
def _char(code: int) -> str:
    """A letter; blanks and signs that do not print are blanks."""
    if code in _HYPHENS:
        return "-"
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return _UNNAMED
    return " " if code < 0x20 else chr(code)
