"""The rows of a review with their states, kept up to date event by event."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policyextract.review.attach import Attached, Texts, attach
from policyextract.review.events import Event, standing
from policyextract.review.state import UNDECIDED, State, state_of
from policyextract.types import Target

_FEW = 16  # rows put in their places one by one; more are sorted with the others


@dataclass(frozen=True, slots=True)
class Row:
    """A row to review: ``target`` as extracted or added, its state, ``kept`` if the run no longer finds it."""

    target: Target
    state: State = UNDECIDED
    kept: bool = False


class Board:
    """Rows by name and in order. Not for several threads at a time; ``Desk`` sees to that."""

    def __init__(self, targets: Sequence[Target], documents: Texts, events: Iterable[Event]) -> None:
        self.run = {target.target_id: target for target in targets}
        self.log = list(events)
        self._documents = documents
        self._places = {doc: n for n, doc in enumerate(documents)}
        self._numbers = {name: n for n, name in enumerate(self.run)}
        self._rows: list[Row] | None = None
        self._build()

    def _build(self) -> None:
        """Everything anew from the log."""
        self.attached: Attached = attach(standing(self.log), list(self.run.values()), self._documents)
        self.moved = {event.event_id: event for event in self.attached.events}
        self._events: dict[str, list[Event]] = defaultdict(list)
        for event in self.attached.events:
            self._events[event.target_id].append(event)
        self.by_name = {name: Row(target) for name, target in self.run.items()}
        for name in self._events:
            row = self._stated(name)
            if row is not None:
                self.by_name[name] = row
        self._order = sorted(self.by_name, key=self._key)
        self._rows = None

    def rows(self) -> list[Row]:
        """The rows in the order of documents and of their values; do not change the list."""
        if self._rows is None:
            self._rows = [self.by_name[name] for name in self._order]
        return self._rows

    def take(self, fresh: Iterable[Event]) -> set[str]:
        """Take in later events; gives the names of the rows that they touched."""
        fresh = list(fresh)
        self.log += fresh
        names = [self._took(event) for event in fresh]
        if None not in names:
            touched = {name for name in names if name is not None}
            self._restate(touched)
            return touched
        before = self.by_name
        self._build()
        known = before.keys() | self.by_name.keys()
        return {name for name in known if before.get(name) != self.by_name.get(name)}

    def added(self, name: str) -> bool:
        """Whether a row is there because a reviewer added it."""
        return name not in self.run and name in self.by_name and not self.by_name[name].kept

    def _took(self, event: Event) -> str | None:
        """The row that an event is on, None if only building anew can tell."""
        if event.decision == "undo":
            undone = self.moved.get(event.undoes)
            if undone is None:
                return None
            if undone.reviewer == event.reviewer:
                del self.moved[event.undoes]
                self._events[undone.target_id].remove(undone)
            return undone.target_id
        doc, name = event.doc, event.target_id
        if doc not in self._places or self._documents.sha256(doc) != event.text_sha256:
            return None
        if name not in self.by_name and event.decision != "add":
            return None
        self._events[name].append(event)
        self.moved[event.event_id] = event
        return name

    def _restate(self, names: set[str]) -> None:
        """The rows of these names anew; new ones get their places, those that nothing holds any more go."""
        new: list[str] = []
        for name in names:
            row = self._stated(name)
            if row is None:
                if self.by_name.pop(name, None) is not None:
                    self._order.remove(name)
                continue
            if name not in self.by_name:
                new.append(name)
            self.by_name[name] = row
        if len(new) <= _FEW:
            for name in new:
                insort(self._order, name, key=self._key)
        else:
            self._order = sorted([*self._order, *new], key=self._key)
        self._rows = None

    def _stated(self, name: str) -> Row | None:
        """The row of a name from its events; None if the run does not find it and nobody holds it."""
        events = self._events[name]
        target = self.run.get(name)
        if target is not None:
            return Row(target, state_of(events))
        held = next((event for event in reversed(events) if event.decision != "reject"), None)
        if held is None:
            return None
        kept = all(event.decision != "add" for event in events)
        return Row(held.row, state_of(events), kept)

    def _key(self, name: str) -> tuple[int, int, int, int, str]:
        target = self.by_name[name].target
        number = self._numbers.get(name, len(self._numbers))
        return self._places[target.doc], target.start, target.end, number, name
