"""policyextract evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from policyextract.cli.app import app
from policyextract.cli.options import write


@app.command()
def evaluate(
    pred: Annotated[
        Path, typer.Argument(metavar="PRED", help="Folder that extract wrote, or targets.jsonl.")
    ],
    gold: Annotated[
        Path, typer.Argument(metavar="GOLD", help="Folder of gold files, .json, one a document.")
    ],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the scores here as JSON.")] = None,
    errors: Annotated[
        Path | None,
        typer.Option("--errors", help="Write each miss, false alarm and wrong field here, as CSV."),
    ] = None,
    split: Annotated[
        Path | None, typer.Option("--split", help="JSON file with the parts of a split.")
    ] = None,
    part: Annotated[str | None, typer.Option("--part", help="Score only this part of the split.")] = None,
    lang: Annotated[
        Literal["en", "vi"] | None, typer.Option("--lang", help="Score only this language.")
    ] = None,
) -> None:
    """Score a dataset against gold.

    Prints precision, recall and F1 with 95 % intervals for found, core and strict, and each field.
    """
    if (split is None) != (part is None):
        raise typer.BadParameter("--split and --part go together: a file of parts and the name of one")
    from policyextract import dataset
    from policyextract.evaluate import evaluate as score
    from policyextract.evaluate import load_gold, report

    scores = score(dataset.load(pred), load_gold(gold, split=split, part=part, lang=lang))
    print(report(scores))
    if json_file is not None:
        write(json_file, scores.as_json())
    if errors is not None:
        write(errors, scores.errors_csv(), "utf-8-sig")
