"""The scripts around the encoder: the card says what the figures beside it say; settings of variants are TOML."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("torch", reason="the extra 'train' is not installed")

ROOT = Path(__file__).parents[1]
ENCODER = ROOT / "models" / "encoder"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_the_card_is_what_its_figures_make() -> None:
    card = load("model_card")
    assert (ENCODER / "MODEL_CARD.md").read_text(encoding="utf-8") == card.render(ENCODER)


def test_the_card_follows_the_figures(tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(ENCODER, folder)
    figures = json.loads((folder / "probe.json").read_text(encoding="utf-8"))
    figures["gain"]["f1"] = 0.4567
    (folder / "probe.json").write_text(json.dumps(figures), encoding="utf-8")
    assert "gains 45.7 points" in load("model_card").render(folder)


def test_settings_of_a_variant_are_the_real_ones_with_its_changes() -> None:
    compare = load("compare_encoders")
    for changes in compare.VARIANTS.values():
        merged = compare.merged(changes)
        assert tomllib.loads(compare.as_toml(merged)) == merged
        assert None not in merged["model"].values()
    assert compare.merged({}) == tomllib.loads(
        (ROOT / "scripts" / "pretrain_encoder.toml").read_text("utf-8")
    )


def test_the_pretrained_start_wins_by_eight_points() -> None:
    gain = json.loads((ENCODER / "probe.json").read_text(encoding="utf-8"))["gain"]
    assert gain["f1"] >= 0.08 and gain["interval"][0] > 0
