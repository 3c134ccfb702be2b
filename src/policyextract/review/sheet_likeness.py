"""Whether a cell may be what a spreadsheet program made of a value that the export wrote into it."""

from __future__ import annotations

import math
import re
from typing import Any

from policyextract.errors import ReviewError
from policyextract.review.sheet_cells import COLUMNS, Cell, correction, fold, number_of, text_of, year_of
from policyextract.review.sheet_layout import LONGEST


def like(name: str, value: Any, cell: Cell, comma: bool | None) -> bool:
    """Whether a cell may be what a spreadsheet made of a field's value."""
    column, text = COLUMNS[name], text_of(cell)
    try:
        if column.type == "boolean":
            return bool(correction(name, cell, comma) if text else False) is value
        if text and not text.strip("#"):  # a number in a column too narrow for it
            return True
        if not text or value is None:
            return not text and value in (None, "")
        if column.allowed:
            return bool(correction(name, cell, comma) == value)
        if column.type == "string":
            return _like_text(str(value), text, cell)
        given = year_of(cell) if name in ("year", "year_start") else number_of(name, cell, comma)
        return _near(given, value, text) or _digits(text) == _digits(f"{value:.15g}")
    except ReviewError:  # a date, or one of two numbers: made by the spreadsheet
        return True


def _near(given: float | str, value: float, text: str) -> bool:
    """Whether a number is what is left of another when a cell shows some of its digits: 7.63E+11, 66.6667."""
    if isinstance(given, str):
        return False
    if re.search(r"\d[eE]", text):
        return math.isclose(given, value, rel_tol=1e-2)
    shown = len(re.split(r"[.,]", text)[-1]) if re.search(r"[.,]", text) else 0
    return math.isclose(given, value, rel_tol=1e-12, abs_tol=10.0**-shown if shown > 2 else 0.0)


def _like_text(value: str, text: str, cell: Cell) -> bool:
    if text == value:
        return True
    if not isinstance(cell, str):  # "3/4" and "70%" become dates and numbers
        return True
    if not re.search(r"[^\W\d_]", text):
        return _digits(text) == _digits(value)
    if "?" in text or "\ufffd" in text:  # an encoding without these letters
        return True
    one, other = letters(value), letters(text)
    return (bool(one) and one == other) or (len(text) >= LONGEST - 2 and one.startswith(other))


def letters(text: str) -> str:
    """The letters and digits of a text, small and without marks, which any spreadsheet leaves as they are."""
    return re.sub(r"[\W_]+", "", fold(text))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text).strip("0") or "0"
