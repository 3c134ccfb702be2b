"""Tables of indicators in made-up documents: a header row, a baseline and one or two target columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from policyextract.training.generate_rows import row_of
from policyextract.training.generate_text import Mark, Piece, Scene, piece, scale_of
from policyextract.training.generate_values import Amount, Metric, When, figure
from policyextract.types import Change, Comparator, Target, Unit

__all__ = ["table"]

_UNITS: dict[str, Unit] = {"%": "percent", "count": "count", "points": "score"}
_SIGNS: tuple[tuple[str, Comparator], ...] = (("≥ ", ">="), ("> ", ">"), ("≥", ">="))


def table(scene: Scene, metrics: Sequence[Metric], head: str, offset: int) -> tuple[str, list[Target]]:
    """The lines of a table under ``head``, whose last columns are targets, and their rows from ``offset`` on."""
    header = piece(head, scene, ()).text
    lines, rows = [header], []
    goals = scene.words["documents"]["goal"]
    columns = header.split(" | ")
    years = [int(found[0]) for c in columns if goals in c.casefold() and (found := re.findall(r"20\d\d", c))]
    at = offset + len(header) + 1
    for metric in metrics:
        made = _line(scene, metric, len(lines) if len(columns) > 3 + len(years) else None, len(years))
        if made is None:
            continue
        for mark in made.marks:
            if mark.kind == "v":
                year = years[int(mark.index)]
                when = When(str(year), year, None, "in")
                rows.append(row_of(made, mark, metric, scene.setting.home, None, when, at))
        lines.append(made.text)
        at += len(made.text) + 1
    return "\n".join(lines), rows


def _line(scene: Scene, metric: Metric, number: int | None, goals: int) -> Piece | None:
    """One row of the table, None for a metric in money."""
    words, random = scene.words["documents"], scene.random
    units = words["units"]
    unit = {"%": units["percent"], "count": units["count"], "points": units["points"]}.get(
        metric.unit, metric.unit
    )
    if metric.unit == "$":
        return None
    label = words["table_labels"].get(metric.kind, "{np}").format_map(metric.words)
    label = label.removeprefix(scene.words["article"] or "\n")
    text = "" if number is None else f"{number} | "
    marks = [Mark("m", len(text), len(text) + len(label), "a")]
    numbers = scale_of(metric, scene)
    text += f"{label[:1].upper()}{label[1:]} | {unit} | {figure(numbers[0], scene.lang)}"
    up = metric.kind != "down"
    for i in range(goals):
        sign, comparator = random.choice(_SIGNS) if up and random.random() < 0.12 else ("", "=")
        shown = sign + figure(numbers[i + 1], scene.lang)
        change: Change | None = "increase" if metric.kind == "growth" else None
        said = Amount(shown, numbers[i + 1], None, _UNITS.get(metric.unit, "quantity"), comparator, change)
        text += " | "
        marks.append(Mark("v", len(text), len(text) + len(shown), "a", str(i), said))
        text += shown
    return Piece(text, tuple(marks), {"a": replace(metric)})
