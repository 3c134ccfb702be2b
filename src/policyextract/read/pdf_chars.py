"""Runs of letters with their places → the words of a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from policyextract.read.pdf_page import Word

CLOSE, GAP = 0.05, 0.16  # the widest gaps within a word, between fonts and within one, in heights of letters
_SAME, _LINE = 0.1, 2.0  # points that make no other size, and no other line


@dataclass(slots=True)
class Run:
    """Letters side by side in one style, and whether a blank is printed right before and right after them.

    Not frozen, for there are hundreds on a page and each would take twice as long to make.
    """

    text: str
    x0: float
    x1: float
    bottom: float
    size: float
    bold: bool
    font: bytes
    before: bool
    after: bool

    @property
    def top(self) -> float:
        """The upper edge of the letters."""
        return self.bottom - self.size


def words_of(runs: Iterable[Run]) -> list[Word]:
    """The words that ``runs`` make up, line by line; what is printed twice in one place counts once."""
    found: list[Word] = []
    last: Run | None = None
    for run in _in_lines(_once(runs)):
        if last is not None and _goes_on(last, run):
            found[-1] = replace(found[-1], text=found[-1].text + run.text, x1=max(run.x1, found[-1].x1))
        else:
            found.append(Word(run.text, run.x0, run.x1, run.top, run.bottom, run.size, run.bold))
        last = run
    return found


def _goes_on(before: Run, run: Run) -> bool:
    """Whether ``run`` goes on with the word of ``before``, the run to its left."""
    return (
        run.x0 <= before.x1 + (GAP if run.font == before.font else CLOSE) * before.size
        and not (before.after or run.before)
        and abs(before.size - run.size) < _SAME
        and abs(before.bottom - run.bottom) < _LINE
    )


def _once(runs: Iterable[Run]) -> Iterator[Run]:
    """The runs without those that repeat one within about a point of it, as is done to look bold."""
    seen: dict[str, set[tuple[int, int]]] = {}
    for run in runs:
        x, y = round(run.x0), round(run.bottom)
        places = seen.setdefault(run.text, set())
        if not places or not any((x + i, y + j) in places for i in (-1, 0, 1) for j in (-1, 0, 1)):
            yield run
        places.add((x, y))


def _in_lines(runs: Iterable[Run]) -> Iterator[Run]:
    """The runs from the top to the foot, those of one line from left to right."""
    line: list[Run] = []
    for run in sorted(runs, key=lambda run: run.top):
        if line and run.top - line[-1].top > _LINE:
            yield from sorted(line, key=lambda run: run.x0)
            line = []
        line.append(run)
    yield from sorted(line, key=lambda run: run.x0)
