"""What the patterns, the model and the pretrained encoder each are worth, on dev.

    python scripts/ablate.py --folds build/fold0 build/fold1 build/fold2 [--random build/random]

Prints tables for docs/evaluation.md: patterns alone, model alone, both, and both with a model that was trained from random
weights (``--random``), for each language; and what happens to both when the years or the places of dev are exchanged
for others. "Model alone" decides by what the model says and nothing else, with weights fitted for that on the folds of
train (units, comparators, changes and tables stay the patterns'); so is the model from random weights weighed by the
weights that ship.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from random import Random

from cross_validate import FIELDS
from fit_weights import ROOT, Corpus, Example, fit_decisions, fit_target, load

from policyextract.evaluate import Scores, evaluate, load_gold
from policyextract.evaluate.gold import Gold
from policyextract.ner import ReadingModel, load_model
from policyextract.pipeline import extract, reading_model
from policyextract.pipeline.model import SHIPPED
from policyextract.read import read
from policyextract.training.augment import augmented, names_of
from policyextract.types import Document, Target

CORPUS = ROOT / "corpus"
KEPT = ("change", "per")  # decisions that the model has no say in


def alone(corpus: Corpus) -> Corpus:
    """The examples with the features that come from the model, and those of having no answer."""

    def kept(features: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f for f in features if f.startswith("model") or f in ("bias", "none", "default"))

    found = Corpus(readings=corpus.readings)
    for name, examples in corpus.examples.items():
        found.examples[name] = [
            e if name in KEPT else Example(e.doc, [kept(f) for f in e.features], e.gains, e.lang)
            for e in examples
        ]
    found.values = [
        (doc, span, label, kept(features), lang) for doc, span, label, features, lang in corpus.values
    ]
    return found


def scored(documents: list[Document], gold: Gold, model: ReadingModel | None) -> Scores:
    """The scores of an extraction."""
    return evaluate([target for document in documents for target in extract(document, model=model)], gold)


def row(name: str, scores: Scores) -> None:
    """Print a line for each language."""
    for lang in ("en", "vi"):
        own = scores.only(lang)
        low, high = own.intervals()["strict"]["f1"]
        tally = own.total
        fields = " | ".join(f"{tally.accuracy(field) or 0:.3f}" for field in FIELDS)
        print(
            f"| {name} | {lang} | {tally.found.f1:.3f} | {tally.strict.f1:.3f} [{low:.2f}, {high:.2f}] | {fields} |"
        )


def exchanged(
    documents: list[Document], gold: Gold, names_from: list[Document], what: str
) -> tuple[list[Document], Gold]:
    """Dev with other "years" or "places"."""
    names = names_of(names_from)
    made: list[Document] = []
    rows: dict[str, list[Target]] = {}
    for document in documents:
        copy, own = augmented(document, gold[document.path], names, Random(document.path), frozenset((what,)))
        made.append(copy)
        rows[document.path] = own
    return made, Gold(rows, langs=gold.langs, texts={d.path: d.text for d in made})


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folds", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--random", type=Path, metavar="DIR", help="a model trained from random weights")
    options = parser.parse_args()
    gold = load_gold(CORPUS, split=CORPUS / "split.json", part="dev")
    documents = [read(CORPUS / name, name=name) for name in gold]
    shipped = reading_model(SHIPPED)
    assert shipped is not None
    print("| reads | language | found F1 | strict F1 | " + " | ".join(FIELDS) + " |")
    print("| --- | --- |" + " ---: |" * (2 + len(FIELDS)))
    row("patterns alone", scored(documents, gold, None))
    if options.folds:
        train = alone(load("train", CORPUS, [load_model(folder, weights={}) for folder in options.folds]))
        weights = {**fit_target(train, None), **fit_decisions(train, None), "threshold": {"target": 0.45}}
        row("model alone", scored(documents, gold, replace(shipped, weights=weights)))
    both = scored(documents, gold, shipped)
    row("both", both)
    if options.random:
        row(
            "both, model from random weights",
            scored(documents, gold, load_model(options.random, weights=shipped.weights)),
        )
    train_documents = [read(path, name=path.name) for path in sorted(CORPUS.glob("*/*.txt"))]
    for what in ("years", "places"):
        other = exchanged(documents, gold, train_documents, what)
        row(f"both, {what} exchanged", scored(*other, shipped))
        row(f"patterns alone, {what} exchanged", scored(*other, None))


if __name__ == "__main__":
    main()
