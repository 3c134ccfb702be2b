"""policyextract extract."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyextract.cli.app import SOME_FAILED, app
from policyextract.cli.options import Model, NoModel, chosen
from policyextract.cli.progress import documents_bar

if TYPE_CHECKING:
    from policyextract.pipeline import Run

_LISTED = 10  # failures named in the closing summary; all stand in failures.csv


@app.command()
def extract(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="Folder of documents, or one document.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the dataset; a dataset in it is replaced.")
    ],
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=0, help="Processes to use; 0 means one for each core.")
    ] = 0,
    model: Model = None,
    no_model: NoModel = False,
) -> None:
    """Write the targets of all documents in a folder as a dataset.

    Reads .txt, .md, .html, .pdf, .docx and .jsonl, English and Vietnamese, in folders at any depth. Writes
    targets.jsonl, targets.csv, targets.parquet, documents.jsonl, failures.csv, run.json and datapackage.json.

    Exits 0 if all files were read, 1 if some failed (failures.csv says why), 2 if there was nothing to do.
    """
    from policyextract.pipeline import extract_corpus

    with documents_bar() as progress:
        run = extract_corpus(
            corpus, out, workers=workers or _cores(), progress=progress, model=chosen(model, no_model)
        )
    _summary(run)
    if run.failures:
        raise typer.Exit(SOME_FAILED)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _summary(run: Run) -> None:
    for failure in run.failures[:_LISTED]:
        print(f"{failure.path}: {failure.reason}", file=sys.stderr)
    if len(run.failures) > _LISTED:
        print(f"… and {len(run.failures) - _LISTED} more, see failures.csv", file=sys.stderr)
    rate = run.documents / run.seconds if run.seconds else 0.0
    print(f"documents  {run.documents}")
    print(f"targets    {run.targets}")
    print(f"failures   {len(run.failures)}")
    print(f"speed      {rate:.1f} documents a second")
    print(f"written to {run.out}")
