"""Rows and cells of tables in running text: bars, tabs, wide gaps, semicolons, or single blanks."""

from __future__ import annotations

import re

ALIGNED = " "  # cells parted by single blanks, told apart by the columns of years in the header

_GAPS = {
    "|": re.compile(r"\|\s*"),
    "\t": re.compile(r"\t+"),
    "   ": re.compile(r" {3,}"),
    ";": re.compile(r";\s*"),
}
_CLOSE = (
    "|",
    ";",
)  # the blanks before these belong to no cell; a pattern for them would look at them many times
# A cell of figures: a number or a range with a mark or a word of comparison, or a dash for "none".
_FIGURE = (
    r"(?:(?:at least|over|under|above|below|about|top|trên|dưới|từ|khoảng|tối thiểu|[<>≥≤~])\s?)?"
    r"\d[\d.,]*(?:\s?[-–—]\s?\d[\d.,]*)?\s?%?(?:\s(?:or more|trở lên))?|[-–—…]"
)
_FIGURES = re.compile(rf"(?<!\S)(?:{_FIGURE})(?!\S)", re.I)
_YEAR_HEAD = re.compile(
    r"(?<!\S)(?:(?:actual|baseline|result|estimate|plan|planned|target|goal|thực hiện|ước thực hiện|ước|kế hoạch|mục tiêu"
    r"|chỉ tiêu)\s)?(?:năm\s|FY\s?)?(?:19[5-9]|20[0-9])\d(?:\s?[-–/]\s?\d{2,4})?(?:\s?\([^()]{1,30}\))?(?!\S)",
    re.I,
)


def separator_of(text: str) -> str:
    """What parts the cells of a line that shows by itself that it is a row, else ""."""
    if text.count("|") >= 2:
        return "|"
    if text.count("\t") >= 2:
        return "\t"
    return "   " if len(re.findall(r"\S {3,}(?=\S)", text)) >= 2 else ""


def year_columns(text: str) -> int:
    """How many columns of years a line without separators announces; 0 if it is no header row.

    >>> year_columns("No. Indicator Unit 2023 (actual) 2025 (target) Lead agency"), year_columns("By 2025.")
    (2, 0)
    """
    found = _YEAR_HEAD.findall(text)
    words = _YEAR_HEAD.sub(" ", text).split()
    wordy = len(found) >= 2 and 1 <= len(words) <= 12 and text[-1] not in ".;:,"
    return len(found) if wordy and not any(w[-1] in ",;" for w in words) else 0


def has_columns(text: str, count: int) -> bool:
    """Whether a line holds a label and then as many figures in a row as there are columns."""
    return _run(text, count) is not None


def _run(text: str, count: int) -> list[tuple[int, int]] | None:
    """The last figures that stand side by side behind a label, if there are ``count`` of them."""
    best: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    for found in _FIGURES.finditer(text):
        if run and text[run[-1][1] : found.start()].strip():
            run = []
        run.append(found.span())
        if len(run) >= len(best):
            best = list(run)
    label = text[: best[0][0]] if best else ""
    return best if len(best) == count and sum(ch.isalpha() for ch in label) >= 3 else None


def cells(text: str, separator: str) -> list[tuple[int, int]]:
    """Offsets of the cells of a row, as parted by its separator."""
    if separator == ALIGNED:
        return _aligned(text)
    found: list[tuple[int, int]] = []
    at = 0
    for gap in _GAPS.get(separator, _GAPS["|"]).finditer(text):
        before = len(text[at : gap.start()].rstrip()) if separator in _CLOSE else gap.start() - at
        found.append((at, at + before))
        at = gap.end()
    return [*found, (at, len(text))]


def _aligned(text: str) -> list[tuple[int, int]]:
    """Label, columns, and what stands behind them."""
    heads = [m.span() for m in _YEAR_HEAD.finditer(text)]
    figures = max((_run(text, n) or [] for n in range(2, 13)), key=len)
    columns = heads if len(heads) >= 2 and len(figures) < 2 else figures or heads
    if not columns:
        return [(0, len(text))]
    tail = (columns[-1][1], len(text))
    parts = [(0, columns[0][0]), *columns, *([tail] if text[slice(*tail)].strip() else [])]
    return [_stripped(text, part) for part in parts]


def _stripped(text: str, part: tuple[int, int]) -> tuple[int, int]:
    piece = text[slice(*part)]
    start = part[0] + len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())
