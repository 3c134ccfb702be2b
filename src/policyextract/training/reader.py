"""The reading model: scored on what it says of each candidate value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from policyextract.evaluate.counts import Counts
from policyextract.ner.views import LABELS
from policyextract.training import finetune
from policyextract.training.examples import Example

__all__ = ["LABELS", "counts", "score"]

TARGET = LABELS.index("TARGET")
FIELDS = LABELS[2:]


def score(model: Any, data: Sequence[Example], *, device: str = "cpu") -> dict[str, Counts]:
    """What the model says of ``data`` against its labels, see ``counts``."""
    return counts(data, finetune.probabilities(model, data, device=device))


def counts(data: Sequence[Example], told: Iterable[npt.NDArray[np.float32]]) -> dict[str, Counts]:
    """Counts by label, from the probabilities (pieces, labels) told of each example.

    ``TARGET`` counts values, told to be a target where that has at least half of the probability. The fields count
    pieces of true targets, so they say how well a target is read once it is found.
    """
    found = {name: Counts() for name in LABELS[1:]}
    for example, own in zip(data, told, strict=True):
        mark = example.mark
        is_target = example.labels[mark] == TARGET
        found["TARGET"] += _counts([bool(own[mark, TARGET] >= 0.5)], [is_target])
        if is_target:
            best = own.argmax(-1)
            read = [i for i, label in enumerate(example.labels) if label != finetune.IGNORED and i != mark]
            for name in FIELDS:
                label = LABELS.index(name)
                found[name] += _counts(
                    [bool(best[i] == label) for i in read], [example.labels[i] == label for i in read]
                )
    return found


def _counts(told: list[bool], true: list[bool]) -> Counts:
    both = sum(a and b for a, b in zip(told, true, strict=True))
    return Counts(both, sum(told) - both, sum(true) - both)
