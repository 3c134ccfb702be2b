"""The words of a PDF page with their boxes, and words put together to rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from policyextract.read.raw import tidy

_BOLD = re.compile(r"bold|black|heavy|demi|-bd\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its box in points from the top left corner of the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool


Row = list[Word]


def page_words(page: Any) -> list[Word]:
    """The upright words of a pdfplumber page; text printed twice to look bold is read once."""
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


def rows(words: list[Word]) -> list[Row]:
    """Words by row, each from left to right: those that share more than half of their height."""
    found: list[Row] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom, word.x0)):
        for row in reversed(found[-2:]):
            tallest = max(row, key=lambda other: other.size)
            shared = min(word.bottom, tallest.bottom) - max(word.top, tallest.top)
            if shared > 0.55 * min(word.bottom - word.top, tallest.bottom - tallest.top):
                row.append(word)
                break
        else:
            found.append([word])
    return [sorted(row, key=lambda word: word.x0) for row in found]


def row_text(row: Row) -> str:
    """The words of a row; no blank where they touch, as before a raised figure."""
    text = row[0].text if row else ""
    for before, word in pairwise(row):
        touching = word.x0 - before.x1 < 0.08 * max(word.size, before.size) and word.size != before.size
        text += word.text if touching else f" {word.text}"
    return tidy(text)
