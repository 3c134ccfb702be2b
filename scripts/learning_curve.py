"""What the reading model says of documents it has not seen, against the steps it was trained: a table and a picture.

    python scripts/learning_curve.py build/1/fold* build/2/fold* build/3/fold*

Each folder is one that ``train_targets.py --fold`` wrote. The folds of a round are taken together, round by round. The scores are
the network's own (``training.json``), before patterns and weights have their say. Draws docs/images/learning.png.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

from targets_card import PARTS

ROOT = Path(__file__).parents[1]


def steps_of(record: dict[str, Any]) -> int:
    """The steps of a model, those of the rounds before included."""
    return int(record["steps"]) + (steps_of(record["before"]) if "before" in record else 0)


def rounds_of(record: dict[str, Any]) -> int:
    """How many rounds a model was trained in."""
    return 1 + (rounds_of(record["before"]) if "before" in record else 0)


def main() -> None:
    """Print the table and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    given = parser.parse_args()
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for folder in given.folders:
        record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
        found[rounds_of(record)].append(record)
    points: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    print("| steps | language | " + " | ".join(PARTS) + " |\n| ---: | --- |" + " ---: |" * len(PARTS))
    for _, records in sorted(found.items()):
        steps = round(mean(map(steps_of, records)))
        for lang in ("en", "vi"):
            scores = {part: mean(r["scores"][lang][part]["f1"] for r in records) for part in PARTS}
            print(f"| {steps:,} | {lang} | " + " | ".join(f"{scores[part]:.3f}" for part in PARTS) + " |")
            for part, score in scores.items():
                points[lang, part].append((steps, score))
    draw(points, ROOT / "docs" / "images" / "learning.png")


def draw(points: dict[tuple[str, str], list[tuple[int, float]]], path: Path) -> None:
    """A line a part, English whole and Vietnamese broken."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for (lang, part), line in points.items():
        style = "-" if lang == "en" else "--"
        axis.plot(*zip(*line, strict=True), style, marker="o", color=f"C{PARTS.index(part)}",
                  label=part if lang == "en" else None)  # fmt: skip
    axis.set(xlabel="steps of four windows", ylabel="F1 on folds held out (whole: en, broken: vi)")
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
