"""policyextract review: the commands of a review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from policyextract.cli.app import app

if TYPE_CHECKING:
    from policyextract.review import Desk, Row

_Key = TypeVar("_Key", bound=str)

review = typer.Typer(
    help="Review a dataset: decisions, conflicts, progress.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(review, name="review")

Out = Annotated[Path, typer.Argument(metavar="OUT", help="Folder that extract wrote.")]
Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="Database with the reviews, such as postgresql://user@host/database; a file in OUT if not given.",
    ),
]
CorpusName = Annotated[
    str | None,
    typer.Option("--corpus-name", help="Name of this corpus in a database; that of OUT if not given."),
]


@review.command()
def status(out: Out, store: Store = None, corpus_name: CorpusName = None) -> None:
    """Print progress by document and reviewer, and conflicts.

    Also lists the decisions that could not be re-attached after a new run, with the reasons.
    """
    from policyextract.review import Desk

    with Desk.open(out, store, corpus_name) as desk:
        for line in _status(desk):
            print(line)


def _status(desk: Desk) -> Iterator[str]:
    from policyextract.review import DECISIONS, STATUSES

    progress = desk.progress()
    rows = sum(progress.total.values())
    said = [f"{progress.total[name]} {name}" for name in STATUSES if progress.total.get(name)]
    yield f"rows         {rows}" + (f" ({', '.join(said)})" if said else "")
    kept = [row for row in desk.rows if row.kept]
    if kept:
        yield f"kept         {len(kept)}, which this run no longer finds"
    if desk.gone:
        yield f"gone         {len(desk.gone)} rejections of rows that this run no longer finds"
    yield from _table("document", STATUSES, progress.documents)
    yield from _table("reviewer", DECISIONS, progress.reviewers)
    yield from _list("conflicts", [_conflict(row) for row in desk.rows if row.state.conflict])
    lost = [
        f"{one.events[0].target_id}  {one.events[0].doc}  {one.events[0].row.value!r}, "
        f"{', '.join(f'{event.decision} by {event.reviewer}' for event in one.events)}: {one.reason}"
        for one in desk.unattached
    ]
    yield from _list("could not be re-attached", lost)


def _table(head: str, order: Sequence[_Key], counts: Mapping[str, Mapping[_Key, int]]) -> Iterator[str]:
    """A line a name with its counts; names without any are left out."""
    lines = {name: of_name for name, of_name in counts.items() if sum(of_name.values())}
    if not lines:
        return
    columns = [column for column in order if any(of_name.get(column) for of_name in lines.values())]
    width = max(len(head), *map(len, lines))
    yield ""
    yield "  ".join([head.ljust(width), *columns])
    for name, of_name in lines.items():
        cells = (str(of_name.get(column, 0)).rjust(len(column)) for column in columns)
        yield "  ".join([name.ljust(width), *cells])


def _list(head: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{head} ({len(lines)})"
        yield from (f"  {line}" for line in lines)


def _conflict(row: Row) -> str:
    target = row.target
    said = ", ".join(f"{verdict.decision} by {name}" for name, verdict in row.state.verdicts.items())
    return f"{target.target_id}  {target.doc}  {target.value!r}: {said}"
