"""Write the documents that the reading model learns from, with their gold: train, copies and excerpts of it, made-up ones.

    python scripts/build_training_data.py -o build/training --copies 2 --seed 1
    python scripts/build_training_data.py -o build/fold0 --copies 2 --seed 1 --without-fold 0 --folds 3

Each document comes as text and gold in the guideline's format, so that the folder can be read, evaluated and trained on
like any gold. Copies and excerpts are called NAME~1, NAME~2, …; the same options give the same files. Dev is never among them. With
``--without-fold``, a fold of train is left out with all its copies.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from cross_validate import fold_of

from policyextract.evaluate.gold import Gold, load_gold
from policyextract.training.targets import Annotated, copies_of, documents_of, generated_documents
from policyextract.types import Target

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
# The guideline's fields, in its order.
FIELDS = (
    "value", "start", "end", "number", "number_high", "unit", "comparator", "change", "per", "metric",
    "level", "level_explicit", "year", "year_start", "year_kind", "locality", "optional",
)  # fmt: skip


def main() -> None:
    """Write the folder."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("-o", "--out", type=Path, required=True, help="folder; replaced if it is there")
    options.add_argument("--copies", type=int, default=2)
    options.add_argument("--crops", type=int, default=2, help="excerpts of a few lines of each document")
    options.add_argument(
        "--generated", type=int, default=400, help="documents of a grammar, half of them in each language"
    )
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--without-fold", type=int, help="leave this fold of train out")
    options.add_argument("--folds", type=int, default=3)
    given = options.parse_args()
    gold = train_part(given.without_fold, given.folds)
    documents = documents_of(CORPUS, gold)
    shutil.rmtree(given.out, ignore_errors=True)
    for number, one in enumerate([*documents, *copies_of(documents, given.copies, given.seed, given.crops)]):
        write(given.out, one, number // len(documents))
    for one in generated_documents(given.generated, given.seed):
        write(given.out, one, 0)
    print(
        f"{len(documents)} documents, {given.copies} copies and {given.crops} excerpts of each "
        f"and {given.generated} made-up documents in {given.out}"
    )


def train_part(without: int | None, folds: int) -> Gold:
    """The gold of train, less a fold."""
    gold = load_gold(CORPUS, split=CORPUS / "split.json", part="train")
    return gold.only([name for name in gold if without is None or fold_of(name, folds) != without])


def write(out: Path, one: Annotated, copy: int) -> None:
    """Write a document and its gold; ``copy`` is 0 for the document itself."""
    document, rows = one
    path = out / document.path
    path = path.with_name(f"{path.stem}~{copy}{path.suffix}") if copy else path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document.text, encoding="utf-8")
    content = {"doc": path.name, "lang": document.lang, "targets": [row_of(row) for row in rows]}
    path.with_suffix(".json").write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def row_of(row: Target) -> dict[str, object]:
    """A gold row in the guideline's format."""
    return {name: getattr(row, name) for name in FIELDS}


if __name__ == "__main__":
    main()
