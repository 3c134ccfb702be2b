"""The one object that a sheet, a page or a command reviews a dataset with."""

from __future__ import annotations

import datetime as dt
import gc
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from policyextract import dataset
from policyextract.errors import DatasetError, ReviewError
from policyextract.review.attach import Unattached
from policyextract.review.board import Board, Row
from policyextract.review.drafts import Drafts, Entry, named
from policyextract.review.events import NO_FIELDS, Decision, Event, standing
from policyextract.review.state import Status
from policyextract.review.store import Store
from policyextract.types import Document, Target

_TRIES = 5  # to read a dataset that is being replaced


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a review is: rows by status, in all and of each document, and standing verdicts of each reviewer."""

    total: Mapping[Status, int]
    documents: Mapping[str, Mapping[Status, int]]
    reviewers: Mapping[str, Mapping[Decision, int]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What would come of decisions: why those at ``faults``' places, from 0, are refused, and how many are news."""

    faults: Mapping[int, str]
    news: int


class Desk:
    """A dataset with its reviews, from ``open``; several threads may use one."""

    def __init__(self, targets: Sequence[Target], documents: dataset.Documents, store: Store) -> None:
        self.store = store
        self._documents = documents
        self._names = list(documents)
        self._lock = threading.RLock()
        self._board = Board(targets, documents, store.events())

    @classmethod
    def open(cls, out: Path | str, store: Path | str | None = None, corpus_name: str | None = None) -> Self:
        """The desk of the dataset in the folder ``out``, with its reviews of today.

        ``store`` is the URL of a database or another folder; without one the reviews lie in ``out``. ``corpus_name``
        tells the corpora of one store apart; without one it is the name of ``out``. The reviews in ``out`` itself need
        no such name, so that it may be renamed. Raises DatasetError if the dataset cannot be read, ReviewError if
        its reviews cannot.
        """
        out = Path(out)
        own = store is None or ("://" not in str(store) and Path(store).resolve() == out.resolve())
        corpus = corpus_name if corpus_name is not None else "" if own else out.resolve().name
        with uncollected():
            targets, documents = _read(out)
            try:
                return cls(targets, documents, Store(out if store is None else store, corpus=corpus))
            except BaseException:
                documents.close()
                raise

    @property
    def rows(self) -> list[Row]:
        """All rows in the order of documents and of their values: extracted, added and kept ones.

        The list is not to be changed; after the next decision ``rows`` is another one.
        """
        with self._lock:
            return self._board.rows()

    def row(self, target_id: str) -> Row:
        """The row of that name; raises ReviewError if there is none."""
        row = self._board.by_name.get(target_id)
        if row is None:
            raise ReviewError(f"there is no row {target_id!r} in this dataset; extract may have run since")
        return row

    @property
    def documents(self) -> list[str]:
        """The names of all documents, in their order."""
        return self._names

    def document(self, doc: str) -> Document:
        """The document of that name; raises ReviewError if there is none."""
        if doc not in self._documents:
            raise ReviewError(f"there is no document {doc!r} in this dataset")
        return self._documents[doc]

    @property
    def unattached(self) -> tuple[Unattached, ...]:
        """Decisions that belong to nothing in the dataset, with the reasons."""
        return self._board.attached.unattached

    @property
    def gone(self) -> tuple[Event, ...]:
        """Rejections of rows that the run no longer finds; nothing is left to do about them."""
        return self._board.attached.gone

    def record(
        self,
        reviewer: str,
        decision: Decision,
        target_id: str = "",
        *,
        row: Target | Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] = NO_FIELDS,
        note: str = "",
        adjudicates: bool = False,
        batch: str = "",
    ) -> Row:
        """Save one decision, as ``record_all`` does; gives the row as it then stands."""
        entry = Entry(reviewer, decision, target_id, row, fields, note, adjudicates)
        return self.record_all([entry], batch)[0]

    def record_all(self, entries: Iterable[Entry], batch: str = "") -> list[Row]:
        """Save all decisions or, if one of them is wrong, none; gives the row of each as it then stands.

        When it returns, they are on the disk. "accept", "reject" and "edit" judge the row as it was extracted or
        added; a later edit by the same reviewer adds to the earlier one. An edit that changes nothing is an accept,
        an added row that stands there already an accept of that, and what a reviewer has decided just so before is
        not saved again. Raises ReviewError.
        """
        entries = list(entries)
        with self._lock, uncollected():
            drafts, faults = self._drafted(entries, batch)
            for n, reason in faults.items():
                raise ReviewError(f"decision {n + 1}: {reason}" if len(entries) > 1 else reason)
            self._take_in(self.store.record(drafts.events))
            return [self._board.by_name.get(row.target_id) or Row(row) for row in drafts.rows]

    def trial(self, entries: Iterable[Entry]) -> Trial:
        """What ``record_all`` would make of the decisions; saves nothing."""
        with self._lock, uncollected():
            drafts, faults = self._drafted(entries)
            return Trial(faults, len(drafts.events))

    def _drafted(self, entries: Iterable[Entry], batch: str = "") -> tuple[Drafts, dict[int, str]]:
        """The events of the entries that are right, and what is wrong with the others, by their places."""
        self.refresh()
        drafts, faults = Drafts(self._board, self._documents, batch), dict[int, str]()
        for n, entry in enumerate(entries):
            try:
                drafts.add(entry)
            except ReviewError as error:
                faults[n] = str(error)
        return drafts, faults

    def _take_in(self, saved: Sequence[Event]) -> None:
        """Take in one's own events, and what others saved just before; no need to read all of it again."""
        if saved:
            log = self._board.log
            others = self.store.events(log[-1].event_id or 0 if log else 0)
            first = saved[0].event_id
            self._board.take([*takewhile(lambda event: event.event_id != first, others), *saved])

    def undo(self, reviewer: str, event_id: int | None = None) -> Row | None:
        """Take back the reviewer's latest decision that stands, or the one named; None if there is none.

        Gives the row as it then stands; one that the reviewer alone had added is no longer among ``rows``.
        """
        with self._lock:
            self.refresh()
            name = named(reviewer)
            mine = (event for event in reversed(standing(self._board.log)) if event.reviewer == name)
            found = next((event for event in mine if event_id in (None, event.event_id)), None)
            if found is None:
                return None
            event = self._board.moved.get(found.event_id, found)
            self.store.record([_taking_back(event)])
            self.refresh()
            return self._board.by_name.get(event.target_id) or Row(event.row)

    @property
    def seen(self) -> int:
        """The id of the latest event taken in, 0 before the first; ``store.events`` gives those after it."""
        with self._lock:
            return self._board.log[-1].event_id or 0 if self._board.log else 0

    def refresh(self) -> set[str]:
        """Take in what others have saved since; gives the names of the rows that it touched."""
        with self._lock:
            fresh = list(self.store.events(self.seen))
            return self._board.take(fresh) if fresh else set()

    def progress(self) -> Progress:
        """How many rows stand how, by document, and what each reviewer's verdicts are."""
        documents: dict[str, Counter[Status]] = {doc: Counter() for doc in self._names}
        reviewers: dict[str, Counter[Decision]] = defaultdict(Counter)
        for row in self.rows:
            documents[row.target.doc][row.state.status] += 1
            for verdict in row.state.verdicts.values():
                reviewers[verdict.reviewer][verdict.decision] += 1
        total: Counter[Status] = Counter()
        for counts in documents.values():
            total.update(counts)
        return Progress(total, documents, dict(sorted(reviewers.items())))

    def close(self) -> None:
        """Close the store and the documents."""
        self.store.close()
        self._documents.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for garbage while millions of things are made that all stay: it took a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _taking_back(event: Event) -> Event:
    return replace(
        event,
        decision="undo",
        undoes=event.event_id,
        event_id=None,
        time=dt.datetime.now(dt.UTC),
        fields=NO_FIELDS,
        note="",
        adjudicates=False,
        batch="",
    )


def _read(out: Path) -> tuple[list[Target], dataset.Documents]:
    """Targets and documents of one and the same run; raises DatasetError."""
    for _ in range(_TRIES):
        before = _run(out)
        documents = dataset.Documents(out)
        try:
            targets = dataset.load(out)
            if lost := next((t.doc for t in targets if t.doc not in documents), None):
                raise DatasetError(f"{out} holds targets of {lost}, but not its text; run extract again")
            if _run(out) == before:
                return targets, documents
        except DatasetError:
            if _run(out) == before:
                documents.close()
                raise
        documents.close()
    raise DatasetError(f"{out} is being replaced all the time; wait for extract to end")


def _run(out: Path) -> str:
    """What tells one run's dataset from another's."""
    try:
        with dataset.open_current(out, "run.json") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise DatasetError(f"{out} cannot be read: {error}") from error
