"""Write models/encoder/MODEL_CARD.md from the figures that training and probe left beside it.

python scripts/model_card.py [--check]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from string import Template
from typing import Any

ROOT = Path(__file__).parents[1]
ENCODER = ROOT / "models" / "encoder"
TEMPLATE = ROOT / "scripts" / "model_card.md"
LANGUAGES = {"en": "English", "vi": "Vietnamese"}


def main() -> None:
    """Write the card, or say with the exit status whether it is what it would be."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--check", action="store_true", help="write nothing; exit 1 if the card is stale")
    given = options.parse_args()
    card = render(ENCODER)
    path = ENCODER / "MODEL_CARD.md"
    if given.check:
        sys.exit(
            0
            if path.read_text(encoding="utf-8") == card
            else "MODEL_CARD.md is stale: run scripts/model_card.py"
        )
    path.write_text(card, encoding="utf-8")


def render(folder: Path) -> str:
    """The card's text from ``training.json``, ``probe.json``, ``comparison.json`` and ``fertility.json`` in ``folder``."""
    training, probe, comparison, fertility = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("training", "probe", "comparison", "fertility")
    )
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    settings = training["settings"]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        parameters=f"{training['parameters'] / 1e6:.1f}",
        megabytes=f"{size / 1e6:.1f}",
        layers=settings["model"]["num_hidden_layers"],
        hidden=settings["model"]["hidden_size"],
        heads=settings["model"]["num_attention_heads"],
        positions=settings["model"]["max_position_embeddings"],
        window=settings["window"],
        mask=f"{100 * settings['mask']:.0f}",
        focus=f"{100 * settings['focus']:.0f}",
        batch=settings["batch"],
        rate=settings["learning_rate"],
        seen=f"{training['pieces_seen'] / 1e6:.1f}",
        steps=f"{training['steps']:,}",
        minutes=f"{training['minutes']:.0f}",
        machine=training["machine"],
        pools="\n".join(pool_rows(training)),
        held_out="\n".join(held_out_rows(training)),
        fertility="\n".join(fertility_rows(fertility)),
        comparison="\n".join(comparison_rows(comparison)),
        compared_minutes=comparison["minutes"],
        compared_threads=comparison["threads"],
        compared_steps=comparison["probe_steps"],
        probe="\n".join(probe_rows(probe)),
        probe_steps=probe["steps"],
        probe_seeds=probe["seeds"],
        gain=f"{100 * probe['gain']['f1']:.1f}",
        gain_interval=interval(probe["gain"]["interval"], 100, 1),
    )


def interval(ends: list[float], scale: float = 1, digits: int = 3) -> str:
    """Two numbers in brackets."""
    return f"[{scale * ends[0]:.{digits}f}, {scale * ends[1]:.{digits}f}]"


def pool_rows(training: dict[str, Any]) -> list[str]:
    """Millions of pieces a language, of all text, of the over-sampled part and held out."""
    pools = training["pieces_in_pools"]
    return [
        f"| {name} | "
        + " | ".join(f"{pools[f'{kind}_{code}'] / 1e6:.1f}" for kind in ("train", "focus", "held_out"))
        + " |"
        for code, name in LANGUAGES.items()
    ]


def held_out_rows(training: dict[str, Any]) -> list[str]:
    """Masked pieces, loss and accuracy a language."""
    return [
        f"| {name} | {own['count']:,.0f} | {own['loss']:.3f} | {own['accuracy']:.3f} |"
        for code, name in LANGUAGES.items()
        for own in (training["held_out"][code],)
    ]


def fertility_rows(fertility: dict[str, Any]) -> list[str]:
    """Pieces a word, a language, of this tokenizer and of others on the same text."""
    return [
        f"| {name} | {own['en']['pieces_a_word']:.2f} | {own['vi']['pieces_a_word']:.2f} |"
        for name, own in fertility.items()
    ]


def comparison_rows(comparison: dict[str, Any]) -> list[str]:
    """What was tried at equal compute."""
    return [
        f"| {run['name']} | {run['parameters'] / 1e6:.1f} | {run['pieces'] / 1e6:.2f} | "
        f"{run['held_out_en']:.2f} | {run['held_out_vi']:.2f} | {run['span_f1']:.3f} |"
        for run in comparison["runs"]
    ]


def probe_rows(probe: dict[str, Any]) -> list[str]:
    """Span F1 of both starts, of all fields and each."""
    fields = list(probe["pretrained"]["by_field"])
    lines = [
        "| start | span F1 | 95 % interval | en | vi | " + " | ".join(fields) + " |",
        "| --- |" + " ---: |" * (4 + len(fields)),
    ]
    for start in ("pretrained", "random"):
        own = probe[start]
        cells = [own["by_language"]["en"], own["by_language"]["vi"], *own["by_field"].values()]
        numbers = " | ".join(f"{value:.3f}" for value in cells)
        lines.append(f"| {start} | {own['f1']:.3f} | {interval(own['interval'])} | {numbers} |")
    return lines


if __name__ == "__main__":
    main()
