"""policyextract train."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from policyextract.cli.app import app
from policyextract.cli.progress import steps_bar
from policyextract.errors import PolicyExtractError


@app.command()
def train(
    gold: Annotated[
        Path, typer.Argument(metavar="GOLD", help="Folder of gold files, .json, beside their texts.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the model; a broken run goes on there.")
    ],
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="DIR_OR_HUB_ID", help="Encoder to start from; models/encoder if not given."
        ),
    ] = None,
    passes: Annotated[float, typer.Option("--passes", min=0.01, help="Passes over the documents.")] = 7.0,
    copies: Annotated[
        int,
        typer.Option("--copies", min=0, help="Copies of each document with other years, places and figures."),
    ] = 2,
    held: Annotated[
        int, typer.Option("--hold", min=0, help="Score on every so manieth document; 0 learns from all.")
    ] = 10,
    seed: Annotated[int, typer.Option("--seed", help="Of the order, the copies and the weights.")] = 1,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda or another device of torch.")] = "cpu",
) -> None:
    """Train a reading model on your own gold, for extract --model.

    Needs the extra: pip install 'policyextract[train]'.
    """
    try:
        from policyextract.training import targets as trainer
    except ImportError as error:
        reason = f"training needs {error.name}: pip install 'policyextract[train]'"
        raise PolicyExtractError(reason) from None
    from policyextract.evaluate import load_gold
    from policyextract.pipeline import encoder_folder, shipped_folder

    documents = trainer.documents_of(gold, load_gold(gold))
    kept = documents[::held] if held else []
    learned = [one for i, one in enumerate(documents) if not held or i % held]
    options = trainer.Options(passes=passes / (1 + copies + (2 if copies else 0)), seed=seed, device=device)
    data = [*learned, *trainer.copies_of(learned, copies, seed, crops=2 if copies else 0)]
    with steps_bar() as report:
        scores = trainer.train(
            base or encoder_folder(), data, kept, out, options,
            weights=shipped_folder() / "weights.json", report=report,
        )  # fmt: skip
    for lang, parts in scores.items():
        print(lang, "  ".join(f"{name} {score['f1']:.3f}" for name, score in parts.items()))
    print(f"written to {out}; use it with: policyextract extract CORPUS -o OUT --model {out}")
