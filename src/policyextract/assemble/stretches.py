"""Stretches of text that name a metric: cleaned of other fields, read from table cells, compared."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import cache

from policyextract import lexicon
from policyextract.assemble.ground import Ground, ground_of
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell
from policyextract.assemble.units import unit_of
from policyextract.lexicon import Tokens
from policyextract.types import Span

Piece = tuple[int, int]


_NUMBERED = re.compile(r"(?i)\s*(?:table|annex|appendix|bảng|biểu|phụ lục)\s+[\w.]{1,5}\s*[.:–—-]\s+")


def cell_metric(reading: Reading, value: Span, cell: Cell) -> tuple[Piece, ...]:
    """The metric of a table cell: its row's label; where that is a place, its column's head, else the caption."""
    label = cell.label
    if label is not None and not _is_place(reading, label):
        return clean(reading, _without_unit(reading, label), value)
    pieces = clean(reading, _without_unit(reading, cell.header), value) if cell.header else ()
    if not pieces and cell.caption:
        pieces = clean(reading, _without_unit(reading, _without_number(reading, cell.caption)), value)
    return pieces


def _without_number(reading: Reading, caption: Piece) -> Piece:
    found = _NUMBERED.match(reading.document.text, *caption)
    return (found.end(), caption[1]) if found else caption


def _without_unit(reading: Reading, label: Piece) -> Piece:
    """The label without the unit of measure in parentheses or behind a comma at its end."""
    text = reading.document.text
    stated = text[slice(*label)].rstrip()
    found = re.search(r"(?:\(([^()]{0,200})\)|,\s([^,()]{0,200}))$", stated)
    if found is None:
        return label
    words = lexicon.tokenise(found.group(1) or found.group(2) or "", reading.document.lang).norms
    return (
        (label[0], label[0] + len(stated[: found.start()].rstrip()))
        if unit_of(words, reading.document.lang)
        else label
    )


def _is_place(reading: Reading, label: Piece) -> bool:
    places = reading.within("PLACE", *label)
    covered = sum(p.end - p.start for p in places)
    return covered * 2 > label[1] - label[0]


def clean(reading: Reading, piece: Piece, value: Span) -> tuple[Piece, ...]:
    """The parts of a stretch that speak of the metric: without years, levels, places, values, cues."""
    start, end = piece
    if end - start < 2:
        return ()
    ground, tokens = ground_of(reading), reading.tokens
    first, last = reading.token_at(start), reading.token_at(end)
    drop = _dropped(ground, tokens, first, last, value)
    low, high = 0, last - first
    while low < high and (drop[low] or ground.left[first + low]):
        low += 1
    while high > low and (drop[high - 1] or ground.right[first + high - 1]):
        high -= 1
    if high > low and tokens.ends[first + high - 1] > end:
        high -= 1  # it reaches out of the stretch
    parts: list[Piece] = []
    named = False
    while (low := drop.find(0, low, high)) >= 0:
        until = drop.find(1, low, high)
        until = high if until < 0 else until
        one, other = first + low, first + until
        if ground.wordy.find(1, one, other) >= 0 or tokens.norms[one:other] == ("%",):
            parts.append((tokens.starts[one], tokens.ends[other - 1]))
            named = named or ground.lettered.find(1, one, other) >= 0
        low = until
    # Figures alone name nothing: they are the neighbouring cell or the value's own number.
    return tuple(parts) if named else ()


def _dropped(ground: Ground, tokens: Tokens, first: int, last: int, value: Span) -> bytearray:
    """For each token of ``first:last`` whether it belongs to another field."""
    drop = bytearray(ground.anywhere[first:last])
    if first < last:
        begin = bisect_left(ground.claimed, tokens.starts[first])
        for claim in ground.claims[begin : bisect_left(ground.claimed, tokens.ends[last - 1])]:
            low, high = max(claim.first, first) - first, min(claim.last, last) - first
            if low < high and (claim.value is None or claim.value is value):
                drop[low:high] = b"\1" * (high - low)
    return drop


def likeness(reading: Reading) -> Callable[[tuple[Piece, ...], tuple[Piece, ...]], float]:
    """A measure of two metrics: whether they share half of their content words, and how many they share."""
    stop = lexicon.word_sets(reading.document.lang, "metric")["stop"]

    bits: dict[int, int] = {}  # a bit for each token met: sets as integers are compared twenty times a value

    @cache
    def content(pieces: tuple[Piece, ...]) -> int:
        words = 0
        for start, end in pieces:
            for i in range(reading.token_at(start), reading.token_at(end)):
                if reading.tokens.norms[i] not in stop:
                    words |= 1 << bits.setdefault(i, len(bits))
        return words

    def alike(one: tuple[Piece, ...], other: tuple[Piece, ...]) -> float:
        a, b = content(one), content(other)
        shared = 2 * (a & b).bit_count() / max(1, a.bit_count() + b.bit_count())
        return 0.5 * shared + (shared >= 0.5)

    return alike
