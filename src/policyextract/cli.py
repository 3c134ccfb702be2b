"""The commands: options in, one library call, text out. Heavy packages are imported inside them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from policyextract.errors import PolicyExtractError

if TYPE_CHECKING:
    from policyextract.pipeline import Run
    from policyextract.types import Document

# Exit codes.
SOME_FAILED = 1
USAGE = 2
_LISTED = 10  # failures named in the closing summary; all stand in failures.csv

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


_Model = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="DIR_OR_HUB_ID", help="Reading model to use instead of the one that ships."
    ),
]
_NoModel = Annotated[bool, typer.Option("--no-model", help="Use the patterns alone.")]


@app.command()
def extract(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="Folder of documents, or one document.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the dataset; a dataset in it is replaced.")
    ],
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=0, help="Processes to use; 0 means one for each core.")
    ] = 0,
    model: _Model = None,
    no_model: _NoModel = False,
) -> None:
    """Write the targets of all documents in a folder as a dataset.

    Reads .txt, .md, .html, .pdf, .docx and .jsonl, English and Vietnamese, in folders at any depth. Writes
    targets.jsonl, targets.csv, targets.parquet, failures.csv, run.json and datapackage.json.

    Exits 0 if all files were read, 1 if some failed (failures.csv says why), 2 if there was nothing to do.
    """
    from policyextract.pipeline import extract_corpus

    with _bar() as progress:
        run = extract_corpus(
            corpus, out, workers=workers or _cores(), progress=progress, model=_chosen(model, no_model)
        )
    _summary(run)
    if run.failures:
        raise typer.Exit(SOME_FAILED)


def _chosen(model: str | None, no_model: bool) -> str | None:
    """The reading model that the two options name; raises BadParameter if they contradict each other."""
    from policyextract.pipeline import SHIPPED

    if model is not None and no_model:
        raise typer.BadParameter("--model and --no-model exclude each other")
    return None if no_model else model or SHIPPED


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _bar() -> Iterator[Callable[[int, int, int], None]]:
    """A progress bar on stderr, or nothing if that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _documents: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("extracting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files, {task.fields[documents]} documents"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, documents=0)
        yield lambda done, total, documents: bar.update(
            task, completed=done, total=total, documents=documents
        )


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
    model: _Model = None,
    no_model: _NoModel = False,
) -> None:
    """Show a document with its targets marked, and the table of its targets."""
    from policyextract import show as showing
    from policyextract.pipeline import extract

    document = _document(file, key)
    targets = extract(document, model=_chosen(model, no_model))
    if html is not None:
        _write(html, showing.as_html(document, targets))
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
        from policyextract.training import targets as training
    except ImportError as error:
        reason = f"training needs {error.name}: pip install 'policyextract[train]'"
        raise PolicyExtractError(reason) from None
    from policyextract.evaluate import load_gold
    from policyextract.pipeline import encoder_folder, shipped_folder

    documents = training.documents_of(gold, load_gold(gold))
    kept = documents[::held] if held else []
    learned = [one for i, one in enumerate(documents) if not held or i % held]
    options = training.Options(passes=passes / (1 + copies + (2 if copies else 0)), seed=seed, device=device)
    data = [*learned, *training.copies_of(learned, copies, seed, crops=2 if copies else 0)]
    with _steps() as report:
        scores = training.train(
            base or encoder_folder(), data, kept, out, options,
            weights=shipped_folder() / "weights.json", report=report,
        )  # fmt: skip
    for lang, parts in scores.items():
        print(lang, "  ".join(f"{name} {score['f1']:.3f}" for name, score in parts.items()))
    print(f"written to {out}; use it with: policyextract extract CORPUS -o OUT --model {out}")


@contextmanager
def _steps() -> Iterator[Callable[[int, int, dict[str, float]], None]]:
    """A bar of training steps on stderr, or nothing if that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _step, _steps, _losses: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=None)
        yield lambda step, steps, losses: bar.update(
            task, completed=step, total=steps, description=f"training, loss {sum(losses.values()):.2f}"
        )


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
        _write(json_file, scores.as_json())
    if errors is not None:
        _write(errors, scores.errors_csv(), "utf-8-sig")


def _write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write what an option asked for; raises PolicyExtractError if that cannot be done."""
    try:
        path.write_text(text, encoding=encoding)
    except OSError as error:
        reason = f"{path} cannot be written ({error.strerror}); name a file in a folder that exists"
        raise PolicyExtractError(reason) from None
