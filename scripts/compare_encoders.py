"""Compare encoders and objectives at equal compute, and write the table of the model card.

    python scripts/compare_encoders.py --minutes 8 --json models/encoder/comparison.json

Each variant changes some settings of ``scripts/pretrain_encoder.toml``; it is trained for as many minutes on one
thread, then fine-tuned on the probe for a few steps. What ``--folder`` holds from an earlier call is kept.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from policyextract.training import pretrain as loop
from policyextract.training.export import write_model
from policyextract.training.objectives import build
from policyextract.training.settings import load_settings

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
PLAIN: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
VARIANTS: dict[str, dict[str, Any]] = {
    "ModernBERT, masked words": {"embeddings": "random"},
    "ELECTRA, replaced tokens": {
        "embeddings": "random",
        "architecture": "ElectraForPreTraining",
        "objective": "rtd",
        "model": PLAIN
        | {"intermediate_size": 1152, "embedding_size": 384, "global_attn_every_n_layers": None},
        "generator": {"hidden_size": 128, "intermediate_size": 384, "num_attention_heads": 2},
    },
    "ModernBERT of width 256, masked words": {
        "embeddings": "random",
        "model": {"hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4},
    },
    "ModernBERT, masked words, counted vectors": {},
}


def main() -> None:
    """Train, probe and collect."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--minutes", type=float, default=8.0)
    options.add_argument("--steps", type=int, default=80, help="of the probe")
    options.add_argument("--jobs", type=int, default=2, help="variants at once, a thread each")
    options.add_argument("--folder", type=Path, default=ROOT / "build" / "compare")
    options.add_argument("--packed", type=Path, default=ROOT / "build" / "packed")
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(given.jobs) as pool:
        runs = list(pool.map(lambda name: run(name, given), VARIANTS))
    figures = {"minutes": given.minutes, "threads": 1, "probe_steps": given.steps, "runs": runs}
    print(json.dumps(figures, indent=1))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def run(name: str, given: argparse.Namespace) -> dict[str, Any]:
    """Pretrain and probe one variant unless that was done before; what came out."""
    place = given.folder / "".join(c if c.isalnum() else "-" for c in name.lower())
    settings_file, out, probe = (place.with_suffix(x) for x in (".toml", ".out", ".json"))
    if not settings_file.exists():
        settings_file.write_text(as_toml(merged(VARIANTS[name])), encoding="utf-8")
    common = ["--settings", settings_file, "--packed", given.packed, "--run", place, "--threads", "1"]
    log = place / "log.csv"
    if not log.exists() or minutes(log) < given.minutes:
        call("pretrain_encoder.py", *common, "--minutes", given.minutes)
    settings = load_settings(settings_file)
    objective = build(settings, Tokenizer.from_file(str(ROOT / "models" / "encoder" / "tokenizer.json")))
    loop.restore(objective, settings, place)
    if not probe.exists():
        write_model(objective.model(), out)
        shutil.copy(ROOT / "models" / "encoder" / "tokenizer.json", out)
        call(
            "probe_encoder.py", "--encoder", out, "--seeds", 1, "--steps", given.steps, "--threads", 1,
            "--only", "pretrained", "--json", probe,
        )  # fmt: skip
    last = rows(log)[-1]
    return {
        "name": name,
        "parameters": sum(weight.numel() for weight in objective.model().parameters()),
        "pieces": int(last["pieces"]),
        "held_out_en": float(last["held_out_en"]),
        "held_out_vi": float(last["held_out_vi"]),
        "span_f1": json.loads(probe.read_text(encoding="utf-8"))["pretrained"]["f1"],
    }


def merged(changes: dict[str, Any]) -> dict[str, Any]:
    """The settings of the real run with ``changes``; None drops one."""
    base = tomllib.loads((SCRIPTS / "pretrain_encoder.toml").read_text(encoding="utf-8"))
    model = base["model"] | changes.get("model", {})
    return base | changes | {"model": {name: value for name, value in model.items() if value is not None}}


def as_toml(settings: dict[str, Any]) -> str:
    """Settings as TOML: plain values first, then tables of plain values; JSON writes such values the same way."""
    plain = [
        f"{name} = {json.dumps(value)}" for name, value in settings.items() if not isinstance(value, dict)
    ]
    tables = [
        "\n".join(["", f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())])
        for name, table in settings.items()
        if isinstance(table, dict)
    ]
    return "\n".join(plain + tables) + "\n"


def rows(log: Path) -> list[dict[str, str]]:
    """The lines of a log."""
    with log.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def minutes(log: Path) -> float:
    """How long a run has trained."""
    return float(rows(log)[-1]["minutes"])


def call(script: str, *arguments: object) -> None:
    """Run one of the scripts beside this one, its output on standard error."""
    subprocess.run(
        [sys.executable, str(SCRIPTS / script), *map(str, arguments)], check=True, stdout=sys.stderr
    )


if __name__ == "__main__":
    main()
