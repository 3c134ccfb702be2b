"""The files of other tools: written as a whole or not at all, and read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

from policyextract.errors import ReviewError
from policyextract.exchange import docbin, label_studio, label_studio_export
from policyextract.exchange.answers import Imported, record, refused
from policyextract.exchange.shown import shown
from policyextract.review import Desk
from policyextract.types import Document, Target

Format = Literal["label-studio", "docbin"]
FORMATS: tuple[Format, ...] = get_args(Format)


def export_tasks(desk: Desk, file: Path, kind: Format, *, force: bool = False) -> tuple[list[Path], int, int]:
    """Write every document with the rows that are not rejected; gives the files written, documents and rows.

    Label Studio's tasks get the labelling configuration beside them, as ``.xml``. Raises ReviewError if a file
    cannot be written, or stands there already and ``force`` is not set.
    """
    counted = _Counted(shown(desk))
    if kind == "docbin":
        _write(file, docbin.docbin(counted), force=force)
        return [file], counted.documents, counted.rows
    config = file.with_suffix(".xml")
    if config == file:
        raise ReviewError(f"{file}: tasks are JSON; name a file such as tasks.json")
    for path in (file, config):
        _free(path, force=force)
    tasks = [label_studio.task(document, targets) for document, targets in counted]
    try:
        content = json.dumps(tasks, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:  # half of a character: ASCII can name it, UTF-8 cannot
        content = json.dumps(tasks, allow_nan=False).encode()
    _write(file, content, force=force)
    _write(config, label_studio.labelling_config().encode(), force=True)
    return [file, config], counted.documents, counted.rows


def import_tasks(
    desk: Desk, file: Path, kind: Format, reviewer: str, *, annotator: str | None = None
) -> Imported:
    """Save what a file says as decisions of the reviewer, all or none.

    Documents that are gone or have another text now are passed over and named. Of a task of Label Studio that
    several people annotated, the answers of ``annotator`` count. Raises ReviewError, with everything that is
    wrong, if the file cannot be used.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ReviewError(f"{file} cannot be read: {error.strerror or error}") from error
    try:
        if kind == "docbin":
            answers, skipped, problems = docbin.answers(desk, content)
        else:
            answers, skipped, problems = label_studio_export.answers(desk, _parsed(content), annotator)
    except ReviewError as error:
        raise ReviewError(f"{file}: {error}") from error
    if problems:
        raise refused(problems)
    return record(desk, reviewer, answers, tool=kind, skipped=skipped)


class _Counted:
    """Documents and their rows, counted as they go by."""

    def __init__(self, documents: Iterator[tuple[Document, list[Target]]]) -> None:
        self._documents = documents
        self.documents = self.rows = 0

    def __iter__(self) -> Iterator[tuple[Document, list[Target]]]:
        for document, targets in self._documents:
            self.documents += 1
            self.rows += len(targets)
            yield document, targets


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ReviewError(f"this is no JSON: {error}") from error


def _free(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise ReviewError(f"{path} is there already; name another file, or replace it with --force")


def _write(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file beside its place and move it there; raises ReviewError."""
    _free(path, force=force)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        reason = f"{path} cannot be written ({error.strerror or error}); name a file in a folder that exists"
        raise ReviewError(reason) from None
