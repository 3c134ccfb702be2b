"""Changes of a text under which its gold keeps its hold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from policyextract.types import Document, Target

__all__ = ["Edit", "edited"]


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Another text for ``start:end``."""

    start: int
    end: int
    text: str


def edited(
    document: Document, rows: Sequence[Target], edits: Iterable[Edit]
) -> tuple[Document, list[Target]]:
    """``document`` with ``edits`` made, and its rows with their offsets and values moved along.

    Of edits that overlap, the first in order of text is made.
    """
    made: list[Edit] = []
    for edit in sorted(edits):
        if not made or edit.start >= made[-1].end:
            made.append(edit)
    parts: list[str] = []
    olds, news = [0], [0]
    at = new = 0
    for edit in made:
        parts += [document.text[at : edit.start], edit.text]
        new += edit.start - at + len(edit.text)
        at = edit.end
        olds.append(at)
        news.append(new)
    text = "".join([*parts, document.text[at:]])

    def place(old: int) -> int:
        i = bisect_right(olds, old) - 1
        return news[i] + old - olds[i]

    moved = []
    for row in rows:
        if row.start is None or row.end is None:
            moved.append(row)
            continue
        start, end = place(row.start), place(row.end)
        moved.append(replace(row, start=start, end=end, value=text[start:end]))
    return replace(document, text=text, pages=(0,)), moved
