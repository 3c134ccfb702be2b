"""Rows and documents → what the templates of the page say of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policyextract import show
from policyextract.review.board import Row
from policyextract.review.fields import EDITABLE, GUIDELINE
from policyextract.review.quotes import spans_of
from policyextract.review.state import STATUSES, Verdict
from policyextract.types import Document, Target

DECIDED = ("accepted", "edited", "added", "rejected")
_NAMES = {
    "start": "from",
    "end": "to",
    "number_high": "upper end",
    "per": "per",
    "level_explicit": "named level",
}


def shown(row: Row, reviewer: str) -> Target:
    """The row as a reviewer sees it: as they would have it, else as it was decided, else as extracted."""
    mine = row.state.verdicts.get(reviewer)
    if mine is not None and mine.row is not None and not row.state.adjudicated_by:
        return mine.row
    return row.state.final or row.target


def version(target: Target) -> str:
    """A mark of what a reviewer saw: another one if any field is another."""
    values = repr([getattr(target, name) for name in EDITABLE])
    return hashlib.sha256(values.encode("utf-8", "replace")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Chip:
    """A field of a row in a few words, and the offset it was read at if that is not in the row's sentence."""

    field: str
    text: str
    at: int | None = None
    words: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which the rows of a conflict differ: what was extracted, and what each reviewer says."""

    field: str
    extracted: str
    said: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A row as the page shows it; ``others`` are the verdicts that can be taken over, in the order of their keys."""

    row: Row
    number: int
    target: Target
    reading: str
    metric: tuple[Chip, ...]
    chips: tuple[Chip, ...]
    mine: Verdict | None
    verdicts: tuple[Verdict, ...]
    differences: tuple[Difference, ...]
    version: str
    pages: bool

    @property
    def name(self) -> str:
        """The row's id."""
        return self.row.target.target_id

    @property
    def status(self) -> str:
        """Where the row stands."""
        return self.row.state.status

    @property
    def conflict(self) -> bool:
        """Whether reviewers disagree."""
        return self.row.state.conflict

    @property
    def takable(self) -> list[tuple[int, Verdict]]:
        """The verdicts of others, and one's own in a conflict that is to be settled, by their keys."""
        mine = None if self.mine is None or self.conflict else self.mine.reviewer
        return [(n, one) for n, one in enumerate(self.verdicts, 1) if one.reviewer != mine and n < 10]

    @property
    def label(self) -> str:
        """The row in one line, for those who do not see it."""
        said = (f"row {self.number}", self.target.value, self.target.metric, self.status)
        return ", ".join(" ".join(part.split()) for part in said if part)


def card(row: Row, number: int, document: Document, reviewer: str) -> Card:
    """A row of a document as the page shows it to a reviewer."""
    target = shown(row, reviewer)
    read = [one for one in row.target.evidence if _same_field(one.field, row.target, target)]
    within = _sentence(row.target, document.text)

    def at(field: str) -> tuple[int | None, str]:
        """Where a field was read, and the words there, if outside of the sentence."""
        outside = [e for e in read if e.field == field and not within[0] <= e.start < within[1]]
        first = next((e for e in outside if 0 <= e.start < e.end <= len(document.text)), None)
        return (None, "") if first is None else (first.start, document.text[first.start : first.end])

    chips = (
        Chip(
            "level", target.level or "no level", *at("level"), "" if target.level_explicit else "of the place"
        ),
        Chip("year", years(target), *at("year")),
        Chip("locality", target.locality or "no locality", *at("locality"), target.locality_code or ""),
    )
    return Card(
        row=row,
        number=number,
        target=target,
        reading=show.reading(target),
        metric=_heads(read, within, document.text),
        chips=chips,
        mine=row.state.verdicts.get(reviewer),
        verdicts=tuple(row.state.verdicts.values()),
        differences=differences(row),
        version=version(target),
        pages=len(document.pages) > 1,
    )


def _same_field(field: str, one: Target, other: Target) -> bool:
    """Whether a field is still as it was read, so that its evidence says something."""
    return field == "value" or getattr(one, field, None) == getattr(other, field, None)


def _heads(read: Sequence[Any], within: tuple[int, int], text: str) -> tuple[Chip, ...]:
    """The parts of the metric that stand outside of the sentence."""
    return tuple(
        Chip("metric", text[e.start : e.end], e.start, text[e.start : e.end])
        for e in read
        if e.field == "metric" and not within[0] <= e.start < within[1] and 0 <= e.start < e.end <= len(text)
    )


def _sentence(target: Target, text: str) -> tuple[int, int]:
    """Where the row's sentence stands, or its line if that cannot be told."""
    if target.sentence:
        reach = 2 * len(target.sentence) + 100
        base = max(0, target.start - reach)
        for start, end in spans_of(target.sentence, text[base : target.end + reach]):
            if base + start <= target.start < base + end:
                return base + start, base + end
    end = text.find("\n", target.end)
    return text.rfind("\n", 0, target.start) + 1, len(text) if end < 0 else end


def marked(row: Row, reviewer: str) -> Target:
    """The row to mark in the text: as it is seen, without the evidence of fields that were corrected."""
    target = shown(row, reviewer)
    read = tuple(e for e in row.target.evidence if _same_field(e.field, row.target, target))
    return replace(target, evidence=read)


def years(target: Target) -> str:
    """The year with how it is meant, "no year" without one."""
    if target.year is None:
        return "no year"
    first = f"{target.year_start}–" if target.year_start is not None else ""
    return (
        f"{target.year_kind} {first}{target.year}"
        if target.year_kind in ("by", "from")
        else f"{first}{target.year}"
    )


def differences(row: Row) -> tuple[Difference, ...]:
    """The fields in which the verdicts of a row in conflict differ, with what each says."""
    verdicts = list(row.state.verdicts.values())
    if not row.state.conflict:
        return ()
    rows = [verdict.row for verdict in verdicts if verdict.row is not None]
    fields = [name for name in GUIDELINE if len({getattr(one, name) for one in [row.target, *rows]}) > 1]
    return tuple(
        Difference(
            _NAMES.get(name, name.replace("_", " ")),
            said(getattr(row.target, name)),
            tuple(_says(verdict, row.target, name) for verdict in verdicts),
        )
        for name in fields
    )


def _says(verdict: Verdict, target: Target, name: str) -> tuple[str, bool]:
    if verdict.row is None:
        return "–", False
    value = getattr(verdict.row, name)
    return said(value), value != getattr(target, name)


def said(value: Any) -> str:
    """A field's value in words."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something is: counts by status, and the stretches of a bar of 100 to draw."""

    counts: Mapping[str, int]

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        """Those that are decided and not in conflict."""
        return sum(self.counts.get(name, 0) for name in DECIDED)

    @property
    def conflicts(self) -> int:
        """Those in conflict."""
        return self.counts.get("conflict", 0)

    @property
    def stretches(self) -> list[tuple[str, float, float]]:
        """Status, where its stretch begins, and how long it is."""
        at, found = 0.0, []
        for name in (*DECIDED, "conflict"):
            width = 100 * self.counts.get(name, 0) / max(1, self.rows)
            if width:
                found.append((name, round(at, 2), round(width, 2)))
            at += width
        return found

    @property
    def label(self) -> str:
        """How far it is, in words."""
        conflicts = f", {self.conflicts} in conflict" if self.conflicts else ""
        return f"{self.decided} of {self.rows} decided{conflicts}"


def bar(rows: Sequence[Row]) -> Bar:
    """How far the rows are."""
    counts = Counter(row.state.status for row in rows)
    return Bar({name: counts[name] for name in STATUSES if counts[name]})
