"""Stretches of text that name a metric: cleaned of other fields, read from table cells, compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from policyextract import lexicon
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell
from policyextract.assemble.units import unit_of
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
    found = re.search(r"\s*(?:\(([^()]*)\)|,\s([^,()]*))\s*$", text[slice(*label)])
    if found is None:
        return label
    words = lexicon.tokenise(found.group(1) or found.group(2) or "", reading.document.lang).norms
    return (label[0], label[0] + found.start()) if unit_of(words, reading.document.lang) else label


def _is_place(reading: Reading, label: Piece) -> bool:
    places = reading.within("PLACE", *label)
    covered = sum(p.end - p.start for p in places)
    return covered * 2 > label[1] - label[0]


def clean(reading: Reading, piece: Piece, value: Span) -> tuple[Piece, ...]:
    """The parts of a stretch that speak of the metric: without years, levels, places, values, cues."""
    start, end = piece
    if end - start < 2:
        return ()
    table = lexicon.word_sets(reading.document.lang, "metric")
    tokens = reading.tokens
    first, last = reading.token_at(start), reading.token_at(end)
    drop = bytearray(max(0, last - first))
    _mark(reading, drop, first, last, table, value)
    while first < last and (
        drop[0] or tokens.norms[first] in table["edge-left"] or not _wordy(tokens.norms[first])
    ):
        first, drop = first + 1, drop[1:]
    while last > first and (
        drop[-1] or tokens.norms[last - 1] in table["edge-right"] or not _wordy(tokens.norms[last - 1])
    ):
        last, drop = last - 1, drop[:-1]
    parts: list[Piece] = []
    for offset, dropped in enumerate(drop):
        i = first + offset
        if dropped or tokens.ends[i] > end:
            continue
        if parts and parts[-1][1] == tokens.ends[i - 1]:
            parts[-1] = (parts[-1][0], tokens.ends[i])
        else:
            parts.append((tokens.starts[i], tokens.ends[i]))
    kept = tuple(p for p in parts if _wordy(reading.document.text[p[0] : p[1]]))
    # Figures alone name nothing: they are the neighbouring cell or the value's own number.
    return kept if any(ch.isalpha() for p in kept for ch in reading.document.text[slice(*p)]) else ()


def _wordy(text: str) -> bool:
    return any(ch.isalnum() for ch in text) or text in ("%",)


def _mark(
    reading: Reading, drop: bytearray, first: int, last: int, table: dict[str, frozenset[str]], value: Span
) -> None:
    """Set the tokens of a stretch that belong to other fields."""
    tokens = reading.tokens
    if first >= last:
        return
    start, end = tokens.starts[first], tokens.ends[last - 1]
    for label in ("YEAR", "LEVEL", "PLACE", "VALUE"):
        for span in reading.within(label, start, end):
            if label == "LEVEL" and span.attr("role") != "level":
                continue
            if (
                label == "VALUE"
                and span.attr("kind") in ("quantifier", "count", "universal")
                and span is not value
            ):
                continue
            low, high = reading.token_at(span.start), reading.token_at(span.end)
            while low > first and tokens.norms[low - 1] in table[f"before-{label.lower()}"]:
                low -= 1
            for i in range(max(low, first), min(high, last)):
                drop[i - first] = 1
    for i in range(first, last):
        if tokens.norms[i] in table["anywhere"]:
            drop[i - first] = 1


def likeness(reading: Reading) -> Callable[[tuple[Piece, ...], tuple[Piece, ...]], float]:
    """A measure of two metrics: whether they share half of their content words, and how many they share."""
    stop = lexicon.word_sets(reading.document.lang, "metric")["stop"]

    @cache
    def content(pieces: tuple[Piece, ...]) -> frozenset[int]:
        words: set[int] = set()
        for start, end in pieces:
            first, last = reading.token_at(start), reading.token_at(end)
            words.update(i for i in range(first, last) if reading.tokens.norms[i] not in stop)
        return frozenset(words)

    def alike(one: tuple[Piece, ...], other: tuple[Piece, ...]) -> float:
        a, b = content(one), content(other)
        shared = 2 * len(a & b) / max(1, len(a) + len(b))
        return 0.5 * shared + (shared >= 0.5)

    return alike
