"""What the reading model sees: a document in windows of pieces, a mark before every candidate value.

A document that fits is one window. A longer one is read in windows that overlap, each under the top of the document
and the heads it begins under, and every value is read in the one window that shows enough text on both its sides.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyextract.errors import ModelError
from policyextract.types import Segment

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["MARK", "SIZE", "Pieces", "Window", "piece_id", "windows"]

MARK = "[unused0]"
SIZE = 768  # pieces of a window, special ones and marks included
_TOP = 20  # pieces of each of the first two segments: title and date line
_HEAD = 32  # of one head
_HEADS = 72  # of all heads
_BEFORE, _BEHIND = 0.2, 0.1  # parts of a window that a value has at least before and behind it


_FIRST = ("[CLS]", "<s>", "<|begin_of_text|>")
_SEPARATOR = ("[SEP]", "</s>", "<|end_of_text|>")


def piece_id(tokenizer: Tokenizer, *names: str) -> int:
    """The id of a piece that must be there, by the first of its names that is.

    Raises:
        ModelError: none is, so the tokenizer is of another kind than the models here are made for.
    """
    for name in names:
        found = tokenizer.token_to_id(name)
        if found is not None:
            return found
    raise ModelError(
        f"the tokenizer has no piece {' or '.join(map(repr, names))}: take one that a model of an encoder has"
    )


@dataclass(frozen=True, slots=True)
class Pieces:
    """A document in pieces: ids and end-exclusive character offsets, in order of text; ids of the special pieces."""

    ids: list[int]
    starts: list[int]
    ends: list[int]
    first: int
    separator: int
    mark: int

    @classmethod
    def of(cls, text: str, tokenizer: Tokenizer) -> Pieces:
        """The pieces of ``text``; those that are only blanks (line ends) stay in.

        Raises ModelError if the tokenizer lacks a special piece.
        """
        named = [piece_id(tokenizer, *names) for names in (_FIRST, _SEPARATOR, (MARK,))]
        encoded = tokenizer.encode(text, add_special_tokens=False)
        starts, ends = ([offset[i] for offset in encoded.offsets] for i in (0, 1))
        return cls(encoded.ids, starts, ends, *named)

    def within(self, start: int, end: int) -> tuple[int, int]:
        """The pieces, end-exclusive, that share a character with ``start:end``."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a document as the model reads it.

    ``origin`` is each id's place among the document's pieces, -1 for special ones. ``values`` are the numbers of the
    values that are read here, ``marks`` the places of their marks in ``ids``; values that another window reads carry
    a mark as well.
    """

    ids: list[int]
    origin: list[int]
    values: list[int]
    marks: list[int]


def windows(
    pieces: Pieces, segments: Sequence[Segment], values: Sequence[tuple[int, int]], *, size: int = SIZE
) -> list[Window]:
    """The windows of a document, each at most ``size`` ids long, so that each of ``values`` is read in one.

    ``values`` are character offsets in order of text; where none stands, no window is made.
    """
    begins = [min(pieces.within(*value)[0], len(pieces.ids) - 1) for value in values]
    found: list[Window] = []
    read = 0
    while read < len(values):
        # As far back as the value needs; the first window begins at the top.
        whole = len(pieces.ids) + len(values) + 2 <= size
        start = 0 if whole else max(0, begins[read] - int(_BEFORE * (size - _HEADS - 2 * _TOP)))
        if start and start <= _BEFORE * size / 4:
            start = 0
        before = _before(pieces, segments, start) if start else []
        used = 2 + sum(last - first for first, last in before) + bool(before)
        end = _end(begins, start, len(pieces.ids), size - used)
        behind = 0 if end == len(pieces.ids) else int(_BEHIND * size)
        until = max(read + 1, bisect_left(begins, end - behind))
        found.append(_window(pieces, before, (start, end), begins, (read, until)))
        read = until
    return found


def _end(begins: list[int], start: int, last: int, room: int) -> int:
    """The end of the running text that fits into ``room`` ids together with the marks of its values."""
    end = min(last, start + room)
    while end > start and end - start + bisect_left(begins, end) - bisect_left(begins, start) > room:
        end -= 1
    return end


def _before(pieces: Pieces, segments: Sequence[Segment], start: int) -> list[tuple[int, int]]:
    """The top of the document, then the heads that the text from ``start`` stands under; ranges of pieces."""
    index = max(0, bisect_right([s.start for s in segments], pieces.starts[start]) - 1)
    top = list(segments[:2])
    heads = [h for h in segments[index].heads if h not in top] if segments else []
    found: list[tuple[int, int]] = []
    used = 0
    for head, most in [*((s, _TOP) for s in top), *((h, _HEAD) for h in heads)]:
        first, last = pieces.within(head.start, head.end)
        last = min(last, first + most, start)
        if last > first and used + last - first <= 2 * _TOP + _HEADS:
            found.append((first, last))
            used += last - first
    return found


def _window(
    pieces: Pieces,
    before: list[tuple[int, int]],
    body: tuple[int, int],
    begins: list[int],
    read: tuple[int, int],
) -> Window:
    ids, origin = [pieces.first], [-1]
    for first, last in before:
        ids += pieces.ids[first:last]
        origin += range(first, last)
    if before:
        ids.append(pieces.separator)
        origin.append(-1)
    at = body[0]
    numbers: list[int] = []
    marks: list[int] = []
    for number in range(bisect_left(begins, body[0]), bisect_left(begins, body[1])):
        ids += pieces.ids[at : begins[number]]
        origin += range(at, begins[number])
        at = begins[number]
        if read[0] <= number < read[1]:
            numbers.append(number)
            marks.append(len(ids))
        ids.append(pieces.mark)
        origin.append(-1)
    ids += pieces.ids[at : body[1]]
    origin += range(at, body[1])
    return Window([*ids, pieces.separator], [*origin, -1], numbers, marks)
