"""Targets ↔ rows of plain values in the order of the columns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from policyextract.dataset.cells import plain
from policyextract.dataset.columns import TARGETS
from policyextract.errors import DatasetError
from policyextract.types import Evidence, Failure, Target

Row = dict[str, Any]
_DEFAULTS = {f.name for f in fields(Target) if f.default is not MISSING}
_NUMBERS = tuple(c.name for c in TARGETS if c.type == "number")
# The type whose values need no closer look: of 100,000 rows nearly all cells are of it.
_PLAIN = {"string": str, "integer": int, "boolean": bool, "array": list}
_CHECKS = tuple((c.name, None if c.allowed else _PLAIN.get(c.type), c) for c in TARGETS)
_WHOLE = tuple(c.name for c in TARGETS if c.type == "integer")


def to_row(target: Target) -> Row:
    """The row of a target; raises DatasetError for what no file could hold."""
    row = {column.name: getattr(target, column.name) for column in TARGETS}
    for name in _NUMBERS:
        number = row[name]
        if number is not None:
            if not math.isfinite(number):
                raise DatasetError(f"{target.doc}: {name} of {target.value!r} is {number}, not a number")
            row[name] = plain(number)
    row["source"] = list(target.source)
    row["evidence"] = [{"field": e.field, "start": e.start, "end": e.end} for e in target.evidence]
    return row


def from_row(row: Any, where: str) -> Target:
    """The target of a row; columns unknown are left out, missing ones get their default where they have one.

    Raises DatasetError, naming ``where`` and the column, if a value is missing or of the wrong type.
    """
    if not isinstance(row, Mapping):
        raise DatasetError(f"{where} is {row!r}, not an object")
    given: Row = {}
    for name, plain_type, column in _CHECKS:
        if name not in row:
            if name in _DEFAULTS:
                continue
            raise DatasetError(f"{where} lacks {name}")
        value = given[name] = row[name]
        if type(value) is not plain_type and not column.accepts(value):
            raise DatasetError(f"{where}: {name} is {value!r}, not {column.wanted}")
    given |= {name: float(given[name]) for name in _NUMBERS if given.get(name) is not None}
    given |= {name: int(given[name]) for name in _WHOLE if given.get(name) is not None}
    if "source" in given:
        given["source"] = tuple(map(str, given["source"]))
    if "evidence" in given:
        given["evidence"] = tuple(_evidence(item, where) for item in given["evidence"])
    return Target(**given)


def _evidence(item: Any, where: str) -> Evidence:
    try:
        return Evidence(str(item["field"]), int(item["start"]), int(item["end"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{where}: evidence {item!r} is not field, start and end") from error


def failure_row(failure: Failure) -> Row:
    """The row of a failure."""
    return {"path": failure.path, "error": failure.error, "reason": failure.reason}
