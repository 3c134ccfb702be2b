"""policyextract dataset, gold and agreement: what comes out of a review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyextract.cli.app import SOME_FAILED, app
from policyextract.cli.options import write
from policyextract.cli.review import CorpusName, Out, Store

if TYPE_CHECKING:
    from policyextract.review.final import Finished
    from policyextract.review.gold import Written

_LISTED = 20


@app.command("dataset")
def dataset_(
    out: Out,
    final: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="FINAL", help="Folder for the reviewed dataset; one in it is replaced."
        ),
    ],
    store: Store = None,
    corpus_name: CorpusName = None,
    with_undecided: Annotated[
        bool, typer.Option("--with-undecided", help="Take the rows along on which nobody has decided.")
    ] = False,
) -> None:
    """Write the reviewed dataset.

    It holds the rows that were accepted, edited or added. The files are those of extract, with two more columns in targets: reviewer and reviewed_at. Rows keep their
    target_id. Rows in conflict are left out and listed.

    Exits 0 if the review is finished, 1 if the dataset was written but something is still to be decided: rows
    undecided (unless they are taken along) or in conflict, or decisions that could not be re-attached.
    """
    from policyextract.review import Desk
    from policyextract.review.final import write_final

    with Desk.open(out, store, corpus_name) as desk:
        finished = write_final(desk, out, final, with_undecided=with_undecided)
    for line in _finished(finished):
        print(line)
    print(f"written to {final}")
    if not finished.complete:
        raise typer.Exit(SOME_FAILED)


def _finished(finished: Finished) -> list[str]:
    from policyextract.review import STATUSES

    written = ", ".join(f"{finished.written[name]} {name}" for name in STATUSES if finished.written[name])
    lines = [f"rows       {finished.written.total()}" + (f" ({written})" if written else "")]
    left = ", ".join(f"{finished.left_out[name]} {name}" for name in STATUSES if finished.left_out[name])
    if left:
        lines.append(f"left out   {left}")
    if finished.unattached:
        lines.append(
            f"lost       {finished.unattached} decisions could not be re-attached, see policyextract review status"
        )
    if finished.conflicts:
        lines.append("in conflict:")
        lines += _some(
            [
                f"{row.target.target_id}  {row.target.doc}  {row.target.value!r}: "
                + ", ".join(f"{v.decision} by {v.reviewer}" for v in row.state.verdicts.values())
                for row in finished.conflicts
            ]
        )
    return lines


def _some(lines: list[str]) -> list[str]:
    """The first lines, set in, and how many more there are."""
    more = len(lines) - _LISTED
    return [f"  {line}" for line in lines[:_LISTED]] + ([f"  … and {more} more"] if more > 0 else [])


@app.command()
def gold(
    out: Out,
    folder: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="GOLD", help="Folder for the gold; what gold wrote there is replaced."
        ),
    ],
    store: Store = None,
    corpus_name: CorpusName = None,
    all_documents: Annotated[
        bool,
        typer.Option(
            "--all-documents", help="Take unfinished documents with what is decided, and those without rows."
        ),
    ] = False,
) -> None:
    """Write gold files of the documents that are finished.

    Finished are those in which every row is decided and none in conflict. One JSON file a document beside its text, as evaluate and train read them. Documents that are not finished
    are listed with what is missing; those without any row are counted, for nothing says that somebody read them.

    Exits 0 if every document with rows is finished, 1 if some are not.
    """
    from policyextract.review import Desk
    from policyextract.review.gold import write_gold

    with Desk.open(out, store, corpus_name) as desk:
        written = write_gold(desk, folder, all_documents=all_documents)
    for line in _written(written):
        print(line)
    print(f"written to {folder}")
    if written.missing:
        raise typer.Exit(SOME_FAILED)


def _written(written: Written) -> list[str]:
    lines = [f"documents  {written.documents}", f"rows       {written.rows}"]
    if written.unread:
        lines.append(f"no rows    {len(written.unread)} documents, not taken (--all-documents takes them)")
    if written.missing:
        lines.append(f"not finished ({len(written.missing)}):")
        lines += _some([f"{one.doc}: {one.reason}" for one in written.missing])
    return lines


@app.command()
def agreement(
    out: Out,
    store: Store = None,
    corpus_name: CorpusName = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here as JSON.")] = None,
) -> None:
    """Print how far reviewers agree.

    For each two of them, on the rows that both judged:
    Cohen's kappa on accept and reject with its 95 % interval, F1 between the rows that they would have, and by
    field the share of equal rows, with kappa where the field has categories.
    """
    from policyextract.review import Desk
    from policyextract.review.agreement import agreements, as_json, report

    with Desk.open(out, store, corpus_name) as desk:
        found = agreements(desk)
        names = desk.store.reviewers()
    if not found:
        known = f"so far: {', '.join(names)}" if names else "nobody has reviewed yet"
        print(f"agreement needs two reviewers; {known}")
    for one in found:
        print(report(one), end="\n\n")
    if json_file is not None:
        write(json_file, as_json(found))
