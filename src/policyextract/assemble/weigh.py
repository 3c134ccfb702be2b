"""Choices among options by weighted features: a conditional logit, its weights in ``data/weights.json``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from policyextract import lexicon

Features = Iterable[str]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to decide, with the names of the features that speak for or against it."""

    payload: Any
    features: tuple[str, ...]


Weights = dict[str, dict[str, float]]
_instead: ContextVar[Weights | None] = ContextVar("weights", default=None)


@contextmanager
def fitted(weights: Weights) -> Iterator[None]:
    """Choose by these weights instead of the shipped ones within the block, as scoring of folds needs it."""
    token = _instead.set(weights)
    try:
        yield
    finally:
        _instead.reset(token)


def weights(decision: str) -> dict[str, float]:
    """The fitted weights of a decision; empty before the first fit."""
    instead = _instead.get()
    found: dict[str, float] = (lexicon.table("", "weights") if instead is None else instead).get(decision, {})
    return found


def threshold() -> float:
    """The probability from which a value is taken for a target: where found F1 is best over folds of train."""
    return weights("threshold")["target"]


def score(decision: str, features: Features) -> float:
    """The sum of the weights of the features, each times its number where it is "name#number"."""
    table = weights(decision)
    total = 0.0
    for feature in features:
        weight = table.get(feature)
        if weight is not None:
            total += weight
        elif "#" in feature:  # looked up last: one in fifty features has a number
            name, _, number = feature.partition("#")
            weight = table.get(name)
            if weight is not None:
                total += weight * float(number) if number else weight
    return total


def choose(decision: str, options: Sequence[Option]) -> tuple[Option, float]:
    """The best option and its probability among them."""
    scores = [score(decision, option.features) for option in options]
    best = max(range(len(options)), key=scores.__getitem__)
    total = sum(math.exp(s - scores[best]) for s in scores)
    return options[best], 1.0 / total


def probability(logit: float) -> float:
    """The logistic function, safe for large arguments."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def consensus(
    decision: str, options: Sequence[Option], alike: Callable[[Any, Any], float]
) -> tuple[Option, float]:
    """The option that agrees best with what all options say, each by its probability, and how well it does (0 to 1).

    ``alike`` says how much of one payload's worth another has (0 to 1): among many stretches of a sentence that
    differ by a word, the one in their midst is the safest.
    """
    scores = [score(decision, option.features) for option in options]
    top = max(scores)
    shares = [(math.exp(s - top), option) for s, option in zip(scores, options, strict=True)]
    likely = [(share, option) for share, option in shares if share > 0.02]

    def agreement(one: Option) -> float:
        return sum(share * alike(one.payload, other.payload) for share, other in likely)

    best = max((option for _, option in likely), key=agreement)
    most = alike(best.payload, best.payload) or 1.0
    return best, agreement(best) / most / sum(share for share, _ in likely)
