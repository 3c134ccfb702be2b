"""The tables of cases in ``tables/``, read as pytest parameters."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

TABLES = Path(__file__).parent / "tables"


def cases(name: str, *, strict: bool = True) -> list[ParameterSet]:
    """A parameter a row of the CSV file, named by its reason; a row with ``xfail`` is an xfail."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        pytest.param(
            row,
            id=row["reason"],
            marks=[pytest.mark.xfail(reason=row["xfail"], strict=strict)] if row["xfail"] else [],
        )
        for row in rows
    ]
