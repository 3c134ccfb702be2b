"""A PDF opened so that what refers to itself, or unpacks without end, is refused and not followed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pdfminer.pdfdocument import PDFDocument, PDFNoPageLabels
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFObjRef, PDFStream
from pdfplumber.pdf import PDF
from pdfplumber.utils.pdfinternals import resolve_and_decode

from policyextract.errors import DamagedFileError
from policyextract.read.limits import LONGEST_RANGE, check_count
from policyextract.read.pdf_streams import Budget, Stream

_RANGE = re.compile(
    rb"<([0-9A-Fa-f]{1,16})>\s{0,9}<([0-9A-Fa-f]{1,16})>\s{0,9}(?:<[0-9A-Fa-f]{1,99}>|\d{1,9}|\[)?"
)


class Guarded(PDF):
    """A pdfplumber PDF whose objects and streams are looked at before pdfminer works on them."""

    def __init__(self, data: bytes) -> None:
        """Opens the PDF that ``data`` holds; raises what pdfminer raises, or DamagedFileError."""
        self.stream = io.BytesIO(data)
        self.stream_is_external = True
        self.path = self.pages_to_parse = self.laparams = self.password = None
        self.unicode_norm, self.raise_unicode_errors = "NFC", False
        self.doc = _Document(_Parser(self.stream))
        self.rsrcmgr = PDFResourceManager()
        self.metadata = {
            key: resolve_and_decode(info.get(key))
            for info in self.doc.info
            for key in ("Title", "CreationDate")
        }

    def numbered(self) -> Iterator[tuple[int, Any]]:
        """The pages with their numbers from 0; raises UnsupportedFileError if there are too many."""
        check_count(len(self.pages))
        yield from enumerate(self.pages)


class _Stream(Stream):
    """A stream of which a map of letters is looked at before pdfminer reads it."""

    def decode(self) -> None:
        super().decode()
        if b"begincmap" in (self.data or b"")[:20_000]:
            _check_map(self.data or b"")


def _check_map(data: bytes) -> None:
    """Refuse a map of letters that runs over more letters than there are."""
    for block in re.split(rb"begin(?=(?:bf|cid|notdef)range)", data)[1:]:
        for found in _RANGE.finditer(block.partition(b"end")[0]):
            # pdfminer counts with the last four bytes
            if int(found[2][-8:], 16) - int(found[1][-8:], 16) >= LONGEST_RANGE:
                raise DamagedFileError(
                    "a font of the PDF maps more letters than there are; print it to a new PDF"
                )


class _Parser(PDFParser):
    """Makes the streams that count."""

    def __init__(self, file: io.BytesIO) -> None:
        self._budget = Budget()
        super().__init__(file)

    def push(self, *objs: Any) -> None:
        for place, item in objs:
            if type(item) is PDFStream:
                item = _Stream(item, self._budget)
            super().push((place, item))


class _Document(PDFDocument):
    """A document without references that lead in a circle and without fonts that list millions of widths."""

    def getobj(self, objid: int) -> Any:
        followed = {objid}
        found = super().getobj(objid)
        while isinstance(found, PDFObjRef):
            if found.objid in followed:
                raise DamagedFileError("the PDF refers to itself in a circle; print it to a new PDF")
            followed.add(found.objid)
            found = super().getobj(found.objid)
        for widths in _width_lists(found):
            _check_widths(self, widths)
        return found

    def get_page_labels(self) -> Iterator[str]:
        """No labels: pages are counted."""
        raise PDFNoPageLabels


def _width_lists(found: Any) -> list[Any]:
    """The lists of widths in a font, or in fonts that stand right in their parent."""
    fonts = found if isinstance(found, list) else [found]
    if isinstance(found, dict):
        inner = found.get("DescendantFonts")
        fonts += inner if isinstance(inner, list) else []
    return [font[key] for font in fonts if isinstance(font, dict) for key in ("W", "W2") if key in font]


def _check_widths(document: _Document, widths: Any) -> None:
    if isinstance(widths, PDFObjRef):
        widths = document.getobj(widths.objid)
    numbers = widths if isinstance(widths, list) else []
    for first, last in zip(numbers, numbers[1:], strict=False):
        if isinstance(first, int) and isinstance(last, int) and last - first > LONGEST_RANGE:
            raise DamagedFileError("a font of the PDF has more letters than there are; print it to a new PDF")
