"""The words of a PDF page put together to rows."""

from __future__ import annotations

import re

from policyextract.read.pdf_page import Word
from policyextract.read.raw import tidy

Row = list[Word]
_MARK = re.compile(r"[(\[]?\d{1,3}(?:[,;]\d{1,3}){0,4}[)\]]?|[*†‡§]{1,3}")
_POWERED = re.compile(r"(?<![^\W\d_])[kcdm]?m$|(?<![^\W\d_])(?:CO|ha)$|[×x·.*]10$")


def rows(words: list[Word]) -> list[Row]:
    """Words by row, each from left to right: those that share more than half of their height."""
    found: list[Row] = []
    tallest: list[Word] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom, word.x0)):
        for index in range(len(found) - 1, max(len(found) - 3, -1), -1):
            other = tallest[index]
            shared = min(word.bottom, other.bottom) - max(word.top, other.top)
            if shared > 0.55 * min(word.bottom - word.top, other.bottom - other.top):
                found[index].append(word)
                tallest[index] = word if word.size > other.size else other
                break
        else:
            found.append([word])
            tallest.append(word)
    return [sorted(row, key=lambda word: word.x0) for row in found]


def row_text(row: Row) -> str:
    """The words of a row without the marks of footnotes; no blank where they touch, as before a raised figure."""
    text, last, edge = (row[0].text, row[0], row[0].x1) if row else ("", None, 0.0)
    behind = False  # right behind a mark that was left out
    for word in row[1:]:
        assert last is not None
        close = word.x0 - edge < 0.08 * max(word.size, last.size)
        edge = word.x1
        if _is_mark(last, word):
            behind = close
            continue
        touching = close and (behind or word.size != last.size)
        behind = False
        first = last is row[0] and _is_raised(last, word)  # the mark of a note before its text
        text += word.text if touching and not first else f" {word.text}"
        last = word
    return tidy(text)


def _is_mark(before: Word, word: Word) -> bool:
    """Whether ``word`` is a raised figure or star that points to a note: no power of a unit or of ten."""
    if not _is_raised(word, before) or not _MARK.fullmatch(word.text) or word.x0 - before.x1 > before.size:
        return False
    return _POWERED.search(before.text) is None


def _is_raised(word: Word, other: Word) -> bool:
    """Whether ``word`` is printed smaller and higher than ``other``."""
    return word.size < 0.85 * other.size and word.bottom < other.bottom - 0.15 * other.size
