"""Is the pretrained encoder worth it? Token classification from it and from random weights, the same steps and seeds.

    python scripts/probe_encoder.py --json models/encoder/probe.json

Trains on the train split of corpus/ and scores exact spans on dev, with 95 % intervals over documents.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import track
from tokenizers import Tokenizer

from policyextract.evaluate.counts import Counts
from policyextract.evaluate.gold import load_gold
from policyextract.training.alignment import FIELDS
from policyextract.training.probe import fine_tune, score, windows

ROOT = Path(__file__).parents[1]
SAMPLES = 2000
ByDocument = dict[str, dict[str, Counts]]


def main() -> None:
    """Fine-tune from both starts with every seed, print the table and write the figures."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--encoder", type=Path, default=ROOT / "models" / "encoder")
    options.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--size", type=int, default=256, help="pieces a window")
    options.add_argument("--rate", type=float, default=5e-4, help="learning rate of both")
    options.add_argument("--only", choices=("pretrained", "random"), help="one start alone")
    options.add_argument("--threads", type=int)
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    tokenizer = Tokenizer.from_file(str(given.encoder / "tokenizer.json"))
    data = {}
    for part in ("train", "dev"):
        gold = load_gold(given.corpus, split=given.corpus / "split.json", part=part)
        data[part] = list(windows(gold, tokenizer, given.size))
        print(f"{part}: {len(gold)} documents, {len(data[part])} windows")
    starts = [given.only] if given.only else ["pretrained", "random"]
    runs: dict[str, list[ByDocument]] = {start: [] for start in starts}
    jobs = [(start, seed) for seed in range(given.seeds) for start in starts]
    for start, seed in track(jobs, description="fine-tune"):
        model = fine_tune(
            given.encoder,
            data["train"],
            pretrained=start == "pretrained",
            steps=given.steps,
            seed=seed,
            learning_rate=given.rate,
            device=given.device,
        )
        runs[start].append(score(model, data["dev"], device=given.device))
        print(start, seed, f"span F1 {f1(runs[start][-1]):.3f}", flush=True)
    figures = {"steps": given.steps, "seeds": given.seeds, "rate": given.rate} | summary(runs)
    print(json.dumps(figures, indent=1))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def f1(counts: ByDocument, field: str | None = None, documents: list[str] | None = None) -> float:
    """Span F1 of all fields or one, over all documents or some (one may be named more than once)."""
    total = Counts()
    for document in documents if documents is not None else counts:
        for name, own in counts[document].items():
            if field in (None, name):
                total += own
    return total.f1


def summary(runs: dict[str, list[ByDocument]]) -> dict[str, Any]:
    """Means over seeds, by field, with bootstrap intervals over documents; and the gain of one start over the other."""
    random = np.random.default_rng(0)
    names = sorted(next(iter(runs.values()))[0])
    drawn = [[names[i] for i in random.integers(0, len(names), len(names))] for _ in range(SAMPLES)]

    def mean(start: str, field: str | None = None, documents: list[str] | None = None) -> float:
        return float(np.mean([f1(run, field, documents) for run in runs[start]]))

    def interval(values: list[float]) -> list[float]:
        return [round(float(x), 4) for x in np.percentile(values, [2.5, 97.5])]

    by_start = {start: [mean(start, None, sample) for sample in drawn] for start in runs}
    figures: dict[str, Any] = {
        start: {
            "f1": round(mean(start), 4),
            "interval": interval(by_start[start]),
            "by_seed": [round(f1(run), 4) for run in runs[start]],
            "by_field": {field: round(mean(start, field), 4) for field in FIELDS},
            "by_language": {
                lang: round(mean(start, None, [n for n in names if n.startswith(lang)]), 4)
                for lang in ("en", "vi")
            },
        }
        for start in runs
    }
    if len(runs) == 2:
        gain = [a - b for a, b in zip(by_start["pretrained"], by_start["random"], strict=True)]
        figures["gain"] = {
            "f1": round(mean("pretrained") - mean("random"), 4),
            "interval": interval(gain),
        }
    return figures


if __name__ == "__main__":
    main()
