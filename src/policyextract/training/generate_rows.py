"""The rows of gold that a made-up sentence makes, out of its marks."""

from __future__ import annotations

import re
from typing import Any

from policyextract.training.generate_places import Site
from policyextract.training.generate_text import Mark, Piece, Scene
from policyextract.training.generate_values import Amount, Metric, When
from policyextract.types import Level, Target

__all__ = ["row_of", "rows_of"]

_BLANKS = re.compile(r"\s+")


def rows_of(made: Piece, scene: Scene, offset: int) -> list[Target]:
    """The rows that a sentence at ``offset`` of its document makes, in order of text."""
    found = []
    for mark in made.marks:
        if mark.kind != "v":
            continue
        metric = made.metrics[mark.group]
        for site in _tied(made, mark, "p") or [scene.setting.home]:
            for tiers in _tied(made, mark, "l") or [(None,)]:
                for tier in tiers:
                    year = next(iter(_tied(made, mark, "y")), scene.year)
                    found.append(row_of(made, mark, metric, site, tier, year, offset))
    scene.fresh = False
    stated = [m.what for m in made.marks if m.kind == "y" and isinstance(m.what, When)]
    if stated:
        scene.year = stated[-1] if len(stated) == 1 else None
        scene.fresh = scene.year is not None
    return found


def _tied(made: Piece, value: Mark, kind: str) -> list[Any]:
    """What marks of a kind say of a value: those with its digit, else those without one."""
    of = [m for m in made.marks if m.kind == kind]
    return [m.what for m in of if m.index and m.index == value.index] or [m.what for m in of if not m.index]


def row_of(
    made: Piece, mark: Mark, metric: Metric, site: Site, tier: Level | None, year: When | None, offset: int
) -> Target:
    """The row of one value for one place, level and year."""
    said: Amount = mark.what
    level = metric.level or tier or site.level
    per: Any = said.per
    return Target(
        doc="",
        value=made.text[mark.start : mark.end],
        start=offset + mark.start,
        end=offset + mark.end,
        number=said.number,
        number_high=said.high,
        unit=said.unit,
        comparator=said.comparator,
        change=said.change,
        per=per,
        metric=_metric(made, mark.group),
        level=level if site.level is not None else None,
        level_explicit=site.level is not None and (metric.level or tier) is not None,
        year=year.year if year else None,
        year_start=year.start if year else None,
        year_kind=year.kind if year else None,
        locality=site.name,
    )


def _metric(made: Piece, group: str) -> str:
    """The words of a metric in order of text, without what is a value, year, place or level."""
    kept = bytearray(len(made.text))
    for mark in made.marks:
        if mark.kind == "m" and mark.group == group:
            kept[mark.start : mark.end] = b"\x01" * (mark.end - mark.start)
    for mark in made.marks:
        if mark.kind != "m":
            kept[mark.start : mark.end] = bytes(mark.end - mark.start)
    runs = re.finditer(rb"\x01+", bytes(kept))
    parts = [made.text[run.start() : run.end()].strip(" ,;:.") for run in runs]
    return _BLANKS.sub(" ", " ".join(part for part in parts if part))
