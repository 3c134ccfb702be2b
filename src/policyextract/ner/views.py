"""What the reading model sees of one candidate value.

The model reads a value in its context and says of each piece what it is to that value: part of its metric, its
level, its year, its locality, or nothing. The context is the top of the document, the heads the value stands under
and the text around it, with the value between two marks; the opening mark's label says whether the value is a target.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyextract.errors import ModelError
from policyextract.types import Segment

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["LABELS", "MARKS", "SIZE", "Pieces", "View", "piece_id", "view"]

LABELS = ("O", "TARGET", "METRIC", "LEVEL", "YEAR", "LOCALITY")
MARKS = ("[unused0]", "[unused1]")
SIZE = 256  # pieces of a view, special ones included
_TOP = 40  # pieces of the title and date line
_HEAD = 32  # of one head
_HEADS = 72  # of all heads
_AFTER = 0.4  # part of the running text that stands behind the value


def piece_id(tokenizer: Tokenizer, piece: str) -> int:
    """The id of a piece that must be there.

    Raises:
        ModelError: it is not, so the tokenizer is of another kind than the models here are made for.
    """
    found = tokenizer.token_to_id(piece)
    if found is None:
        raise ModelError(f"the tokenizer has no piece {piece!r}: take one made by scripts/train_tokenizer.py")
    return found


@dataclass(frozen=True, slots=True)
class Pieces:
    """A document in pieces: ids and end-exclusive character offsets, in order of text."""

    ids: list[int]
    starts: list[int]
    ends: list[int]
    first: int
    separator: int
    marks: tuple[int, int]

    @classmethod
    def of(cls, text: str, tokenizer: Tokenizer) -> Pieces:
        """The pieces of ``text``; those that are only blanks (line ends) stay in."""
        encoded = tokenizer.encode(text, add_special_tokens=False)
        named = [piece_id(tokenizer, piece) for piece in ("[CLS]", "[SEP]", *MARKS)]
        starts, ends = ([offset[i] for offset in encoded.offsets] for i in (0, 1))
        return cls(encoded.ids, starts, ends, named[0], named[1], (named[2], named[3]))

    def within(self, start: int, end: int) -> tuple[int, int]:
        """The pieces, end-exclusive, that share a character with ``start:end``."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


@dataclass(frozen=True, slots=True)
class View:
    """``ids`` as the model reads them; ``origin`` is each one's place among the document's pieces, -1 for special ones.

    ``mark`` is the place of the opening mark in ``ids``.
    """

    ids: list[int]
    origin: list[int]
    mark: int


def view(pieces: Pieces, segments: list[Segment], start: int, end: int, *, size: int = SIZE) -> View:
    """The view of the value at ``start:end``, at most ``size`` ids long; a longer value is cut at its end."""
    value = pieces.within(start, end)
    index = max(0, bisect_right([s.start for s in segments], start) - 1)
    value = (value[0], min(value[1], value[0] + size // 4))
    # Room for [CLS], three [SEP] and the marks; what the parts do not use goes to the running text.
    room = size - 6
    body = _body(pieces, segments, index, value, room)
    parts: list[tuple[int, int]] = []
    used = 0
    for piece_range, most in _before(pieces, segments, index):
        cut = (piece_range[0], min(piece_range[1], piece_range[0] + most))
        # What the running text will hold anyway is not said twice.
        if cut[1] > cut[0] and cut[1] <= body[0] and used + cut[1] - cut[0] <= _TOP + _HEADS:
            parts.append(cut)
            used += cut[1] - cut[0]
    body = _body(pieces, segments, index, value, room - used)
    ids, origin = [pieces.first], [-1]
    for first, last in parts:
        ids += pieces.ids[first:last]
        origin += range(first, last)
    ids.append(pieces.separator)
    origin.append(-1)
    mark = -1
    for first, last, before in ((body[0], value[0], None), (value[0], value[1], 0), (value[1], body[1], 1)):
        if before is not None:
            mark = len(ids) if before == 0 else mark
            ids.append(pieces.marks[before])
            origin.append(-1)
        ids += pieces.ids[first:last]
        origin += range(first, last)
    return View([*ids, pieces.separator], [*origin, -1], mark)


def _before(pieces: Pieces, segments: list[Segment], index: int) -> list[tuple[tuple[int, int], int]]:
    """The top of the document, then the heads from the outermost in; each with the most pieces it may take."""
    top = segments[: min(2, index)]
    found = [(pieces.within(s.start, s.end), _TOP // 2) for s in top]
    heads = [h for h in segments[index].heads if h not in top] if segments else []
    return [*found, *((pieces.within(h.start, h.end), _HEAD) for h in heads)]


def _body(
    pieces: Pieces, segments: list[Segment], index: int, value: tuple[int, int], room: int
) -> tuple[int, int]:
    """The running text around ``value`` in ``room`` pieces, more of it before than behind."""
    free = max(0, room - (value[1] - value[0]))
    behind = min(len(pieces.ids) - value[1], int(free * _AFTER))
    before = min(value[0], free - behind)
    behind = min(len(pieces.ids) - value[1], free - before)
    return value[0] - before, value[1] + behind
