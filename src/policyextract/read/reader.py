"""Which reader reads a file, and how what it hands on becomes a Document."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from policyextract.errors import DamagedFileError, EmptyFileError, ReadError, UnsupportedFileError
from policyextract.read.dateline import find_date
from policyextract.read.language import detect
from policyextract.read.limits import LARGEST_FILE, LARGEST_PAGE, LARGEST_TEXT, megabytes
from policyextract.read.ocr import Ocr
from policyextract.read.pdf import read_pdf
from policyextract.read.plain import read_plain
from policyextract.read.raw import Raw
from policyextract.read.title import find_title
from policyextract.read.web import read_html
from policyextract.read.word import read_docx
from policyextract.types import Document, Failure, Lang

_READERS: dict[str, Callable[[bytes], Raw]] = {
    ".txt": read_plain,
    ".md": read_plain,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
}
_LARGEST = {".txt": LARGEST_TEXT, ".md": LARGEST_TEXT, ".html": LARGEST_PAGE, ".htm": LARGEST_PAGE}
_SPLIT = {".txt": ", or give it as .jsonl with a text a line"}
SUPPORTED = frozenset({*_READERS, ".jsonl"})
_ADVICE = {
    ".doc": "old Word files are not read; save it as .docx",
    ".rtf": "Rich Text files are not read; save it as .docx",
    ".odt": "OpenDocument files are not read; save it as .docx",
    ".xls": "spreadsheets are not read; save the sheet as .html or .pdf",
    ".xlsx": "spreadsheets are not read; save the sheet as .html or .pdf",
    ".ppt": "slides are not read; save them as .pdf",
    ".pptx": "slides are not read; save them as .pdf",
    ".zip": "archives are not read; unpack it",
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"),
        "pictures are not read; save them as .pdf and use --ocr",
    ),
}


def read(
    path: Path | str, *, name: str | None = None, lang: Lang | None = None, ocr: Ocr | None = None
) -> Document:
    """The document in one file; ``name`` becomes its path, the file's own name if left out.

    The language is detected unless ``lang`` says it. Pages of a PDF that are pictures are read by ``ocr``, which
    ``find_ocr`` gives, or left out. Reads .txt, .md, .html, .htm, .pdf and .docx. Raises the subclasses of ReadError: EmptyFileError,
    EncryptedFileError, DamagedFileError, UnsupportedFileError (also for .jsonl, which ``read_all`` reads),
    NoTextError and LanguageError, each with a message that says what is wrong and what to do.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if path.is_dir():
        raise UnsupportedFileError("this is a folder, not a file, or one that you may not open")
    if suffix == ".jsonl":
        raise UnsupportedFileError("a .jsonl file holds many documents; use read_all")
    reader = _READERS.get(suffix)
    if reader is None:
        raise UnsupportedFileError(_advice(suffix))
    data = _bytes(path, _LARGEST.get(suffix, LARGEST_FILE))
    try:
        raw = read_pdf(data, ocr) if suffix == ".pdf" else reader(data)
    except ReadError:
        raise
    except RecursionError:
        raise DamagedFileError("the file is nested too deeply to be read") from None
    except Exception as error:  # one broken file must not end a run, whatever the libraries raise on it
        detail = f"{type(error).__name__}: {error}"[:150]
        raise DamagedFileError(f"the file could not be read, it is probably damaged ({detail})") from error
    return build(raw, written_name(path.name) if name is None else name, lang=lang)


def read_all(path: Path | str, *, name: str | None = None) -> Iterator[Document | Failure]:
    """The documents of one file: many for .jsonl, else one; what cannot be read comes as a Failure."""
    path = Path(path)
    name = written_name(path.name) if name is None else name
    try:
        if path.suffix.lower() == ".jsonl":
            from policyextract.read.jsonlines import read_lines

            with _opened(path) as file:
                yield from read_lines(file, name)
        else:
            yield read(path, name=name)
    except ReadError as error:
        yield Failure(name, type(error).__name__, str(error))


def written_name(name: str) -> str:
    r"""The name of a file as text that can be written: bytes of it that are no UTF-8 as ``\xe9``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def build(raw: Raw, name: str, *, lang: Lang | None = None) -> Document:
    """The Document of ``raw``: its language detected, title and date from metadata or the text itself.

    Raises EmptyFileError or LanguageError.
    """
    if not raw.text.strip():
        raise EmptyFileError("the file holds no text")
    lang = lang or detect(raw.text)
    date = raw.date if raw.date and raw.date_first else find_date(raw.text, lang) or raw.date
    return Document(raw.text, name, lang, raw.title or find_title(raw.text), date, raw.pages, raw.ocr)


def _advice(suffix: str) -> str:
    known = "only .txt, .md, .html, .pdf, .docx and .jsonl are read"
    if not suffix:
        return f"the name has no ending that tells its type; {known}"
    return _ADVICE.get(suffix, f"files of type {suffix} are not read; {known}")


def _bytes(path: Path, most: int) -> bytes:
    with _opened(path) as file:
        data = file.read(most + 1)  # not by the size stated: the file may grow
    if len(data) > most:
        size = max(path.stat().st_size, len(data))
        raise UnsupportedFileError(
            f"the file has {megabytes(size)}, more than the {megabytes(most)} that are read at once; "
            f"split it{_SPLIT.get(path.suffix.lower(), '')}"
        )
    if not data:
        raise EmptyFileError("the file is empty")
    return data


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading; raises ReadError also where reading it fails half way."""
    try:
        if path.exists() and not path.is_file():  # reading a pipe or a device would never end
            what = "a folder" if path.is_dir() else "a pipe, a socket or a device"
            raise UnsupportedFileError(f"this is {what}, not a file")
        with path.open("rb") as file:
            yield file
    except ValueError as error:  # a NUL in the name
        if isinstance(error, UnicodeError) or "null" not in str(error):
            raise
        raise ReadError("the file could not be opened: its name holds a NUL") from None
    except OSError as error:
        raise ReadError(f"the file could not be opened: {error.strerror or error}") from None
