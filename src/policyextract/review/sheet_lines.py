"""A line of a review sheet → the decision on it, or what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any

from policyextract.errors import ReviewError
from policyextract.review.board import Row
from policyextract.review.desk import Desk
from policyextract.review.drafts import Entry
from policyextract.review.events import Decision
from policyextract.review.fields import EDITABLE
from policyextract.review.sheet_added import added
from policyextract.review.sheet_cells import Cell, correction, decision_of, text_of, unguarded
from policyextract.review.sheet_export import FIELDS, as_text, cut
from policyextract.review.sheet_layout import NEW, fingerprint, key
from policyextract.review.sheet_likeness import letters, like
from policyextract.review.sheet_reading import Line, Table

_NEW = {field: key(NEW + field) for field in EDITABLE}


class Reader:
    """Reads the lines of one sheet against the rows of a desk.

    ``implied`` are the lines with corrections and without a decision, ``corrected`` those with corrections and the
    decision accept: both are edits. ``undecided`` counts lines without either; ``notes`` are those that have a note
    all the same, ``gone`` those whose row is no longer there, ``strangers`` lines that are no rows.
    """

    def __init__(self, desk: Desk, table: Table, reviewer: str, adjudicates: bool) -> None:
        self.rows = {row.target.target_id: row for row in desk.rows}
        self.implied: list[int] = []
        self.corrected: list[int] = []
        self.notes: list[int] = []
        self.strangers: list[int] = []
        self.undecided = 0
        self.gone = 0
        self._desk = desk
        self._table = table
        self._reviewer = reviewer
        self._adjudicates = adjudicates
        self._seen: dict[str, tuple[int, Entry]] = {}
        self._fields = [name for name in FIELDS if name in EDITABLE and name in table.places]
        self._values = _attributes(self._fields)
        self._given = _getter([table.places[name] for name in self._fields])
        self._new = [name for name, column in _NEW.items() if column in table.places]
        self._corrected = _getter([table.places[_NEW[name]] for name in self._new])
        self._uncorrected = ("",) * len(self._new)

    def entry(self, number: int, line: Line) -> Entry | None:
        """The decision of a line, None if there is none; raises ReviewError with everything that is wrong with it."""
        if fault := self._table.fault(line):
            raise ReviewError(fault)
        if len(line) < self._table.width:
            line = [*line, *[""] * (self._table.width - len(line))]
        name = text_of(self._cell(line, "target_id"))
        decision = decision_of(self._cell(line, "decision"))
        note = text_of(self._cell(line, "note"))
        if not name:
            return self._without_id(number, line, decision, note)
        if decision == "add":
            raise ReviewError("add is for lines of your own: empty target_id, or write edit")
        row = self.rows.get(name)
        fields = self._corrections(line)
        if row is None:
            self._without_row(name, said=bool(decision or fields))
            return None
        self._belongs(line, row, said=bool(decision or fields))
        if decision is None and not fields:
            self.undecided += 1
            self.notes += [number] if note else []
            return None
        return self._once(number, self._judged(number, row, decision, fields, note))

    def _judged(
        self, number: int, row: Row, decision: Decision | None, fields: Mapping[str, Any], note: str
    ) -> Entry:
        if decision == "reject" and fields:
            raise ReviewError(
                f"reject does not go with corrections ({', '.join(fields)}); write edit, or empty them"
            )
        if decision == "edit" and not fields:
            raise ReviewError(
                "edit needs a correction in one of the columns new …; write accept if all is right"
            )
        if fields:
            self.implied += [number] if decision is None else []
            self.corrected += [number] if decision == "accept" else []
            _no_percent(row, fields)
            decision = "edit"
        chosen: Decision = decision or "edit"
        name = row.target.target_id
        return Entry(self._reviewer, chosen, name, None, fields, note, self._adjudicates)

    def _once(self, number: int, entry: Entry) -> Entry | None:
        """The entry, None if an earlier line says just the same; raises ReviewError if one says something else."""
        first = self._seen.setdefault(entry.target_id, (number, entry))
        if first[0] == number:
            return entry
        if first[1] != entry:
            raise ReviewError(
                f"row {first[0]} decides on the same target_id otherwise; leave one of the lines"
            )
        return None

    def _without_id(self, number: int, line: Line, decision: Decision | None, note: str) -> Entry | None:
        fields = self._corrections(line)
        if decision == "add":
            row = added(self._desk, lambda name: self._cell(line, name), fields, self._table.comma)
            return Entry(self._reviewer, "add", "", row, {}, note, self._adjudicates)
        if (
            decision is not None
            or fields
            or (text_of(self._cell(line, "doc")) and text_of(self._cell(line, "value")))
        ):
            raise ReviewError("the line has no target_id: write add if the target is missing in the dataset")
        if any(text_of(cell) for cell in line):
            self.strangers.append(number)
        return None

    def _without_row(self, name: str, *, said: bool) -> None:
        """Counts a line of a row that is no longer there; raises ReviewError if it holds a decision."""
        if not said:
            self.gone += 1
            return
        if name in self._renamed:
            now = self._renamed[name]
            raise ReviewError(
                f"extract has run since the export, and the row is {now} now; export a new sheet"
            )
        raise ReviewError(
            f"there is no row {name!r}: extract has run since the export and no longer finds it, or the sheet is of "
            "another dataset; export a new sheet"
        )

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """The names of today of rows that a new run has named anew, by their old ones."""
        now = {
            verdict.event_id: name
            for name, row in self.rows.items()
            for verdict in row.state.verdicts.values()
        }
        events = self._desk.store.events()
        return {event.target_id: now[event.event_id] for event in events if event.event_id in now}

    def _corrections(self, line: Line) -> dict[str, Any]:
        """The corrections of a line by field; raises ReviewError naming all that cannot be read."""
        fields: dict[str, Any] = {}
        faults: list[str] = []
        cells = self._corrected(line)
        if cells == self._uncorrected:
            return fields
        for field, cell in zip(self._new, cells, strict=True):
            if cell == "" or not text_of(cell):
                continue
            try:
                fields[field] = correction(field, self._opened(cell), self._table.comma)
            except ReviewError as error:
                faults.append(str(error))
        if faults:
            raise ReviewError("; ".join(faults))
        return fields

    def _cell(self, line: Line, name: str) -> Cell:
        return self._opened(self._table.cell(line, name))

    def _opened(self, cell: Cell) -> Cell:
        return unguarded(cell) if self._table.guarded else cell

    # --- does the line still show its row? ------------------------------------------------------------------

    def _belongs(self, line: Line, row: Row, *, said: bool) -> None:
        """Raises ReviewError unless the line shows the row that it names.

        Else somebody would judge a row that he did not see, because only some columns were sorted or because a new
        run has changed it; or a correction that was written over a field would be lost.
        """
        changes = self._changes(line, row)
        if not said and not changes:
            return
        sign = text_of(self._cell(line, "check"))
        stale = bool(sign) and sign != fingerprint(row.target)
        if not said and stale:
            return
        self._stands_with_its_own(line, row)
        if stale:
            what = f" ({_said(changes)})" if changes else ""
            raise ReviewError(
                f"extract has run since the export and reads the row otherwise now{what}; export a new sheet"
            )
        if changes:
            raise ReviewError(
                f"{_said(changes)}; write corrections into the columns new …, and leave the others as they were"
            )

    def _changes(self, line: Line, row: Row) -> list[tuple[str, Cell, Any]]:
        """Field, cell and the row's own value of each cell that no longer shows it."""
        if not self._fields:
            return []
        given = self._given(line)
        return [
            (name, cell, value)
            for name, cell, value in zip(self._fields, given, self._values(row.target), strict=True)
            if cell != value
            and (cell != "" or not (value is None or value is False or value == ""))
            and cell != as_text(name, value)
            and not like(name, value, self._opened(cell), self._table.comma)
        ]

    def _stands_with_its_own(self, line: Line, row: Row) -> None:
        doc, sentence = text_of(self._cell(line, "doc")), text_of(self._cell(line, "sentence"))
        other = doc != row.target.doc and doc in self._docs
        own = row.target.sentence or ""
        if sentence and sentence != own:
            words = letters(sentence)
            other |= words != letters(cut(own)) and words in self._sentences
        if other:
            raise ReviewError(
                "document or sentence are those of another row than target_id: were only some of the columns sorted? "
                "export a new sheet, and sort it as a whole"
            )

    @cached_property
    def _docs(self) -> frozenset[str]:
        return frozenset(self._desk.documents)

    @cached_property
    def _sentences(self) -> frozenset[str]:
        return frozenset(letters(cut(row.target.sentence or "")) for row in self.rows.values())


