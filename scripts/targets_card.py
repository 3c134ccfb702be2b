"""Write models/targets/MODEL_CARD.md from the JSON files beside it and scripts/targets_card.md.

python scripts/targets_card.py
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

from policyextract.ner.pointers import OUTPUTS
from policyextract.ner.windows import SIZE

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "models" / "targets"
PARTS = ("target", "metric", "level", "year", "locality")


def main() -> None:
    """Fill the template."""
    training = json.loads((FOLDER / "training.json").read_text(encoding="utf-8"))
    certainty = json.loads((FOLDER / "certainty.json").read_text(encoding="utf-8"))
    lines = [
        f"| {lang} | " + " | ".join(f"{parts[name]['f1']:.3f}" for name in PARTS) + " |"
        for lang, parts in training["scores"].items()
    ]
    template = Template((ROOT / "scripts" / "targets_card.md").read_text(encoding="utf-8"))
    card = template.substitute(
        training | certainty,
        scores="\n".join(lines),
        parameters=f"{training['parameters'] / 1e6:.1f}",
        megabytes=f"{(FOLDER / 'model.onnx').stat().st_size / 1e6:.1f}",
        copies=(training["documents"] - training["made_up"]) // training["originals"] - 1,
        size=SIZE,
        outputs=OUTPUTS,
        rounds=", ".join(rounds(training)),
    )
    (FOLDER / "MODEL_CARD.md").write_text(card, encoding="utf-8")


def rounds(training: dict[str, Any]) -> list[str]:
    """How each round of training went, the first one first."""
    own = f"{training['passes']:g} at {training['rate']:g} ({training['steps']:,} steps)"
    return [*(rounds(training["before"]) if "before" in training else ()), own]


if __name__ == "__main__":
    main()
