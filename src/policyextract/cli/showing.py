"""policyextract show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyextract.cli.app import SOME_FAILED, app
from policyextract.cli.options import Model, NoModel, chosen, write

if TYPE_CHECKING:
    from policyextract.types import Document


@app.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A document.")],
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a page of HTML that needs no other file here instead."),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--id", help="The text to show of a JSON Lines file; else its first.")
    ] = None,
    model: Model = None,
    no_model: NoModel = False,
) -> None:
    """Show a document with its targets marked, and the table of its targets."""
    from policyextract import show as showing
    from policyextract.pipeline import extract

    document = _document(file, key)
    targets = extract(document, model=chosen(model, no_model))
    if html is not None:
        write(html, showing.as_html(document, targets))
        print(f"written to {html}")
        return
    from rich.console import Console

    Console(highlight=False).print(showing.as_terminal(document, targets))


def _document(file: Path, key: str | None) -> Document:
    """The document of a file, of a JSON Lines file the one with the id ``key`` or the first."""
    from policyextract.read import read_all, written_name
    from policyextract.types import Failure

    reason, unread = "no text" if key is None else f"no text with the id {key!r}", ""
    for found in read_all(file):
        wanted = key is None or found.path == f"{written_name(file.name)}#{key}"
        if isinstance(found, Failure):
            if wanted:
                reason, unread = found.reason, ""
                break
            unread = unread or f"; lines of it could not be read, the first is {found.reason}"
        elif wanted:
            return found
    print(f"policyextract: {file.name}: {reason}{unread}", file=sys.stderr)
    raise typer.Exit(SOME_FAILED)
