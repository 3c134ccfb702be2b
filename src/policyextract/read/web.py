"""HTML → text: the main text of a page without menus, advertisements and related links."""

from __future__ import annotations

import codecs
import contextlib
import re
from typing import TYPE_CHECKING, Any

from policyextract.errors import DamagedFileError, EmptyFileError
from policyextract.read.limits import DEEPEST, MOST_SEARCHED, MOST_TABLED, printable
from policyextract.read.plain import decode
from policyextract.read.raw import Raw, join_lines
from policyextract.read.web_meta import page_date, page_title
from policyextract.read.web_tree import block_lines, prepare, strip_furniture

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DECLARED = re.compile(rb"<meta[^>]{1,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w-]{3,20})", re.IGNORECASE)
_LEAST = 250


def read_html(data: bytes) -> Raw:
    """The main text of an HTML page, a block a line, with title and date from its metadata.

    Raises EmptyFileError or DamagedFileError.
    """
    markup = _decode(data).replace("\x00", "")
    tree = _parse(markup)
    title, date = page_title(tree), page_date(tree)
    prepare(tree)
    lines = _main_lines(tree)
    if not lines:
        raise EmptyFileError("the page shows no text; it may be drawn by a script, so save it as PDF")
    if title and not any(_same(title, line) for line in lines[:8]):
        lines = [title, *lines]
    return Raw(join_lines(lines), title, date)


def _decode(data: bytes) -> str:
    """The markup as text: by byte order mark, then by UTF-8, then as declared, then by its words."""
    declared = _DECLARED.search(data[:4_000])
    if declared and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            data.decode()
        except UnicodeDecodeError:
            with contextlib.suppress(LookupError, UnicodeError):
                data = data.decode(declared[1].decode("ascii")).encode()
    return decode(data)


def _parse(markup: str) -> HtmlElement:
    import lxml.etree
    import lxml.html

    cleaned = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    if not re.search(r"<\s*[a-zA-Z!]", cleaned):
        raise DamagedFileError("the file holds no HTML; if it is plain text, name it .txt")
    try:
        parser = lxml.html.HTMLParser(huge_tree=True)  # without, it drops what is nested more than 256 deep
        tree = lxml.html.document_fromstring(cleaned, parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise DamagedFileError(f"the HTML could not be parsed: {printable(str(error))}") from None
    if any("depth" in entry.message for entry in parser.error_log):
        raise DamagedFileError(
            f"the tags of the page are nested more than {DEEPEST:,} deep; save it from a browser as PDF"
        )
    return tree


def _main_lines(tree: HtmlElement) -> list[str]:
    """The blocks of the main text by trafilatura; by a plain walk where that finds too little."""
    main = _extract(tree)
    strip_furniture(tree)
    whole = block_lines(tree)
    found, there = sum(map(len, main)), sum(map(len, whole))
    if found >= max(_LEAST, 0.4 * there):
        return main
    return whole if there > found else main


def _extract(tree: HtmlElement) -> list[str]:
    import copy

    from trafilatura import bare_extraction

    if sum(1 for _ in tree.iter("td", "th", "tr")) > MOST_TABLED:
        return []  # the plain walk reads them
    options: dict[str, Any] = {"include_comments": False, "include_tables": True, "with_metadata": False}
    options["fast"] = sum(1 for _ in tree.iter("*")) > MOST_SEARCHED
    try:
        found = bare_extraction(copy.deepcopy(tree), **options)
    except Exception:  # as above: the plain walk still reads the page
        return []
    body = getattr(found, "body", None)
    return block_lines(body) if body is not None else []


def _same(title: str, line: str) -> bool:
    fold = re.compile(r"\W+")
    a, b = fold.sub("", title.lower()), fold.sub("", line.lower())
    return a == b or (len(b) > 20 and a.startswith(b))
