"""PDF → text: pages read in order, without running heads, in paragraphs and table rows."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from policyextract.errors import DamagedFileError, EncryptedFileError, NoTextError, ReadError
from policyextract.read.limits import printable
from policyextract.read.ocr import APT, Ocr
from policyextract.read.pdf_flow import Blocks, flow
from policyextract.read.pdf_furniture import drop_furniture
from policyextract.read.pdf_joins import join_rows
from policyextract.read.pdf_lines import all_blocks
from policyextract.read.pdf_notes import mark_notes
from policyextract.read.pdf_scans import Scans
from policyextract.read.pdf_shown import UNMAPPED
from policyextract.read.raw import Raw, stated_title


def read_pdf(data: bytes, ocr: Ocr | None = None) -> Raw:
    """The text of a PDF with the offset of each page; its date stands in where the text states none.

    Pages that are pictures are read by ``ocr`` if it is given. Raises EncryptedFileError, DamagedFileError, or
    NoTextError for a scan that is not read.
    """
    start = data[:2_048].find(b"%PDF-")
    if start < 0:
        raise DamagedFileError("the file is no PDF: it lacks the PDF mark at its start")
    data, read = data[start:], _quick
    found = _quick(data)
    if found is None or _lack(found.text, len(found.pages)):
        found, read = _careful(data), _careful
    if found.ocr and ocr is not None and ocr.program is not None:  # last, for it takes seconds a page
        found = read(data, ocr) or found
    if lack := _lack(found.text, len(found.pages)):
        raise NoTextError(lack + _advice(ocr))
    return found


def _quick(data: bytes, ocr: Ocr | None = None) -> Raw | None:
    """What PDFium reads, as long as that is safe and sure."""
    from policyextract.read.pdf_quick import UnsureError, opened
    from policyextract.read.pdf_risk import is_bounded

    if not is_bounded(data):
        return None
    try:
        with opened(data) as pdf:
            scans = Scans(data, ocr)
            return _raw(all_blocks(scans.read(pdf.pages())), scans, pdf.metadata)
    except UnsureError:
        return None


def _raw(pages: list[Blocks], scans: Scans, metadata: dict[str, Any]) -> Raw:
    text, offsets = flow(join_rows(mark_notes(drop_furniture(pages))))
    title, date = stated_title(metadata.get("Title"), text), _date(metadata.get("CreationDate"))
    return Raw(text, title, date, offsets, date_first=False, ocr=scans.confidences)


def _careful(data: bytes, ocr: Ocr | None = None) -> Raw:
    """What pdfplumber reads."""
    from policyextract.read.pdf_careful import careful_pages
    from policyextract.read.pdf_guard import Guarded

    try:
        pdf, scans = Guarded(data), Scans(data, ocr)
        with pdf:
            pages = all_blocks(scans.read(careful_pages(pdf)))
            metadata = dict(pdf.metadata)
    except (RecursionError, ReadError):
        raise
    except Exception as error:  # pdfminer raises nearly every kind on broken files
        raise _explain(error) from None
    if not pages:
        raise DamagedFileError("the PDF holds no pages; it may have been cut off while it was copied")
    return _raw(pages, scans, metadata)


def _explain(error: BaseException) -> Exception:
    """The reason that a person understands, from whatever pdfminer raised."""
    names: set[str] = set()
    todo: list[object] = [error]
    while todo:
        current = todo.pop()
        if isinstance(current, ReadError):
            return current
        names.add(type(current).__name__)
        if isinstance(current, BaseException) and len(names) < 10:
            todo += [item for item in (*current.args, current.__cause__) if isinstance(item, BaseException)]
    if any("Password" in name or "Encrypt" in name for name in names):
        return EncryptedFileError("the PDF needs a password; save a copy without one")
    detail = printable(str(error) or type(error).__name__)
    return DamagedFileError(f"the PDF is damaged and could not be read ({detail}); get it again")


def _lack(text: str, pages: int) -> str | None:
    """Why the text of so many pages is none."""
    unmapped = UNMAPPED.findall(text)
    if sum(map(len, unmapped)) > 0.2 * len(text) and unmapped:
        return "the fonts of the PDF do not say which letters they show"
    if sum(map(str.isalnum, text)) < min(10 * pages, 200):
        return "the PDF holds pictures of pages without text, as a scan does"
    return None


def _advice(ocr: Ocr | None) -> str:
    """What to do about a PDF without text."""
    if ocr is None:
        return f"; read it by OCR (--ocr), which needs Tesseract (Debian: {APT})"
    if ocr.missing is not None:
        return f"; {ocr.missing}"
    return ", and OCR found too little on them; scan it again at 300 dots an inch"


def _date(value: object) -> dt.date | None:
    """The day of a PDF date such as ``D:20250714091500+07'00'``."""
    match = re.match(r"D?:?(\d{4})(\d{2})(\d{2})", str(value or ""))
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
