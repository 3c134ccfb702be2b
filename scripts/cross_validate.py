"""Score the whole extraction on documents of train that its weights were not fitted on, fold by fold.

    python scripts/cross_validate.py [--folds 5] [--workers 2]

Documents fall into folds by a hash of their names. For each fold the weights are fitted on the others and the
fold's documents are extracted with them; the scores of all folds are added. With as many documents as train
has, this tells small changes apart where dev cannot. Takes about a minute for each fold.
"""

from __future__ import annotations

import argparse
import json
import zlib
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from fit_weights import ROOT, Corpus, fit_decisions, fit_target, load

from policyextract.assemble.weigh import fitted
from policyextract.evaluate import evaluate, load_gold
from policyextract.pipeline import extract
from policyextract.read import read
from policyextract.types import Lang, Target

FOLDER = ROOT / "corpus"
FIELDS = ("value", "level", "year", "locality", "metric")
_LANGS: tuple[Lang, ...] = ("en", "vi")


def fold_of(name: str, folds: int) -> int:
    """The fold of a document."""
    return zlib.crc32(name.encode()) % folds


def without(corpus: Corpus, fold: int, folds: int) -> Corpus:
    """The examples of all documents but those of one fold."""
    rest = Corpus(readings=corpus.readings)
    for name, examples in corpus.examples.items():
        rest.examples[name] = [e for e in examples if fold_of(e.doc, folds) != fold]
    rest.values = [v for v in corpus.values if fold_of(v[0], folds) != fold]
    return rest


def held_out(fold: int, folds: int) -> list[Target]:
    """The targets of one fold's documents, by weights fitted on the others."""
    rest = without(load("train", FOLDER), fold, folds)
    weights = {**fit_target(rest, None), **fit_decisions(rest, None)}
    names = [f"{name}.txt" for name in json.loads((FOLDER / "split.json").read_text())["train"]]
    with fitted(weights):
        return [
            target
            for name in names
            if fold_of(name, folds) == fold
            for target in extract(read(FOLDER / name, name=name))
        ]


def main() -> None:
    """Score all folds and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        parts = pool.map(held_out, range(options.folds), repeat(options.folds))
        found = [target for part in parts for target in part]
    print("| train, held out | found | core | strict | " + " | ".join(FIELDS) + " |")
    print("| --- |" + " --- |" * (3 + len(FIELDS)))
    for lang in _LANGS:
        gold = load_gold(FOLDER, split=FOLDER / "split.json", part="train", lang=lang)
        tally = evaluate([t for t in found if t.doc in gold], gold).total
        scores = [tally.found.f1, tally.core.f1, tally.strict.f1, *(tally.accuracy(f) or 0.0 for f in FIELDS)]
        print(f"| {lang} | " + " | ".join(f"{score:.3f}" for score in scores) + " |")


if __name__ == "__main__":
    main()
