"""The program: its options, and how errors become exit codes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from policyextract.errors import PolicyExtractError

# Exit codes.
SOME_FAILED = 1
USAGE = 2

app = typer.Typer(
    help="Reads quantified targets (metric, value, level, year, locality) out of policy texts.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; exits 0 if all went well, 1 if some files failed, 2 on wrong usage."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console or LANG=C cannot write Vietnamese otherwise
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="policyextract")
    except PolicyExtractError as error:
        print(f"policyextract: {error}", file=sys.stderr)
        sys.exit(USAGE)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"policyextract {version('policyextract')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass
