"""Where the documents of a corpus are read: by processes of this machine, or by a Ray cluster."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from policyextract.errors import DatasetError, PolicyExtractError
from policyextract.pipeline.crew import Limits
from policyextract.pipeline.kept import Kept
from policyextract.pipeline.outcomes import outcomes
from policyextract.pipeline.sources import Corpus, file_sha256, ocr_for, tasks_of
from policyextract.pipeline.version import version_of
from policyextract.pipeline.work import Extract, Outcome, Task
from policyextract.pipeline.worker import Prepare
from policyextract.read import Copies, Ocr
from policyextract.storage import Remote

__all__ = ["Engine", "Input", "Stage", "on_ray", "on_this_machine"]

Engine = Literal["local", "ray"]
Input = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Stage:
    """How a document is read and extracted, and what names that: ``version`` is None if nothing does."""

    extract: Extract
    prepare: Prepare | None
    model: Path | str | None
    version: str | None
    ocr: Ocr | None


def on_this_machine(
    corpus: Corpus,
    stage: Stage,
    cache: Kept | None,
    workers: int | None,
    limits: Limits,
    inputs: list[Input],
) -> Generator[Outcome, None, None]:
    """What comes of each document, in order; notes each file in ``inputs`` and keeps what was read in ``cache``."""
    copies = Copies()
    if workers is not None and not corpus.many:
        workers = min(workers, len(corpus.sources))  # the lines of a .jsonl are worked on side by side

    def done(task: Task, outcome: Outcome) -> None:
        if cache is not None:
            _keep(cache, task, outcome)
        if isinstance(task.source, Path):
            copies.drop(task.source)

    def tasks() -> Iterator[Task]:
        for source in corpus.sources:
            first = True
            for task, content in tasks_of(source, copies, stage.ocr):
                if first:
                    inputs.append({"path": source.name, "sha256": content})
                    first = False
                answered = task if cache is None else cache.answer(task)
                if answered.known and isinstance(task.source, Path):
                    copies.drop(task.source)
                yield answered

    stream = outcomes(
        tasks(), workers=workers, limits=limits, extract=stage.extract, prepare=stage.prepare, done=done
    )
    try:
        with closing(stream):
            yield from stream
    finally:
        copies.close()


def on_ray(
    corpus: Corpus,
    stage: Stage,
    cache: Kept | None,
    workers: int | None,
    limits: Limits,
    inputs: list[Input],
    address: str | None,
) -> Generator[Outcome, None, None]:
    """The same by a Ray cluster; what ``cache`` has of the same content is found by the machines that look at it."""
    from policyextract.pipeline.spread import spread
    from policyextract.pipeline.station import Job, Sent

    root = _reachable(corpus)
    files = [
        Sent(
            number,
            replace(source, place=source.place.absolute()) if isinstance(source.place, Path) else source,
            {} if cache is None else cache.known(source.name, ocr_for(source.name, stage.ocr)),
        )
        for number, source in enumerate(corpus.sources)
    ]
    model = None if stage.model is None else str(stage.model)
    job = Job(stage.extract, stage.prepare, model, version_of(stage.model), limits, root, stage.ocr)
    stream = spread(files, job, workers=workers, cores=_cores(), address=address, many=corpus.many)
    with closing(stream):
        for came in stream:
            source = corpus.sources[came.number]
            if came.number == len(inputs):
                inputs.append({"path": source.name, "sha256": came.content})
            task = Task(came.path, Path(), came.key, ocr_for(source.name, stage.ocr))
            if came.outcome is not None:
                if cache is not None:
                    cache.keep(task, came.outcome)
                yield came.outcome
                continue
            kept = None if cache is None else cache.answer(task).source
            if not isinstance(kept, Outcome):
                raise DatasetError("what an earlier run has kept is damaged; give the same command again")
            yield replace(kept, file=source.name)


def _reachable(corpus: Corpus) -> Path | None:
    """The corpus as a path that all machines must see, None if it is named by URL."""
    if isinstance(corpus.root, Remote):
        if corpus.root.system.protocol == "memory":
            raise PolicyExtractError(
                f"{corpus.root} is in the memory of this process, where no other can read it"
            )
        return None
    return corpus.root.absolute()


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _keep(cache: Kept, task: Task, outcome: Outcome) -> None:
    """Keep an outcome, unless the file changed between its checksum and its reading."""
    if not isinstance(task.source, Path) or file_sha256(task.source) == task.key:
        cache.keep(task, outcome)
