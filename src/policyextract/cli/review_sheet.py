"""policyextract review export and import: a review as a sheet."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from policyextract.cli.app import SOME_FAILED
from policyextract.cli.options import write
from policyextract.cli.review import CorpusName, Out, Store, review

if TYPE_CHECKING:
    from policyextract.review.sheet_import import Imported

_LISTED = 10  # numbers of lines named in the summary


class _Status(StrEnum):  # typer takes no list of literals
    undecided = "undecided"
    accepted = "accepted"
    rejected = "rejected"
    edited = "edited"
    added = "added"
    conflict = "conflict"


Sheet = Annotated[Path, typer.Argument(metavar="SHEET", help="File of the sheet, .csv or .xlsx.")]


@review.command("export")
def export_(
    out: Out,
    sheet: Sheet,
    order: Annotated[
        Literal["document", "confidence"],
        typer.Option("--order", help="Rows in the order of the documents, or the least sure first."),
    ] = "document",
    only: Annotated[
        list[_Status] | None,
        typer.Option("--only", help="Only rows of this status; may be given more than once."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    store: Store = None,
    corpus_name: CorpusName = None,
) -> None:
    """Write the rows as a sheet to fill in: evidence, fields, who decided what, and columns for decisions.

    The yellow columns are for the reviewer. An .xlsx offers choices and marks each value in its sentence.
    """
    from policyextract.review import Desk
    from policyextract.review.desk import uncollected
    from policyextract.review.sheet_export import export_sheet

    with uncollected(), Desk.open(out, store, corpus_name) as desk:
        count = export_sheet(desk, sheet, order=order, only=[one.value for one in only or ()], force=force)
    print(f"rows       {count}")
    print(f"written to {sheet}")


@review.command("import")
def import_(
    out: Out,
    sheet: Annotated[
        Path,
        typer.Argument(metavar="SHEET", help="Sheet that came back: .xlsx, .xls, .ods, or CSV of any kind."),
    ],
    reviewer: Annotated[str, typer.Option("--reviewer", help="Who has decided.")],
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="The decisions settle conflicts of other reviewers.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the sheet and save nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the refused lines here, as CSV.")
    ] = None,
    tab: Annotated[
        str | None, typer.Option("--sheet", help="Name of the sheet in a workbook, where several would do.")
    ] = None,
    store: Store = None,
    corpus_name: CorpusName = None,
) -> None:
    """Save the decisions of a sheet, all of them, or none if a line is refused.

    Exits 0 if all was taken, 1 if lines were refused, 2 if the file is no sheet of a review.
    """
    from policyextract.review import Desk
    from policyextract.review.desk import uncollected
    from policyextract.review.sheet_import import import_sheet, refusals_csv

    with uncollected(), Desk.open(out, store, corpus_name) as desk:
        done = import_sheet(desk, sheet, reviewer, adjudicates=adjudicate, dry_run=dry_run, sheet=tab)
    if report is not None:
        write(report, refusals_csv(done.refusals), "utf-8-sig")
    for line in _summary(done, dry_run):
        print(line)
    if done.refusals:
        _tell(done)
        raise typer.Exit(SOME_FAILED)


def _tell(done: Imported) -> None:
    """Print all refusals where errors go."""
    sys.stdout.flush()
    for one in done.refusals:
        name = f" ({one.target_id})" if one.target_id else ""
        print(f"row {one.row}{name}: {one.reason}", file=sys.stderr)
    many = f"{len(done.refusals)} lines were" if len(done.refusals) > 1 else "a line was"
    print(f"{many} refused, so nothing was saved; correct the sheet and import it again", file=sys.stderr)


def _summary(done: Imported, dry_run: bool) -> Iterator[str]:
    yield f"lines      {done.lines}"
    for decision, count in done.counts.items():
        yield f"{decision.ljust(10)} {count}"
    if done.implied:
        yield f"           edit for their corrections, without a decision: {_numbers(done.implied)}"
    if done.corrected:
        yield f"           edit, though they say accept, for their corrections: {_numbers(done.corrected)}"
    if done.undecided:
        yield f"undecided  {done.undecided}"
    if done.notes:
        yield f"           with a note, which goes only with a decision: {_numbers(done.notes)}"
    if done.gone:
        yield f"gone       {done.gone} without a decision, which are no longer in the dataset"
    if done.strangers:
        yield f"skipped    no rows of the review: {_numbers(done.strangers)}"
    if not done.refusals:
        known = sum(done.counts.values()) - done.news
        if known:
            yield f"known      {known}, decided just so before"
        yield f"saved      {'0 of ' if dry_run else ''}{done.news}{' (dry run)' if dry_run else ''}"
        if done.batch:
            yield f"batch      {done.batch}"


def _numbers(rows: Sequence[int]) -> str:
    more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:_LISTED]))}{more}"
