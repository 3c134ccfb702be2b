"""Pages of a PDF that are pictures → their words and rules, read by OCR, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policyextract.read.ocr import DOUBTFUL, Ocr
from policyextract.read.pdf_page import Page
from policyextract.read.pdf_quick import UnsureError, opened
from policyextract.read.pdf_shown import letters_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from policyextract.read.ocr_tesseract import Seen

_MORE = 1.5  # times the letters of its text that OCR has to read for the text not to be the better one


class Scans:
    """Reads pages of the PDF that ``data`` holds by OCR; without it, only tells which pages would need it."""

    def __init__(self, data: bytes, ocr: Ocr | None) -> None:
        self._data = data
        self._ocr = ocr
        self._confidences: list[float | None] = []

    @property
    def confidences(self) -> tuple[float | None, ...]:
        """A number for each page: None if it has text of its own or is empty, 0 if not read; nothing without scans."""
        read = any(confidence is not None for confidence in self._confidences)
        return tuple(self._confidences) if read else ()

    def read(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages, those that are scans as OCR sees them."""
        for page in pages:
            seen, confidence = self._see(page) if page.is_scan else (page, None)
            self._confidences.append(confidence)
            yield seen

    def _see(self, page: Page) -> tuple[Page, float | None]:
        """What is seen on a page and how surely; the page itself if that is not much more than its words."""
        if self._ocr is None or self._ocr.program is None:
            return page, 0.0
        from policyextract.read.ocr_picture import is_blank
        from policyextract.read.ocr_rules import picture_rules
        from policyextract.read.ocr_tesseract import POINT

        try:
            with opened(
                self._data
            ) as pdf:  # anew for each page, for PDFium keeps the pictures that it unpacked
                picture = pdf.picture(page.number)
        except UnsureError:
            return page, 0.0
        if picture is None or is_blank(picture):
            return page, 0.0 if picture is None else None
        seen, picture = best(picture, self._ocr)
        letters = letters_of(page.words)
        if seen.letters <= _MORE * letters:
            return page, None if letters else 0.0
        width, height = picture.width * POINT, picture.height * POINT
        rules = picture_rules(picture, POINT)
        return Page(page.number, width, height, list(seen.words), rules), seen.confidence


def best(picture: Image, ocr: Ocr) -> tuple[Seen, Image]:
    """What is read most surely of a picture, turned as it must be, and the picture turned.

    Whether it stands upon its head, or is full of dust, shows only in the reading: other ways are tried where the first
    one is doubtful.
    """
    from policyextract.read.ocr_picture import dusted, quarters, straight
    from policyextract.read.ocr_tesseract import see

    upright = straight(picture)
    found = (see(upright, ocr), upright)
    for change in (lambda p: quarters(p, 2), dusted, lambda p: quarters(p, 1), lambda p: quarters(p, 3)):
        if found[0].confidence >= DOUBTFUL:
            break
        changed = change(found[1])
        seen = see(changed, ocr)
        if _worth(seen) > _worth(found[0]):
            found = seen, changed
    return found


def _worth(seen: Seen) -> float:
    return seen.confidence**2 * seen.letters
