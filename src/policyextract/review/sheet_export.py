"""A review → a sheet of its rows, as CSV or XLSX, with empty columns for decisions and corrections."""

from __future__ import annotations

import csv
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from io import TextIOWrapper
from itertools import takewhile
from operator import attrgetter
from pathlib import Path
from typing import IO, Literal

from policyextract.dataset import TARGETS
from policyextract.dataset.cells import guard, plain
from policyextract.errors import ReviewError
from policyextract.review.board import Row
from policyextract.review.desk import Desk
from policyextract.review.sheet_layout import COLUMNS, LONGEST, NONE, decided, fingerprint
from policyextract.review.sheet_xlsx import LAST, Marked, Value, write_xlsx
from policyextract.review.state import Status
from policyextract.types import Target

Order = Literal["document", "confidence"]
FIELDS = tuple(column.field for column in COLUMNS if column.kind == "field")
"""The fields of a target that a sheet shows, in the order of the columns."""
_get = attrgetter(*FIELDS)
_NULLABLE = {column.name: column.null is not None for column in TARGETS} | {"sentence": True}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")  # with which a file is no text
_AROUND = 60  # characters before a value by which its like in one sentence are told apart
_GUIDE = (
    "Fill in the yellow columns and give the file back with: policyextract review import OUT FILE --reviewer NAME",
    "decision: accept (or a), reject (r), edit (e); leave it empty to decide later. Lines may be sorted and removed.",
    "Corrections go into the columns named new …, never over what is there. An empty one means: right as it is. "
    f"Write {NONE} to empty a field. A line with corrections and no decision is taken as an edit.",
    "A target that is missing: write a line of its own at the end, without target_id: decision add, doc, value as it "
    "stands in the document, number, unit, metric and what else is known; if the value stands there more than once, "
    "the sentence too.",
    "What the columns mean:",
)


def export_sheet(
    desk: Desk,
    path: Path | str,
    *,
    order: Order = "document",
    only: Collection[Status] = (),
    force: bool = False,
) -> int:
    """Write the rows of a review as a sheet, .csv or .xlsx by the name of ``path``; gives their number.

    ``order`` is that of the documents, or the least sure rows first; ``only`` leaves out rows of another status. The
    file is there as a whole or not at all. Raises ReviewError if it cannot be written, or is there and ``force`` is
    not set.
    """
    path = Path(path)
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise ReviewError(f"{path} is neither .csv nor .xlsx; name the sheet so")
    if path.exists() and not force:
        raise ReviewError(
            f"{path} is there already, perhaps with decisions; name another file, or use --force"
        )
    rows = [row for row in desk.rows if not only or row.state.status in only]
    lines = [
        (row, marked(row.target, desk)) for row in rows
    ]  # in order of documents, so that each is read once
    if order == "confidence":
        lines.sort(key=lambda line: -1.0 if line[0].target.confidence is None else line[0].target.confidence)
    _write(path, _xlsx(lines) if path.suffix.lower() == ".xlsx" else lambda file: _csv(file, lines), force)
    return len(rows)


def marked(target: Target, desk: Desk) -> Marked | str | None:
    """The sentence of a row, cut where its value begins and ends if it can be found there."""
    sentence, words = target.sentence, " ".join(target.value.split())
    if not sentence or not words:
        return sentence
    at = sentence.find(words)
    if at >= 0 and sentence.find(words, at + 1) >= 0:  # which of them, the words before it tell
        before = desk.document(target.doc).text[max(0, target.start - 2 * _AROUND) : target.start]
        tail = " ".join(f"{before}|".split())[:-1]
        at = max(_finds(words, sentence), key=lambda n: _agree(sentence[:n], tail))
    if at < 0 or at + len(words) > LONGEST:
        return sentence
    return sentence[:at], sentence[at : at + len(words)], sentence[at + len(words) :]


def _finds(words: str, sentence: str) -> Iterator[int]:
    at = sentence.find(words)
    while at >= 0:
        yield at
        at = sentence.find(words, at + 1)


def _agree(one: str, other: str) -> int:
    """How many characters two texts have in common at their ends."""
    pairs = zip(one[: -_AROUND - 1 : -1], other[::-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


_Line = tuple[Row, Marked | str | None]


def _xlsx(lines: Sequence[_Line]) -> Callable[[IO[bytes]], None]:
    if len(lines) >= LAST:
        raise ReviewError(f"{len(lines)} rows are too many for an XLSX sheet; use --only, or a .csv")
    return lambda file: write_xlsx(file, (_line(*line) for line in lines), len(lines), _GUIDE)


def _line(row: Row, sentence: Marked | str | None) -> list[Value]:
    """The cells of a row in the order of the columns."""
    fields = iter(_get(row.target))
    about = _about(row)
    line: list[Value] = []
    for column in COLUMNS:
        if column.kind == "field":
            line.append(_fitted(next(fields)))
        elif column.name == "sentence":
            line.append(_fitted(sentence))
        else:
            line.append(_fitted(about.get(column.name)))
    return line


def _about(row: Row) -> dict[str, str | int | None]:
    target = row.target
    return {
        "doc": target.doc,
        "page": target.page,
        "status": row.state.status,
        "decided": decided(row) if row.state.verdicts else None,
        "target_id": target.target_id,
        "check": fingerprint(target),
    }


def _fitted(value: Value | bool) -> Value:
    """A value as it fits into a cell of a spreadsheet; truth is a word, for some programs would show 1."""
    if isinstance(value, bool):
        return "true" if value else None
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, tuple) and sum(map(len, value)) > LONGEST:
        before, words, after = value
        return before, words, cut(after, LONGEST - len(before) - len(words))
    return value


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, or its beginning with an ellipsis: of more a spreadsheet makes cells that are not there."""
    return text if len(text) <= longest else text[: max(0, longest - 1)] + "…"[:longest]


def _csv(file: IO[bytes], lines: Iterable[_Line]) -> None:
    """UTF-8 with a byte order mark, which tells spreadsheets the encoding; no cell runs as a formula."""
    text = TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    for row, sentence in lines:
        whole = "".join(sentence) if isinstance(sentence, tuple) else sentence
        fields = zip(FIELDS, _get(row.target), strict=True)
        about = _about(row) | {"sentence": whole}
        writer.writerow(
            [
                as_text(*next(fields))
                if column.kind == "field"
                else as_text(column.name, about.get(column.name))
                for column in COLUMNS
            ]
        )
    text.flush()
    text.detach()


def as_text(name: str, value: str | float | bool | None) -> str:
    """The cell of a CSV file; what is false or not there is empty."""
    if value is None or value is False:
        return ""
    if isinstance(value, str):
        return cut(_guarded(value, _NULLABLE.get(name, False)))
    return "true" if value is True else str(plain(value))


@lru_cache(maxsize=20_000)
def _guarded(text: str, nullable: bool) -> str:
    return guard(_CONTROL.sub("\ufffd", text), nullable=nullable)


def _write(path: Path, write: Callable[[IO[bytes]], None], force: bool) -> None:
    """Write a file beside ``path`` and put it in its place; on any error nothing has changed."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        try:
            with temporary.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            if not force and path.exists():  # another export was faster
                raise ReviewError(f"{path} is there already; name another file, or use --force")
            temporary.replace(path)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
    except PermissionError as error:
        reason = f"{error.strerror}; if it is open in a spreadsheet program, close it there"
        raise ReviewError(f"{path} cannot be written: {reason}") from error
    except OSError as error:
        raise ReviewError(
            f"{path} cannot be written: {error.strerror or error}; name a file in a folder that exists"
        ) from error
