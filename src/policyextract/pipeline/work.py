"""One task → what comes of it, whatever goes wrong short of the process dying."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policyextract.errors import ReadError
from policyextract.read import Ocr, read
from policyextract.types import Document, Failure, Target

__all__ = ["Extract", "Outcome", "Task", "internal_error", "known", "work"]

Extract = Callable[[Document], Sequence[Target]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document: it and its targets, or the Failure that stands for it."""

    file: str
    targets: tuple[Target, ...] = ()
    failure: Failure | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A file of one document, or a document that was read already, and the file's name in the corpus.

    A Failure or an Outcome stands for what is known before any work. ``key`` is the checksum of the content, None
    where there is none; by it a result is found again. ``ocr`` reads what pictures of pages it has, see ``read``.
    """

    name: str
    source: Path | Document | Failure | Outcome
    key: str | None = None
    ocr: Ocr | None = None

    @property
    def path(self) -> str:
        """The path that the document, or a failure of this task, goes by."""
        return self.source.path if isinstance(self.source, Document | Failure) else self.name

    @property
    def known(self) -> bool:
        """Whether there is nothing to work on."""
        return isinstance(self.source, Failure | Outcome)


def work(task: Task, extract: Extract) -> Outcome:
    """What comes of a task; an error that a stage did not foresee becomes a Failure called InternalError."""
    source = task.source
    if isinstance(source, Outcome | Failure):
        return known(task.name, source)
    try:
        document = source if isinstance(source, Document) else read(source, name=task.name, ocr=task.ocr)
        return Outcome(task.name, tuple(extract(document)), document=document)
    except ReadError as error:
        return Outcome(task.name, failure=Failure(task.path, type(error).__name__, str(error)))
    except Exception as error:  # one document must not end a run
        return Outcome(task.name, failure=internal_error(task.path, error))


def known(name: str, source: Outcome | Failure) -> Outcome:
    """What comes of a task of that name on which there is nothing to work."""
    return source if isinstance(source, Outcome) else Outcome(name, failure=source)


def internal_error(path: str, error: Exception) -> Failure:
    """A Failure that says where the error rose, without paths of this machine."""
    frames = traceback.extract_tb(error.__traceback__)
    where = (
        f" (in {Path(frames[-1].filename).stem}.{frames[-1].name}, line {frames[-1].lineno})"
        if frames
        else ""
    )
    what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return Failure(path, "InternalError", f"{what}{where}; please report this with the file")
