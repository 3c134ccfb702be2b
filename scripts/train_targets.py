"""Train the reading model that ships, or the models of the folds that its weights are fitted on.

    python scripts/build_training_data.py -o build/training
    python scripts/train_targets.py --data build/training -o models/targets
    python scripts/build_training_data.py -o build/data0 --without-fold 0
    python scripts/train_targets.py --data build/data0 -o build/fold0 --fold 0

Learns from all documents in the folder of data and scores on dev, with ``--fold`` on that fold of train. A run that was
broken off goes on where it was. Then fit_weights.py and fit_certainty.py write how assembly weighs what the model says.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from build_training_data import CORPUS, ROOT
from cross_validate import fold_of
from rich.progress import Progress

from policyextract.evaluate.gold import load_gold
from policyextract.training.plots import losses
from policyextract.training.targets import Options, documents_of, train


def main() -> None:
    """Train, score and save."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of build_training_data.py")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--base", default=str(ROOT / "models" / "encoder"), help="folder or hub id")
    parser.add_argument("--random", action="store_true", help="the shape of the base, random weights")
    parser.add_argument("--passes", type=float, default=7 / 3, help="over the data, copies included")
    parser.add_argument("--batch", type=int, default=4, help="windows a step")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fold", type=int, help="score on this fold of train, not on dev")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    part = "dev" if given.fold is None else "train"
    gold = load_gold(CORPUS, split=CORPUS / "split.json", part=part)
    if given.fold is not None:
        gold = gold.only([name for name in gold if fold_of(name, given.folds) == given.fold])
    learned = documents_of(given.data, load_gold(given.data))
    options = Options(given.passes, given.batch, given.rate, given.seed, not given.random, given.device)
    with Progress() as bar:
        task = bar.add_task("training", total=None)

        def report(step: int, steps: int, parts: dict[str, float]) -> None:
            said = " ".join(f"{name} {value:.2f}" for name, value in parts.items())
            bar.update(task, completed=step, total=steps, description=said)
            if step % 50 == 0 and not bar.console.is_terminal:
                print(step, steps, said, flush=True)

        scores = train(given.base, learned, documents_of(CORPUS, gold), given.out, options, report=report)
    losses(given.out / "log.csv", given.out / "curve.png")
    print(json.dumps(scores, indent=1))


if __name__ == "__main__":
    main()
