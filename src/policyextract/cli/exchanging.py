"""policyextract export-tasks and import-tasks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from policyextract.cli.app import SOME_FAILED, app
from policyextract.cli.review import CorpusName, Out, Store

if TYPE_CHECKING:
    from policyextract.review import Decision

_FORMAT = typer.Option(
    "--format", help="label-studio (JSON) or docbin (spaCy); by the file's ending if not given."
)
Format = Annotated[Literal["label-studio", "docbin"] | None, _FORMAT]


@app.command("export-tasks")
def export_tasks(
    out: Out,
    file: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="tasks.json or corpus.spacy.")],
    kind: Format = None,
    store: Store = None,
    corpus_name: CorpusName = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write documents and rows for another tool.

    Label Studio takes the tasks; spaCy, and what is built on it, the DocBin. Rows are written as they were decided, else as they were extracted; rejected ones are left out. Beside the tasks
    for Label Studio stands the labelling configuration for the project, an .xml file.
    """
    from policyextract import exchange
    from policyextract.review import Desk

    with Desk.open(out, store, corpus_name) as desk:
        files, documents, rows = exchange.export_tasks(desk, file, _format(kind, file), force=force)
    print(f"documents  {documents}")
    print(f"rows       {rows}")
    print(f"written to {' and '.join(map(str, files))}")


@app.command("import-tasks")
def import_tasks(
    out: Out,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Label Studio's export as JSON, or a DocBin.")],
    reviewer: Annotated[str, typer.Option("--reviewer", help="Whose decisions they are.")],
    kind: Format = None,
    annotator: Annotated[
        str | None,
        typer.Option(
            "--annotator", help="E-mail address or id in Label Studio, if several people annotated."
        ),
    ] = None,
    store: Store = None,
    corpus_name: CorpusName = None,
) -> None:
    """Take back what was annotated in another tool.

    It becomes decisions of a reviewer. A row that was left as it is counts as accepted, one with other fields or another span as edited, one that was
    deleted as rejected, a new one as added. All of the file is saved or nothing.

    Exits 0 if everything was taken, 1 if documents were passed over because their text has changed or is gone.
    """
    from policyextract import exchange
    from policyextract.review import Desk

    with Desk.open(out, store, corpus_name) as desk:
        found = exchange.import_tasks(desk, file, _format(kind, file), reviewer, annotator=annotator)
    print(f"decisions  {found.decisions.total()}" + _counts(found.decisions))
    print(f"new        {found.saved}")
    for line in found.skipped:
        print(f"passed over: {line}")
    if found.skipped:
        raise typer.Exit(SOME_FAILED)


def _counts(decisions: Counter[Decision]) -> str:
    said = ", ".join(
        f"{decisions[name]} {name}" for name in ("accept", "reject", "edit", "add") if decisions[name]
    )
    return f" ({said})" if said else ""


def _format(kind: Literal["label-studio", "docbin"] | None, file: Path) -> Literal["label-studio", "docbin"]:
    """The format asked for, else that of the file's ending."""
    if kind is not None:
        return kind
    match file.suffix.lower():
        case ".json":
            return "label-studio"
        case ".spacy":
            return "docbin"
    raise typer.BadParameter(f"{file.name} does not say which format it is; give --format")
