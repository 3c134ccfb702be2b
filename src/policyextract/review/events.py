"""What a reviewer decided, as an event that is written once and never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from policyextract.types import Target

Decision = Literal["accept", "reject", "edit", "add", "undo"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
CONTEXT = 32  # characters of context on each side of a quote
NO_FIELDS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Quote:
    """A place in a text by its words: a TextQuoteSelector of the W3C's Web Annotation model."""

    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Event:
    """One decision of one reviewer on one row; ``event_id`` is None until it is saved.

    ``row`` is the row as the reviewer saw it (as extracted, of an "add" the new row), ``fields`` of an "edit" the
    fields changed with their new values. ``quote`` and ``text_sha256`` say where the row's value stood in which
    text. An "undo" takes back the event ``undoes`` of the same reviewer. ``adjudicates`` marks a decision that
    settles a conflict; ``batch`` is the id of the import that it came with, "" without one.
    """

    target_id: str
    doc: str
    reviewer: str
    time: dt.datetime
    decision: Decision
    row: Target
    quote: Quote
    text_sha256: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    adjudicates: bool = False
    undoes: int | None = None
    batch: str = ""
    event_id: int | None = None

    @property
    def result(self) -> Target | None:
        """The row as the reviewer would have it, None if rejected or taken back."""
        return None if self.decision in ("reject", "undo") else edited(self.row, self.fields)


def quote_of(text: str, start: int, end: int) -> Quote:
    """The quote of ``text[start:end]`` with its context.

    >>> quote_of("By 2030, at least 80% of communes.", 9, 21)
    Quote(exact='at least 80%', prefix='By 2030, ', suffix=' of communes.')
    """
    return Quote(text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


def edited(row: Target, fields: Mapping[str, Any]) -> Target:
    """The row with fields changed; what then no longer holds is taken out with them.

    A row without a year has no start and kind of it, one with another locality no code of the old one.
    """
    changes = dict(fields)
    if "year" in changes and changes["year"] is None:
        changes |= {"year_start": None, "year_kind": None}
    if changes.get("locality", row.locality) != row.locality:
        changes = {"locality_code": None, "locality_scheme": None} | changes
    return replace(row, **changes) if changes else row


def standing(events: Iterable[Event]) -> list[Event]:
    """The events that are not taken back, in their order and without the undos.

    An undo counts only for an event of its own reviewer; an undo that was itself undone does not.
    """
    events = list(events)
    owners = {event.event_id: event.reviewer for event in events}
    undone: set[int | None] = set()
    kept: list[Event] = []
    for event in reversed(events):
        if event.event_id is not None and event.event_id in undone:
            continue
        if event.decision != "undo":
            kept.append(event)
        elif owners.get(event.undoes) == event.reviewer:
            undone.add(event.undoes)
    return kept[::-1]