def _said(changes: Iterable[tuple[str, Cell, Any]]) -> str:
    return ", ".join(
        f"{name} is {text_of(cell)!r} in the sheet and {_shown(value)} in the row"
        for name, cell, value in changes
    )


def _shown(value: Any) -> str:
    return "empty" if value in (None, "") else f"{value:g}" if isinstance(value, float) else repr(value)


def _no_percent(row: Row, fields: Mapping[str, Any]) -> None:
    """Raises ReviewError for the 0.8 that a spreadsheet makes of 80%."""
    number, unit = fields.get("number"), fields.get("unit", row.target.unit)
    said = re.findall(r"\d+(?:[.,]\d+)?", str(fields.get("value", row.target.value)))
    numbers = {float(one.replace(",", ".")) for one in said}
    if unit == "percent" and isinstance(number, float) and 0 < number <= 1 and number not in numbers:
        if any(math.isclose(100 * number, one) for one in numbers):
            raise ReviewError(
                f"new number is {number:g}, which a spreadsheet makes of {100 * number:g}%; write {100 * number:g}"
            )


def _getter(places: Sequence[int]) -> Callable[[Line], tuple[Cell, ...]]:
    """What picks these cells out of a line, always as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda line: tuple(line[n] for n in places)


def _attributes(names: Sequence[str]) -> Callable[[object], tuple[Any, ...]]:
    """What gives these attributes of an object, always as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)
