"""Files and documents → what comes of each: in order, on one or more processes, whatever goes wrong."""

from __future__ import annotations

import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from policyextract.pipeline.document import extract
from policyextract.read import read_all
from policyextract.types import Document, Failure, Target

Extract = Callable[[Document], Sequence[Target]]
_AHEAD = 4  # tasks given out per process: enough to keep all busy behind one slow file


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document: it and its targets, or the Failure that stands for it."""

    file: str
    targets: tuple[Target, ...] = ()
    failure: Failure | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read, or one document of it that was read already, and the file's name in the corpus."""

    name: str
    source: Path | Document | Failure

    @property
    def path(self) -> str:
        """The path that a failure of this task goes by."""
        return self.name if isinstance(self.source, Path) else self.source.path


def outcomes(tasks: Iterable[Task], *, workers: int = 1, extract: Extract = extract) -> Iterator[Outcome]:
    """What comes of each document, in the order of the tasks, whatever the number of processes.

    Holds a few documents at a time. An error that a stage did not foresee becomes a Failure called
    InternalError, as does a process that dies.
    """
    if workers <= 1:
        for task in tasks:
            yield from _work(task, extract)
        return
    queue: deque[tuple[Task, Future[list[Outcome]]]] = deque()
    pool = _pool(workers)
    try:
        for task in tasks:
            if len(queue) >= _AHEAD * workers:
                yield from _result(*queue.popleft(), extract)
            try:
                future = pool.submit(_work_all, task, extract)
            except BrokenProcessPool:
                pool = _pool(workers)
                future = pool.submit(_work_all, task, extract)
            queue.append((task, future))
        while queue:
            yield from _result(*queue.popleft(), extract)
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(workers: int) -> ProcessPoolExecutor:
    """Processes that start clean: a fork of a process with threads (a progress bar) may hang."""
    return ProcessPoolExecutor(workers, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))


def _result(task: Task, future: Future[list[Outcome]], extract: Extract) -> list[Outcome]:
    """The outcomes of a task; in a process of its own if the one it was given to died."""
    try:
        return future.result()
    except BrokenProcessPool:
        pass
    with _pool(1) as pool:
        try:
            return pool.submit(_work_all, task, extract).result()
        except BrokenProcessPool:
            reason = "the system ended the process that read it, perhaps for want of memory; split the file"
            return [Outcome(task.name, failure=Failure(task.path, "InternalError", reason))]


def _work_all(task: Task, extract: Extract) -> list[Outcome]:
    return list(_work(task, extract))


def _work(task: Task, extract: Extract) -> Iterator[Outcome]:
    if not isinstance(task.source, Path):
        yield _outcome(task.name, task.source, extract)
        return
    try:
        for found in read_all(task.source, name=task.name):
            yield _outcome(task.name, found, extract)
    except Exception as error:  # one file must not end a run
        yield Outcome(task.name, failure=internal_error(task.name, error))


def _outcome(name: str, found: Document | Failure, extract: Extract) -> Outcome:
    if isinstance(found, Failure):
        return Outcome(name, failure=found)
    try:
        return Outcome(name, tuple(extract(found)), document=found)
    except Exception as error:  # one document must not end a run
        return Outcome(name, failure=internal_error(found.path, error))


def internal_error(path: str, error: Exception) -> Failure:
    """A Failure that says where the error rose, without paths of this machine."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).stem}.{frame.name}, line {frame.lineno}"
    what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return Failure(path, "InternalError", f"{what} (in {where}); please report this with the file")
