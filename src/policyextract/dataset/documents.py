"""The documents of a dataset: documents.jsonl, one a line, read one at a time by name."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from policyextract.dataset.columns import DOCUMENTS
from policyextract.dataset.staging import open_bytes
from policyextract.errors import DatasetError
from policyextract.types import Document

NAME = "documents.jsonl"
_HELD = 16  # texts kept in memory, for a reviewer works on one document at a time
# A line as it is written here: its name and its checksum are had without parsing the text between them.
_HEAD = re.compile(rb'\{"doc": ("(?:[^"\\]|\\.)*"), "lang": ')
_TAIL = re.compile(rb', "sha256": "([0-9a-f]{64})"\}\s*\Z')
_TAIL_BYTES = 96


def text_sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def document_line(document: Document) -> str:
    """The line of a document, with its line end; it can be written as UTF-8 whatever the text holds."""
    row = {
        "doc": document.path,
        "lang": document.lang,
        "title": document.title,
        "date": None if document.date is None else document.date.isoformat(),
        "pages": list(document.pages),
        **({"ocr": list(document.ocr)} if document.ocr else {}),
        "text": document.text,
        "sha256": text_sha256(document.text),
    }
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:  # half of a character: ASCII can name it, UTF-8 cannot
        line = json.dumps(row)
    return line + "\n"


class Documents(Mapping[str, Document]):
    """The documents of a dataset's folder by name, in the order in which they were read.

    Holds the places of the lines and a few texts. It goes on to read the files that it opened, also while a new
    run replaces them. Raises DatasetError if the folder holds no documents or they cannot be read.
    """

    def __init__(self, out: Path | str) -> None:
        self._path = Path(out) / NAME
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Document] = OrderedDict()
        try:
            self._file = open_bytes(Path(out), NAME)
        except FileNotFoundError as error:
            reason = f"{out} holds no {NAME}; name a folder that extract wrote, and if it is an old one extract again"
            raise DatasetError(reason) from error
        except OSError as error:
            raise DatasetError(f"{self._path} cannot be read: {error}") from error
        try:
            self._places = self._index()
        except BaseException:
            self._file.close()
            raise

    def _index(self) -> dict[str, tuple[int, str]]:
        """Offset of the line and checksum of the text, by name."""
        places: dict[str, tuple[int, str]] = {}
        offset = 0
        try:
            for n, line in enumerate(self._file, 1):
                head, tail = _HEAD.match(line), _TAIL.search(line[-_TAIL_BYTES:])
                if head is not None and tail is not None:
                    places.setdefault(json.loads(head[1]), (offset, tail[1].decode("ascii")))
                elif line.strip():
                    row = self._row(line, f"line {n}")
                    places.setdefault(row["doc"], (offset, row["sha256"]))
                offset += len(line)
        except (OSError, ValueError) as error:
            raise DatasetError(f"{self._path} cannot be read: {error}") from error
        return places

    def _row(self, line: bytes, where: str) -> dict[str, Any]:
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{self._path}, {where} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise DatasetError(f"{self._path}, {where} is no object")
        for column in DOCUMENTS:
            if not column.accepts(row.get(column.name)):
                given = str(row.get(column.name))[:60]
                raise DatasetError(f"{self._path}, {where}: {column.name} is {given!r}, not {column.wanted}")
        return row

    def __getitem__(self, doc: str) -> Document:
        """The document of that name; raises KeyError if there is none."""
        offset, _ = self._places[doc]
        with self._lock:
            if doc in self._held:
                self._held.move_to_end(doc)
                return self._held[doc]
            self._file.seek(offset)
            document = _document(self._row(self._file.readline(), f"document {doc}"), self._path)
            self._held[doc] = document
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        return document

    def __contains__(self, doc: object) -> bool:
        return doc in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def sha256(self, doc: str) -> str:
        """The checksum of a document's text, without reading it; raises KeyError if there is none."""
        return self._places[doc][1]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _document(row: Mapping[str, Any], path: Path) -> Document:
    try:
        date = None if row["date"] is None else dt.date.fromisoformat(row["date"])
    except ValueError as error:
        raise DatasetError(f"{path}: the date of {row['doc']} is {row['date']!r}: {error}") from error
    pages = tuple(map(int, row["pages"])) or (0,)
    ocr = tuple(None if sure is None else float(sure) for sure in row.get("ocr") or ())
    return Document(row["text"], row["doc"], row["lang"], row["title"], date, pages, ocr)
