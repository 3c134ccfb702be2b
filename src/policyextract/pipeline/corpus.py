"""A folder of documents → a dataset."""

from __future__ import annotations

import datetime as dt
import hashlib
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from policyextract import dataset
from policyextract.errors import DatasetError, ReadError
from policyextract.pipeline.document import extract as extract_document
from policyextract.pipeline.model import SHIPPED, reading_model, shipped_folder
from policyextract.pipeline.outcomes import Extract, Outcome, Task, internal_error, outcomes
from policyextract.read import find_files, read_all, written_name
from policyextract.types import Failure, Target

Progress = Callable[[int, int, int], object]
Input = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run over a corpus came to; ``out`` is the folder of the dataset, None if none was written."""

    documents: int
    targets: int
    failures: tuple[Failure, ...]
    seconds: float
    out: Path | None
    kept: tuple[Target, ...] = ()

    def load(self) -> list[Target]:
        """The targets, read back from the dataset if one was written."""
        return list(self.kept) if self.out is None else dataset.load(self.out)


def extract_corpus(
    folder: Path | str,
    out: Path | str | None = None,
    *,
    workers: int = 1,
    progress: Progress | None = None,
    model: Path | str | None = SHIPPED,
    extract: Extract | None = None,
) -> Run:
    """Targets of every document under ``folder``, written as a dataset to the folder ``out`` if one is given.

    Files are read in order of their paths, with a few documents in memory at a time; what cannot be read is
    among the failures. ``progress`` is told after each document: files begun, files in all, documents so far.
    ``model`` is the folder or hub's name of a reading model; with None the patterns decide alone. ``extract`` takes
    the place of the extraction of one document. More than one of ``workers`` needs the calling script to be guarded by ``if __name__ == "__main__"``.

    Raises ReadError if the folder is missing or holds no document, DatasetError if ``out`` cannot be written,
    ModelError if the model is missing or damaged.
    """
    began, clock = dt.datetime.now(dt.UTC), time.monotonic()
    folder, out = Path(folder), None if out is None else Path(out)
    files = _files(folder, out)
    if not any(file.suffix.lower() == ".jsonl" for file in files):  # its lines are worked on side by side
        workers = min(workers, len(files))
    if extract is None:
        reading_model(model)  # a model that cannot be loaded is one error now, not one for each document
        extract = partial(extract_document, model=model)
    tally = _Tally()
    inputs: list[Input] = []
    kept: list[Target] = []
    stream = outcomes(_tasks(folder, files, inputs), workers=workers, extract=extract)
    with nullcontext() if out is None else dataset.Writer(out) as writer:
        for outcome in stream:
            tally.count(outcome)
            if writer is None:
                kept.extend(outcome.targets)
            else:
                writer.add(outcome.targets, document=outcome.document)
            if progress is not None:
                progress(tally.files, len(files), tally.documents)
        if writer is not None:
            writer.close(tally.failures, _record(tally, inputs, workers, began, model))
    seconds = time.monotonic() - clock
    return Run(tally.documents, tally.targets, tuple(tally.failures), seconds, out, tuple(kept))


@dataclass(slots=True)
class _Tally:
    """The counts of a run so far."""

    files: int = 0
    documents: int = 0
    targets: int = 0
    failures: list[Failure] = field(default_factory=list)
    _file: str = ""

    def count(self, outcome: Outcome) -> None:
        self.files += outcome.file != self._file
        self._file = outcome.file
        if outcome.failure is None:
            self.documents += 1
            self.targets += len(outcome.targets)
        else:
            self.failures.append(outcome.failure)


def _record(
    tally: _Tally, inputs: list[Input], workers: int, began: dt.datetime, model: Path | str | None
) -> dict[str, Any]:
    """What run.json holds; the only file of a dataset that differs from run to run."""
    return {
        "versions": {
            "policyextract": _installed("policyextract"),
            "spacy": _installed("spacy"),
            "python": platform.python_version(),
        },
        "options": {"workers": workers},
        "model": _model(model),
        "counts": {
            "files": tally.files,
            "documents": tally.documents,
            "targets": tally.targets,
            "failures": len(tally.failures),
        },
        "started": began.isoformat(timespec="seconds"),
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "inputs": inputs,
    }


def _model(model: Path | str | None) -> dict[str, str | None] | None:
    """The name and checksum of the model's network, None without a model; no path of the machine."""
    if model is None:
        return None
    folder = shipped_folder() if model == SHIPPED else Path(model)
    return {"name": "targets" if model == SHIPPED else folder.name, "sha256": _sha256(folder / "model.onnx")}


def _installed(package: str) -> str | None:
    """The version of a package, None where it runs without being installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _files(folder: Path, out: Path | None) -> list[Path]:
    """The files to read; what lies in ``out`` is none of them. Raises ReadError or DatasetError."""
    if not folder.exists():
        raise ReadError(f"{folder} does not exist; name the folder that holds the documents")
    own = None if out is None else out.resolve()
    if own is not None and (own == folder.resolve() or own in folder.resolve().parents):
        raise DatasetError(
            f"the dataset would replace the documents; choose an output folder other than {out}"
        )
    files = [f for f in find_files(folder) if own is None or not f.resolve().is_relative_to(own)]
    if not files:
        raise ReadError(f"{folder} holds no .txt, .md, .html, .pdf, .docx or .jsonl file; nothing to extract")
    return files


def _tasks(folder: Path, files: list[Path], inputs: list[Input]) -> Iterator[Task]:
    """A task for each file, for a JSON Lines file one for each line; notes each file in ``inputs``."""
    for path in files:
        name = written_name(path.name if path == folder else path.relative_to(folder).as_posix())
        inputs.append({"path": name, "sha256": _sha256(path)})
        if path.suffix.lower() != ".jsonl":
            yield Task(name, path)
            continue
        try:
            for found in read_all(path, name=name):
                yield Task(name, found)
        except Exception as error:  # one file must not end a run
            yield Task(name, internal_error(name, error))


def _sha256(path: Path) -> str | None:
    """Checksum of a file, None if it cannot be opened."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
