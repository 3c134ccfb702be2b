"""A sheet that came back → decisions, all of them or none."""

from __future__ import annotations

import csv
import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from policyextract.dataset.cells import guard
from policyextract.errors import ReviewError
from policyextract.review.desk import Desk, uncollected
from policyextract.review.drafts import Entry, named
from policyextract.review.events import Decision
from policyextract.review.sheet_cells import text_of
from policyextract.review.sheet_lines import Reader
from policyextract.review.sheet_reading import Table, read_sheet


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that cannot be taken: its number as a spreadsheet shows it, its target_id if it has one, and why."""

    row: int
    target_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a sheet.

    ``counts`` are the lines by decision, ``news`` those that the reviewer had not decided just so before; they were
    saved as ``batch``, which is empty if nothing was: on a dry run, or because there are ``refusals``. ``implied``
    are the lines that were taken as edits for their corrections alone, ``corrected`` those that say accept and hold
    corrections, ``notes`` undecided ones with a note, ``strangers`` lines that are no rows; ``undecided`` and
    ``gone`` count lines without a decision, the latter of rows that are no longer there.
    """

    lines: int
    counts: Mapping[Decision, int]
    news: int
    undecided: int
    gone: int
    implied: Sequence[int]
    corrected: Sequence[int]
    notes: Sequence[int]
    strangers: Sequence[int]
    refusals: Sequence[Refusal] = field(default=())
    batch: str = ""


def import_sheet(
    desk: Desk,
    path: Path | str,
    reviewer: str,
    *,
    adjudicates: bool = False,
    dry_run: bool = False,
    sheet: str | None = None,
) -> Imported:
    """Save the decisions of a sheet as those of ``reviewer``: all in one transaction, or none if a line is refused.

    ``adjudicates`` lets them settle conflicts; ``sheet`` names the sheet of a workbook where several would do. Raises
    ReviewError if the file holds no review sheet.
    """
    with uncollected():
        return _imported(desk, read_sheet(path, sheet), named(reviewer), adjudicates, dry_run)


def _imported(desk: Desk, table: Table, reviewer: str, adjudicates: bool, dry_run: bool) -> Imported:
    desk.refresh()
    reader = Reader(desk, table, reviewer, adjudicates)
    entries, numbers, refusals = _entries(reader, table)
    foreign = _foreign(table, reader)
    batch, news = "", 0
    if not refusals and not foreign and not dry_run:
        batch, news = _saved(desk, entries)
    if not batch:
        trial = desk.trial(entries)
        news = trial.news
        refusals += (Refusal(numbers[n], entries[n].target_id, reason) for n, reason in trial.faults.items())
        refusals = foreign or sorted(refusals, key=lambda refusal: refusal.row)
    return Imported(
        lines=len(table.lines),
        counts=Counter(entry.decision for entry in entries),
        news=news,
        undecided=reader.undecided,
        gone=reader.gone,
        implied=reader.implied,
        corrected=reader.corrected,
        notes=reader.notes,
        strangers=reader.strangers,
        refusals=tuple(refusals),
        batch=batch,
    )


def _saved(desk: Desk, entries: Sequence[Entry]) -> tuple[str, int]:
    """The batch under which the entries are saved and how many are news; nothing is if one of them is wrong."""
    before = desk.seen
    batch = f"sheet-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    try:
        rows = desk.record_all(entries, batch)
    except ReviewError:
        if desk.trial(entries).faults:
            return "", 0
        raise  # the store itself, not a decision
    numbers = {
        verdict.event_id
        for row, entry in zip(rows, entries, strict=True)
        if (verdict := row.state.verdicts.get(entry.reviewer)) is not None
    }
    news = sum(number is not None and number > before for number in numbers)
    return (batch, news) if news else ("", 0)


def _entries(reader: Reader, table: Table) -> tuple[list[Entry], list[int], list[Refusal]]:
    """The decisions of a sheet, the lines that they stand in, and the lines that cannot be taken."""
    entries: list[Entry] = []
    numbers: list[int] = []
    refusals: list[Refusal] = []
    for number, line in table.lines:
        try:
            entry = reader.entry(number, line)
        except ReviewError as error:
            refusals.append(Refusal(number, text_of(table.cell(line, "target_id")), str(error)))
            continue
        if entry is not None:
            entries.append(entry)
            numbers.append(number)
    return entries, numbers, refusals


def _foreign(table: Table, reader: Reader) -> list[Refusal]:
    """One refusal for a sheet of another dataset, instead of one a line."""
    names = {text_of(table.cell(line, "target_id")) for _, line in table.lines} - {""}
    if not names or not names.isdisjoint(reader.rows):
        return []
    reason = (
        f"none of the {len(names)} rows of the sheet is in this dataset: it is the sheet of another one, or extract "
        "has run since on other texts; name the right folder, or export a new sheet"
    )
    return [Refusal(table.lines[0][0], "", reason)]


def refusals_csv(refusals: Iterable[Refusal]) -> str:
    """The refusals as CSV, for a spreadsheet."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["row", "target_id", "reason"])
    writer.writerows([one.row, guard(one.target_id), guard(one.reason)] for one in refusals)
    return text.getvalue()
