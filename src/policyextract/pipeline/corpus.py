"""A folder of documents → a dataset."""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from policyextract import dataset
from policyextract.pipeline.crew import NO_LIMITS, Limits
from policyextract.pipeline.document import extract as extract_document
from policyextract.pipeline.document import prepare
from policyextract.pipeline.engines import Engine, Input, Stage, on_ray, on_this_machine
from policyextract.pipeline.kept import NAME, Kept
from policyextract.pipeline.model import SHIPPED, model_folder
from policyextract.pipeline.sources import corpus_of, file_sha256
from policyextract.pipeline.version import installed, version_of
from policyextract.pipeline.work import Extract, Outcome
from policyextract.read import DOUBTFUL, Ocr
from policyextract.storage import Remote, place
from policyextract.types import Document, Failure, Target

Progress = Callable[[int, int, int], object]


@dataclass(frozen=True, slots=True)
class DoubtfulPage:
    """A page, counted from 1, that is a picture, and how sure OCR read it: 0 if not at all."""

    doc: str
    page: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Run:
    """What a run over a corpus came to; ``out`` is where the dataset lies, None if none was written.

    ``taken_over`` of the documents, or of the failures, are known from an earlier run. ``doubtful`` are the pictures of
    pages that OCR did not read well or, without OCR, not at all, though the document has other text.
    """

    documents: int
    targets: int
    failures: tuple[Failure, ...]
    seconds: float
    out: Path | Remote | None
    kept: tuple[Target, ...] = ()
    taken_over: int = 0
    doubtful: tuple[DoubtfulPage, ...] = ()

    def load(self) -> list[Target]:
        """The targets, read back from the dataset if one was written."""
        if self.out is None:
            return list(self.kept)
        return dataset.load_remote(self.out) if isinstance(self.out, Remote) else dataset.load(self.out)


def extract_corpus(
    folder: Path | str,
    out: Path | str | None = None,
    *,
    workers: int | None = None,
    limits: Limits = NO_LIMITS,
    fresh: bool = False,
    progress: Progress | None = None,
    model: Path | str | None = SHIPPED,
    extract: Extract | None = None,
    version: str | None = None,
    engine: Engine = "local",
    ray_address: str | None = None,
    ocr: Ocr | None = None,
) -> Run:
    """Targets of every document under ``folder``, written as a dataset to the folder ``out`` if one is given.

    Both may be URLs that fsspec knows, such as ``s3://bucket/texts``.

    Files are read in order of their paths, with a few documents in memory at a time; what cannot be read is
    among the failures. A run goes on where another one into ``out`` was stopped, and takes over what has not changed
    since an earlier one, unless it is ``fresh``. ``progress`` is told after each document: files begun, files in all,
    documents so far. ``model`` is the folder or hub's name of a reading model; with None the patterns decide alone.

    ``workers`` are processes; a document that ends one of them, or exceeds ``limits``, is a failure. Without either,
    documents are read in this process. A script that asks for them must be guarded by ``if __name__ == "__main__"``.
    ``extract`` takes the place of the extraction of one document; its results are only taken over if ``version`` names
    what it does. ``ocr``, which ``policyextract.read.find_ocr`` gives, reads the pages of PDF files that are pictures.

    The engine "ray" has the documents read by the machines of a Ray cluster: the one at ``ray_address``, else a new one
    of this machine alone. The dataset is the same. ``workers`` are then the most that read at a time in all of it.

    Raises ReadError if the folder is missing or holds no document, DatasetError if ``out`` cannot be written or
    another run is writing to it, ModelError if the model is missing or damaged, PolicyExtractError if no process can
    be started, the limit of memory is less than what one needs before it reads, or a URL or cluster cannot be reached.
    """
    began, clock = dt.datetime.now(dt.UTC), time.monotonic()
    goal = None if out is None else place(out)
    corpus = corpus_of(folder, goal)
    stage = _stage(model, extract, version, ocr)
    tally = _Tally()
    with ExitStack() as stack:
        cache = writer = None
        if goal is not None:
            made = stack.enter_context(dataset.staged(goal, NAME)) if isinstance(goal, Remote) else goal
            if stage.version is not None:
                cache = stack.enter_context(Kept(made, stage.version, fresh=fresh))
            writer = stack.enter_context(dataset.Writer(made, alone=cache is not None))
        if engine == "ray":
            stream = on_ray(corpus, stage, cache, workers, limits, tally.inputs, ray_address)
        else:
            stream = on_this_machine(corpus, stage, cache, workers, limits, tally.inputs)
        for outcome in stack.enter_context(closing(stream)):
            tally.count(outcome)
            if writer is not None:
                writer.add(outcome.targets, document=outcome.document)
            else:
                tally.kept.extend(outcome.targets)
            if progress is not None:
                progress(tally.files, len(corpus.sources), tally.documents)
        if cache is not None:
            tally.taken_over = cache.taken_over
        if writer is not None:
            options: dict[str, Any] = {
                "workers": workers,
                "timeout": limits.seconds,
                "memory": limits.mib,
                "ocr": None if ocr is None else ocr.version or None,
            }
            if engine != "local":
                options["engine"] = engine
            writer.close(tally.failures, _record(tally, options, began, model))
        if cache is not None:
            cache.forget_others()
    return tally.run(time.monotonic() - clock, goal)


