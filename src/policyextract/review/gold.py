"""Decided documents → gold files in the format of the annotation guideline, each beside its text."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from policyextract.dataset import to_row
from policyextract.errors import DatasetError, PolicyExtractError
from policyextract.read import read
from policyextract.review.board import Row
from policyextract.review.desk import Desk
from policyextract.review.fields import GUIDELINE
from policyextract.review.filenames import GoldFile, gold_files
from policyextract.review.state import Status
from policyextract.types import Document, Target

MARKER = "gold-run.json"
"""The file that lists what was written, so that the next run replaces that and nothing else."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a document is not gold, or not yet."""

    doc: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: documents and rows; ``missing`` are those left out, ``unread`` those without any row.

    With ``all_documents``, ``missing`` were taken with what is decided, but for those that cannot be written.
    """

    documents: int
    rows: int
    missing: tuple[Missing, ...]
    unread: tuple[str, ...]


def write_gold(desk: Desk, out: Path | str, *, all_documents: bool = False) -> Written:
    """Write gold for each document in which every row is decided and none in conflict.

    ``all_documents`` takes the others too, with the rows that are decided, and those without any row. What an
    earlier run wrote to ``out`` is replaced, other files stay. Raises DatasetError if the folder cannot be written
    to, or a file in the way was not written by this or changed since.
    """
    out = Path(out)
    before = _before(out)
    home = out.resolve()
    by_doc = {doc: list(rows) for doc, rows in groupby(desk.rows, key=lambda row: row.target.doc)}
    names = gold_files(desk.documents)
    missing: list[Missing] = []
    unread = [doc for doc in desk.documents if doc not in by_doc]
    documents = rows = 0
    files: dict[str, str] = {}
    try:
        home.mkdir(parents=True, exist_ok=True)
        staging = home.parent / f".policyextract-gold-{secrets.token_hex(6)}"
        staging.mkdir()
        try:
            for doc in desk.documents if all_documents else by_doc:
                of_doc = by_doc.get(doc, [])
                if lacks := _lacks(of_doc):
                    missing.append(Missing(doc, lacks))
                    if not all_documents:
                        continue
                targets = [row.state.final for row in of_doc if row.state.final is not None]
                try:
                    files |= _write(staging, desk.document(doc), targets, names[doc])
                except _UnwritableError as error:
                    missing.append(Missing(doc, str(error)))
                    continue
                documents, rows = documents + 1, rows + len(targets)
            _replace(staging, home, before, files)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise DatasetError(f"gold cannot be written to {out}: {error.strerror or error}") from error
    return Written(documents, rows, tuple(missing), () if all_documents else tuple(unread))


class _UnwritableError(Exception):
    """A text that a .txt file cannot hold, with the reason."""


def _lacks(rows: Iterable[Row]) -> str:
    """What a document lacks to be gold, "" if nothing."""
    counts: Counter[Status] = Counter(row.state.status for row in rows)
    said = {"undecided": counts["undecided"], "in conflict": counts["conflict"]}
    return ", ".join(f"{count} {what}" for what, count in said.items() if count)


def _write(folder: Path, document: Document, targets: Sequence[Target], file: GoldFile) -> dict[str, str]:
    """Write the text and the gold of a document; gives the checksums of both by path below ``folder``."""
    text_file, json_file = folder / file.text, folder / file.json
    text_file.parent.mkdir(parents=True, exist_ok=True)
    mark = "\ufeff" if document.text.startswith("\ufeff") else ""  # a reader takes the first one away
    try:
        text = f"{mark}{document.text}".encode()
    except UnicodeEncodeError:
        raise _UnwritableError("its text holds half of a character, which no file can") from None
    text_file.write_bytes(text)
    _verify(text_file, document)
    content: dict[str, Any] = {"doc": file.doc, "lang": document.lang}
    if file.named:
        content["text"] = text_file.name
    content["targets"] = [_gold_row(target) for target in targets]
    written = (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
    json_file.write_bytes(written)
    return {file.text: _sha256(text), file.json: _sha256(written)}


def _verify(file: Path, document: Document) -> None:
    """Raises _UnwritableError unless the text is read back as it was, so that the offsets hold."""
    try:
        again = read(file, lang=document.lang).text
    except PolicyExtractError as error:
        reason: str = f"its text cannot be read back from a .txt file: {error}"
    else:
        if again == document.text:
            return
        reason = "its text is read back from a .txt file as another one, so that offsets would not hold"
    file.unlink()
    raise _UnwritableError(reason)


def _gold_row(target: Target) -> dict[str, Any]:
    """The fields of the guideline, in its order."""
    row = to_row(target)
    return {name: row[name] for name in GUIDELINE}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _before(out: Path) -> dict[str, set[str]]:
    """Checksums of the files that earlier runs wrote, by path; raises DatasetError if one was changed since."""
    before: dict[str, set[str]] = {}
    try:
        marker = json.loads((out / MARKER).read_text(encoding="utf-8"))
        for files in (marker["files"], marker.get("replaced", {})):
            for name, sha256 in files.items():
                if not Path(name).is_absolute() and ".." not in Path(name).parts:
                    before.setdefault(name, set()).add(sha256)
    except FileNotFoundError:
        return {}
    except NotADirectoryError as error:
        raise DatasetError(f"{out} is a file; choose a folder") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{out / MARKER} is damaged; choose another folder") from error
    for name, sums in before.items():
        path = out / name
        if path.is_file() and _sha256(path.read_bytes()) not in sums:
            raise DatasetError(
                f"{path} was changed since it was written as gold; move it away or choose another folder"
            )
    return before


def _replace(staging: Path, out: Path, before: Mapping[str, set[str]], files: Mapping[str, str]) -> None:
    """Move the new files to their places and remove those of the earlier run that there are no more of.

    What is about to be replaced is written down first: a run that is broken off can be done again.
    """
    for name in files:
        if name not in before and (out / name).exists():
            raise DatasetError(
                f"{out / name} is in the way and was not written as gold; choose another folder"
            )
    _list(out, {"files": files, "replaced": {name: min(sums) for name, sums in before.items()}})
    for name in files:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (staging / name).replace(out / name)
    for name in before.keys() - files.keys():
        (out / name).unlink(missing_ok=True)
        for folder in (out / name).parents:
            if folder == out or any(folder.iterdir()):
                break
            folder.rmdir()
    _list(out, {"files": files})


def _list(out: Path, content: Mapping[str, Any]) -> None:
    part = out / f"{MARKER}.part"
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    part.write_text(text + "\n", encoding="utf-8", newline="\n")
    part.replace(out / MARKER)
