"""How likely a row is right in every field: from how sure each of its decisions was."""

from __future__ import annotations

import math

from policyextract.assemble.weigh import probability, score, weights

__all__ = ["confidence", "is_auto", "signs"]

_LEAST = 1e-3


def signs(
    target: float, shares: dict[str, float], split: int, agreed: tuple[str, ...], what: tuple[str, ...]
) -> tuple[str, ...]:
    """The features of a row's confidence: ``target`` is the probability that the value is one.

    ``shares`` are the probabilities of the options chosen, by decision; ``split`` is the number of rows that the value
    was split into; ``agreed`` the fields in which the model says the same; ``what`` describes the row.
    """
    found = ["bias", f"target#{_logit(target):.3f}", f"split={min(split, 3)}", *what]
    found += [f"agreed:{name}" for name in agreed]
    found.append(f"agreed={len(agreed)}")
    for name, share in sorted(shares.items()):
        found += [f"{name}#{_logit(share):.3f}", f"{name}-open={share < 0.5}"]
    found.append(f"weakest#{_logit(min(target, *shares.values())):.3f}")
    return tuple(found)


def _logit(share: float) -> float:
    kept = min(1 - _LEAST, max(_LEAST, share))
    return math.log(kept / (1 - kept))


def confidence(found: tuple[str, ...], target: float) -> float:
    """The probability that a row is right in every field, from its signs; ``target`` where no weights are fitted."""
    return probability(score("confidence", found)) if weights("confidence") else target


def is_auto(sure: float) -> bool:
    """Whether a row of this confidence is among those that were right 95 times in 100 when this was fitted."""
    return sure >= weights("threshold").get("auto", math.inf)