def _stage(model: Path | str | None, extract: Extract | None, version: str | None, ocr: Ocr | None) -> Stage:
    if extract is not None:
        return Stage(extract, None, model, None if version is None else f"{version_of(model)} {version}", ocr)
    if model is not None and model != SHIPPED and Path(model).exists():
        model = Path(model).resolve()  # processes of a cluster begin in folders of their own
    return Stage(
        partial(extract_document, model=model), partial(prepare, model), model, version_of(model), ocr
    )


@dataclass(slots=True)
class _Tally:
    """The counts of a run so far, the files begun, and the targets where none are written."""

    files: int = 0
    documents: int = 0
    targets: int = 0
    taken_over: int = 0
    failures: list[Failure] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    kept: list[Target] = field(default_factory=list)
    doubtful: list[DoubtfulPage] = field(default_factory=list)
    _file: str = ""

    def count(self, outcome: Outcome) -> None:
        self.files += outcome.file != self._file
        self._file = outcome.file
        if outcome.failure is None:
            self.documents += 1
            self.targets += len(outcome.targets)
        else:
            self.failures.append(outcome.failure)
        if outcome.document is not None:
            self.doubtful += _doubtful(outcome.document)

    def run(self, seconds: float, out: Path | Remote | None) -> Run:
        failures, kept = tuple(self.failures), tuple(self.kept)
        doubtful = tuple(self.doubtful)
        return Run(self.documents, self.targets, failures, seconds, out, kept, self.taken_over, doubtful)


def _doubtful(document: Document) -> list[DoubtfulPage]:
    """The pages of a document that OCR read badly or not at all."""
    return [
        DoubtfulPage(document.path, page, sure)
        for page, sure in enumerate(document.ocr, 1)
        if sure is not None and sure < DOUBTFUL
    ]


def _record(
    tally: _Tally, options: dict[str, Any], began: dt.datetime, model: Path | str | None
) -> dict[str, Any]:
    """What run.json holds; the only file of a dataset that differs from run to run."""
    return {
        "versions": {
            "policyextract": installed("policyextract"),
            "spacy": installed("spacy"),
            "python": platform.python_version(),
        },
        "options": options,
        "model": _model(model),
        "counts": {
            "files": tally.files,
            "documents": tally.documents,
            "targets": tally.targets,
            "failures": len(tally.failures),
        },
        "reading": {
            "read": tally.documents + len(tally.failures) - tally.taken_over,
            "taken_over": tally.taken_over,
        },
        "doubtful_pages": [asdict(page) for page in tally.doubtful],
        "started": began.isoformat(timespec="seconds"),
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "inputs": tally.inputs,
    }


def _model(model: Path | str | None) -> dict[str, str | None] | None:
    """The name and checksum of the model's network, None without a model; no path of the machine."""
    if model is None:
        return None
    folder = model_folder(model)
    return {
        "name": "targets" if model == SHIPPED else Path(model).name,
        "sha256": file_sha256(folder / "model.onnx"),
    }
