"""Where a quote stands in a text, and where a row stands in its document."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from policyextract.errors import ReviewError
from policyextract.review.events import Quote, edited
from policyextract.review.fields import changed, consistent
from policyextract.segment import segment
from policyextract.types import Document, Segment, Target


def find_quote(text: str, quote: Quote, near: int) -> int:
    """The offset at which a quote stands in a text that may have changed.

    Of the places of its exact words the one counts whose context agrees best, in at least half of its characters; of
    several that agree fully the one nearest to the offset ``near``. Raises ReviewError, with the reason, if there is
    none or it cannot be told which.
    """
    context = len(quote.prefix) + len(quote.suffix)
    found = [(_agreement(text, at, quote), at) for at in _places(text, quote.exact)]
    if not found:
        raise ReviewError(f"{quote.exact!r} no longer stands in the text")
    best = max(found)[0]
    if 2 * best < context:
        raise ReviewError(f"{quote.exact!r} no longer stands in the text with the words around it")
    places = [at for agreement, at in found if agreement == best]
    if len(places) > 1:
        places.sort(key=lambda at: abs(at - near))
        if best < context or abs(places[0] - near) == abs(places[1] - near):
            raise ReviewError(f"{quote.exact!r} stands in the text {len(places)} times in like words")
    return places[0]


def _places(text: str, exact: str) -> Iterator[int]:
    at = text.find(exact) if exact else -1
    while at >= 0:
        yield at
        at = text.find(exact, at + 1)


def _agreement(text: str, at: int, quote: Quote) -> int:
    """How many characters of the context agree, counted from the words outwards."""
    end = at + len(quote.exact)
    before = text[max(0, at - len(quote.prefix)) : at]
    after = text[end : end + len(quote.suffix)]
    return _common(before[::-1], quote.prefix[::-1]) + _common(after, quote.suffix)


def _common(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def placed(row: Target, document: Document) -> Target:
    """The row with the page and the sentence in which its value stands."""
    segments = _segments(document)
    at = bisect.bisect_right([one.start for one in segments], row.start) - 1
    sentence = " ".join(document.text[segments[at].start : segments[at].end].split()) if at >= 0 else None
    return replace(row, page=bisect.bisect_right(document.pages, row.start), sentence=sentence)


@lru_cache(maxsize=8)
def _segments(document: Document) -> list[Segment]:
    return segment(document)


def grounded(row: Target, fields: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Those of the checked fields that change the row, with ``value``, ``start`` and ``end`` as the text has them.

    Of the three, offsets alone bring their words, and words alone are looked for where the old value stands. Raises
    ReviewError if the words do not stand there, or if the row would contradict itself.
    """
    fields = changed(row, fields)
    if "start" in fields or "end" in fields:
        start, end = fields.get("start", row.start), fields.get("end", row.end)
        words = text[start:end]
        if end > len(text) or fields.get("value", words) != words:
            raise ReviewError(
                f"the text at {start}:{end} is {words!r}, not {fields.get('value', row.value)!r}"
            )
        fields["value"] = words
    elif "value" in fields:
        fields |= _spanned(row, fields["value"], text)
    fields = changed(row, fields)
    consistent(edited(row, fields))
    return fields


def _spanned(row: Target, value: str, text: str) -> dict[str, Any]:
    """Words with their offsets where they share a character with the row's value."""
    found = [span for span in spans_of(value, text) if span[0] < row.end and span[1] > row.start]
    if not found:
        around = " ".join(text[max(0, row.start - 60) : row.end + 60].split())
        raise ReviewError(
            f"value is {value!r}, which does not stand where {row.value!r} stands (… {around} …); "
            "give words of the text, or start and end"
        )
    start, end = max(found, key=lambda span: min(span[1], row.end) - max(span[0], row.start))
    return {"value": text[start:end], "start": start, "end": end}


def spans_of(value: str, text: str) -> list[tuple[int, int]]:
    """Where words stand in a text, with any white space between them."""
    words = value.split()
    pattern = re.compile(r"(?=(" + r"\s+".join(map(re.escape, words)) + "))") if words else None
    return [match.span(1) for match in pattern.finditer(text)] if pattern else []
