"""policyextract review serve."""

from __future__ import annotations

from typing import Annotated

import typer

from policyextract.cli.review import CorpusName, Out, Store, review
from policyextract.errors import PolicyExtractError


@review.command()
def serve(
    out: Out,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to use; 0 takes a free one.")
    ] = 0,
    reviewer: Annotated[
        str, typer.Option("--reviewer", metavar="NAME", help="Who reviews; the page asks if not given.")
    ] = "",
    adjudicator: Annotated[
        bool, typer.Option("--adjudicator", help="Decisions on rows in conflict settle them.")
    ] = False,
    store: Store = None,
    corpus_name: CorpusName = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the link.")] = False,
) -> None:
    """Review in the browser: a page served on this machine only, with the text and its rows side by side.

    Prints a link that opens once. Stop it with Ctrl+C.
    """
    try:
        from policyextract.review.page import serve as run
    except ImportError as error:
        raise PolicyExtractError(f"the page needs {error.name}: pip install policyextract again") from None
    from policyextract.review import Desk
    from policyextract.review.drafts import named

    who = named(reviewer) if reviewer else ""
    with Desk.open(out, store, corpus_name) as desk:
        run(
            desk, port=port, reviewer=who, adjudicator=adjudicator, name=out.resolve().name,
            browser=not no_browser, say=lambda text: print(text, flush=True),
        )  # fmt: skip
