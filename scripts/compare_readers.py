"""Two designs of the reading model at an equal number of steps on the same windows: labels and linking, or pointing.

    python scripts/compare_readers.py --steps 400

"labels": a plain token classifier says of each piece whether it belongs to some target's metric, level, year or locality and
of each mark whether its value is a target; pieces are then linked to the nearest target. "pointing": the design that ships,
see docs/decisions/0008-reading-model.md. Both start from the encoder, learn from the train split without copies, and are
scored on dev by the same counts, with 95 % bootstrap intervals over documents. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoTokenizer

from policyextract.evaluate.counts import Counts
from policyextract.evaluate.gold import load_gold
from policyextract.ner.pointers import FIELDS
from policyextract.training import finetune, reader
from policyextract.training.examples import NOTHING, Example
from policyextract.training.targets import documents_of, windows_of

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
ENCODER = ROOT / "models" / "encoder"
LABELS = ("O", "TARGET", *(field.upper() for field in FIELDS))
Told = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A window with one label a piece; a piece that serves several targets or fields has the last of them."""

    ids: list[int]
    labels: list[int]


def labelled(example: Example) -> Labelled:
    """The window of an example with the labels of its truths."""
    labels = [0] * len(example.ids)
    for truth in example.truths:
        if truth.target is None:
            labels[truth.mark] = finetune.IGNORED
        elif truth.target:
            labels[truth.mark] = LABELS.index("TARGET")
            for field, places in truth.fields.items():
                for at in places:
                    if at != NOTHING:
                        labels[at] = LABELS.index(field.upper())
    return Labelled(example.ids, labels)


def linked(example: Example, told: npt.NDArray[np.float32]) -> Told:
    """What labels say of each value, in the form that pointing has: a logit, and five for each piece linked to it."""
    best = told.argmax(-1)
    marks = [truth.mark for truth in example.truths]
    target = LABELS.index("TARGET")
    logits = np.array([2 * told[mark, target] - 1 for mark in marks], dtype=np.float32)
    joint = np.full((len(marks), len(FIELDS), len(example.ids)), -5.0, dtype=np.float32)
    taken = [mark for mark, logit in zip(marks, logits, strict=True) if logit > 0]
    for i, mark in enumerate(marks):
        rivals = [other for other in taken if other != mark]
        for number, field in enumerate(FIELDS):
            places = np.flatnonzero(best == LABELS.index(field.upper()))
            if field == "metric":
                own = [p for p in places if all(abs(p - mark) <= abs(p - other) for other in rivals)]
                joint[i, number, own or places[:0]] = 5.0
            else:
                nearest = min(places, key=lambda p: abs(int(p) - mark), default=NOTHING)
                joint[i, number, nearest] = 5.0
    return logits, joint


def intervals(held: Sequence[Example], told: Sequence[Told]) -> Iterator[tuple[str, float, float, float]]:
    """F1 of each part with its interval."""
    documents = sorted({example.document for example in held})
    each: dict[str, dict[str, Counts]] = {}
    for name in documents:
        own = [i for i, example in enumerate(held) if example.document == name]
        each[name] = reader.counts([held[i] for i in own], [told[i] for i in own])
    drawn = np.random.default_rng(0).integers(len(documents), size=(1000, len(documents)))
    for part in reader.JUDGED:
        sums = np.array([(c.tp, c.fp, c.fn) for c in (each[name][part] for name in documents)])
        tp, fp, fn = sums[drawn].sum(axis=1).T
        low, high = np.percentile(2 * tp / np.maximum(1, 2 * tp + fp + fn), (2.5, 97.5))
        yield part, Counts(*sums.sum(axis=0).tolist()).f1, float(low), float(high)


def main() -> None:
    """Train both, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    tokenizer = AutoTokenizer.from_pretrained(ENCODER).backend_tokenizer
    train, dev = (
        windows_of(documents_of(CORPUS, load_gold(CORPUS, split=CORPUS / "split.json", part=part)), tokenizer)
        for part in ("train", "dev")
    )
    print("| design | " + " | ".join(reader.JUDGED) + " |")
    print("| --- |" + " ---: |" * len(reader.JUDGED))

    def row(name: str, told: Sequence[Told]) -> None:
        cells = [f"{f1:.3f} [{low:.2f}, {high:.2f}]" for _, f1, low, high in intervals(dev, told)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)

    how = {
        "steps": given.steps,
        "seed": 1,
        "batch": given.batch,
        "learning_rate": 3e-4,
        "device": given.device,
    }
    labels = finetune.fine_tune(ENCODER, [labelled(one) for one in train], LABELS, **how)
    said = finetune.probabilities(labels, [labelled(one) for one in dev], device=given.device)
    row(
        "labels, linked to the nearest target", [linked(one, own) for one, own in zip(dev, said, strict=True)]
    )
    torch.manual_seed(1)
    pointing = reader.fine_tune(reader.begin(ENCODER), train, **how)
    row("pointing", list(reader.predict(pointing, dev, device=given.device)))


if __name__ == "__main__":
    main()
