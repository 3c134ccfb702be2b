"""Events → where a row stands: the latest of each reviewer, whether they agree, and what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from policyextract.review.events import Decision, Event, standing
from policyextract.review.fields import same
from policyextract.types import Target

Status = Literal["undecided", "accepted", "rejected", "edited", "added", "conflict"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The latest decision of one reviewer on a row: ``row`` as the reviewer would have it, None if rejected."""

    reviewer: str
    decision: Decision
    row: Target | None
    time: dt.datetime
    event_id: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    adjudicates: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Where a row stands.

    ``final`` is the row as decided: None while it is undecided or in conflict, and if it is rejected.
    ``decided_by`` is the reviewer whose verdict came last, an adjudicator where one settled it.
    """

    status: Status = "undecided"
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    final: Target | None = None
    conflict: bool = False
    adjudicated_by: str | None = None
    decided_by: str | None = None
    decided_at: dt.datetime | None = None


UNDECIDED = State()


def states(events: Iterable[Event]) -> dict[str, State]:
    """The state of each row that an event names, by ``target_id``; events in the order of the store."""
    events = list(events)
    rows: dict[str, list[Event]] = {event.target_id: [] for event in events}
    for event in standing(events):
        rows[event.target_id].append(event)
    return {name: state_of(of_row) for name, of_row in rows.items()}


def state_of(events: Sequence[Event]) -> State:
    """The state of one row from its standing events, in the order of the store."""
    if not events:
        return UNDECIDED
    if len(events) == 1:  # nearly all rows
        return _of_one(events[0])
    latest: dict[str, Event] = {}
    for event in events:
        latest.pop(event.reviewer, None)
        latest[event.reviewer] = event
    verdicts = MappingProxyType({name: _verdict(event) for name, event in latest.items()})
    judge = next((event for event in reversed(events) if event.adjudicates), None)
    added = any(event.decision == "add" for event in events)
    last = judge or events[-1]
    counted = [last] if judge else list(latest.values())
    if not _agree(counted):
        return State("conflict", verdicts, conflict=True)
    return State(
        _status(counted, added),
        verdicts,
        last.result,
        adjudicated_by=judge.reviewer if judge else None,
        decided_by=last.reviewer,
        decided_at=last.time,
    )


def _of_one(event: Event) -> State:
    verdict = _verdict(event)
    return State(
        _status([event], event.decision == "add"),
        MappingProxyType({event.reviewer: verdict}),
        verdict.row,
        adjudicated_by=event.reviewer if event.adjudicates else None,
        decided_by=event.reviewer,
        decided_at=event.time,
    )


def _verdict(event: Event) -> Verdict:
    return Verdict(
        event.reviewer,
        event.decision,
        event.result,
        event.time,
        event.event_id,
        event.fields,
        event.note,
        event.adjudicates,
    )


def _agree(events: Sequence[Event]) -> bool:
    """Whether all reject, or all would have the same row."""
    first, *others = (event.result for event in events)
    return all(_same(first, other) for other in others)


def _same(one: Target | None, other: Target | None) -> bool:
    if one is None or other is None:
        return one is other
    return same(one, other)


def _status(events: Sequence[Event], added: bool) -> Status:
    """The status of a row on which the events that count agree."""
    decisions = {event.decision for event in events}
    if "reject" in decisions:
        return "rejected"
    if added:
        return "added"
    return "edited" if "edit" in decisions else "accepted"
