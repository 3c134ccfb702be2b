"""The features of one way to read a metric: its name and shape, what it holds, what it crosses.

A value has some thirty ways to read its metric, of which each has some thirty features; whatever they share is worked out
once a value (``Around``) or once a document (``part_of``).
"""

from __future__ import annotations

from functools import lru_cache

from policyextract import lexicon
from policyextract.assemble.ground import Part, ground_of, part_of
from policyextract.assemble.reading import Reading
from policyextract.assemble.stretches import Piece, clean
from policyextract.types import Lang, Span

__all__ = ["Around", "class_of", "features"]

_MARKS = (";", ":", ".")
_ELSEWHERE = ("antecedent", "prior", "head", "first", "tail")
_UNFIT = frozenset({"NOW", "BEFORE", "WISH", "NEWS", "COMMIT", "GOAL", "PAST", "FORECAST", "OLD"})


class Around:
    """A value whose metric is read, the ``shape`` of its sentence, and what was worked out for one way to read it."""

    def __init__(self, reading: Reading, value: Span, shape: tuple[str, ...]) -> None:
        self.reading, self.value, self.shape = reading, value, shape
        self.lang = reading.document.lang
        self.ground = ground_of(reading)
        self.grouped = [part for part in shape if part.startswith(("own=", "anaphor", "left-content"))]
        self._clean: dict[Piece, tuple[Piece, ...]] = {}
        self._content: dict[Piece, int] = {}
        self._gaps: dict[tuple[int, int], tuple[str, str]] = {}
        self._crossed: dict[tuple[int, int], tuple[str, ...]] = {}

    def cleaned(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """The parts of several stretches that speak of the metric."""
        if len(pieces) == 1:
            return self._cleaned(pieces[0])
        return tuple([part for piece in pieces for part in self._cleaned(piece)])

    def _cleaned(self, piece: Piece) -> tuple[Piece, ...]:
        found = self._clean.get(piece)
        if found is None:
            found = self._clean[piece] = clean(self.reading, piece, self.value)
        return found

    def content(self, piece: Piece) -> int:
        """How many words that say something a stretch holds."""
        found = self._content.get(piece)
        if found is None:
            parts = [part_of(self.reading, *part) for part in self._cleaned(piece)]
            found = self._content[piece] = sum([part.content for part in parts])
        return found

    def gap(self, low: int, high: int) -> tuple[str, str]:
        """How many words stand between two offsets, and whether a comma and a year are among them."""
        found = self._gaps.get((low, high))
        if found is None:
            words = self.reading.words(low, high)
            year = self.reading.count("YEAR", low, high) > 0
            found = f"{min(len(words), 5)}", f"{',' if ',' in words else '-'}&year={year}"
            self._gaps[low, high] = found
        return found

    def crossed(self, side: str, low: int, high: int) -> tuple[str, ...]:
        """The marks and other figures between the value and the far end of its metric on one side."""
        found = self._crossed.get((low, high))
        if found is None:
            words = self.reading.words(low, high)
            marks = [w for w in words if w in _MARKS]
            many, figures = min(len(marks), 2), min(self.reading.count("VALUE", low, high), 3)
            plain = f"crossed-{side}={many}"
            found = (plain, f"{plain}&figures={figures}", f"figures-{side}={figures}")
            found = self._crossed[low, high] = (*found, f"crossed-{side}:{marks[0]}") if marks else found
        return found


@lru_cache(maxsize=4096)
def class_of(word: str, lang: Lang) -> str:
    """A closed-class word itself, else its class."""
    table = lexicon.word_sets(lang, "metric")
    if word in ("^", "$", ",", ".", ";", ":", "(", ")") or word in table["shown"]:
        return word
    return "verb" if word in table["predicates"] else "number" if word[0].isdigit() else "other"


def features(around: Around, name: str, pieces: tuple[Piece, ...], cleaned: tuple[Piece, ...]) -> list[str]:
    """The features of the way called ``name`` to join ``pieces``, of which ``cleaned`` is left."""
    parts = [part_of(around.reading, *piece) for piece in cleaned]
    prefix = f"t={name}&"
    found = [f"t={name}", *[prefix + part for part in around.shape]]
    found.append(f"n={min(sum([part.content for part in parts]), 14)}")
    for side, piece in zip(name.split("+"), pieces, strict=False):
        inside = around.content(piece)
        found.append(f"{side[0]}n={min(inside, 8)}")
        prefix = f"{side[0]}n={min(inside, 4)}&"
        found += [prefix + part for part in around.shape[:4]]
        found.append(f"{side}n={min(inside, 5)}")
    found.append(f"values={min(sum([part.values for part in parts]), 2)}")
    _crossed(around, cleaned, found)
    _jumped(around, name, cleaned, found)
    found.append(f"commas={min(sum([part.commas for part in parts]), 3)}")
    norms = around.reading.tokens.norms
    words = [norms[part.first : part.last] for part in parts]
    if words and words[0]:
        found.append(f"begins={class_of(words[0][0], around.lang)}")
    if words and words[-1]:
        found.append(f"ends={class_of(words[-1][-1], around.lang)}")
    _inside(around, name.partition("+")[0], parts, found)
    return found


def _crossed(around: Around, cleaned: tuple[Piece, ...], found: list[str]) -> None:
    """How many marks and other figures stand between the value and the far ends of its metric."""
    value = around.value
    left = min([p[0] for p in cleaned if p[0] < value.start], default=value.start)
    right = max([p[1] for p in cleaned if p[1] > value.end], default=value.end)
    found += around.crossed("left", left, value.start)
    found += around.crossed("right", value.end, right)


def _jumped(around: Around, name: str, cleaned: tuple[Piece, ...], found: list[str]) -> None:
    """What stands between the value and the nearest words of its metric: nothing, a year, a comma."""
    value = around.value
    own = not name.startswith(_ELSEWHERE)
    group = "own" if own else name.partition("-")[0].partition("+")[0]
    found += [f"g={group}&{part}" for part in around.grouped]
    before = max([p[1] for p in cleaned if p[1] <= value.start], default=None)
    after = min([p[0] for p in cleaned if p[0] >= value.end], default=None)
    for side, low, high in (("left", before, value.start), ("right", value.end, after)):
        if low is not None and high is not None:
            many, kind = around.gap(low, high)
            found += (f"jump-{side}={many}", f"jump-{side}={kind}", f"jump-{side}={kind}&t={name}")


def _inside(around: Around, name: str, parts: list[Part], found: list[str]) -> None:
    """What a metric should not hold: verbs of commitment, the bodies that act, the names of plans."""
    for kind in dict.fromkeys([cue for part in parts for cue in part.cues if cue in _UNFIT]):
        found += (f"cue={kind}", f"cue={kind}&t={name}")
    found.append(f"agents={min(sum([part.agents for part in parts]), 2)}")
    held = [part for part in parts if part.first < part.last]
    if held and around.ground.agents[held[0].first]:
        found.append("begins-agent")
    verbs = min(sum([part.verbs for part in parts]), 3)
    found += (f"verbs={verbs}", f"verbs={verbs}&t={name}")
    if held:
        norms = around.reading.tokens.norms
        found += (f"begins:{norms[held[0].first]}", f"ends:{norms[held[-1].last - 1]}")
