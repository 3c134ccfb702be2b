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


def score(decision: str, features: Features) -> float:
    """The sum of the weights of the features."""
    table = weights(decision)
    return sum(table.get(name, 0.0) for name in features)


def choose(decision: str, options: Sequence[Option]) -> tuple[Option, float]:
    """The best option and its probability among them."""
    scores = [score(decision, option.features) for option in options]
    best = max(range(len(options)), key=scores.__getitem__)
    total = sum(math.exp(s - scores[best]) for s in scores)
    return options[best], 1.0 / total


def probability(logit: float) -> float:
    """The logistic function, safe for large arguments."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def consensus(decision: str, options: Sequence[Option], alike: Callable[[Any, Any], float]) -> Option:
    """The option that agrees best with what all options say, each by its probability.

    ``alike`` says how much of one payload's worth another has (0 to 1): among many stretches of a sentence that
    differ by a word, the one in their midst is the safest.
    """
    scores = [score(decision, option.features) for option in options]
    top = max(scores)
    shares = [(math.exp(s - top), option) for s, option in zip(scores, options, strict=True)]
    likely = [(share, option) for share, option in shares if share > 0.02]
    return max(
        (option for _, option in likely),
        key=lambda one: sum(share * alike(one.payload, other.payload) for share, other in likely),
    )
