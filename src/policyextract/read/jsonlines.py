"""JSON Lines: a text and an id a line."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from policyextract.errors import DamagedFileError, EmptyFileError, LanguageError, ReadError
from policyextract.read.language import detect
from policyextract.read.plain import decode
from policyextract.read.raw import Raw
from policyextract.read.reader import build
from policyextract.types import Document, Failure, Lang

_LANGS: tuple[Lang, ...] = ("en", "vi")


def read_lines(data: bytes, name: str) -> Iterator[Document | Failure]:
    """One Document a line with path ``name#id``, or a Failure that names the line.

    Raises EmptyFileError or DamagedFileError if the file as a whole is no text.
    """
    seen: set[str] = set()
    for number, line in enumerate(decode(data).split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _document(line, name, seen)
        except ReadError as error:
            yield Failure(f"{name}#line{number}", type(error).__name__, f"line {number}: {error}")


def _document(line: str, name: str, seen: set[str]) -> Document:
    record = _record(line)
    key = str(record["id"])
    if key in seen:
        raise DamagedFileError(f"the id {key!r} stands on an earlier line; give each text an id of its own")
    text = record["text"].replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise EmptyFileError(f'"text" of id {key!r} is empty')
    text = unicodedata.normalize("NFC", text)
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
    try:
        f"{key}{record['text']}".encode()
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
