"""How much of anything the readers take on; beyond it a file is refused with a reason that says so."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from policyextract.errors import DamagedFileError, UnsupportedFileError

# A file is held in memory. The largest PDF files of agencies, full of maps and pictures, have 100 to 300 MB.
LARGEST_FILE = 500_000_000
# A book of 1,000 pages has 3 MB of text; a page in memory takes ten to twenty times its markup.
LARGEST_TEXT, LARGEST_PAGE = 50_000_000, 20_000_000
# A JSON Lines file may have any size, as one line is held at a time.
LARGEST_LINE = LARGEST_TEXT
# The XML of a Word file takes about eight times its size in memory; 5,000 pages have some 50 MB.
LARGEST_XML = 100_000_000
# All parts of a Word file with their pictures, or 200 times what they take packed; prose packs to a tenth.
LARGEST_UNPACKED, ALWAYS_UNPACKED, MOST_PACKED = 500_000_000, 50_000_000, 200
# The list of the parts of a Word file, some 50 to 100 bytes for each.
LARGEST_LIST = 2_000_000
# Budgets and plans of whole countries have up to 5,000 pages.
MOST_PAGES = 10_000
# What one stream of a PDF unpacks to; the largest pages of maps have some 50 MB.
LARGEST_STREAM = 200_000_000
# What all streams of a PDF that are looked at unpack to, which is held in memory; pictures are not looked at.
LARGEST_STREAMS = 1_000_000_000
# Ways of packing a stream, one over the other; programs use one, and one more to write it in letters.
MOST_FILTERS = 8
# How often one stream may be drawn; a letterhead on each of 5,000 pages is drawn 5,000 times.
MOST_DRAWN = 50_000
# Characters in one range of a font or its map of letters; Unicode has 17 times as many, a font at most these.
LONGEST_RANGE = 65_536
# Lines, boxes and curves on a page among which rules of tables are looked for, which takes their number squared;
# ruled tables of a page have hundreds, maps have tens of thousands. The text of such a page is read without rules.
MOST_RULES = 4_000
# Tags within tags, which is what the parser of pages can take; pages whose tags are never closed reach hundreds.
DEEPEST = 2_048
# Elements of a page up to which trafilatura may try its other ways to find the main text, one of which takes their
# number squared; its first way, and the plain walk that stands in for it, do not.
MOST_SEARCHED = 8_000
# Cells and rows of a page up to which trafilatura looks for the main text; in a large table it takes their number squared.
MOST_TABLED = 30_000
# Cells of one table; one with more, or with columns so uneven, is read row by row without its spans.
MOST_CELLS = 200_000
# Pixels of the picture of a page that OCR reads, A3 at 300 an inch having 17 million; a larger page is drawn smaller.
MOST_PIXELS = 20_000_000
# Pixels of the pictures within one page, as they are unpacked to draw it; A2 at 600 an inch has 140 million.
LARGEST_PICTURE = 200_000_000
# Seconds of a processor and bytes of address space for OCR of one page, which takes 1 to 10 and 0.3 GB, and seconds
# by the clock on a machine that is busy with other things.
OCR_SECONDS, OCR_BYTES, OCR_PATIENCE = 120, 2_000_000_000, 600
# Marks upon one letter: the scripts of the world need five, and putting them in order takes their number squared.
MOST_MARKS = 200


def nfc(text: str) -> str:
    """``text`` in NFC; raises DamagedFileError where a letter bears more marks than any script writes."""
    if text.isascii():
        return text
    if found := _piled().search(text):
        raise DamagedFileError(
            f"more than {MOST_MARKS} accents stand upon one letter at character {found.start()}; remove them"
        )
    return unicodedata.normalize("NFC", text)


@cache
def _piled() -> re.Pattern[str]:
    """More marks in a row than any script writes."""
    marks = [code for code in range(0x300, 0x20000) if unicodedata.combining(chr(code))]
    parts: list[list[int]] = []
    for code in marks:
        if parts and parts[-1][1] == code - 1:
            parts[-1][1] = code
        else:
            parts.append([code, code])
    inside = "".join(f"{chr(first)}-{chr(last)}" for first, last in parts)
    return re.compile(rf"[{inside}]{{{MOST_MARKS + 1}}}")


def check_count(pages: int) -> int:
    """The number of pages; raises UnsupportedFileError if there are too many."""
    if pages > MOST_PAGES:
        raise UnsupportedFileError(
            f"the PDF has {pages:,} pages, more than the {MOST_PAGES:,} that are read at once; split it"
        )
    return pages


def printable(text: str) -> str:
    """What a library says of an error, short, on one line and without signs that a terminal obeys."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:120]).split())


def megabytes(size: int) -> str:
    """A size as people read it.

    >>> megabytes(200_000_000), megabytes(1_500_000)
    ('200 MB', '1.5 MB')
    """
    return f"{size / 1e6:.3g} MB" if size < 1e9 else f"{size / 1e6:,.0f} MB"
