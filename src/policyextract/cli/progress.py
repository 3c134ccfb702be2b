"""Bars on standard error, or nothing where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def documents_bar() -> Iterator[Callable[[int, int, int], None]]:
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


@contextmanager
def steps_bar() -> Iterator[Callable[[int, int, dict[str, float]], None]]:
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
