"""Targets and failures → the files of a dataset."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from policyextract.dataset.cells import cell
from policyextract.dataset.columns import FAILURES, TARGETS, Column
from policyextract.dataset.documents import NAME as DOCUMENTS_NAME
from policyextract.dataset.documents import document_line
from policyextract.dataset.ids import Namer
from policyextract.dataset.rows import Row, failure_row, to_row
from policyextract.dataset.schema import arrow_schema, data_package
from policyextract.dataset.staging import Staging
from policyextract.errors import DatasetError
from policyextract.types import Document, Failure, Target

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_GROUP = 4096  # rows held for a row group of the Parquet file


def save(
    targets: Iterable[Target],
    failures: Iterable[Failure],
    out: Path,
    *,
    run: Mapping[str, Any],
    documents: Iterable[Document] = (),
) -> None:
    """Write a dataset to the folder ``out``: all of its files or, on any error, none.

    Rows without ``target_id`` are given one; the rows of a document must follow each other. ``documents`` are
    the texts, which a review needs. Raises DatasetError if ``out`` cannot be written.
    """
    with Writer(out) as writer:
        for document in documents:
            writer.add((), document=document)
        for target in targets:
            writer.add((target,))
        writer.close(failures, run)


class Writer:
    """Writes a dataset as its rows come; ``out`` stays as it is until ``close``, and if an error rises.

    Holds a few thousand rows at a time, whatever the number of documents. ``more`` are columns of the targets
    besides those of every dataset; ``add`` is given their values. With ``alone`` the caller sees to it that no other
    such Writer writes to ``out``, and what one that was killed left there is removed.
    """

    def __init__(self, out: Path | str, more: tuple[Column, ...] = (), *, alone: bool = False) -> None:
        self.out = Path(out)
        self._more = more
        self._alone = alone
        self._open = False

    def __enter__(self) -> Self:
        try:
            self._staging = Staging(self.out, alone=self._alone)
            try:
                self._begin(self._staging.folder)
            except BaseException:
                self._staging.discard()
                raise
        except OSError as error:
            raise unwritable(self.out, error) from error
        return self

    def _begin(self, folder: Path) -> None:
        self._namer = Namer()
        self._rows: list[Row] = []
        with ExitStack() as stack:
            self._lines: IO[str] = stack.enter_context(
                (folder / "targets.jsonl").open("w", encoding="utf-8", newline="\n")
            )
            self._texts: IO[str] = stack.enter_context(
                (folder / DOCUMENTS_NAME).open("w", encoding="utf-8", newline="\n")
            )
            self._targets = _Table(stack, folder / "targets.csv", (*TARGETS, *self._more))
            self._failures = _Table(stack, folder / "failures.csv", FAILURES)
            self._parquet = _parquet(folder / "targets.parquet", self._more)
            stack.callback(self._parquet.close)
            self._files = stack.pop_all()
        self._open = True

    def add(
        self,
        targets: Iterable[Target],
        failures: Iterable[Failure] = (),
        *,
        document: Document | None = None,
        more: Iterable[Row] | None = None,
    ) -> None:
        """Write the targets of a document, the document itself if it is given, and failures.

        ``more`` holds for each target the values of the further columns, if the Writer has any.
        """
        self._check()
        try:
            if document is not None:
                self._texts.write(document_line(document))
            for target, further in zip(
                self._namer.name(targets), repeat({}) if more is None else more, strict=False
            ):
                row = to_row(target) | further
                self._lines.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
                self._targets.write(row)
                self._rows.append(row)
            for failure in failures:
                self._failures.write(failure_row(failure))
            if len(self._rows) >= _GROUP:
                self._flush()
        except (OSError, UnicodeEncodeError) as error:
            raise unwritable(self.out, error) from error

    def close(self, failures: Iterable[Failure] = (), run: Mapping[str, Any] | None = None) -> None:
        """Write the last failures and what is to be said of the run, and put the dataset in its place."""
        self.add((), failures)
        folder = self._staging.folder
        try:
            self._flush()
            self._files.close()
            files = {path.name: _described(path) for path in sorted(folder.iterdir())}
            _write_json(folder / "datapackage.json", data_package(files, self._more))
            files["datapackage.json"] = _described(folder / "datapackage.json")
            _write_json(folder / "run.json", {**(run or {}), "files": files})
            self._staging.commit()
        except (OSError, TypeError, ValueError) as error:
            raise unwritable(self.out, error) from error
        self._open = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._open and kind is None:
                self.close()
        finally:
            if self._open:
                self._open = False
                self._abandon()

    def _abandon(self) -> None:
        """Remove what was written; that what is still held cannot be written, on a full disk, matters no more."""
        try:
            with suppress(OSError):  # of several files that cannot be closed, all are tried
                self._files.close()
        finally:
            self._staging.discard()

    def _check(self) -> None:
        if not self._open:
            raise DatasetError(
                "the dataset is closed; open a Writer in a with statement and add before close"
            )

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._parquet.write_table(pa.Table.from_pylist(self._rows, schema=self._parquet.schema))
            self._rows = []


class _Table:
    """A CSV file: UTF-8 with a byte order mark, which tells spreadsheets the encoding."""

    def __init__(self, stack: ExitStack, path: Path, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        file = stack.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow([column.name for column in columns])

    def write(self, row: Row) -> None:
        self._writer.writerow([cell(column, row[column.name]) for column in self._columns])


def _parquet(path: Path, more: tuple[Column, ...]) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(path, arrow_schema(more), compression="zstd")


def _described(path: Path) -> dict[str, Any]:
    """Checksum and size of a file, by which a reader sees whether a dataset is whole."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def unwritable(out: Path, error: Exception) -> DatasetError:
    """The error that says why nothing can be written to ``out``."""
    what: object = error
    if isinstance(error, FileExistsError | NotADirectoryError):
        what = "a file of this name is in the way; choose another folder"
    elif isinstance(error, PermissionError | FileNotFoundError):
        what = f"{error.strerror}; choose a folder that you may write to"
    return DatasetError(f"the dataset cannot be written to {out}: {what}")
