"""What a pretraining run keeps on disk: its checkpoint and its curve."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from policyextract.errors import TrainingError
from policyextract.training.settings import Settings
from policyextract.training.text import LANGUAGES

__all__ = ["Checkpoint", "Log", "Progress"]

LOG_FIELDS = ("step", "pieces", "minutes", "learning_rate", "loss", *(f"held_out_{x}" for x in LANGUAGES))


@dataclass(slots=True)
class Progress:
    """How far a run is: optimiser ``step``, ``pieces`` seen and ``seconds`` spent, over all its parts."""

    step: int = 0
    pieces: int = 0
    seconds: float = 0.0

    def share(self, settings: Settings) -> float:
        """The part of the budget that is used up, by time or by pieces, whichever is further."""
        return max(self.seconds / (60 * settings.minutes), self.pieces / settings.pieces)


class Checkpoint:
    """A checkpoint folder: weights and optimiser state as safetensors, progress as JSON, swapped in whole."""

    def __init__(self, folder: Path, module: nn.Module, optimisers: list[torch.optim.Optimizer]) -> None:
        self.folder, self.module, self.optimisers = folder / "checkpoint", module, optimisers

    def save(self, progress: Progress) -> None:
        """Write beside the last checkpoint, then take its place, so that a kill leaves one of them whole."""
        new, old = self.folder.with_name("checkpoint.new"), self.folder.with_name("checkpoint.old")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        save_file(unshared(self.module), new / "model.safetensors")
        states = {
            f"{i}/{index}/{name}": value
            for i, optimiser in enumerate(self.optimisers)
            for index, state in optimiser.state_dict()["state"].items()
            for name, value in state.items()
        }
        save_file({name: value.contiguous() for name, value in states.items()}, new / "optimiser.safetensors")
        progress_file = new / "progress.json"
        numbers = {"step": progress.step, "pieces": progress.pieces, "seconds": progress.seconds}
        progress_file.write_text(json.dumps(numbers), encoding="utf-8")
        shutil.rmtree(old, ignore_errors=True)
        if self.folder.exists():
            self.folder.rename(old)
        new.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    def load(self) -> Progress:
        """Take up the checkpoint, if there is one, and say how far it had come.

        Raises:
            TrainingError: the checkpoint belongs to another model.
        """
        folder = self.folder if self.folder.exists() else self.folder.with_name("checkpoint.old")
        if not folder.exists():
            return Progress()
        weights = load_file(folder / "model.safetensors")
        if set(weights) != set(unshared(self.module)):
            raise TrainingError(f"{folder} is a checkpoint of another model: name another folder")
        try:
            self.module.load_state_dict(weights, strict=False)
        except RuntimeError as error:
            raise TrainingError(f"{folder} is a checkpoint of a model of another size") from error
        states = load_file(folder / "optimiser.safetensors")
        for i, optimiser in enumerate(self.optimisers):
            own: dict[int, dict[str, Tensor]] = {}
            for key, value in states.items():
                which, index, name = key.split("/")
                if int(which) == i:
                    own.setdefault(int(index), {})[name] = value
            optimiser.load_state_dict({"state": own, "param_groups": optimiser.state_dict()["param_groups"]})
        return Progress(**json.loads((folder / "progress.json").read_text(encoding="utf-8")))


def unshared(module: nn.Module) -> dict[str, Tensor]:
    """The weights by name, each tensor once: tied ones are tied again by the model's own code."""
    seen: set[int] = set()
    weights = {}
    for name, value in module.state_dict().items():
        if value.data_ptr() not in seen:
            seen.add(value.data_ptr())
            weights[name] = value.contiguous()
    return weights


class Log:
    """The curve as CSV, a line a step; lines after the checkpoint are dropped when a run is taken up."""

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        kept: list[dict[str, str]] = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as lines:
                kept = [row for row in csv.DictReader(lines) if row["step"] and int(row["step"]) <= step]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, LOG_FIELDS)
            writer.writeheader()
            writer.writerows(kept)

    def write(self, progress: Progress, rate: float, loss: float, scores: dict[str, float]) -> None:
        """Add the line of a step; ``scores`` holds held-out losses where they were measured."""
        numbers = {
            "step": progress.step,
            "pieces": progress.pieces,
            "minutes": round(progress.seconds / 60, 3),
            "learning_rate": f"{rate:.3g}",
            "loss": round(loss, 4),
        }
        with self._path.open("a", encoding="utf-8", newline="") as lines:
            csv.DictWriter(lines, LOG_FIELDS).writerow(
                numbers | {name: round(value, 4) for name, value in scores.items()}
            )
