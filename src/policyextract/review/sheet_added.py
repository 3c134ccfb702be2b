"""A line that a reviewer wrote of his own → the row to add, with its place in the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from policyextract.errors import ReviewError
from policyextract.review.desk import Desk
from policyextract.review.fields import EDITABLE
from policyextract.review.quotes import spans_of
from policyextract.review.sheet_cells import Cell, correction, fold, text_of

_SPAN = ("start", "end")
_PARTED = re.compile(r"\d[.,]\Z")


def added(
    desk: Desk, cell: Callable[[str], Cell], corrections: Mapping[str, Any], comma: bool | None
) -> dict[str, Any]:
    """The new row as ``Entry`` takes it, its fields from the new columns or else from those that show fields.

    ``cell`` gives the cell of a column. Raises ReviewError if document or place cannot be told.
    """
    doc = _document(desk, text_of(cell("doc")))
    row: dict[str, Any] = {"doc": doc}
    for name in EDITABLE:
        if name in corrections:
            row[name] = corrections[name]
        elif name not in _SPAN and text_of(cell(name)):
            row[name] = correction(name, cell(name), comma)
    if "start" in row or "end" in row:
        return row
    value = row.get("value")
    if not value:
        raise ReviewError("an added row needs value, in words of the document")
    hint = text_of(cell("start"))
    row["start"], row["end"] = _place(
        desk.document(doc).text,
        str(value),
        text_of(cell("sentence")),
        int(hint) if hint.isdecimal() else None,
    )
    del row["value"]
    return row


def _document(desk: Desk, given: str) -> str:
    """The name of a document as a sheet names it."""
    if not given:
        raise ReviewError("an added row needs doc, the name of the document")
    if given in desk.documents:
        return given
    words = fold(given).replace("\\", "/")
    alike = [name for name in desk.documents if fold(name) == words or fold(name).endswith(f"/{words}")]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise ReviewError(f"doc is {given!r}, which may be {', '.join(alike[:3])}; write the whole name")
    raise ReviewError(f"doc is {given!r}, but there is no such document in this dataset")


def _place(text: str, value: str, sentence: str, hint: int | None) -> tuple[int, int]:
    """Where the value of a new row stands; of several places the one in the sentence, or at the offset ``hint``."""
    spans = spans_of(value, text)
    if not spans:
        raise ReviewError(
            f"value is {value!r}, which does not stand in the document; write it as it stands there"
        )
    spans = [span for span in spans if _whole(text, *span)] or spans
    if len(spans) == 1:
        return spans[0]
    if not sentence:
        raise ReviewError(
            f"{value!r} stands in the document {len(spans)} times; write its sentence into sentence"
        )
    around = spans_of(sentence.removesuffix("…"), text)
    if not around:
        raise ReviewError(
            f"sentence is {_short(sentence)!r}, which does not stand in the document; copy it from there"
        )
    inside = [one for one in spans if any(start <= one[0] and one[1] <= end for start, end in around)]
    if len(inside) > 1:
        inside = [one for one in inside if one[0] == hint] or inside
    if len(inside) != 1:
        raise ReviewError(
            f"{value!r} stands in that sentence {len(inside)} times; "
            + ("write where it begins into new start" if inside else "write the sentence that holds it")
        )
    return inside[0]


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a place is no part of a longer word or number, as "5%" is in "15%" and "1.5%"."""
    before, after = text[max(0, start - 2) : start], text[end : end + 1]
    if before[-1:].isalnum() and text[start].isalnum():
        return False
    if _PARTED.search(before) and text[start].isdigit():
        return False
    return not (after.isalnum() and text[end - 1].isalnum())


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
