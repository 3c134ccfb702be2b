"""Where in a text a grammar can match at all: runs of tokens, each of which some rule has beside the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Gate", "parted"]

_OPERATORS = "?+*"
_OPTIONAL, _REPEATED = ("?", "*"), ("+", "*")
_MOST = 50_000  # words whose kind is kept; a corpus has ever new ones
_NONE: frozenset[str] = frozenset()


def parted(part: str) -> tuple[str, str]:
    """A part of a pattern and its operator, "" if it has none."""
    return (part[:-1], part[-1]) if len(part) > 1 and part[-1] in _OPERATORS else (part, "")


class Gate:
    """The pairs of neighbouring tokens, and the single tokens, that a set of patterns allows.

    Tokens are told apart by their kind, a number for each set of tests of the patterns that a token passes: what
    matches depends on nothing else. A match is a row of allowed pairs, so nothing can match across two tokens that no
    pattern has side by side; six tokens of seven of an article are in no such row.
    """

    def __init__(
        self, patterns: Sequence[Sequence[str]], classes: Mapping[str, Callable[[str], bool]]
    ) -> None:
        self._alone: set[str] = set()
        self._pairs: dict[str, set[str]] = {}
        for pattern in patterns:
            self._add([parted(part) for part in pattern])
        tests = self._alone.union(self._pairs, *self._pairs.values())
        self._plain = frozenset(tests - classes.keys())
        self._classes = [(name, classes[name]) for name in sorted(tests & classes.keys())]
        self._numbers: dict[frozenset[str], int] = {}
        self._passed: list[frozenset[str]] = []
        self._kinds: dict[str, int] = {}
        self._joined: dict[tuple[int, int], bool] = {}

    def _add(self, parts: Sequence[tuple[str, str]]) -> None:
        """Note what a pattern has side by side, and the single token that it matches if it can match one."""
        needed = {i for i, (_, operator) in enumerate(parts) if operator not in _OPTIONAL}
        for i, (test, operator) in enumerate(parts):
            if needed <= {i}:
                self._alone.add(test)
            following = self._pairs.setdefault(test, set())
            if operator in _REPEATED:
                following.add(test)
            for other, skipped in parts[i + 1 :]:
                following.add(other)
                if skipped not in _OPTIONAL:
                    break

    def runs(self, norms: Sequence[str]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """The rows of tokens, end-exclusive, that hold every match, and the kinds of their tokens."""
        known, joined = self._kinds, self._joined
        kinds = [known[norm] if norm in known else self._kind(norm) for norm in norms]
        first, last = 0, len(kinds) - 1
        for i, kind in enumerate(kinds):
            if i < last:
                pair = kind, kinds[i + 1]
                if joined[pair] if pair in joined else self._may_join(*pair):
                    continue
            if i > first or not self._alone.isdisjoint(self._passed[kind]):
                yield first, i + 1, tuple(kinds[first : i + 1])
            first = i + 1

    def _kind(self, norm: str) -> int:
        """The kind of a token."""
        named = (name for name, holds in self._classes if holds(norm))
        passed = frozenset((*named, *self._plain.intersection((norm,))))
        if passed not in self._numbers:
            self._numbers[passed] = len(self._passed)
            self._passed.append(passed)
        kind = self._numbers[passed]
        if len(self._kinds) < _MOST:
            self._kinds[norm] = kind
        return kind

    def _may_join(self, one: int, other: int) -> bool:
        found = any(
            not self._pairs.get(test, _NONE).isdisjoint(self._passed[other]) for test in self._passed[one]
        )
        self._joined[one, other] = found
        return found
