"""The rows of a desk by document, in pages, and the way from one to the next."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from policyextract.review.board import Row
from policyextract.review.desk import Desk
from policyextract.review.page.filters import Filters

PAGE = 100  # rows, or documents, shown at a time
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[_Item]):
    """One page of something: ``number`` of ``pages``, from 1, and how many there are in ``total``."""

    items: Sequence[_Item]
    number: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        """The number of its first item, from 1."""
        return (self.number - 1) * PAGE + 1


def sheet(items: Sequence[_Item], number: int) -> Sheet[_Item]:
    """The page of that number, or the nearest that there is."""
    pages = max(1, -(-len(items) // PAGE))
    number = min(max(1, number), pages)
    return Sheet(items[(number - 1) * PAGE : number * PAGE], number, pages, len(items))


class Shelf:
    """The rows of a desk by document; several threads may use it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._rows: list[Row] | None = None
        self._of: dict[str, list[Row]] = {}

    def documents(self) -> dict[str, list[Row]]:
        """The rows of each document, in their order; do not change them."""
        rows = self._desk.rows
        with self._lock:
            if self._rows is not rows:
                of: dict[str, list[Row]] = {doc: [] for doc in self._desk.documents}
                for row in rows:
                    of[row.target.doc].append(row)
                self._rows, self._of = rows, of
            return self._of

    def of(self, doc: str) -> list[Row]:
        """The rows of one document."""
        return self.documents().get(doc, [])


def selected(rows: Sequence[Row], filters: Filters, reviewer: str, keep: str = "") -> list[Row]:
    """The rows that are asked for, and the one named ``keep``."""
    if not filters.count:
        return list(rows)
    test = filters.test(reviewer)
    return [row for row in rows if row.target.target_id == keep or test(row)]


def neighbour(
    rows: Sequence[Row],
    filters: Filters,
    reviewer: str,
    *,
    after: str = "",
    doc: str = "",
    todo: bool = False,
    back: bool = False,
) -> Row | None:
    """The next row that is asked for, after the one of that name or from the document's first; begins again at the end.

    With ``todo`` one that is still to be judged: in conflict where conflicts are asked for, not judged by the reviewer
    where those are, else undecided. ``back`` goes the other way.
    """
    at = next((n for n, row in enumerate(rows) if row.target.target_id == after), None)
    if at is None:
        at = next((n for n, row in enumerate(rows) if row.target.doc == doc), 0) - 1
    order = [*rows[at + 1 :], *rows[: at + 1]]
    if back:
        order = [*reversed(rows[: max(at, 0)]), *reversed(rows[max(at, 0) :])]
    wanted = filters.test(reviewer, status=not todo)
    return next(
        (
            row
            for row in order
            if (not todo or is_open(row, filters, reviewer)) and wanted(row) and row.target.target_id != after
        ),
        None,
    )


def is_open(row: Row, filters: Filters, reviewer: str) -> bool:
    """Whether a row is still to be judged, in the sense of what is asked for."""
    if filters.status == "mine":
        return reviewer not in row.state.verdicts
    if filters.status == "kept" and not row.kept:
        return False
    return row.state.status == ("conflict" if filters.status == "conflict" else "undecided")
