"""What a reader of one format hands on: text in the document's own coordinates and what its metadata say."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from policyextract.read.limits import nfc

_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF])
_BLANKS = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Raw:
    """The text of one file, with title and date where its format states them, and its page starts.

    ``ocr`` has the confidence with which each page was read by OCR, see Document. A date that is ``date_first`` goes before a dateline in the text, any other stands in for a missing one.
    """

    text: str
    title: str | None = None
    date: dt.date | None = None
    pages: tuple[int, ...] = (0,)
    date_first: bool = True
    ocr: tuple[float | None, ...] = ()


def tidy(text: str) -> str:
    """One line of a formatted document: NFC, invisible marks dropped, any run of blanks as one space.

    >>> tidy(" 1\\u00a0200  km\\u00ad ")
    '1 200 km'
    """
    return _BLANKS.sub(" ", nfc(text.translate(_INVISIBLE))).strip()


def row(cells: list[str]) -> str:
    """A table row as one line, cells parted by `` | ``, an empty one as ``| |``; empty if every cell is.

    >>> row(["Rate", "%", "", "80"])
    'Rate | % | | 80'
    """
    clean = [tidy(cell.replace("\n", " ")).replace("|", "/") for cell in cells]
    return tidy(" | ".join(clean)) if any(clean) else ""


def join_lines(lines: list[str]) -> str:
    """Blocks of a document as text: a blank line between them, none within a table or a list."""
    parts: list[str] = []
    for before, line in zip(["", *lines], lines, strict=False):
        together = (" | " in before and " | " in line) or (before[:2] == "• " and line[:2] == "• ")
        parts.append(("\n" if together else "\n\n" if parts else "") + line)
    return "".join(parts) + "\n" if parts else ""


def stated_title(value: object, text: str) -> str | None:
    """A title from a file's properties if the text opens with its words; such titles are often left-overs."""
    title = tidy(str(value or "").replace("\n", " ").replace("\x00", ""))
    words = set(re.findall(r"\w+", title.lower()))
    there = set(re.findall(r"\w+", text[:3_000].lower()))
    return title if len(words) > 1 and words <= there and len(title) <= 300 else None
