"""Fit the weights by which ``places.home`` chooses the jurisdiction of a document, and print them.

    python scripts/fit_home.py

A conditional logit over the places of each document of the train part whose gold names one locality for at
least half of its rows, with an L2 pull towards the weights in use. Prints ten-fold accuracy on train, the
accuracy on dev, and the weights to write into ``places/home.py``. Dev is only scored.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from policyextract import places
from policyextract.places.evidence import place_key
from policyextract.places.fold import key
from policyextract.places.gazetteer import load
from policyextract.places.home import WEIGHTS, candidates
from policyextract.read import read

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
FOLDS, PULL = 10, 0.3
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """The places of one document: features by place, and which of them is right."""

    features: list[dict[str, float]]
    right: list[bool]

    def matrix(self, names: list[str]) -> Floats:
        """Places by features."""
        return np.array([[place.get(name, 0.0) for name in names] for place in self.features])


def choice_of(name: str) -> Choice | None:
    """The choice that a document of the corpus poses, or None if its gold speaks for no single place."""
    gold = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))["targets"]
    counts = Counter(row["locality"] for row in gold if row["locality"])
    if not counts or counts.most_common(1)[0][1] * 2 < counts.total():
        return None
    wanted = key(counts.most_common(1)[0][0])
    document = read(CORPUS / f"{name}.txt", name=name)
    mentions = places.resolve(places.find(document.text, document.lang), document.date, document.text)
    found = candidates(document.text, document.title, mentions, document.lang)
    names = {place_key(m): m.name for m in mentions}
    for place_id in found:
        place = load().place(place_id)
        names.setdefault(place_id, load().title(place, document.lang) if place else place_id)
    right = [key(names[place_id]) == wanted for place_id in found]
    return Choice(list(found.values()), right) if any(right) else None


def fit(choices: list[Choice], names: list[str]) -> Floats:
    """Weights of the features, in order of their names."""
    start = np.array([WEIGHTS.get(name, 0.0) for name in names])
    tables = [(c.matrix(names), np.array(c.right)) for c in choices]

    def loss(w: Floats) -> tuple[float, Floats]:
        total, gradient = 0.5 * PULL * float((w - start) @ (w - start)), PULL * (w - start)
        for x, right in tables:
            z = x @ w
            p = np.exp(z - z.max())
            p /= p.sum()
            mass = float(p[right].sum())
            total -= float(np.log(mass))
            gradient = gradient + x.T @ (p - np.where(right, p / mass, 0.0))
        return total, gradient

    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found


def accuracy(choices: list[Choice], names: list[str], weights: Floats) -> float:
    """Share of the documents whose best place is the right one."""
    return float(np.mean([c.right[int(np.argmax(c.matrix(names) @ weights))] for c in choices]))


def main() -> None:
    """Fit and print."""
    split: dict[str, Any] = json.loads((CORPUS / "split.json").read_text(encoding="utf-8"))
    train = [c for name in split["train"] if (c := choice_of(name))]
    dev = [c for name in split["dev"] if (c := choice_of(name))]
    names = sorted({f for c in train for place in c.features for f in place})
    held = []
    for k in range(FOLDS):
        weights = fit([c for i, c in enumerate(train) if i % FOLDS != k], names)
        held.append(accuracy([c for i, c in enumerate(train) if i % FOLDS == k], names, weights))
    weights = fit(train, names)
    print(
        f"train, ten folds {np.mean(held):.3f} of {len(train)}; dev {accuracy(dev, names, weights):.3f} of {len(dev)}"
    )
    print(json.dumps(dict(zip(names, weights.round(2).tolist(), strict=True)), indent=1))


if __name__ == "__main__":
    main()
