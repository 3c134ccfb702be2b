"""What runs on the machines of a cluster: files in, what came of their documents out.

Reading is done by a process of its own under each actor, as in a local run: so that a document which ends its
process, or exceeds a limit, is the same failure.
"""

from __future__ import annotations

import pickle
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from policyextract.errors import PolicyExtractError
from policyextract.pipeline.crew import Crew, Limits
from policyextract.pipeline.outcomes import through
from policyextract.pipeline.sources import file_sha256, tasks_of
from policyextract.pipeline.version import version_of
from policyextract.pipeline.work import Extract, Outcome, Task
from policyextract.pipeline.worker import Prepare, Worker
from policyextract.read import Copies, Ocr, Source
from policyextract.types import Failure

__all__ = ["Came", "Job", "Ledger", "Sent", "Station", "opened", "packed", "unpacked"]

_TRIES = 3  # times that a document may be begun without an end, after the first
Batch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What every machine is told: how to extract, ``version`` of the code and model, and the folder of the corpus."""

    extract: Extract
    prepare: Prepare | None
    model: str | None
    version: str
    limits: Limits
    root: Path | None
    ocr: Ocr | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The file of that number, or a document of it; ``known`` are checksums of content that need not be read."""

    number: int
    source: Source
    known: Mapping[str, str] = field(default_factory=dict)
    task: Task | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a document of the file of that number; ``outcome`` is None if it is known already.

    ``content`` is the checksum of the file, ``key`` that of the document, by which the outcome is kept, ``error``
    what keeps this machine from reading anything.
    """

    number: int
    path: str
    content: str | None = None
    key: str | None = None
    outcome: Outcome | None = None
    error: PolicyExtractError | None = None


def packed(rows: Iterable[Sent | Came]) -> Batch:
    """Rows as Ray carries them."""
    import numpy as np

    return {"row": np.array([pickle.dumps(row) for row in rows], dtype=object)}


def unpacked(batch: Batch) -> list[Any]:
    """The rows of a batch."""
    return [pickle.loads(row) for row in batch["row"]]


class Ledger:
    """Counts how often something was begun without being ended; one for a run, outside what may die."""

    def __init__(self) -> None:
        self._begun: dict[str, int] = {}

    def begin(self, what: str) -> int:
        """The times that it has been begun, with this one."""
        self._begun[what] = self._begun.get(what, 0) + 1
        return self._begun[what]

    def end(self, what: str) -> None:
        """It has been brought to an end."""
        self._begun.pop(what, None)


def opened(root: Path | None, batch: Batch) -> Iterator[Batch]:
    """The documents of the JSON Lines files of a batch, one by one, and all other files as they came."""
    if root is not None and not root.exists():  # who comes next will say so
        yield batch
        return
    copies = Copies()
    try:
        for sent in unpacked(batch):
            if not sent.source.many:
                yield packed([sent])
                continue
            for task, content in tasks_of(sent.source, copies, None):
                known = {task.path: task.key} if task.key and sent.known.get(task.path) == task.key else {}
                if known:
                    task = replace(task, source=Failure(task.path, "", ""))  # its text need not travel
                yield packed([replace(sent, known=known, task=task, content=content)])
    finally:
        copies.close()


class Station:
    """One actor: a process that reads, started at the first batch, and what comes of the files that it is sent."""

    def __init__(self, job: Job, ledger: Any) -> None:
        self._job = job
        self._ledger = ledger
        self._copies = Copies()
        self._crew: Crew | None = None
        self._wrong: PolicyExtractError | None = None

    def __call__(self, batch: Batch) -> Iterator[Batch]:
        """A batch of Came for a batch of Sent, in the same order."""
        sent: list[Sent] = unpacked(batch)
        try:
            crew = self._ready()
            first = _name(sent[0])
            if self._tell("begin", f"batch {first}") == 1:
                came = self._work(crew, sent)
            else:  # this batch has ended a process before: which of its documents did?
                came = self._work_with_care(crew, sent)
            for one in came:
                yield packed([one])
            self._tell("end", f"batch {first}")
        except PolicyExtractError as error:
            self._wrong = error
            yield packed([Came(sent[0].number, sent[0].source.name, error=error)])

    def _ready(self) -> Crew:
        """The process that reads; raises PolicyExtractError if this machine is not fit for the job."""
        if self._wrong is not None:
            raise self._wrong
        if self._crew is None:
            check(self._job)
            start = partial(Worker, self._job.extract, self._job.prepare)
            self._crew = Crew(1, start, self._job.limits)
        return self._crew

    def _work(self, crew: Crew, sent: Iterable[Sent]) -> Iterator[Came]:
        about: list[tuple[Sent, Task, str | None]] = []
        for number, outcome in enumerate(through(crew, self._tasks(sent, about), done=self._done)):
            one, task, content = about[number]
            if task.key is not None and one.known.get(task.path) == task.key:
                yield Came(one.number, task.path, content, task.key)
                continue
            key = task.key
            if isinstance(one.source.place, Path) and not one.source.many:
                key = key if file_sha256(one.source.place) == key else None  # it changed meanwhile
            yield Came(one.number, task.path, content, key, outcome)

    def _work_with_care(self, crew: Crew, sent: Iterable[Sent]) -> Iterator[Came]:
        for one in sent:
            name = _name(one)
            if self._tell("begin", name) > _TRIES:
                yield Came(one.number, name, one.content, outcome=_given_up(one))
            else:
                yield from self._work(crew, [one])
            self._tell("end", name)

    def _tasks(self, sent: Iterable[Sent], about: list[tuple[Sent, Task, str | None]]) -> Iterator[Task]:
        """The tasks of files and documents; notes in ``about`` what each is of."""
        for one in sent:
            given = (
                [(one.task, one.content)]
                if one.task is not None
                else tasks_of(one.source, self._copies, self._job.ocr)
            )
            for task, content in given:
                about.append((one, task, content))
                if task.key is not None and one.known.get(task.path) == task.key:
                    self._done(task)
                    yield replace(task, source=Outcome(task.name))
                else:
                    yield task

    def _done(self, task: Task, _: Outcome | None = None) -> None:
        if isinstance(task.source, Path):
            self._copies.drop(task.source)

    def _tell(self, what: str, name: str) -> int:
        import ray

        count: int | None = ray.get(getattr(self._ledger, what).remote(name))
        return count or 0


def check(job: Job) -> None:
    """Raises PolicyExtractError if this machine would read otherwise than the one that asks, or cannot."""
    here = socket.gethostname()
    if version_of(job.model) != job.version:
        raise PolicyExtractError(
            f"{here} has another version of policyextract, its model, Python, or a package that it reads with; install the "
            "same on all machines of the cluster"
        )
    if job.root is not None and not job.root.exists():
        raise PolicyExtractError(
            f"{here} does not see {job.root}; put the documents on a drive that all machines of the cluster share, or "
            "name them by URL"
        )


def _name(sent: Sent) -> str:
    return sent.source.name if sent.task is None else sent.task.path


def _given_up(sent: Sent) -> Outcome:
    name = _name(sent)
    reason = (
        f"the actors of Ray that were to read it ended {_TRIES} times, perhaps for want of memory; split the file, or "
        "give --memory"
    )
    return Outcome(sent.source.name, failure=Failure(name, "InternalError", reason))
