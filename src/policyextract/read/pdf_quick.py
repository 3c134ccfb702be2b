"""PDF pages read by PDFium, which is quick: their words and the straight lines among their drawings."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from policyextract.read.limits import check_count
from policyextract.read.pdf_chars import words_of
from policyextract.read.pdf_letters import TextPage
from policyextract.read.pdf_page import Page, Turn
from policyextract.read.pdf_rules import page_drawings, page_rules
from policyextract.read.pdf_shown import shows_more

if TYPE_CHECKING:
    from PIL.Image import Image

_LOCK = threading.RLock()  # PDFium bears one thread at a time
_FEW_UNNAMED, _MOST_UNNAMED = 5, 0.2  # words of a page that begin with a letter which its font does not name


class UnsureError(Exception):
    """PDFium cannot read a file, or not all of it."""


class QuickPdf:
    """A PDF that PDFium has open."""

    def __init__(self, document: Any) -> None:
        import pypdfium2.raw

        self._pdfium, self._document = pypdfium2.raw, document

    @property
    def metadata(self) -> dict[str, str]:
        """Title and day of creation as the file states them."""
        return {key: self._document.get_metadata_value(key) for key in ("Title", "CreationDate")}

    def pages(self) -> Iterator[Page]:
        """The pages one by one; raises UnsureError at one that is not read, UnsupportedFileError of too many."""
        seen: set[int] = set()
        for number in range(check_count(len(self._document))):
            page = self._pdfium.FPDF_LoadPage(self._document.raw, number)
            if not page:
                raise UnsureError(f"page {number + 1} could not be loaded")
            try:
                found = self._page(page, number)
            finally:
                self._pdfium.FPDF_ClosePage(page)
            texts = hash(tuple(word.text for word in found.words))
            if texts in seen and found.words and not found.is_scan:  # scans bear one stamp
                raise UnsureError(f"page {number + 1} may be one that was read before")
            seen.add(texts)
            yield found

    def picture(self, number: int) -> Image | None:
        """What a page looks like; None if it holds too much. Raises UnsureError if it cannot be drawn."""
        from pypdfium2 import PdfiumError

        from policyextract.read.ocr_picture import drawn

        try:
            return drawn(self._document[number])
        except PdfiumError as error:
            raise UnsureError(str(error)) from None

    def _page(self, page: Any, number: int) -> Page:
        pdfium = self._pdfium
        box = pdfium.FS_RECTF()
        if not pdfium.FPDF_GetPageBoundingBox(page, box):
            raise UnsureError(f"page {number + 1} has no size")
        turn = Turn(box.left, box.bottom, box.right, box.top, pdfium.FPDFPage_GetRotation(page) % 4)
        width, height = turn.size
        text = TextPage(pdfium, page, turn)
        try:
            runs = list(text.runs())
        finally:
            text.close()
        if text.unnamed > max(_FEW_UNNAMED, _MOST_UNNAMED * len(runs)):
            raise UnsureError(f"page {number + 1} has letters that no font names")
        words = [word for word in words_of(runs) if word.x1 > 0 and word.x0 < width]
        scan = shows_more(words, lambda: page_drawings(pdfium, page, turn))
        return Page(number, width, height, words, page_rules(pdfium, page, turn), scan)


@contextmanager
def opened(data: bytes) -> Iterator[QuickPdf]:
    """The PDF of ``data``; raises UnsureError where PDFium finds none. No other thread gets one meanwhile."""
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise UnsureError(str(error)) from None
        try:
            yield QuickPdf(document)
        finally:
            document.close()
