"""policyextract extract."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from policyextract.cli.app import SOME_FAILED, app
from policyextract.cli.options import Memory, Model, NoModel, Timeout, chosen
from policyextract.cli.progress import documents_bar

if TYPE_CHECKING:
    from policyextract.pipeline import Run

STOPPED = 130  # exit code of a program that Ctrl-C ended
_LISTED = 10  # failures named in the closing summary; all stand in failures.csv


class Where(StrEnum):
    """What reads the documents."""

    local = "local"
    ray = "ray"


@app.command()
def extract(
    corpus: Annotated[
        str, typer.Argument(metavar="CORPUS", help="Folder of documents, or one document; a path or a URL.")
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="Folder for the dataset, a path or a URL; a dataset in it is replaced.",
        ),
    ],
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=0, help="Processes to use; 0 means one for each core.")
    ] = 0,
    engine: Annotated[
        Where, typer.Option("--engine", help="Read on this machine, or on a Ray cluster.")
    ] = Where.local,
    ray_address: Annotated[
        str | None,
        typer.Option(
            "--ray-address",
            metavar="HOST:PORT",
            help="Ray cluster to use, or auto; without it a new one of this machine alone.",
        ),
    ] = None,
    timeout: Timeout = None,
    memory: Memory = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read all documents anew, whatever an earlier run has read.")
    ] = False,
    ocr: Annotated[
        bool,
        typer.Option("--ocr", help="Read pages of PDF files that are pictures, as scans are, by Tesseract."),
    ] = False,
    ocr_language: Annotated[
        str | None,
        typer.Option(
            "--ocr-language", metavar="NAMES", help="Tesseract's languages to use instead of vie+eng."
        ),
    ] = None,
    model: Model = None,
    no_model: NoModel = False,
) -> None:
    """Write the targets of all documents in a folder as a dataset.

    Reads .txt, .md, .html, .pdf, .docx and .jsonl, English and Vietnamese, in folders at any depth. Writes
    targets.jsonl, targets.csv, targets.parquet, documents.jsonl, failures.csv, run.json and datapackage.json.

    A run that was stopped goes on where it was if the same command is given again. Documents that have not changed
    since the last run into the folder are not read again. See docs/batches.md; docs/distributed.md for URLs such as
    s3://bucket/texts and for clusters.

    Exits 0 if all files were read, 1 if some failed (failures.csv says why), 2 if there was nothing to do,
    130 if it was stopped by Ctrl-C.
    """
    from policyextract.pipeline import Limits, extract_corpus
    from policyextract.read import find_ocr

    if ray_address is not None and engine is Where.local:
        raise typer.BadParameter("--ray-address needs --engine ray")
    reads_pictures = find_ocr(ocr_language) if ocr or ocr_language is not None else None
    if reads_pictures is not None and reads_pictures.missing is not None:
        print(f"{reads_pictures.missing}; without it scans are failures", file=sys.stderr)
    try:
        with documents_bar() as progress:
            run = extract_corpus(
                corpus,
                out,
                workers=workers or (_cores() if engine is Where.local else None),
                limits=Limits(timeout, memory),
                fresh=fresh,
                progress=progress,
                model=chosen(model, no_model),
                engine=engine.value,
                ray_address=ray_address,
                ocr=reads_pictures,
            )
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        raise typer.Exit(STOPPED) from None
    _summary(run, ocr=reads_pictures is not None)
    if run.failures:
        raise typer.Exit(SOME_FAILED)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _summary(run: Run, *, ocr: bool) -> None:
    for failure in run.failures[:_LISTED]:
        print(f"{failure.path}: {failure.reason}", file=sys.stderr)
    if len(run.failures) > _LISTED:
        print(f"… and {len(run.failures) - _LISTED} more, see failures.csv", file=sys.stderr)
    for doubt in run.doubtful[:_LISTED]:
        read = f"was read by OCR with a confidence of {doubt.confidence:.2f}; compare its rows with the page"
        said = read if doubt.confidence else "is a picture that was not read" + ("" if ocr else "; try --ocr")
        print(f"{doubt.doc}: page {doubt.page} {said}", file=sys.stderr)
    if len(run.doubtful) > _LISTED:
        print(f"… and {len(run.doubtful) - _LISTED} more such pages, see run.json", file=sys.stderr)
    rate = run.documents / run.seconds if run.seconds else 0.0
    over = f" (of which {run.taken_over} taken over from an earlier run)" if run.taken_over else ""
    print(f"documents  {run.documents}{over}")
    print(f"targets    {run.targets}")
    print(f"failures   {len(run.failures)}")
    print(f"speed      {rate:.1f} documents a second")
    print(f"written to {run.out}")
