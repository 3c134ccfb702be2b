"""Options that several commands share, and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from policyextract.errors import PolicyExtractError

Model = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="DIR_OR_HUB_ID", help="Reading model to use instead of the one that ships."
    ),
]
NoModel = Annotated[bool, typer.Option("--no-model", help="Use the patterns alone.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0.1, help="Give a document up after so many seconds."),
]
Memory = Annotated[
    float | None,
    typer.Option(
        "--memory",
        metavar="MIB",
        min=1,
        help="Give a document up if the process that reads it takes more memory.",
    ),
]


def chosen(model: str | None, no_model: bool) -> str | None:
    """The reading model that the two options name; raises BadParameter if they contradict each other."""
    from policyextract.pipeline import SHIPPED

    if model is not None and no_model:
        raise typer.BadParameter("--model and --no-model exclude each other")
    return None if no_model else model or SHIPPED


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write what an option asked for; raises PolicyExtractError if that cannot be done."""
    try:
        path.write_text(text, encoding=encoding)
    except OSError as error:
        reason = f"{path} cannot be written ({error.strerror}); name a file in a folder that exists"
        raise PolicyExtractError(reason) from None
