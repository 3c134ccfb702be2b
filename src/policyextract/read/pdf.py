"""PDF → text: pages read in order, without running heads, in paragraphs and table rows."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from typing import Any

from policyextract.errors import DamagedFileError, EncryptedFileError, NoTextError
from policyextract.read.pdf_flow import flow
from policyextract.read.pdf_furniture import drop_furniture
from policyextract.read.pdf_lines import Line, page_blocks
from policyextract.read.pdf_tables import Table
from policyextract.read.raw import Raw, stated_title

_UNMAPPED = re.compile(r"\(cid:\d+\)")


def read_pdf(data: bytes) -> Raw:
    """The text of a PDF with the offset of each page; its date stands in where the text states none.

    Raises EncryptedFileError, DamagedFileError, or NoTextError for a scan.
    """
    start = data[:2_048].find(b"%PDF-")
    if start < 0:
        raise DamagedFileError("the file is no PDF: it lacks the PDF mark at its start")
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    pages, metadata = _pages(data[start:])
    text, offsets = flow(drop_furniture(pages))
    _check_text(text, len(pages))
    title = stated_title(metadata.get("Title"), text)
    return Raw(text, title, _date(metadata.get("CreationDate")), offsets, date_first=False)


def _pages(data: bytes) -> tuple[list[list[Line | Table]], dict[str, Any]]:
    import pdfplumber

    pages: list[list[Line | Table]] = []
    try:
        with pdfplumber.open(io.BytesIO(data), unicode_norm="NFC") as pdf:
            for number, page in enumerate(pdf.pages):
                pages.append(page_blocks(page, number))
                page.close()
            metadata = dict(pdf.metadata or {})
    except RecursionError:
        raise
    except Exception as error:  # pdfminer raises nearly every kind on broken files
        raise _explain(error) from None
    if not pages:
        raise DamagedFileError("the PDF holds no pages; it may have been cut off while it was copied")
    return pages, metadata


def _explain(error: BaseException) -> Exception:
    """The reason that a person understands, from whatever pdfminer raised."""
    names: set[str] = set()
    todo: list[object] = [error]
    while todo:
        current = todo.pop()
        names.add(type(current).__name__)
        if isinstance(current, BaseException) and len(names) < 10:
            todo += [item for item in (*current.args, current.__cause__) if isinstance(item, BaseException)]
    if any("Password" in name or "Encrypt" in name for name in names):
        return EncryptedFileError("the PDF needs a password; save a copy without one")
    detail = str(error) or type(error).__name__
    return DamagedFileError(f"the PDF is damaged and could not be read ({detail[:120]}); get it again")


def _check_text(text: str, pages: int) -> None:
    unmapped = _UNMAPPED.findall(text)
    if sum(map(len, unmapped)) > 0.2 * len(text) and unmapped:
        raise NoTextError("the fonts of the PDF do not say which letters they show; run OCR on it")
    if sum(map(str.isalnum, text)) < min(10 * pages, 200):
        raise NoTextError("the PDF holds pictures of pages without text, as a scan does; run OCR on it")


def _date(value: object) -> dt.date | None:
    """The day of a PDF date such as ``D:20250714091500+07'00'``."""
    match = re.match(r"D?:?(\d{4})(\d{2})(\d{2})", str(value or ""))
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
