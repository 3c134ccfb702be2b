"""The text of one Word paragraph: insertions kept, deletions, hidden text and field codes left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DROPPED = frozenset(
    {"del", "moveFrom", "pPr", "rPr", "instrText", "delText", "Fallback", "txbxContent", "pict"}
)
_SIGNS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_TRUE = frozenset({"1", "true", "on", ""})


def local_name(element: _Element) -> str:
    """The name of ``element`` without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def paragraph_text(paragraph: _Element) -> str:
    """The text of ``paragraph`` with ``\\n`` at its line breaks."""
    return "".join(_pieces(paragraph))


def _pieces(element: _Element) -> Iterator[str]:
    for child in element:
        name = local_name(child)
        if name == "t":
            yield child.text or ""
        elif name in _SIGNS:
            yield _SIGNS[name]
        elif name == "r" and _is_hidden(child):
            continue
        elif name not in _DROPPED:
            yield from _pieces(child)


def _is_hidden(run: _Element) -> bool:
    mark = run.find(f"{W}rPr/{W}vanish")
    return mark is not None and mark.get(f"{W}val", "1") in _TRUE


def text_boxes(paragraph: _Element) -> Iterator[_Element]:
    """The contents of text boxes anchored in ``paragraph``; the copy for old programs is left out."""
    for box in paragraph.iter(f"{W}txbxContent"):
        between = []
        for parent in box.iterancestors():
            if parent is paragraph:
                break
            between.append(local_name(parent))
        # a box within a box is found by the paragraphs of the outer one
        if not any(name in ("Fallback", "del", "txbxContent") for name in between):
            yield box
