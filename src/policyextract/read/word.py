"""DOCX → text: paragraphs with their automatic numbers, tables row by row, in the order of the body."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from policyextract.errors import DamagedFileError, EmptyFileError, EncryptedFileError, UnsupportedFileError
from policyextract.read.limits import (
    ALWAYS_UNPACKED,
    LARGEST_LIST,
    LARGEST_UNPACKED,
    LARGEST_XML,
    MOST_CELLS,
    MOST_PACKED,
    megabytes,
    printable,
)
from policyextract.read.raw import Raw, join_lines, stated_title, tidy
from policyextract.read.tables import Cell, Grid, table_lines
from policyextract.read.word_numbering import Numbering
from policyextract.read.word_text import W, local_name, paragraph_text, text_boxes

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from lxml.etree import _Element

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GRID_LIMIT = 200


def read_docx(data: bytes) -> Raw:
    """The text of a Word file; the date of its last change stands in where the text states none.

    Raises EncryptedFileError, UnsupportedFileError (an old .doc), DamagedFileError or EmptyFileError.
    """
    _check(data)
    document, numbering = _open(data)
    lines = [line for line in _block_lines(document.element.body, numbering) if line]
    if not lines:
        raise EmptyFileError("the Word file holds no text; if it shows pictures of pages, run OCR")
    text = join_lines(lines)
    title, date = _properties(document, text)
    return Raw(text, title, date, date_first=False)


def _check(data: bytes) -> None:
    """Refuse what is no Word file before any of it is unpacked."""
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise EncryptedFileError("the Word file needs a password; save a copy without one")
        raise UnsupportedFileError(
            "this is an old Word file (.doc) named .docx; open it and save it as .docx"
        )
    try:
        end = data.rfind(b"PK\x05\x06")
        if end >= 0 and LARGEST_LIST < int.from_bytes(data[end + 12 : end + 16], "little") <= len(data):
            raise DamagedFileError(
                "the Word file lists more parts than any text has; open it and save it again"
            )
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        reason = "the Word file is damaged or cut off: its archive cannot be opened; get it again"
        raise DamagedFileError(reason) from None
    if any(info.flag_bits & 1 for info in infos):
        raise EncryptedFileError("the Word file needs a password; save a copy without one")
    size = sum(info.file_size for info in infos)
    if size > LARGEST_UNPACKED or size > max(ALWAYS_UNPACKED, MOST_PACKED * len(data)):
        raise DamagedFileError(
            f"the Word file unpacks to {megabytes(size)}, which no text does; it is not read. If it is a book full "
            "of pictures, save it as PDF"
        )
    xml = [info for info in infos if info.filename.endswith((".xml", ".rels"))]
    if sum(info.file_size for info in xml) > LARGEST_XML:
        raise DamagedFileError(
            f"the text of the Word file takes more than the {megabytes(LARGEST_XML)} that are read at once; split it"
        )
    _check_entities(data, xml)


def _check_entities(data: bytes, xml: list[zipfile.ZipInfo]) -> None:
    """Refuse XML that declares entities, which no Word file does: they may grow without end, or name other files."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in xml:
            try:
                part = archive.read(info)
            except Exception:  # _open says what is wrong
                continue
            if (
                b"<!DOCTYPE" in part
                or "<!DOCTYPE".encode("utf-16-le") in part
                or "<!DOCTYPE".encode("utf-16-be") in part
            ):
                raise DamagedFileError(
                    "the Word file declares XML entities, which Word never does; open it and save it again"
                )


def _open(data: bytes) -> tuple[WordDocument, Numbering]:
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        if document.element.body is None:
            raise DamagedFileError("the Word file has no body; it is damaged, get it again")
        numbering = Numbering(document)
    except (DamagedFileError, RecursionError):
        raise
    except Exception as error:  # python-docx lets KeyError, lxml's and zip errors through on broken files
        detail = printable(str(error) or type(error).__name__)
        raise DamagedFileError(
            f"the Word file is damaged and could not be read ({detail}); get it again"
        ) from None
    return document, numbering


def _block_lines(parent: _Element, numbering: Numbering) -> Iterator[str]:
    """The lines of the paragraphs and tables in ``parent``, content controls opened."""
    for child in parent:
        name = local_name(child)
        if name == "p":
            yield from _paragraph_lines(child, numbering)
        elif name == "tbl":
            yield from table_lines(_grid(child, numbering))
        elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _block_lines(child, numbering)


def _paragraph_lines(paragraph: _Element, numbering: Numbering) -> Iterator[str]:
    lines = [tidy(line) for line in paragraph_text(paragraph).split("\n")]
    if any(lines):
        lines[0] = f"{numbering.marker(paragraph)} {lines[0]}".strip()
    yield from lines
    for box in text_boxes(paragraph):
        yield from _block_lines(box, numbering)


def _grid(table: _Element, numbering: Numbering) -> Grid:
    """Cells by row and column, merged ones at every place that they cover."""
    grid: Grid = []
    count = 0
    for tr in _descend(table, "tr"):
        if tr.find(f"{W}trPr/{W}del") is not None:
            continue
        row = [Cell("")] * _number(tr.find(f"{W}trPr/{W}gridBefore"), 0)
        for tc in _descend(tr, "tc"):
            properties = tc.find(f"{W}tcPr")
            merge = properties.find(f"{W}vMerge") if properties is not None else None
            span = _number(properties.find(f"{W}gridSpan") if properties is not None else None, 1)
            goes_on = merge is not None and merge.get(f"{W}val", "continue") == "continue"
            if goes_on and grid and len(row) < len(grid[-1]):
                cell = grid[-1][len(row)]
            else:
                cell = Cell("\n".join(line for line in _block_lines(tc, numbering) if line))
            row += [cell] * span
        count += len(row)
        if count > MOST_CELLS:  # without spans, so that they cannot fill the memory
            row = list(dict.fromkeys(row))
        grid.append(row)
    return grid


def _descend(parent: _Element, name: str) -> Iterator[_Element]:
    """The children called ``name``, also those wrapped in content controls."""
    for child in parent:
        if local_name(child) == name:
            yield child
        elif local_name(child) in ("sdt", "sdtContent", "customXml"):
            yield from _descend(child, name)


def _number(element: _Element | None, default: int) -> int:
    value = element.get(f"{W}val", "") if element is not None else ""
    return min(int(value[:9]), _GRID_LIMIT) if value.isdecimal() else default


def _properties(document: WordDocument, text: str) -> tuple[str | None, dt.date | None]:
    """Title and date from the file's properties, unless they are those of a program's template."""
    try:
        core: Any = document.core_properties
        title, changed, remark = core.title, core.modified or core.created, core.comments
    except Exception:  # broken properties do not keep the text from being read
        return None, None
    date = (
        changed.date() if isinstance(changed, dt.datetime) and "python-docx" not in (remark or "") else None
    )
    return stated_title(title, text), date
