"""Decisions as they are given → events that can be saved, or an error that says what is wrong."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from policyextract.dataset import Documents, target_id
from policyextract.errors import ReviewError
from policyextract.review.board import Board
from policyextract.review.events import NO_FIELDS, Decision, Event, quote_of
from policyextract.review.fields import EDITABLE, checked, consistent, same
from policyextract.review.quotes import grounded, placed, spans_of
from policyextract.types import Document, Target

_SPAN = frozenset({"value", "start", "end"})
_LONGEST = 100  # characters of a reviewer's name
_DEFAULTS: Mapping[str, Any] = {
    **dict.fromkeys(("number_high", "change", "per", "level", "year", "year_start", "year_kind", "locality")),
    "comparator": "=",
    "level_explicit": False,
}
_SOURCE = "review"  # of rows that a reviewer added


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision to record: on the row ``target_id``, for "add" the new ``row``, for "edit" with ``fields``.

    A new row is a Target or a mapping of ``doc`` and the guideline's fields; of ``value``, ``start`` and ``end`` the
    value is enough where it stands in the text once.
    """

    reviewer: str
    decision: Decision
    target_id: str = ""
    row: Target | Mapping[str, Any] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    adjudicates: bool = False


class Drafts:
    """The events of a few entries, checked against a board and each other; ``rows`` are those they are on."""

    def __init__(self, board: Board, documents: Documents, batch: str) -> None:
        self.events: list[Event] = []
        self.rows: list[Target] = []
        self._board = board
        self._documents = documents
        self._batch = batch
        self._time = dt.datetime.now(dt.UTC)
        self._latest: dict[tuple[str, str], Event] = {}
        self._new: dict[str, Event] = {}

    def add(self, entry: Entry) -> None:
        """Take in an entry; raises ReviewError if something is wrong with it."""
        reviewer = named(entry.reviewer)
        _fits(entry)
        decision: Decision = entry.decision
        if decision == "add":
            row, decision = self._added(entry.row, reviewer)
        else:
            row = self._target(entry.target_id)
        document = self._document(row.doc)
        changes: Mapping[str, Any] = NO_FIELDS
        if decision == "edit":
            changes = self._edit(row, checked(entry.fields), reviewer, document)
            decision = "edit" if changes else "accept"
        event = Event(
            target_id=row.target_id,
            doc=row.doc,
            reviewer=reviewer,
            time=self._time,
            decision=decision,
            row=row,
            quote=quote_of(document.text, row.start, row.end),
            text_sha256=self._documents.sha256(row.doc),
            fields=changes,
            note=unicodedata.normalize("NFC", entry.note).strip(),
            adjudicates=entry.adjudicates,
            batch=self._batch,
        )
        self.rows.append(row)
        if self._says_something_new(event):
            self.events.append(event)
            self._latest[event.target_id, reviewer] = event
            if decision == "add":
                self._new[event.target_id] = event

    def _document(self, doc: object) -> Document:
        if not isinstance(doc, str) or doc not in self._documents:
            raise ReviewError(f"there is no document {doc!r} in this dataset")
        return self._documents[doc]

    def _target(self, name: str) -> Target:
        if name in self._new:
            return self._new[name].row
        row = self._board.by_name.get(name)
        if row is None:
            raise ReviewError(f"there is no row {name!r} in this dataset; extract may have run since")
        return row.target

    def _before(
        self, name: str, reviewer: str
    ) -> tuple[Decision, Mapping[str, Any], Target | None, str] | None:
        """The reviewer's latest decision on a row, its fields, the row as it is then, and its note."""
        event = self._latest.get((name, reviewer))
        if event is not None:
            return event.decision, event.fields, event.result, event.note
        row = self._board.by_name.get(name)
        verdict = row.state.verdicts.get(reviewer) if row is not None else None
        return None if verdict is None else (verdict.decision, verdict.fields, verdict.row, verdict.note)

    def _edit(self, row: Target, given: dict[str, Any], reviewer: str, document: Document) -> dict[str, Any]:
        """The changes to a row, with those of an earlier edit by the same reviewer."""
        before = self._before(row.target_id, reviewer)
        earlier = dict(before[1]) if before is not None and before[0] == "edit" else {}
        if given.keys() & _SPAN:
            earlier = {name: value for name, value in earlier.items() if name not in _SPAN}
        return grounded(row, {**earlier, **given}, document.text)

    def _says_something_new(self, event: Event) -> bool:
        """Whether the reviewer has not decided just so before."""
        before = self._before(event.target_id, event.reviewer)
        if before is None or before[3] != event.note:
            return True
        if event.adjudicates:
            latest = self._latest.get((event.target_id, event.reviewer))
            row = self._board.by_name.get(event.target_id)
            settled = row.state.adjudicated_by if row is not None else None
            if not (latest.adjudicates if latest is not None else settled == event.reviewer):
                return True
        result = event.result
        if result is None or before[2] is None:
            return result is not before[2]
        return any(getattr(result, name) != getattr(before[2], name) for name in EDITABLE)

    def _added(self, row: Target | Mapping[str, Any] | None, reviewer: str) -> tuple[Target, Decision]:
        """A new row with its name, or the one that stands there already, and what that makes of the decision."""
        new = self._new_row(row)
        ordinal = 0
        while True:
            name = target_id(new, ordinal)
            there = self._new[name].row if name in self._new else None
            if name in self._board.by_name:
                there = self._board.by_name[name].target
            if there is None:
                return replace(new, target_id=name), "add"
            if same(there, new):
                return there, "accept"
            others = name in self._new or self._board.added(name)
            if others and self._before(name, reviewer) is None:
                return replace(new, target_id=name), "add"
            ordinal += 1

    def _new_row(self, given: Target | Mapping[str, Any] | None) -> Target:
        """The row to add, checked against its text; raises ReviewError."""
        if given is None:
            raise ReviewError("an add needs the new row")
        if isinstance(given, Target):
            given = {f.name: getattr(given, f.name) for f in fields(given) if f.name in (*EDITABLE, "doc")}
        document = self._document(given.get("doc"))
        values = checked({name: value for name, value in given.items() if name != "doc"})
        values = {**_DEFAULTS, **values, **_span(values, document.text)}
        if missing := [name for name in ("number", "unit", "metric") if name not in values]:
            raise ReviewError(f"the new row lacks {', '.join(missing)}")
        row = Target(doc=document.path, source=(_SOURCE,), **values)
        consistent(row)
        return placed(row, document)


