"""What a reader of PDF pages hands on: words and ruling lines with their places, whoever read them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its box in points from the top left corner of the page as it is shown."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A line level or upright, in points from the top left corner of the page; one of its sides is 0."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its number from 0, its size in points, its upright words, and the rules tables are made of.

    One that ``is_scan`` shows more than its words tell.
    """

    number: int
    width: float
    height: float
    words: list[Word]
    rules: list[Rule]
    is_scan: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """How the space in which a page is drawn is shown: its box, and by how many quarters it is turned right."""

    left: float
    bottom: float
    right: float
    top: float
    quarters: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as it is shown."""
        size = self.right - self.left, self.top - self.bottom
        return size[::-1] if self.quarters % 2 else size

    @property
    def origin(self) -> tuple[float, float]:
        """What is taken from a place along a line, and what a place across it is taken from, as it is shown."""
        return (
            (self.left, self.top), (self.bottom, -self.left), (-self.right, -self.bottom), (-self.top, self.right),
        )[self.quarters]  # fmt: skip

    def shown(
        self, left: float, bottom: float, right: float, top: float
    ) -> tuple[float, float, float, float]:
        """A box of the page, as (x0, top, x1, bottom) from the top left corner of what is shown."""
        if self.quarters == 0:
            return left - self.left, self.top - top, right - self.left, self.top - bottom
        if self.quarters == 1:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.quarters == 2:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        return self.top - top, self.right - right, self.top - bottom, self.right - left

    def is_upright(self, a: float, b: float) -> bool:
        """Whether text that runs along (a, b) is shown from left to right."""
        along, across = ((a, b), (b, a), (-a, b), (-b, a))[self.quarters]
        return abs(across) < 0.1 * along
