"""Whether a page of a PDF shows more than its text tells, as a scan does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from policyextract.read.pdf_page import Word

UNMAPPED = re.compile(r"\(cid:\d+\)")
_FEW = 10  # letters that a page number has
_STAMP = 250  # letters that a scanner or a signature stamps on a page
_COVERED = 0.7  # share of the page that pictures take up if it is a scan
_DRAWN = 100  # curves on a page whose letters are drawn
_UNMAPPED = 0.2  # share of letters of which the font does not say what they are
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Drawings:
    """What a page shows besides text: how many pictures, what share of it they cover, and how many curves."""

    pictures: int
    covered: float
    curves: int

    @classmethod
    def of(cls, size: tuple[float, float], pictures: Iterable[Box], curves: int) -> Self:
        """From the size of the page and the boxes of its pictures, as (x0, top, x1, bottom)."""
        width, height = size
        areas = [
            max(min(x1, width) - max(x0, 0.0), 0.0) * max(min(bottom, height) - max(top, 0.0), 0.0)
            for x0, top, x1, bottom in pictures
        ]
        return cls(len(areas), sum(areas) / max(width * height, 1.0), curves)


def letters_of(words: list[Word]) -> int:
    """How many letters and figures the words have."""
    return sum(sum(map(str.isalnum, UNMAPPED.sub("", word.text))) for word in words)


def shows_more(words: list[Word], look: Callable[[], Drawings]) -> bool:
    """Whether a page shows more than its words tell; ``look`` is asked only where they are few."""
    letters, unmapped = letters_of(words), sum(word.text.count("(cid:") for word in words)
    if unmapped > _UNMAPPED * (letters + unmapped):
        return True
    if letters >= _STAMP:
        return False
    drawn = look()
    return drawn.covered > _COVERED or (letters < _FEW and (drawn.pictures > 0 or drawn.curves > _DRAWN))
