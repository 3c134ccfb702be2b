"""A plain target, which tests change where they need to."""

from __future__ import annotations

from policyextract.types import Target

ROW = Target(
    doc="en/a.txt",
    value="at least 80%",
    start=9,
    end=21,
    number=80.0,
    number_high=None,
    unit="percent",
    comparator=">=",
    change=None,
    per=None,
    metric="households with fibre",
    level="provincial",
    level_explicit=False,
    year=2030,
    year_start=None,
    year_kind="by",
    locality="Hai Duong",
)
