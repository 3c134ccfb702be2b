"""What a run has read, kept in the folder of the dataset, so that the next one need not read it again.

An SQLite file with a row for each document, which is also the lock by which only one run writes to a folder: the
system gives it back when the process ends, however it ends.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from policyextract.dataset import from_row, to_row
from policyextract.dataset.documents import document_line
from policyextract.dataset.write import unwritable
from policyextract.errors import DatasetError
from policyextract.pipeline.work import Outcome, Task
from policyextract.read import Ocr
from policyextract.types import Document, Failure

__all__ = ["NAME", "Kept"]

NAME = ".policyextract-cache.sqlite"
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite writes beside a file while it is open
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
# The disk is at fault, not the file.
_ELSEWHERE = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
)
# Failures that lie in the content alone. Whatever else went wrong may go right the next time.
_LASTING = frozenset(
    {"EmptyFileError", "EncryptedFileError", "UnsupportedFileError", "NoTextError", "LanguageError"}
)
_COLUMNS = "path, content, version, document, targets, failure"
_TABLE = """CREATE TABLE documents (
  path     TEXT PRIMARY KEY,  -- of the document, relative to the corpus
  content  TEXT NOT NULL,     -- SHA-256 of the file, or of the line of a .jsonl
  version  TEXT NOT NULL,     -- SHA-256 of the code, tables, model and OCR that read it
  document TEXT,              -- as in documents.jsonl
  targets  TEXT,              -- as in targets.jsonl, in a list
  failure  TEXT,              -- path, error, reason; instead of document and targets
  checksum TEXT NOT NULL      -- SHA-256 of the other columns: a row that does not match is read anew
)"""
Row = tuple[str, str, str, str | None, str | None, str | None]


class Kept:
    """The results kept in the folder ``out`` for one version; ``taken_over`` counts those that were used again.

    Holds the lock of ``out`` until ``close``. Raises DatasetError if another run holds it, or ``out`` cannot be
    written.
    """

    def __init__(self, out: Path, version: str, *, fresh: bool = False) -> None:
        self._out = out
        self._path = out / NAME
        self._version = version
        self._asked: set[str] = set()
        self.taken_over = 0
        self._new = not out.exists()
        try:
            out.mkdir(parents=True, exist_ok=True)
            for ending in ("", *_BESIDE):  # a link might lead to a file that is not ours to empty
                if (path := self._path.with_name(NAME + ending)).is_symlink():
                    path.unlink()
        except OSError as error:
            raise unwritable(out, error) from error
        try:
            self._open()
            if fresh:
                self._base.execute("DELETE FROM documents")
        except sqlite3.DatabaseError as error:
            self._anew(error)

    def answer(self, task: Task) -> Task:
        """The task with its outcome, if the same content was read by the same version, else as it was."""
        self._asked.add(task.path)
        if task.key is None or task.known:
            return task
        try:
            found = self._base.execute(
                f"SELECT {_COLUMNS}, checksum FROM documents WHERE path = ? AND content = ? AND version = ?",
                (task.path, task.key, self._version_with(task.ocr)),
            ).fetchone()
        except sqlite3.DatabaseError as error:
            self._anew(error)
            return task
        if found is None or _checksum(found[:-1]) != found[-1]:
            return task
        outcome = _outcome(task.name, found)
        if outcome is None:
            return task
        self.taken_over += 1
        return replace(task, source=outcome)

    def known(self, name: str, ocr: Ocr | None = None) -> dict[str, str]:
        """Checksums of content, by path, of what ``answer`` has an outcome for, among the documents of a file."""
        select = f"SELECT {_COLUMNS}, checksum FROM documents WHERE version = ? AND "
        try:
            rows = self._base.execute(f"{select} path = ?", (self._version_with(ocr), name)).fetchall()
            if name.lower().endswith(".jsonl"):  # $ follows upon #
                inside = (self._version, f"{name}#", f"{name}$")
                rows += self._base.execute(f"{select} path >= ? AND path < ?", inside).fetchall()
        except sqlite3.DatabaseError as error:
            self._anew(error)
            return {}
        return {row[0]: row[1] for row in rows if _checksum(row[:-1]) == row[-1] and _outcome(name, row)}

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Keep what came of a task, unless it may come out otherwise the next time."""
        self._asked.add(task.path)
        if task.key is None or (outcome.failure is not None and outcome.failure.error not in _LASTING):
            return
        row = _row(task.path, task.key, self._version_with(task.ocr), outcome)
        insert = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)"
        try:
            self._base.execute(insert, (*row, _checksum(row)))
        except sqlite3.DataError:  # more than SQLite holds in a row
            return
        except sqlite3.DatabaseError as error:
            self._anew(error)
            self._base.execute(insert, (*row, _checksum(row)))

    def _version_with(self, ocr: Ocr | None) -> str:
        """What an outcome depends on besides the content of its document."""
        if ocr is None:
            return self._version
        return hashlib.sha256(f"{self._version} {ocr.version}".encode()).hexdigest()

    def forget_others(self) -> None:
        """Drop the documents that this run did not ask for: they are gone from the corpus."""
        try:
            paths = [path for (path,) in self._base.execute("SELECT path FROM documents")]
            gone = [(path,) for path in paths if path not in self._asked]
            self._base.execute("BEGIN")
            self._base.executemany("DELETE FROM documents WHERE path = ?", gone)
            self._base.execute("COMMIT")
            self._base.executescript("PRAGMA incremental_vacuum")  # execute would free one page
        except sqlite3.DatabaseError:  # the dataset is written; what is left here goes with the next run
            with suppress(sqlite3.DatabaseError):
                self._base.execute("ROLLBACK")

    def close(self) -> None:
        """Give the lock back; a folder that was made for nothing is removed."""
        empty = False
        with suppress(sqlite3.DatabaseError):
            empty = self._new and not self._base.execute("SELECT 1 FROM documents LIMIT 1").fetchone()
        with suppress(sqlite3.DatabaseError):
            self._base.close()
        if empty:
            self._remove()

    def _remove(self) -> None:
        """Remove the file, what SQLite could not clear away beside it on a full disk, and the folder."""
        own = {self._path.with_name(NAME + ending) for ending in ("", *_BESIDE)}
        with suppress(OSError):
            if own.issuperset(self._out.iterdir()):
                for path in own:
                    path.unlink(missing_ok=True)
                self._out.rmdir()

    def _open(self) -> None:
        self._base = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        for pragma in ("locking_mode = EXCLUSIVE", "auto_vacuum = INCREMENTAL", "journal_mode = WAL"):
            self._base.execute(f"PRAGMA {pragma}").fetchall()
        for pragma in (
            "synchronous = NORMAL",
            "secure_delete = ON",  # of a document that is gone from the corpus no text is left
            "trusted_schema = OFF",
        ):
            self._base.execute(f"PRAGMA {pragma}").fetchall()
        self._base.execute("BEGIN IMMEDIATE")  # takes the lock, which is held from here on
        made = self._base.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        if not made:
            self._base.execute(_TABLE)
        elif made != [(_TABLE,)]:
            raise sqlite3.DatabaseError("the file is of another version, or holds what was not written here")
        self._base.execute("COMMIT")
        self._base.execute(f"SELECT {_COLUMNS}, checksum FROM documents LIMIT 1").fetchall()

    def _anew(self, error: sqlite3.DatabaseError) -> None:
        """Begin with an empty file if the one there is damaged; raises DatasetError for any other error."""
        code = getattr(error, "sqlite_errorcode", None)
        primary = None if code is None else code & 0xFF
        if primary in _BUSY:
            self._base.close()
            raise DatasetError(
                f"another run is writing to {self._out}; wait until it is done, or choose another folder"
            ) from error
        if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
            raise DatasetError(f"{self._path} may not be written; allow it, or remove the file") from error
        if primary in _ELSEWHERE:
            raise DatasetError(
                f"the dataset cannot be written to {self._out}: {error}; choose a folder on a disk that has room "
                "and that you may write to"
            ) from error
        self._base.close()
        try:
            for ending in _BESIDE:
                self._path.with_name(NAME + ending).unlink(missing_ok=True)
            with self._path.open(
                "wb"
            ):  # emptied, not removed: a run that waits for it must find the same file
                pass
            self._open()
        except (OSError, sqlite3.DatabaseError) as again:
            raise DatasetError(
                f"{self._path} is damaged and cannot be replaced ({again}); remove it"
            ) from again

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _row(path: str, content: str, version: str, outcome: Outcome) -> Row:
    failure = outcome.failure
    if failure is not None or outcome.document is None:
        said = None if failure is None else _json([failure.path, failure.error, failure.reason])
        return path, content, version, None, None, said
    targets = _json([to_row(target) for target in outcome.targets])
    return path, content, version, document_line(outcome.document).rstrip("\n"), targets, None


def _outcome(name: str, row: tuple[Any, ...]) -> Outcome | None:
    """The outcome that a row stands for, None if it is none."""
    _, _, _, document, targets, failure = row[:6]
    try:
        if failure is not None:
            return Outcome(name, failure=Failure(*json.loads(failure)))
        found = tuple(from_row(target, name) for target in json.loads(targets))
        return Outcome(name, found, document=_document(json.loads(document)))
    except (ValueError, TypeError, KeyError, DatasetError):
        return None


def _document(row: dict[str, Any]) -> Document:
    date = None if row["date"] is None else dt.date.fromisoformat(row["date"])
    pages, ocr = tuple(row["pages"]), tuple(row.get("ocr") or ())
    return Document(row["text"], row["doc"], row["lang"], row["title"], date, pages, ocr)


def _json(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a character: ASCII can name it, UTF-8 cannot
        text = json.dumps(content)
    return text


def _checksum(row: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(row, default=repr).encode()).hexdigest()  # damage turns text into bytes
