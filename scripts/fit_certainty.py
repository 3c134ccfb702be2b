"""Fit what a reading model's folder says of certainty: the target threshold, ``confidence`` and ``auto_accept``.

    python scripts/fit_certainty.py --folds build/fold0 build/fold1 build/fold2 --model models/targets

Train falls into as many folds as there are models, each trained without one. For each fold, the weights are fitted on the
other folds and its documents are extracted with them: every document is read by a model and by weights that have not
seen it. On the rows found so, three things are fitted and written into the model's weights.json: the probability from which
a value is taken (best found F1), the weights of confidence (a row is right when it is so in every field), and the
confidence from which rows were right 95 times in 100. Prints the scores of the folds, the classes of errors with counts, the calibration and its error,
each measured with the fold in question left out, and draws docs/images/reliability.png.

Without ``--folds`` and ``--model`` it does the same for the patterns alone.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from cross_validate import FIELDS, fold_of, without
from fit_weights import DATA, ROOT, Corpus, Floats, fit_binary, fit_decisions, fit_target, load, matrix, write

from policyextract.assemble import assemble
from policyextract.assemble.weigh import fitted, probability
from policyextract.evaluate import evaluate, load_gold
from policyextract.evaluate.gold import Gold
from policyextract.evaluate.matching import match
from policyextract.ner import WEIGHTS, load_model
from policyextract.normalise import normalise
from policyextract.types import Target

CORPUS = ROOT / "corpus"
LOWEST = 0.2  # probability from which rows are kept for the choice of the threshold
PRECISION = 0.95  # of the rows that may be accepted unseen
FEWEST = 40  # rows that such a precision must be measured on
PENALTY = 3.0
BINS = 10
CLASSES = 16  # error classes that are printed


@dataclass(frozen=True)
class Row:
    """A row found in a fold: its probability of being a target and the features of its confidence."""

    target: Target
    probable: float
    signs: tuple[str, ...]


def held_out(fold: int, folds: int) -> list[Row]:
    """The rows of a fold's documents by weights fitted on the others, from the lowest probability up."""
    rest = without(_TRAIN, fold, folds)
    weights = {**fit_target(rest, None), **fit_decisions(rest, None), "threshold": {"target": LOWEST}}
    found = []
    with fitted(weights):
        for name, reading in _TRAIN.readings.items():
            if fold_of(name, folds) != fold:
                continue
            for one in assemble(reading.document, reading.segments, reading.spans, reading.told):
                target = normalise(reading.document, one)
                if target is not None:
                    logit = next(float(s.partition("#")[2]) for s in one.signs if s.startswith("target#"))
                    found.append(Row(target, probability(logit), one.signs))
    return found


def best_threshold(rows: list[Row], gold: Gold) -> float:
    """The probability at which found F1 is best, the mean of both languages."""

    def mean(threshold: float) -> float:
        kept = [row.target for row in rows if row.probable >= threshold]
        return float(np.mean([f1(kept, gold, lang)["found"] for lang in ("en", "vi")]))

    return max([t / 100 for t in range(25, 66, 3)], key=mean)


def f1(found: list[Target], gold: Gold, lang: str) -> dict[str, float]:
    """F1 of each measure and the right part of each field, over the documents of a language."""
    own = gold.only([name for name in gold if gold.langs[name] == lang])
    tally = evaluate([t for t in found if t.doc in own], own).total
    scores = {name: getattr(tally, name).f1 for name in ("found", "core", "strict")}
    return scores | {field: tally.accuracy(field) or 0.0 for field in FIELDS}


def error_classes(found: list[Target], gold: Gold, lang: str) -> Counter[str]:
    """How often which fields are wrong together, and how many rows are missed or too many, in one language."""
    classes: Counter[str] = Counter()
    for name in gold:
        if gold.langs[name] != lang:
            continue
        matching = match([t for t in found if t.doc == name], gold[name], lang)
        classes["missed"] += sum(not target.optional for target in matching.missed)
        classes["too many"] += len(matching.alarms)
        for pair in matching.pairs:
            wrong = [field for field in FIELDS if not getattr(pair.verdict, field)]
            classes[" and ".join(wrong) or "right"] += 1
            if "level" in wrong and "locality" not in wrong:
                classes[f"level: {pair.gold.level or 'none'} read as {pair.pred.level or 'none'}"] += 1
    return classes


def judged(rows: list[Row], gold: Gold) -> tuple[list[Row], Floats]:
    """The rows that count, and for each whether it is right in every field."""
    by_doc: dict[str, list[Row]] = {}
    for row in rows:
        by_doc.setdefault(row.target.doc, []).append(row)
    kept: list[Row] = []
    right: list[float] = []
    for name, own in by_doc.items():
        matching = match([row.target for row in own], gold[name], gold.langs[name])
        strict = {id(pair.pred) for pair in matching.pairs if pair.verdict.strict}
        dropped = {id(target) for target in matching.dropped}
        for row in own:
            if id(row.target) not in dropped:
                kept.append(row)
                right.append(float(id(row.target) in strict))
    return kept, np.asarray(right)


