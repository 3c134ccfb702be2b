"""Values ↔ cells of a CSV file that a spreadsheet neither runs nor changes.

A text that a spreadsheet would run as a formula, or turn into another number, a date or a time, is written
with an apostrophe before it; so is one that begins with an apostrophe, and an empty text where an empty cell
means null. Reading takes one leading apostrophe away, so nothing is lost.
"""

from __future__ import annotations

import json
import re
from typing import Any

from policyextract.dataset.columns import Column

# "=1+1", "@sum", and the wide forms that some spreadsheets take for them; tabs and line ends may hide them.
_FORMULA = re.compile(r"['\s]*[=+\-@＝＋－＠]|['\t\r\n]")
# "1.200", "3/4", "01", "5-10", "1e5", "7,5%": not so "70" and "70%", which stay what they are.
_NUMERIC = re.compile(r"(?=.*\d)[\d\s.,:/\-–%eE+]+\Z")
_HARMLESS = re.compile(r"(?:0|[1-9]\d{0,14})%?\Z")
_EXACT = 2**53


def cell(column: Column, value: Any) -> str:
    """The cell of a value of JSON.

    >>> from policyextract.dataset.columns import TARGETS
    >>> columns = {c.name: c for c in TARGETS}
    >>> cell(columns["comparator"], "="), cell(columns["value"], "3/4"), cell(columns["value"], "over 70%")
    ("'=", "'3/4", 'over 70%')
    >>> cell(columns["year"], 2025), cell(columns["number"], 70.0), cell(columns["locality"], None)
    ('2025', '70', '')
    """
    if value is None:
        return ""
    match column.type:
        case "string":
            return guard(value, nullable=column.null is not None)
        case "boolean":
            return "true" if value else "false"
        case "array":
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(plain(value))


def guard(text: str, *, nullable: bool = False) -> str:
    """The text, behind an apostrophe if a spreadsheet would run or change it."""
    changed = _NUMERIC.match(text) and not _HARMLESS.match(text)
    return f"'{text}" if changed or _FORMULA.match(text) or (nullable and not text) else text


def plain(number: float) -> float | int:
    """A whole number without its ".0", as far as floating point tells whole numbers apart."""
    return int(number) if number % 1 == 0 and abs(number) < _EXACT else number


def value(column: Column, text: str) -> Any:
    """The value of JSON of a cell, the inverse of ``cell``; raises ValueError if it is not of the type."""
    if column.type == "string":
        if not text and column.null is not None:
            return None
        return text.removeprefix("'")
    if not text:
        return None
    match column.type:
        case "boolean":
            return {"true": True, "false": False}[text.lower()]
        case "array":
            return json.loads(text)
        case "integer":
            return int(text)
        case _:
            return float(text)
