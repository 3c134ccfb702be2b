"""Decided rows → a dataset in the formats of ``extract``, with who decided and when."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from policyextract import dataset
from policyextract.dataset import Column
from policyextract.errors import DatasetError
from policyextract.review.board import Row
from policyextract.review.desk import Desk
from policyextract.review.quotes import placed
from policyextract.review.state import STATUSES, Status
from policyextract.types import Failure, Target

REVIEWED = (
    Column(
        "reviewer", "string", "who decided on the row last; who settled it after a conflict", "not decided"
    ),
    Column("reviewed_at", "string", "when, such as `2025-07-14T09:30:00Z` (UTC)", "not decided"),
)
"""The columns that a reviewed dataset has besides those of every dataset."""
_KEEPERS = ("accepted", "edited", "added")
_FACETS = ("number", "number_high", "unit", "comparator", "change", "per")
# The fields whose correction makes the evidence of a field evidence no more.
_READ_FROM = {
    "value": ("value", *_FACETS),
    "metric": ("metric",),
    "level": ("level", "level_explicit"),
    "year": ("year", "year_start", "year_kind"),
    "locality": ("locality",),
}


@dataclass(frozen=True, slots=True)
class Finished:
    """What a final dataset holds and lacks: rows by status written and left out, rows in conflict, decisions lost."""

    written: Counter[Status]
    left_out: Counter[Status]
    conflicts: tuple[Row, ...]
    unattached: int

    @property
    def complete(self) -> bool:
        """Whether nothing is missing that somebody still has to decide."""
        return not (self.left_out["undecided"] or self.conflicts or self.unattached)


def write_final(desk: Desk, source: Path | str, out: Path | str, *, with_undecided: bool = False) -> Finished:
    """Write the accepted, edited and added rows of ``desk`` as a dataset to the folder ``out``.

    Every row keeps its ``target_id``. Rows in conflict are left out, undecided ones too unless ``with_undecided``
    takes them along as they were extracted. ``source`` is the folder that the desk was opened on; its failures are
    those of the new dataset too. Raises DatasetError if ``out`` cannot be written or holds an extraction.
    """
    source, out = Path(source), Path(out)
    _guard(source, out)
    taken = {*_KEEPERS, "undecided"} if with_undecided else set(_KEEPERS)
    rows = desk.rows
    written = Counter(row.state.status for row in rows if row.state.status in taken)
    left_out = Counter(row.state.status for row in rows if row.state.status not in taken)
    finished = Finished(written, left_out, tuple(r for r in rows if r.state.conflict), len(desk.unattached))
    by_doc = {doc: list(of_doc) for doc, of_doc in groupby(rows, key=lambda row: row.target.doc)}
    with dataset.Writer(out, REVIEWED) as writer:
        for doc in desk.documents:
            kept = [row for row in by_doc.get(doc, ()) if row.state.status in taken]
            targets = [final_target(desk, row) for row in kept]
            writer.add(targets, document=desk.document(doc), more=map(_reviewed, kept))
        failures = list(_failures(source))
        writer.close(failures, _run(desk, source, finished, len(failures)))
    return finished


def final_target(desk: Desk, row: Row) -> Target:
    """The row as it was decided, else as it was extracted, with the evidence that still holds."""
    target, final = row.target, row.state.final or row.target
    if (final.start, final.end) != (target.start, target.end):
        final = placed(final, desk.document(final.doc))
    evidence = tuple(e for e in final.evidence if not _corrected(target, final, e.field))
    return replace(final, target_id=target.target_id, evidence=evidence)


def _corrected(target: Target, final: Target, field: str) -> bool:
    return any(getattr(target, name) != getattr(final, name) for name in _READ_FROM.get(field, ()))


def iso(time: dt.datetime | None) -> str | None:
    """A time in UTC, to the second.

    >>> iso(dt.datetime(2025, 7, 14, 16, 30, 5, 999, dt.timezone(dt.timedelta(hours=7))))
    '2025-07-14T09:30:05Z'
    """
    return None if time is None else f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _reviewed(row: Row) -> dict[str, Any]:
    return {"reviewer": row.state.decided_by, "reviewed_at": iso(row.state.decided_at)}


def _guard(source: Path, out: Path) -> None:
    """Raises DatasetError if ``out`` is the extraction under review, or another one."""
    if out.resolve() == source.resolve():
        raise DatasetError(
            f"the final dataset would replace the extraction in {source}; choose another folder"
        )
    try:
        with dataset.open_current(out, "run.json") as file:
            run = json.load(file)
    except (OSError, ValueError):
        return
    if not isinstance(run, dict) or "review" not in run:
        raise DatasetError(f"{out} holds a dataset that extract wrote; choose another folder")


def _run(desk: Desk, source: Path, finished: Finished, failures: int) -> dict[str, Any]:
    """What run.json says: what the extraction said of itself, and how the review stands."""
    try:
        with dataset.open_current(source, "run.json") as file:
            before = json.load(file)
    except (OSError, ValueError):
        before = {}
    counts = {"documents": len(desk.documents), "targets": finished.written.total(), "failures": failures}
    return {
        "review": {
            "written": {name: finished.written[name] for name in STATUSES if finished.written[name]},
            "left_out": {name: finished.left_out[name] for name in STATUSES if finished.left_out[name]},
            "unattached": finished.unattached,
            "reviewers": desk.store.reviewers(),
            "finished": iso(dt.datetime.now(dt.UTC)),
        },
        "counts": counts,
        "extraction": before,
    }


def _failures(source: Path) -> Iterator[Failure]:
    """The files that the extraction could not read; none if it does not say."""
    from policyextract.dataset.cells import value

    try:
        with dataset.open_current(source, "failures.csv") as file:
            for row in csv.DictReader(file):
                cells = {c.name: str(value(c, row[c.name])) for c in dataset.FAILURES}
                yield Failure(**cells)
    except FileNotFoundError:
        return
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise DatasetError(f"{source / 'failures.csv'} cannot be read: {error}") from error
