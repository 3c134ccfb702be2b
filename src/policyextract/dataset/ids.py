"""Stable names of targets."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from policyextract.types import Target

_DIGITS = 16


def target_id(target: Target, ordinal: int = 0) -> str:
    """The name of a target: "t" and 16 hexadecimal digits.

    It is a hash of what tells the rows of a document apart (path, offsets of the value, level, year,
    locality), so neither other rows nor the order of a run change it. ``ordinal`` counts the earlier rows
    of the document that agree in all of these. The letter keeps spreadsheets from reading a number.
    """
    key = [target.doc, target.start, target.end, target.level, target.year, target.locality, ordinal]
    digest = hashlib.sha256(json.dumps(key).encode("ascii")).hexdigest()
    return f"t{digest[:_DIGITS]}"


def identify(targets: Iterable[Target]) -> list[Target]:
    """The targets of a document, each with its name; one that has a name keeps it."""
    return Namer().name(targets)


class Namer:
    """Names the targets of documents that come one after the other; holds the names of one document."""

    def __init__(self) -> None:
        self._doc: str | None = None
        self._seen: Counter[str] = Counter()

    def name(self, targets: Iterable[Target]) -> list[Target]:
        """The targets with their names."""
        return [self._name(target) for target in targets]

    def _name(self, target: Target) -> Target:
        if target.doc != self._doc:
            self._doc, self._seen = target.doc, Counter()
        first = target_id(target)
        ordinal = self._seen[first]
        self._seen[first] += 1
        if target.target_id:
            return target
        return replace(target, target_id=target_id(target, ordinal) if ordinal else first)