def _fits(entry: Entry) -> None:
    """Raises ReviewError unless an entry holds what its decision needs, and nothing else."""
    decision = entry.decision
    if decision not in ("accept", "reject", "edit", "add"):
        raise ReviewError(f"decision is {decision!r}, but must be one of accept, reject, edit, add")
    if entry.fields and decision != "edit":
        raise ReviewError(f"fields go with an edit, not with {decision}")
    if entry.row is not None and decision != "add":
        raise ReviewError(f"a row goes with an add; {decision} needs the target_id of a row that is there")


def _span(values: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Value and offsets of a new row; raises ReviewError if they do not say one place of the text."""
    value = values.get("value")
    if "start" in values and "end" in values:
        start, end = values["start"], values["end"]
        if not start < end <= len(text):
            raise ReviewError(f"start {start} and end {end} enclose no text of the document")
        if value not in (None, text[start:end]):
            raise ReviewError(f"the text at {start}:{end} is {text[start:end]!r}, not {value!r}")
        return {"value": text[start:end]}
    if value is None:
        raise ReviewError("the new row lacks value, or start and end")
    found = [span for span in spans_of(value, text) if values.get("start", span[0]) == span[0]]
    if len(found) != 1:
        raise ReviewError(
            f"{value!r} stands in the text {len(found)} times; give start and end, or words that stand there once"
        )
    return {"value": text[slice(*found[0])], "start": found[0][0], "end": found[0][1]}


def named(reviewer: str) -> str:
    """A reviewer's name, white space folded; raises ReviewError if it is none."""
    name = " ".join(unicodedata.normalize("NFC", reviewer).split())
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise ReviewError(f"reviewer is {reviewer!r}, but must be a name of 1 to {_LONGEST} characters")
    return name
