"""Edits that make a text as untidy, or as differently set, as texts are met with; none changes what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from policyextract.training.edits import Edit
from policyextract.types import Document, Span, Target

__all__ = ["exchanged_levels", "reordered", "untidied"]

_PERCENT = re.compile(r"(?<=\d)(\s?%| per cent| percent)(?![\w-])")
_QUOTES = {"“": '"', "”": '"', "’": "'", "‘": "'"}
_GLUE = re.compile(r"(?<=[a-z]) (?=\d)|(?<=,) (?=[a-z])")
_STOP = re.compile(r"(?<=[a-z])\.(?=\n|$)")
_WIDE = re.compile(r"(?<=\d) (?=[a-z])")
_ITEM = re.compile(r"(?m)^[-–•*+] ([^\n]+)$")
_SWAPS = {
    "en": {"district": "commune", "districts": "communes", "commune": "district", "communes": "districts"},
    "vi": {"huyện": "xã", "xã": "huyện"},
}


def untidied(document: Document, random: Random) -> Iterator[Edit]:
    """Percent signs for words and the reverse, straight quotes, glued words, lost full stops, blanks that do not break."""
    text = document.text
    if random.random() < 0.5:
        form = random.choice((" %", "%", " per cent", " percent") if document.lang == "en" else (" %", "%"))
        yield from (Edit(m.start(), m.end(), form) for m in _PERCENT.finditer(text))
    if random.random() < 0.5:
        yield from (Edit(m.start(), m.end(), _QUOTES[m.group()]) for m in re.finditer("[“”‘’]", text))
    for pattern, new, part in ((_GLUE, "", 0.04), (_STOP, "", 0.1), (_WIDE, "\u00a0", 0.1)):
        if random.random() < 0.5:
            yield from (
                Edit(m.start(), m.end(), new) for m in pattern.finditer(text) if random.random() < part
            )


def reordered(
    document: Document, rows: list[Target], spans: Sequence[Span], random: Random
) -> tuple[Document, list[Target]]:
    """The document with the items of one of its lists in another order, and its rows moved along.

    Not of a list that states a year or names a place in some of its items, for others may take it over.
    """
    lists = [found for found in _lists(document.text) if not _leaning(found, spans)]
    if not lists:
        return document, rows
    items = random.choice(lists)
    order = random.sample(items, len(items))
    text, at, moves = document.text, items[0][0], []
    parts = [text[:at]]
    for place, (start, end) in enumerate(order):
        moves.append((start, end, at - start))
        after = items[place + 1][0] if place + 1 < len(items) else items[place][1]
        parts += [text[start:end], text[items[place][1] : after]]
        at += end - start + after - items[place][1]
    parts.append(text[items[-1][1] :])
    moved = [_moved(row, moves) for row in rows]
    return replace(document, text="".join(parts)), sorted(moved, key=lambda row: (row.start, row.end))


def _lists(text: str) -> Iterator[list[tuple[int, int]]]:
    """The words of the items of each list of three or more, as spans."""
    run: list[tuple[int, int]] = []
    last = -2
    for item in _ITEM.finditer(text):
        if item.start() != last + 1:
            if len(run) > 2:
                yield run
            run = []
        run.append(item.span(1))
        last = item.end()
    if len(run) > 2:
        yield run


def _leaning(items: list[tuple[int, int]], spans: Sequence[Span]) -> bool:
    stated = {
        label: sum(any(s.label == label and a <= s.start < b for s in spans) for a, b in items)
        for label in ("YEAR", "PLACE")
    }
    return any(0 < number < len(items) for number in stated.values())


def _moved(row: Target, moves: list[tuple[int, int, int]]) -> Target:
    by = next((by for start, end, by in moves if start <= row.start < end), 0)
    return replace(row, start=row.start + by, end=row.end + by)


def exchanged_levels(document: Document, spans: Sequence[Span]) -> tuple[list[Edit], dict[str, str]]:
    """The edits that let districts and communes change places, and the words for each other; none where others are named too."""
    swaps = _SWAPS[document.lang]
    edits: list[Edit] = []
    for span in spans:
        levels = set((span.attr("levels") or "").split(","))
        if span.label != "LEVEL" or not levels & {"district", "commune"}:
            continue
        words = list(re.finditer(r"\w+", document.text[span.start : span.end].lower()))
        changed = [
            Edit(span.start + m.start(), span.start + m.end(), swaps[m.group()])
            for m in words
            if m.group() in swaps
        ]
        # "wards", "townships": another word for the same level would stay behind.
        if len(changed) != len(levels & {"district", "commune"}):
            return [], {}
        edits += changed
    return edits, swaps if edits else {}
