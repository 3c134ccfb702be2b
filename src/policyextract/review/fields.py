"""The fields that a reviewer may change, and what each may hold."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from policyextract.dataset import TARGETS, Column
from policyextract.errors import ReviewError
from policyextract.types import Target

GUIDELINE = (
    *("value", "start", "end", "number", "number_high", "unit", "comparator", "change", "per", "metric"),
    *("level", "level_explicit", "year", "year_start", "year_kind", "locality", "optional"),
)
"""The fields of the annotation guideline, in which two rows must agree to be the same."""
EDITABLE = (*GUIDELINE, "locality_code", "locality_scheme")
"""The fields that ``checked`` takes."""
_COLUMNS = {column.name: column for column in TARGETS if column.name in EDITABLE}
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_TRUTH = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with values of their types; numbers, years, true and false may be given as text.

    Empty text means null where null is allowed. Raises ReviewError, naming the field, what was given and what is
    allowed, if a field is none of ``EDITABLE`` or may not hold its value.

    >>> checked({"number": "1500.5", "year": "2030", "level": "", "optional": "TRUE"})
    {'number': 1500.5, 'year': 2030, 'level': None, 'optional': True}
    """
    result: dict[str, Any] = {}
    for name, given in fields.items():
        column = _COLUMNS.get(name)
        if column is None:
            raise ReviewError(f"{name} is no field that may be edited; these are: {', '.join(EDITABLE)}")
        result[name] = _checked(column, given)
    return result


def _checked(column: Column, given: Any) -> Any:
    value = _typed(column, given)
    if not column.accepts(value) or _out_of_range(column, value) or (column.name == "value" and not value):
        raise ReviewError(f"{column.name} is {given!r}, but must be {_wanted(column)}")
    if value is None or isinstance(value, bool | str):
        return value
    return int(value) if column.type == "integer" else float(value)


def _typed(column: Column, given: Any) -> Any:
    """What was given as a value of the column's type, as far as that can be told."""
    if not isinstance(given, str):
        return given
    text = unicodedata.normalize("NFC", given)
    if column.name == "value":  # stands in the text as it is
        return text
    text = text.strip()
    if not text and column.null is not None:
        return None
    match column.type:
        case "boolean":
            return _TRUTH.get(text.lower(), given)
        case "integer" | "number":
            return _number(text)
        case _:
            return text.lower() if column.allowed else text


def _number(text: str) -> float | str:
    """The number of a text, or the text where it could mean several: "1,200" is 1200 to some, 1.2 to others."""
    if _THOUSANDS.fullmatch(text):
        text = re.sub(r"[ \u00a0\u202f]", "", text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _out_of_range(column: Column, value: Any) -> bool:
    if value is None or isinstance(value, str | bool):
        return False
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    return not low <= value <= high


def _wanted(column: Column) -> str:
    """What a column holds, for a person: "a whole number from 1000 to 9999 or empty"."""
    if column.allowed:
        kind = f"one of {', '.join(column.allowed)}"
    else:
        kind = {
            "integer": "a whole number",
            "number": "a number with digits and at most one decimal point, such as 1200 or 1.2",
            "boolean": "true or false",
        }.get(column.type, "text" if column.name != "value" else "text that is not empty")
    if column.minimum is not None:
        kind += f" from {column.minimum:g}" + (
            f" to {column.maximum:g}" if column.maximum is not None else ""
        )
    return kind if column.null is None else f"{kind}, or empty ({column.null})"


def consistent(row: Target) -> None:
    """Raises ReviewError unless the fields of a row agree with each other."""
    if row.start >= row.end:
        raise ReviewError(f"start is {row.start}, but must be less than end, which is {row.end}")
    if row.number_high is not None and row.number_high < row.number:
        raise ReviewError(f"number_high is {row.number_high:g}, but must be at least number, {row.number:g}")
    if row.year_start is not None and (row.year is None or row.year_start > row.year):
        raise ReviewError(f"year_start is {row.year_start}, but must be at most year, which is {row.year}")
    if row.year is None and row.year_kind is not None:
        raise ReviewError(f"year_kind is {row.year_kind!r}, but must be empty in a row without year")


def same(one: Target, other: Target) -> bool:
    """Whether two rows agree in every field of the guideline."""
    return all(getattr(one, name) == getattr(other, name) for name in GUIDELINE)


def changed(row: Target, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the fields that differ from the row's."""
    return {name: value for name, value in fields.items() if getattr(row, name) != value}
