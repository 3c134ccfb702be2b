"""Files and documents → what comes of each: in order, in this process or on others, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from functools import partial

from policyextract.pipeline.crew import NO_LIMITS, Crew, Limits
from policyextract.pipeline.document import extract
from policyextract.pipeline.work import Extract, Outcome, Task, known, work
from policyextract.pipeline.worker import Prepare, Worker
from policyextract.types import Failure

__all__ = ["Done", "outcomes", "through"]

Done = Callable[[Task, Outcome], object]
AHEAD = 16  # tasks taken up per process before the first is done: a slow file must not stop the others


def outcomes(
    tasks: Iterable[Task],
    *,
    workers: int | None = None,
    extract: Extract = extract,
    prepare: Prepare | None = None,
    limits: Limits = NO_LIMITS,
    done: Done | None = None,
) -> Generator[Outcome, None, None]:
    """What comes of each task, in the order of the tasks, whatever the number of processes.

    Without ``workers`` all is done in this process; with them, a document whose reading ends a process, or exceeds
    ``limits``, is a Failure called InternalError, TimeLimit or MemoryLimit. ``prepare`` is called in each process
    before its first document, and what it raises rises here. ``done`` is told of what was worked on at the moment it
    is done, which may be out of order.
    """
    if workers is None and not limits:
        return _here(tasks, extract, prepare, done)
    return _elsewhere(tasks, workers or 1, partial(Worker, extract, prepare), limits, done)


def _here(
    tasks: Iterable[Task], extract: Extract, prepare: Prepare | None, done: Done | None
) -> Generator[Outcome, None, None]:
    for task in tasks:
        if prepare is not None and not task.known:
            prepare()
            prepare = None
        outcome = work(task, extract)
        if done is not None and not task.known:
            done(task, outcome)
        yield outcome


def _elsewhere(
    tasks: Iterable[Task],
    workers: int,
    start: Callable[[tuple[int, Task] | None], Worker],
    limits: Limits,
    done: Done | None,
) -> Generator[Outcome, None, None]:
    crew = Crew(workers, start, limits)
    try:
        yield from through(crew, tasks, workers, done)
    finally:
        crew.dismiss()


def through(
    crew: Crew, tasks: Iterable[Task], workers: int = 1, done: Done | None = None
) -> Generator[Outcome, None, None]:
    """What comes of each task, in their order, from a crew of so many workers, which has no other task meanwhile."""
    numbered = enumerate(tasks)
    waiting: dict[int, Outcome] = {}
    taken = given = 0
    more = True

    def room() -> bool:
        return more and crew.hungry and taken - given < AHEAD * workers

    while more or given < taken:
        while room():
            number, task = next(numbered, (taken, None))
            if task is None:
                more = False
            elif isinstance(task.source, Outcome | Failure):
                waiting[number] = known(task.name, task.source)
            else:
                crew.take(number, task)
            taken += task is not None
        while given in waiting:
            yield waiting.pop(given)
            given += 1
        for number, task, outcome in crew.results(block=given < taken and not room()):
            waiting[number] = outcome
            if done is not None:
                done(task, outcome)
