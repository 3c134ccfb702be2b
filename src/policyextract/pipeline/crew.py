"""Workers that are started as they are needed, watched, and replaced where they die or exceed a limit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait

from policyextract.errors import PolicyExtractError
from policyextract.pipeline.work import Outcome, Task, internal_error
from policyextract.pipeline.worker import Worker
from policyextract.types import Failure

__all__ = ["NO_LIMITS", "Crew", "Limits"]

_LOOK = 0.05  # seconds between two looks at the memory of the workers
_STARTS = 3  # workers in a row that may die before they are ready

Numbered = tuple[int, Task]
Result = tuple[int, Task, Outcome]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may take: seconds, and MiB of memory of the process that reads it; None for no limit."""

    seconds: float | None = None
    mib: float | None = None

    def __bool__(self) -> bool:
        return self.seconds is not None or self.mib is not None


NO_LIMITS = Limits()


class Crew:
    """Up to ``count`` workers made by ``start``, each with one task at a time.

    A document at which a worker dies is a Failure if the worker had done nothing before; else, since the fault may
    be with what it did before, it is given to a new one.
    """

    def __init__(self, count: int, start: Callable[[Numbered | None], Worker], limits: Limits) -> None:
        self._count = count
        self._start = start
        self._limits = limits
        self._workers: list[Worker] = []
        self._queue: deque[Numbered] = deque()
        self._lost_starts = 0

    @property
    def hungry(self) -> bool:
        """Whether it should be given more tasks."""
        return len(self._queue) < self._count

    def take(self, number: int, task: Task) -> None:
        """Queue a task and, if a worker is free for it, have it begin."""
        self._queue.append((number, task))
        self._hand_out()

    def results(self, *, block: bool) -> Iterator[Result]:
        """What is done by now; with ``block`` it waits until something has happened."""
        self._hand_out()
        pipes = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(pipes), self._patience() if block else 0) if pipes else ():
            yield from self._hear(pipes[pipe])  # type: ignore[index]
        if self._limits:
            yield from self._police()
        self._hand_out()

    def dismiss(self) -> None:
        """End all workers at once, whatever they are doing."""
        for worker in self._workers:
            worker.kill()
        while self._workers:
            self._workers.pop().bury()

    def _hand_out(self) -> None:
        free = [worker for worker in self._workers if worker.ready and worker.task is None]
        starting = sum(not worker.ready and worker.task is None for worker in self._workers)
        while self._queue:
            if free:
                self._give(free.pop(), self._queue.popleft())
            elif len(self._workers) < self._count and starting < len(self._queue):
                self._workers.append(self._start(None))
                starting += 1
            else:
                return

    def _give(self, worker: Worker, task: Numbered) -> None:
        try:
            worker.give(task)
        except OSError:  # it died while it had nothing to do
            self._queue.appendleft(task)
            worker.task = None
            self._drop(worker)
            worker.bury()

    def _drop(self, worker: Worker) -> None:
        self._workers.remove(worker)

    def _hear(self, worker: Worker) -> Iterator[Result]:
        task, was_ready = worker.task, worker.ready
        try:
            outcome = worker.hear()
        except (EOFError, OSError):
            self._drop(worker)
            yield from self._mourn(worker, "InternalError", worker.died_of())
            return
        except PolicyExtractError:
            raise
        except Exception as error:  # what it sent cannot be read
            self._drop(worker)
            yield from self._mourn(worker, "InternalError", internal_error("", error).reason)
            worker.bury()
            return
        if not was_ready:
            self._began(worker)
        elif task is not None and outcome is not None:
            yield *task, outcome

    def _began(self, worker: Worker) -> None:
        self._lost_starts = 0
        mib = self._limits.mib
        if mib is not None and (held := worker.mib) >= mib:
            raise PolicyExtractError(
                f"a limit of {mib:g} MiB is less than the {held:.0f} MiB that a process holds before it reads "
                f"anything; allow at least {2 * held:.0f} MiB"
            )
        if worker.task is not None:
            self._give(worker, worker.task)

    def _mourn(self, worker: Worker, error: str, reason: str) -> Iterator[Result]:
        """What becomes of the task of a worker that is gone."""
        task = worker.task
        if not worker.ready:
            self._lost_starts += 1
            if self._lost_starts >= _STARTS:
                raise PolicyExtractError(
                    "the processes that are to read documents end before they have begun; if a script of "
                    'yours started them, guard it by if __name__ == "__main__"'
                )
            if task is not None:
                self._workers.append(self._start(task))
        elif task is not None and worker.done and error != "TimeLimit":
            self._workers.append(self._start(task))
        elif task is not None:
            yield *task, Outcome(task[1].name, failure=Failure(task[1].path, error, reason))

    def _police(self) -> Iterator[Result]:
        """End the workers that exceed a limit."""
        for worker in [worker for worker in self._workers if worker.at_work]:
            exceeded = self._exceeded(worker)
            if exceeded is not None:
                self._drop(worker)
                worker.bury()
                yield from self._mourn(worker, *exceeded)

    def _exceeded(self, worker: Worker) -> tuple[str, str] | None:
        seconds, mib = self._limits.seconds, self._limits.mib
        if seconds is not None and worker.seconds > seconds:
            reason = f"reading it took longer than the limit of {seconds:g} seconds; allow more by --timeout, or split the file"
            return "TimeLimit", reason
        if mib is not None and worker.mib > mib:
            reason = f"reading it took more than the limit of {mib:g} MiB of memory; allow more by --memory, or split the file"
            return "MemoryLimit", reason
        return None

    def _patience(self) -> float | None:
        """How long to wait for a word before the limits are to be looked at again."""
        busy = [worker for worker in self._workers if worker.ready and worker.task is not None]
        if not busy or not self._limits:
            return None
        seconds = self._limits.seconds
        left = None if seconds is None else max(0.0, min(seconds - worker.seconds for worker in busy)) + 0.001
        if self._limits.mib is None:
            return left
        return _LOOK if left is None else min(left, _LOOK)