def calibrated(rows: list[Row], right: Floats, folds: int) -> tuple[Floats, dict[str, float]]:
    """Each row's confidence by weights fitted without its fold, and the weights fitted on all."""
    names = sorted({name.partition("#")[0] for row in rows for name in row.signs})
    vocabulary = {name: i for i, name in enumerate(names)}
    x = matrix((row.signs for row in rows), vocabulary)
    fold = np.asarray([fold_of(row.target.doc, folds) for row in rows])
    sure = np.zeros(len(rows))
    for k in range(folds):
        z = x[fold == k] @ fit_binary(x[fold != k], right[fold != k], PENALTY)
        sure[fold == k] = 1 / (1 + np.exp(-z))
    weights = fit_binary(x, right, PENALTY)
    return sure, {name: round(float(weights[i]), 4) for name, i in vocabulary.items()}


def auto_from(sure: Floats, right: Floats) -> float:
    """The lowest confidence from which rows were right often enough; above 1 if none was."""
    order = np.argsort(-sure)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = [i for i in range(FEWEST - 1, len(order)) if precision[i] >= PRECISION]
    return math.ceil(float(sure[order[good[-1]]]) * 1000) / 1000 if good else 1.01


def calibration_error(sure: Floats, right: Floats) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error, and by bins of equal width: mean confidence, part right, rows."""
    bins = []
    for k in range(BINS):
        inside = (sure >= k / BINS) & (sure < (k + 1) / BINS + (k == BINS - 1))
        if inside.any():
            bins.append((float(sure[inside].mean()), float(right[inside].mean()), int(inside.sum())))
    return sum(abs(a - b) * n for a, b, n in bins) / len(sure), bins


def plot(bins: list[tuple[float, float, int]], path: Path) -> None:
    """The reliability diagram."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(4.5, 4.2), layout="constrained")
    axis.plot([0, 1], [0, 1], color="#999999", linewidth=1, label="perfect")
    axis.plot([b[0] for b in bins], [b[1] for b in bins], marker="o", color="#1f5fa8", label="measured")
    for sure, right, n in bins:
        axis.annotate(str(n), (sure, right), textcoords="offset points", xytext=(6, -10), fontsize=7)
    axis.set(xlabel="confidence", ylabel="rows right in every field", xlim=(0, 1), ylim=(0, 1))
    axis.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


_TRAIN = Corpus()


def main() -> None:
    """Fit, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folds", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    loaded = load("train", CORPUS, [load_model(folder, weights={}) for folder in options.folds])
    # Processes are forked from here, so that none reads the corpus again.
    _TRAIN.examples, _TRAIN.values, _TRAIN.readings = loaded.examples, loaded.values, loaded.readings
    folds = len(options.folds) or 3
    with ProcessPoolExecutor(options.workers, get_context("fork")) as pool:
        parts = pool.map(held_out, range(folds), [folds] * folds)
        rows = [row for part in parts for row in part]
    gold = load_gold(CORPUS, split=CORPUS / "split.json", part="train")
    threshold = best_threshold(rows, gold)
    rows = [row for row in rows if row.probable >= threshold]
    print(f"threshold {threshold}")
    print("| train, held out | found | core | strict | " + " | ".join(FIELDS) + " |")
    print("| --- |" + " --- |" * (3 + len(FIELDS)))
    for lang in ("en", "vi"):
        scores = f1([row.target for row in rows], gold, lang)
        print(f"| {lang} | " + " | ".join(f"{score:.3f}" for score in scores.values()) + " |")
    for lang in ("en", "vi"):
        print(f"| {lang}: what is wrong | rows |\n| --- | ---: |")
        for what, number in error_classes([row.target for row in rows], gold, lang).most_common(CLASSES):
            print(f"| {what} | {number} |")
    rows, right = judged(rows, gold)
    sure, weights = calibrated(rows, right, folds)
    error, bins = calibration_error(sure, right)
    auto = auto_from(sure, right)
    accepted = sure >= auto
    print(
        f"rows {len(rows)}, right in every field {right.mean():.3f}, expected calibration error {error:.3f}"
    )
    print(
        f"auto from {auto}: {accepted.mean():.3f} of rows, {right[accepted].mean() if accepted.any() else 0:.3f} right"
    )
    for one, other, n in bins:
        print(f"| {one:.2f} | {other:.2f} | {n} |")
    target = options.model / WEIGHTS if options.model else DATA
    write(target, {"confidence": weights, "threshold": {"target": threshold, "auto": auto}})
    if options.model:
        plot(bins, ROOT / "docs" / "images" / "reliability.png")
        figures = {"error": round(error, 4), "rows": len(rows), "auto": auto,
                   "coverage": round(float(accepted.mean()), 4)}  # fmt: skip
        (options.model / "certainty.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
