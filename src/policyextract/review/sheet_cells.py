"""Cells as a spreadsheet program left them → what was meant by them."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import Any

from policyextract.dataset import TARGETS, Column
from policyextract.dataset.cells import guard
from policyextract.errors import ReviewError
from policyextract.review.events import Decision
from policyextract.review.fields import EDITABLE
from policyextract.review.sheet_layout import NONE

Cell = str | float | bool | dt.date | dt.time | dt.timedelta
"""A cell: of a CSV file a text, of a workbook any of these; an empty text if nothing is in it."""

COLUMNS = {column.name: column for column in TARGETS if column.name in EDITABLE}
_DECISIONS: dict[str, Decision] = {
    **dict.fromkeys(("accept", "accepted", "a", "ok", "yes", "y", "chap nhan", "dong y"), "accept"),
    **dict.fromkeys(("reject", "rejected", "r", "no", "n", "tu choi", "bac bo"), "reject"),
    **dict.fromkeys(("edit", "edited", "e", "correct", "sua", "chinh sua"), "edit"),
    **dict.fromkeys(("add", "added", "+", "them"), "add"),
}
_TRUTH = {
    **dict.fromkeys(
        ("true", "yes", "y", "1", "wahr", "ja", "vrai", "oui", "verdadero", "dung", "co", "x"), True
    ),
    **dict.fromkeys(
        ("false", "no", "n", "0", "falsch", "nein", "faux", "non", "falso", "sai", "khong"), False
    ),
}
_SAME = {
    "≥": ">=",
    "≤": "<=",
    "⩾": ">=",
    "⩽": "<=",
    "≈": "~",
    "=>": ">=",
    "=<": "<=",
    "==": "=",
    "%": "percent",
}
_NOTHING = frozenset((NONE, "none", "null", "-", "–", "—"))
_ERROR = re.compile(r"#(?:REF!|NAME\?|VALUE!|DIV/0!|N/A|NULL!|NUM!|SPILL!|CALC!)|Err:\d{3}")
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]|\ufffd")
_BLANKS = re.compile(r"[\s\u2007\u2009\u202f'’]+")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DATE = re.compile(
    r"(?:(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}))(?:[T ]+[\d:.]+(?: ?[AP]M)?)?"
)
_EPOCH = dt.date(1899, 12, 30)  # the day 0 of spreadsheets
_SERIALS = range(1900, 2201)  # days of 1905 and 1906, as which years are shown under the format of dates


def fold(text: str) -> str:
    """Small letters without marks, blanks folded: "Chấp  nhận " is "chap nhan"."""
    if text.isascii():
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def text_of(cell: Cell) -> str:
    """A cell as text, whole numbers without decimals."""
    if isinstance(cell, str):
        return cell.strip() if cell.isascii() else unicodedata.normalize("NFC", cell).strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return f"{cell:.15g}"
    return str(cell)


def unguarded(cell: Cell) -> Cell:
    """A cell of a CSV file without the apostrophe that kept a spreadsheet from running or changing it."""
    if isinstance(cell, str) and cell.startswith("'") and guard(cell[1:], nullable=True) == cell:
        return cell[1:]
    return cell


def decision_of(cell: Cell) -> Decision | None:
    """The decision of a cell, None if it is empty; raises ReviewError if it is none."""
    if cell == "":
        return None
    text = fold(text_of(cell)).strip(" .!'\"")
    if not text:
        return None
    if text not in _DECISIONS:
        raise ReviewError(f"decision is {text_of(cell)!r}, but must be accept, reject, edit or add, or empty")
    return _DECISIONS[text]


def correction(field: str, cell: Cell, comma: bool | None) -> Any:
    """The value that a cell gives a field, None to empty it; ``comma`` tells whether decimals follow a comma.

    What a field may hold is checked later. Raises ReviewError if the cell was changed so that nobody can tell what
    it meant.
    """
    column, text = COLUMNS[field], text_of(cell)
    if _ERROR.fullmatch(text):
        raise ReviewError(f"new {field} holds {text}, the error of a formula")
    if text.strip("#") == "" and text:
        raise ReviewError(
            f"new {field} holds {text}: the column was too narrow when the file was saved; widen it"
        )
    if text == NONE or (text.casefold() in _NOTHING and (column.allowed or column.type != "string")):
        if column.null is None and field != "metric":
            raise ReviewError(f"new {field} is {text}, but {field} may not be empty")
        return "" if field == "metric" else None
    if column.type == "boolean":
        return _TRUTH.get(fold(text.removesuffix(".0")), text)
    if column.type in ("integer", "number"):
        return year_of(cell) if field in ("year", "year_start") else number_of(field, cell, comma)
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        raise ReviewError(
            f"new {field} holds {cell}: the spreadsheet made a date of it; format the cell as text"
        )
    if column.allowed:
        return _choice(column, text)
    if _LOST.search(text):
        raise ReviewError(
            f"new {field} is {text!r}: letters were lost when the file was saved; save it as XLSX or CSV UTF-8"
        )
    return text


def _choice(column: Column, text: str) -> str:
    word = _SAME.get(text, fold(text))
    return next((one for one in column.allowed if word in (one, f"'{one}")), text)


def year_of(cell: Cell) -> float | str:
    """The year of a cell, also of a date that a spreadsheet made of it; what is no year comes back as text."""
    if isinstance(cell, dt.date):
        day = cell.date() if isinstance(cell, dt.datetime) else cell
        serial = (day - _EPOCH).days
        return serial if serial in _SERIALS and (day.month, day.day) != (1, 1) else day.year
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return cell
    text = _BLANKS.sub(" ", text_of(cell)).strip()
    if date := _DATE.fullmatch(text):
        return _dated(text, int(date[1] or date[2]))
    text = re.sub(r"[.,]0+\Z", "", text)
    if re.fullmatch(r"[12][.,  ]?\d{3}", text):
        text = re.sub(r"\D", "", text)
    return int(text) if text.isdecimal() else text


def _dated(text: str, year: int) -> int:
    """The year of a date in words; a day of 1905 may be a year under the format of dates."""
    if year in (1905, 1906):
        numbers = [int(n) for n in re.findall(r"\d+", text)[:3]]
        day, month = (numbers[2], numbers[1]) if numbers[0] == year else (numbers[0], numbers[1])
        for d, m in ((day, month), (month, day)):
            try:
                serial = (dt.date(year, m, d) - _EPOCH).days
            except ValueError:
                continue
            if serial in _SERIALS and (d, m) != (1, 1):
                return serial
    return year


def number_of(field: str, cell: Cell, comma: bool | None) -> float | str:
    """The number of a cell; what is no number comes back as text, for the check of the field to refuse.

    "1.200" and "1,200" are told apart by ``comma``; raises ReviewError if that is not known, and for dates.
    """
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if isinstance(cell, dt.date | dt.time | dt.timedelta) or _DATE.fullmatch(text):
        raise ReviewError(
            f"new {field} holds {text}: the spreadsheet made a date of a number; write it with a point"
        )
    text = _BLANKS.sub("", text.replace("−", "-").removesuffix("%"))
    plain = parted(text, comma)
    if plain is None:
        raise ReviewError(
            f"new {field} is {text!r}, which is {re.sub(r'[.,]', '', text)} to some and {text.replace(',', '.')} "
            "to others; write it without a separator of thousands"
        )
    return float(plain) if _PLAIN.fullmatch(plain) and math.isfinite(float(plain)) else text_of(cell)


def parted(text: str, comma: bool | None) -> str | None:
    """A number with its separators made plain: none for thousands, a point for decimals; None if it could be either.

    >>> parted("1.200,5", None), parted("1,200,000", None), parted("1,5", None), parted("1.200", True)
    ('1200.5', '1200000', '1.5', '1200')
    >>> parted("1,200", None) is None
    True
    """
    points, commas = text.count("."), text.count(",")
    if not points and not commas:
        return text
    if points and commas:
        decimal = max(".", ",", key=text.rfind)
        return _joined(text, "," if decimal == "." else ".", decimal)
    mark = "." if points else ","
    if points + commas > 1:
        return _joined(text, mark, "")
    whole, part = text.lstrip("+-").split(mark)
    if not re.fullmatch(r"[1-9]\d{0,2}", whole) or not re.fullmatch(r"\d{3}", part):
        return text.replace(mark, ".")
    if comma is None:
        return None
    return text.replace(mark, "." if (mark == ",") == comma else "")


def _joined(text: str, thousands: str, decimal: str) -> str:
    """The number without its thousands' separators if they stand where they should, else the text."""
    whole, _, part = text.partition(decimal) if decimal else (text, "", "")
    if not re.fullmatch(rf"[+-]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", whole) or not re.fullmatch(
        r"\d*(?:[eE][+-]?\d+)?", part
    ):
        return text
    return whole.replace(thousands, "") + (f".{part}" if part else "")
