"""JSON Lines: a text and an id a line."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from policyextract.errors import (
    DamagedFileError,
    EmptyFileError,
    LanguageError,
    ReadError,
    UnsupportedFileError,
)
from policyextract.read.language import detect
from policyextract.read.limits import LARGEST_LINE, megabytes, nfc
from policyextract.read.plain import check_magic, decode, wide_encoding
from policyextract.read.raw import Raw
from policyextract.read.reader import build
from policyextract.types import Document, Failure, Lang

_LANGS: tuple[Lang, ...] = ("en", "vi")


def read_lines(file: BinaryIO, name: str) -> Iterator[Document | Failure]:
    """One Document a line of ``file`` with path ``name#id``, or a Failure that names the line.

    Holds one line at a time. Raises EmptyFileError if there is no line, DamagedFileError if the file is no text.
    """
    seen: set[str] = set()
    number = 0
    for number, line in _lines(file):
        try:
            if len(line) > LARGEST_LINE:
                most = megabytes(LARGEST_LINE)
                raise UnsupportedFileError(
                    f"it is longer than the {most} that are read at once; split its text"
                )
            yield _document(decode(line), name, seen)
        except ReadError as error:
            yield Failure(f"{name}#line{number}", type(error).__name__, f"line {number}: {error}")


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank as UTF-8, or in the encoding of the file, with their numbers.

    Of a line longer than the limit comes just enough to tell.
    """
    head = file.read(20_000)
    if not head:
        raise EmptyFileError("the file is empty")
    check_magic(head)
    file.seek(0)
    wide = wide_encoding(head)
    source: BinaryIO | _Wide = file if wide is None else _Wide(file, wide)
    number = 0
    filled = False
    while line := source.readline(LARGEST_LINE + 1):
        number += 1
        whole = line[-1:] == b"\n"
        while not whole and (rest := source.readline(1_000_000)):
            whole = rest[-1:] == b"\n"
        for part in line.split(b"\r"):  # an old Macintosh ends its lines so
            if part.strip(b" \t\n\xef\xbb\xbf\x0b\x0c"):
                filled = True
                yield number, part
    if not filled:
        raise EmptyFileError("the file holds only blanks")


class _Wide:
    """A file in UTF-16 or UTF-32 as lines of UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(file, encoding)

    def readline(self, most: int) -> bytes:
        try:
            return self._text.readline(most).encode()
        except UnicodeError as error:
            raise DamagedFileError(f"the text breaks off or is broken: {error}") from None


def _document(line: str, name: str, seen: set[str]) -> Document:
    record = _record(line)
    key = str(record["id"])
    if key in seen:
        raise DamagedFileError(f"the id {key!r} stands on an earlier line; give each text an id of its own")
    text = record["text"].replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise EmptyFileError(f'"text" of id {key!r} is empty')
    text = nfc(text)
    document = build(Raw(text, _title(record), _date(record)), f"{name}#{key}", lang=_lang(record, text))
    seen.add(key)
    return document


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"not a JSON object: {error}") from None
    if not isinstance(record, dict):
        raise DamagedFileError('not a JSON object with "id" and "text"')
    if not isinstance(record.get("text"), str):
        raise DamagedFileError('the key "text" is missing or no string')
    key = record.get("id")
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise DamagedFileError('the key "id" is missing or neither a string nor an integer')
    if "\x00" in f"{key}{record['text']}":
        raise DamagedFileError("the text holds NUL characters, which are no text; remove them")
    try:
        f"{key}{record['text']}{record.get('title')}".encode()
    except UnicodeEncodeError:
        raise DamagedFileError("the text holds half of a character (an unpaired surrogate)") from None
    return record


def _title(record: dict[str, Any]) -> str | None:
    title = record.get("title")
    return title.strip() or None if isinstance(title, str) else None


def _date(record: dict[str, Any]) -> dt.date | None:
    value = record.get("date")
    if value is None or value == "":
        return None
    try:
        return dt.date.fromisoformat(re.split("[T ]", str(value))[0])
    except ValueError:
        raise DamagedFileError(f'"date" is {value!r}, but should be like 2025-07-14') from None


def _lang(record: dict[str, Any], text: str) -> Lang:
    value = record.get("lang")
    if value is None or value == "":
        return detect(text)
    code = str(value).lower().replace("_", "-").split("-")[0]
    for lang in _LANGS:
        if code == lang:
            return lang
    raise LanguageError(f'"lang" is {value!r}; only "en" and "vi" are read')
