"""A process that works on one task at a time, and the handle by which it is fed, watched and ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from policyextract.errors import PolicyExtractError
from policyextract.pipeline.work import Extract, Outcome, Task, internal_error, work

__all__ = ["Prepare", "Worker"]

Prepare = Callable[[], object]
_DYING = 5.0  # seconds that a process has to be gone after it closed its pipe
_KILLED_FIRST = (
    500  # of 1000: where memory runs out the system ends a worker, not the process that has the rest
)
_PR_SET_PDEATHSIG = 1  # of prctl(2)


class Worker:
    """A process of its own; ``pipe`` is readable when it has something to say, or has died.

    It first says that it is ready (``hear`` gives None), then gives an Outcome for each task. ``task`` is what it
    works on, or will as soon as it is ready, with its number; ``done`` counts what it has finished.
    """

    def __init__(
        self, extract: Extract, prepare: Prepare | None, task: tuple[int, Task] | None = None
    ) -> None:
        context = get_context("spawn")  # a fork of a process with threads, such as a progress bar's, may hang
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, extract, prepare), daemon=True)
        try:
            with _without_interrupts():
                self._process.start()
        except OSError as error:
            self.pipe.close()
            raise PolicyExtractError(
                f"no process can be started to read documents ({error.strerror}); give fewer --workers"
            ) from error
        finally:
            theirs.close()
        self.task = task
        self.ready = False
        self.done = 0
        self._since = 0.0

    def give(self, task: tuple[int, Task]) -> None:
        """Send it a task; raises OSError if it has died."""
        self.pipe.send(task[1])
        self.task, self._since = task, time.monotonic()

    def hear(self) -> Outcome | None:
        """What it says; raises EOFError or OSError if it has died, PolicyExtractError if it cannot be prepared."""
        message = self.pipe.recv()
        if isinstance(message, PolicyExtractError):
            raise message
        if self.ready:
            self.done += 1
            self.task = None
        self.ready = True
        return message if isinstance(message, Outcome) else None

    @property
    def at_work(self) -> bool:
        """Whether a task was sent and nothing is heard of it yet."""
        try:
            return self.ready and self.task is not None and not self.pipe.poll()
        except OSError:  # on Windows, where it has died
            return False

    @property
    def seconds(self) -> float:
        """How long it has been at its task."""
        return time.monotonic() - self._since

    @property
    def mib(self) -> float:
        """The memory that it holds; 0 if it has died."""
        import psutil

        try:
            return float(psutil.Process(self._process.pid).memory_info().rss) / 2**20
        except psutil.Error:
            return 0.0

    def kill(self) -> None:
        """Tell the system to end the process, whatever it is doing."""
        with suppress(OSError):
            self._process.kill()

    def bury(self, patience: float = 0.0) -> int | None:
        """End the process, after ``patience`` seconds in which it may do so by itself; gives its exit code."""
        self._process.join(patience)
        self.kill()
        self._process.join()
        code = self._process.exitcode
        self._process.close()
        self.pipe.close()
        return code

    def died_of(self) -> str:
        """Bury it and say what it died of."""
        code = self.bury(_DYING)
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            if name == "SIGKILL":
                return (
                    "the system ended the process that read it, perhaps for want of memory; "
                    "split the file, or give fewer --workers"
                )
            return f"the process that read it crashed ({name}); please report this with the file"
        return (
            f"the process that read it ended by itself (exit code {code}); please report this with the file"
        )


def _serve(pipe: Connection, extract: Extract, prepare: Prepare | None) -> None:
    """What the process does: it gets ready, then works on what it is sent until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it ends it
    _die_first()
    _die_with_parent()
    with suppress(EOFError, BrokenPipeError, ConnectionError):
        try:
            if prepare is not None:
                prepare()
        except PolicyExtractError as error:
            pipe.send(error)
            return
        except Exception as error:
            what = f"a process that is to read documents cannot get ready: {type(error).__name__}: {error}"
            pipe.send(PolicyExtractError(what))
            return
        pipe.send(None)
        while True:
            task: Task = pipe.recv()
            outcome = work(task, extract)
            try:
                pipe.send(outcome)
            except OSError:
                raise
            except Exception as error:  # what the given function returned cannot be sent
                pipe.send(Outcome(task.name, failure=internal_error(task.path, error)))


def _die_first() -> None:
    """Offer this process to the system where memory runs out, on Linux."""
    with suppress(OSError):
        if sys.platform == "linux":
            score = Path("/proc/self/oom_score_adj")
            so_far = int(score.read_text(encoding="ascii"))  # of a process of a cluster it is more
            score.write_text(str(max(_KILLED_FIRST, so_far)), encoding="ascii")


def _die_with_parent() -> None:
    """Let nothing be left of a run that was killed, however busy this process is."""
    if sys.platform == "linux":  # a thread never gets its turn while, say, a regular expression runs away
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """A process started in here is never asked to stop by Ctrl-C; for this one the request waits."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
