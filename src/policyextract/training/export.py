"""A trained encoder → the folder that ships: half-precision safetensors in shards, tokenizer, curve and figures."""

from __future__ import annotations

import csv
import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors.torch import load_file
from tokenizers import Tokenizer

from policyextract.errors import TrainingError
from policyextract.training.objectives import MaskedWords, Masker
from policyextract.training.packing import Pools
from policyextract.training.pretrain import evaluate
from policyextract.training.text import LANGUAGES

__all__ = ["held_out", "plot", "take_up", "write_model"]

SHARD = "16MB"


def write_model(model: Any, folder: Path) -> None:
    """``config.json`` and ``model*.safetensors`` in half precision, shards under 16 MB; the tokenizer stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("model*.safetensors*"):
        old.unlink()
    half = type(model)(model.config)
    half.load_state_dict(model.state_dict())
    half.to(torch.float16).save_pretrained(folder, max_shard_size=SHARD)


def take_up(model: Any, folder: Path) -> None:
    """Copy the weights of a saved model in ``folder`` into ``model``, of the same class and size.

    Raises:
        TrainingError: the folder holds another model or none.
    """
    shards = sorted(folder.glob("model*.safetensors"))
    if not shards:
        raise TrainingError(f"{folder} holds no model*.safetensors to start from")
    weights = {name: value.float() for shard in shards for name, value in load_file(shard).items()}
    own = model.state_dict()
    tied = {name for name in own if name not in weights and own[name].data_ptr() in _pointers(own, weights)}
    try:
        if set(own) - set(weights) - tied or set(weights) - set(own):
            raise RuntimeError
        model.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        raise TrainingError(f"{folder} holds weights of another model than the settings describe") from error


def _pointers(own: dict[str, torch.Tensor], names: Iterable[str]) -> set[int]:
    return {own[name].data_ptr() for name in names if name in own}


def held_out(
    folder: Path, pools: Pools, *, share: float, most: int = 500, device: str = "cpu"
) -> dict[str, Any]:
    """Masked-piece loss (nats), accuracy and count a language, of the model as shipped in ``folder``."""
    model = transformers.AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).to(device)
    masker = Masker(Tokenizer.from_file(str(folder / "tokenizer.json")), share, always_mask=True)
    found = {}
    for language in LANGUAGES:
        windows = pools["held_out", language]
        chosen = np.linspace(0, len(windows) - 1, min(most, len(windows))).astype(int)
        batches = [
            masker(windows[chosen[first : first + 32]].astype(np.int64), [0, first])
            for first in range(0, len(chosen), 32)
        ]
        found[language] = evaluate(MaskedWords(model), batches, device=device)
    return found


def machine() -> str:
    """The processor or GPU, and the number of cores or its name, for a card."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}"


def plot(log: Path, picture: Path) -> None:
    """The curve of ``log`` (CSV): training loss, smoothed, and held-out loss of each language against pieces seen."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with log.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    pieces = np.array([int(row["pieces"]) for row in rows]) / 1e6
    loss = np.array([float(row["loss"]) for row in rows])
    width = max(1, len(loss) // 100)
    smooth = np.convolve(loss, np.ones(width) / width, "valid")
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(pieces[width - 1 :], smooth, color="0.6", label=f"training, mean of {width} steps")
    for language, colour in zip(LANGUAGES, ("tab:blue", "tab:orange"), strict=True):
        told = [
            (x, float(row[f"held_out_{language}"]))
            for x, row in zip(pieces, rows, strict=True)
            if row[f"held_out_{language}"]
        ]
        if told:
            axes.plot(
                *zip(*told, strict=True),
                marker="o",
                markersize=3,
                color=colour,
                label=f"held out, {language}",
            )
    axes.set_xlabel("pieces seen (millions)")
    axes.set_ylabel("loss a masked piece (nats)")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(picture, dpi=120)
    pyplot.close(figure)


def write_figures(folder: Path, figures: dict[str, Any]) -> None:
    """``training.json``: what the card says, as numbers."""
    (folder / "training.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
