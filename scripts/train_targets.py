"""Fine-tune the reading model: which candidate values are targets, and which words are their fields.

    python scripts/train_targets.py -o build/targets --steps 2000
    python scripts/train_targets.py -o build/fold0 --steps 2000 --fold 0

Learns from the train split of ``corpus/`` and scores on dev; with ``--fold``, it leaves one fold of train out and
scores on that instead.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable
from pathlib import Path

import torch
from cross_validate import fold_of
from rich.progress import Progress
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from policyextract.evaluate.gold import Gold, load_gold
from policyextract.read import read
from policyextract.training import reader
from policyextract.training.examples import Example, examples
from policyextract.training.finetune import fine_tune

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"


def main() -> None:
    """Train, score and save."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--base", default=str(ROOT / "models" / "encoder"), help="folder or hub id")
    options.add_argument("-o", "--out", type=Path, required=True, help="model, log and scores go here")
    options.add_argument("--steps", type=int, default=2000)
    options.add_argument("--batch", type=int, default=16)
    options.add_argument("--rate", type=float, default=3e-4)
    options.add_argument("--size", type=int, default=192, help="pieces of a view")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--fold", type=int, help="leave this fold of train out, score on it")
    options.add_argument("--folds", type=int, default=5)
    options.add_argument("--threads", type=int)
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = options.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    tokenizer = AutoTokenizer.from_pretrained(given.base).backend_tokenizer
    train, test = parts(given.fold, given.folds)
    data = made(train, tokenizer, given.size)
    held = made(test, tokenizer, given.size)
    print(f"{len(train)} documents, {len(data)} examples; scored on {len(test)}, {len(held)}")
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "log.csv").open("w", encoding="utf-8", newline="") as lines, Progress() as bar:
        model = fine_tune(
            given.base,
            data,
            reader.LABELS,
            steps=given.steps,
            seed=given.seed,
            batch=given.batch,
            learning_rate=given.rate,
            device=given.device,
            report=reporter(lines, bar, given.steps),
        )
    model.save_pretrained(given.out)
    scores = {
        lang: {
            name: {"precision": round(c.precision, 4), "recall": round(c.recall, 4), "f1": round(c.f1, 4)}
            for name, c in reader.score(model, own, device=given.device).items()
        }
        for lang in ("en", "vi")
        if (own := [e for e in held if test.langs[e.document] == lang])
    }
    print(json.dumps(scores, indent=1))
    (given.out / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")


def parts(fold: int | None, folds: int) -> tuple[Gold, Gold]:
    """What is learned from and what is scored on."""
    split = CORPUS / "split.json"
    train = load_gold(CORPUS, split=split, part="train")
    if fold is None:
        return train, load_gold(CORPUS, split=split, part="dev")
    inside = [name for name in train if fold_of(name, folds) == fold]
    return train.only([name for name in train if name not in set(inside)]), train.only(inside)


def made(gold: Gold, tokenizer: Tokenizer, size: int) -> list[Example]:
    """The examples of all documents."""
    return [
        example
        for name in gold
        for example in examples(read(CORPUS / name, name=name), gold, tokenizer, size=size)
    ]


def reporter(lines: object, bar: Progress, steps: int) -> Callable[[int, float], None]:
    """Writes a line a step and moves the bar."""
    writer = csv.writer(lines)  # type: ignore[arg-type]
    writer.writerow(("step", "loss"))
    task = bar.add_task("fine-tune", total=steps)

    def report(step: int, loss: float) -> None:
        writer.writerow((step, round(loss, 5)))
        bar.update(task, advance=1, description=f"fine-tune, loss {loss:.3f}")

    return report


if __name__ == "__main__":
    main()
