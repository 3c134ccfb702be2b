"""PDF pages read by pdfplumber, with all that it works on looked at before."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from policyextract.read.limits import MOST_RULES
from policyextract.read.pdf_guard import Guarded
from policyextract.read.pdf_page import Page, Rule, Word
from policyextract.read.pdf_shown import Drawings, shows_more

_BOLD = re.compile(r"bold|black|heavy|demi|-bd\b", re.IGNORECASE)
_FLAT = 0.01


def careful_pages(pdf: Guarded) -> Iterator[Page]:
    """The pages one by one; raises what pdfminer raises, DamagedFileError, or UnsupportedFileError of too many."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    for number, page in pdf.numbered():
        words = _words(page)
        scan = shows_more(words, partial(_drawings, page))
        yield Page(number, float(page.width), max(float(page.height), 1.0), words, _rules(page), scan)
        page.close()


def _drawings(page: Any) -> Drawings:
    """The pictures and curves of a page."""
    pictures = [(image["x0"], image["top"], image["x1"], image["bottom"]) for image in page.images]
    return Drawings.of((float(page.width), float(page.height)), pictures, len(page.curves))


def _rules(page: Any) -> list[Rule]:
    """The level and upright lines of a page; none if they are too few for a table, or as many as on a map."""
    if not 4 <= len(page.lines) + len(page.rects) + len(page.curves) <= MOST_RULES:
        return []
    edges = ((edge["x0"], edge["top"], edge["x1"], edge["bottom"]) for edge in page.edges)
    return [Rule(*edge) for edge in edges if edge[2] - edge[0] < _FLAT or edge[3] - edge[1] < _FLAT]


def _words(page: Any) -> list[Word]:
    """The upright words of a page; text printed twice to look bold is read once."""
    places = {(char["text"], round(char["x0"]), round(char["top"])) for char in page.chars}
    if len(places) < 0.9 * len(page.chars):
        page = page.dedupe_chars(tolerance=1)
    blanks = _covered_blanks(page.chars)
    if blanks:
        page = page.filter(lambda item: id(item) not in blanks)
    found = page.extract_words(x_tolerance_ratio=0.16, y_tolerance=2, extra_attrs=["fontname", "size"])
    return [
        Word(
            text=word["text"],
            x0=word["x0"],
            x1=word["x1"],
            top=word["top"],
            bottom=word["bottom"],
            size=word["size"],
            bold=_BOLD.search(word["fontname"] or "") is not None,
        )
        for word in found
        if word.get("upright", True) and word["x1"] > 0 and word["x0"] < page.width
    ]


def _covered_blanks(chars: list[dict[str, Any]]) -> set[int]:
    """Blanks that the letter behind them stands upon, as browsers print for a hyphen that is not shown."""
    return {
        id(blank)
        for blank, char in pairwise(chars)
        if blank["text"] in " \xad" and abs(char["x0"] - blank["x0"]) < 0.1 and char["top"] == blank["top"]
    }
