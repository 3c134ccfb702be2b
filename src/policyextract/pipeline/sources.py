"""A folder, file or URL → the files of a corpus, and a task for each document of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policyextract.dataset.documents import document_line
from policyextract.errors import DatasetError, ReadError
from policyextract.pipeline.work import Task, internal_error
from policyextract.read import Copies, Ocr, Source, find_files, find_remote, read_all, written_name
from policyextract.storage import Remote, place
from policyextract.types import Document, Failure

__all__ = ["Corpus", "corpus_of", "file_sha256", "ocr_for", "tasks_of"]

_KINDS = ".txt, .md, .html, .pdf, .docx or .jsonl"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The files of a corpus in order, and where it lies."""

    root: Path | Remote
    sources: tuple[Source, ...]

    @property
    def many(self) -> bool:
        """Whether a file of it may hold many documents."""
        return any(source.many for source in self.sources)


def corpus_of(folder: Path | str, out: Path | Remote | None) -> Corpus:
    """The files to read; what lies in ``out`` is none of them. Raises ReadError or DatasetError."""
    root = place(folder)
    if isinstance(root, Remote):
        found = _remote_files(root, out if isinstance(out, Remote) else None)
    else:
        found = _local_files(root, out if isinstance(out, Path) else None)
    if not found:
        raise ReadError(f"{root} holds no {_KINDS} file; nothing to extract")
    return Corpus(root, tuple(found))


def _local_files(folder: Path, out: Path | None) -> list[Source]:
    if not folder.exists():
        raise ReadError(f"{folder} does not exist; name the folder that holds the documents")
    own = None if out is None else out.resolve()
    if own is not None and (own == folder.resolve() or own in folder.resolve().parents):
        raise _in_its_way(out)
    files = [f for f in find_files(folder) if own is None or not f.resolve().is_relative_to(own)]
    return [
        Source(written_name(f.name if f == folder else f.relative_to(folder).as_posix()), f) for f in files
    ]


def _remote_files(folder: Remote, out: Remote | None) -> list[Source]:
    if not folder.exists():
        raise ReadError(f"{folder} does not exist; name the folder that holds the documents")
    inside = None if out is None else f"{out}/"
    if inside is not None and f"{folder}/".startswith(inside):
        raise _in_its_way(out)
    return [
        Source(written_name(name), file)
        for name, file in find_remote(folder)
        if inside is None or not str(file).startswith(inside)
    ]


def _in_its_way(out: object) -> DatasetError:
    return DatasetError(f"the dataset would replace the documents; choose an output folder other than {out}")


def tasks_of(source: Source, copies: Copies, ocr: Ocr | None) -> Iterator[tuple[Task, str | None]]:
    """A task for each document of a file, each with the checksum of the file, None if it cannot be opened.

    The lines of a JSON Lines file are read here; the copies of other files are left to be read and dropped.
    """
    name = source.name
    try:
        path = copies.path(source)
    except ReadError as error:
        yield Task(name, Failure(name, type(error).__name__, str(error))), None
        return
    content = file_sha256(path) if source.taken else None
    if not source.many:
        yield Task(name, path, content, ocr_for(name, ocr)), content
        return
    try:
        for found in read_all(path, name=name):
            yield Task(name, found, None if isinstance(found, Failure) else _line_sha256(found)), content
    except Exception as error:  # one file must not end a run
        yield Task(name, internal_error(name, error)), content
    finally:
        copies.drop(path)


def ocr_for(name: str, ocr: Ocr | None) -> Ocr | None:
    """``ocr`` if the file of that name may hold pictures of pages."""
    return ocr if name.lower().endswith(".pdf") else None


def file_sha256(path: Path) -> str | None:
    """Checksum of a file, None if it cannot be opened."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _line_sha256(document: Document) -> str:
    """Checksum of all that a line of a JSON Lines file says."""
    return hashlib.sha256(document_line(document).encode()).hexdigest()
