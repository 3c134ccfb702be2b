"""The settings of a pretraining run, read from one TOML file."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from policyextract.errors import TrainingError

__all__ = ["Settings", "load_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What decides a run's result.

    ``architecture`` names a transformers class for masked language modelling and ``model`` its configuration;
    ``objective`` is "mlm" (whole-word masking) or "rtd" (replaced-token detection, ELECTRA classes only, with
    ``generator`` the generator's differing configuration). ``embeddings`` is where the embedding table starts:
    at random or from counted neighbours. Rates are fractions: ``mask`` of words, ``focus``
    of windows drawn from the over-sampled pool, ``warmup`` and ``decay`` of the budget of time or pieces.
    """

    architecture: str
    model: dict[str, Any]
    objective: Literal["mlm", "rtd"] = "mlm"
    generator: dict[str, Any] = field(default_factory=dict)
    embeddings: Literal["random", "ppmi"] = "random"
    window: int = 256
    mask: float = 0.2
    focus: float = 0.4
    batch: int = 64
    micro_batch: int = 64
    optimiser: Literal["muon", "adamw"] = "muon"
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: float = 0.02
    decay: float = 0.3
    minutes: float = 150.0
    pieces: int = 10**12
    seed: int = 1
    checkpoint_minutes: float = 5.0
    evaluate_minutes: float = 10.0
    evaluate_windows: int = 64


def load_settings(path: Path, **changes: object) -> Settings:
    """The settings of ``path``, with ``changes`` that are not None in their place.

    Raises:
        TrainingError: the file is no TOML, or names a setting that does not exist or misses one that must be there.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TrainingError(f"{path}: {error}") from error
    given |= {name: value for name, value in changes.items() if value is not None}
    known = {one.name for one in dataclasses.fields(Settings)}
    if unknown := sorted(set(given) - known):
        raise TrainingError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    try:
        return Settings(**given)
    except TypeError as error:
        raise TrainingError(f"{path}: {error}") from error
