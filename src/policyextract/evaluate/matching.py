"""The rows of a document, predicted and gold → pairs, misses and false alarms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from policyextract.evaluate.fields import FIELDS, Verdict, judge
from policyextract.types import Lang, Target

_F1_STEPS = 10_000  # pairs' scores are whole numbers, so that sums are exact


@dataclass(frozen=True, slots=True)
class Pair:
    """A predicted row and the gold row it was matched with."""

    pred: Target
    gold: Target
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Matching:
    """How the rows of one document go together.

    ``dropped`` are predicted rows that matched an optional gold row: they count neither for nor against.
    """

    pairs: tuple[Pair, ...]
    missed: tuple[Target, ...]
    alarms: tuple[Target, ...]
    dropped: tuple[Target, ...]


def match(pred: Iterable[Target], gold: Iterable[Target], lang: Lang) -> Matching:
    """Pair the rows of one document one to one; the order in which they come makes no difference.

    Of all pairings it is the one with, in this order: the most obligatory gold rows matched, the highest
    sum of right fields and metric token F1 over them, the most optional gold rows matched with what is left.
    """
    preds, golds = sorted(pred, key=_key), sorted(gold, key=_key)
    verdicts = {
        (i, j): judge(p, g, lang) for i, p in enumerate(preds) for j, g in enumerate(golds) if eligible(p, g)
    }
    chosen = _assign(preds, golds, verdicts)
    pairs = [(i, j) for i, j in chosen if not golds[j].optional]
    used, hit = {i for i, _ in chosen}, {j for _, j in chosen}
    return Matching(
        pairs=tuple(Pair(preds[i], golds[j], verdicts[i, j]) for i, j in sorted(pairs, key=lambda ij: ij[1])),
        missed=tuple(g for j, g in enumerate(golds) if j not in hit and not g.optional),
        alarms=tuple(p for i, p in enumerate(preds) if i not in used),
        dropped=tuple(preds[i] for i, j in chosen if golds[j].optional),
    )


def eligible(one: Target, other: Target) -> bool:
    """Whether two rows may be matched: their values overlap or, without offsets, agree in number and unit."""
    if _has_offsets(one) and _has_offsets(other):
        return one.start < other.end and other.start < one.end
    return one.number == other.number and one.unit == other.unit


def _has_offsets(target: Target) -> bool:
    return 0 <= target.start < target.end


def _key(target: Target) -> tuple[tuple[bool, str], ...]:
    """An order over rows that holds whatever their fields: offsets first, then everything else."""
    rest = (target.level, target.year, target.locality, target.metric, target.number, target.unit)
    whole = (f"{target.start:012d}", f"{target.end:012d}", *rest, astuple(target))
    return tuple((field is not None, str(field)) for field in whole)


def _assign(
    preds: Sequence[Target], golds: Sequence[Target], verdicts: dict[tuple[int, int], Verdict]
) -> list[tuple[int, int]]:
    """The eligible pairs of the best pairing, as indices.

    Weights are whole numbers in three tiers, each greater than all the sums of the one below: well under
    2**53 for a document of 1,000 rows, so that the solver's floating point is exact.
    """
    if not verdicts:
        return []
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    rows = min(len(preds), len(golds))
    step = rows + 1
    tier = step * ((len(FIELDS) + 1) * _F1_STEPS * rows + 1)
    weights = np.zeros((len(preds), len(golds)))
    for (i, j), verdict in verdicts.items():
        score = round(_F1_STEPS * (sum(verdict.right) + verdict.f1))
        weights[i, j] = 1 if golds[j].optional else tier + step * score
    # Of several best pairings the solver takes one by the order of rows and columns: the same way round
    # whichever side is called gold, so that swapping sides swaps misses and false alarms and nothing else.
    turned = list(map(_key, preds)) > list(map(_key, golds))
    found = linear_sum_assignment(weights.T if turned else weights, maximize=True)
    left, right = reversed(found) if turned else found
    pairs = [(int(i), int(j)) for i, j in zip(left, right, strict=True)]
    return [pair for pair in pairs if pair in verdicts]
