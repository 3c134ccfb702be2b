"""The pretraining loop: batches in a fixed order, a schedule over a budget, checkpoints that lose nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from policyextract.errors import TrainingError
from policyextract.training.checkpoint import Checkpoint, Log, Progress
from policyextract.training.objectives import Masked, Masker, Objective
from policyextract.training.packing import Pools
from policyextract.training.settings import Settings
from policyextract.training.text import LANGUAGES

__all__ = ["Batches", "Progress", "evaluate", "pretrain", "restore", "scheduled"]


class Batches:
    """Batch ``i`` of a run, the same for the same seed: languages in equal parts, the focus pool over-sampled.

    Every pool is walked in an order shuffled anew each time round, so no window comes twice before all came once.
    """

    def __init__(self, pools: Pools, settings: Settings) -> None:
        self._settings = settings
        size = settings.batch // len(LANGUAGES)
        focused = round(size * settings.focus)
        self._parts = [
            (pools[kind, language], count, i)
            for i, (kind, language, count) in enumerate(
                (kind, language, count)
                for language in LANGUAGES
                for kind, count in (("train", size - focused), ("focus", focused))
            )
            if count and len(pools[kind, language])
        ]
        if not self._parts:
            raise TrainingError("the text does not fill one window")
        self._orders: dict[tuple[int, int], npt.NDArray[np.int64]] = {}

    def __getitem__(self, step: int) -> npt.NDArray[np.int64]:
        """Pieces (batch, window)."""
        rows = [
            windows[self._at(part, len(windows), index)]
            for windows, count, part in self._parts
            for index in range(step * count, (step + 1) * count)
        ]
        return np.stack(rows).astype(np.int64)

    def _at(self, part: int, length: int, index: int) -> int:
        lap, place = divmod(index, length)
        if (part, lap) not in self._orders:
            self._orders.pop((part, lap - 2), None)
            random = np.random.default_rng([self._settings.seed, part, lap])
            self._orders[part, lap] = random.permutation(length)
        return int(self._orders[part, lap][place])


def scheduled(share: float, settings: Settings) -> float:
    """The learning rate at ``share`` of the budget: up, level, then down to nought (warm-up, stable, decay)."""
    up = min(1.0, share / settings.warmup) if settings.warmup else 1.0
    down = min(1.0, max(0.0, 1.0 - share) / settings.decay) if settings.decay else 1.0
    return settings.learning_rate * min(up, down)


def optimisers(module: nn.Module, settings: Settings) -> list[torch.optim.Optimizer]:
    """AdamW for all weights, or Muon for the matrices of the layers and AdamW for the rest."""
    named = [(name, weight) for name, weight in module.named_parameters() if weight.requires_grad]

    def is_inner(name: str, weight: Tensor) -> bool:
        return settings.optimiser == "muon" and weight.ndim == 2 and "layer" in name

    inner = [weight for name, weight in named if is_inner(name, weight)]
    outer = [weight for name, weight in named if not is_inner(name, weight)]
    groups = [
        {"params": [w for w in outer if w.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [w for w in outer if w.ndim < 2], "weight_decay": 0.0},
    ]
    made: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.98), eps=1e-6)
    ]
    if inner:
        made.append(
            torch.optim.Muon(
                inner,
                lr=settings.learning_rate,
                weight_decay=settings.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    return made


def pretrain(
    objective: Objective,
    pools: Pools,
    masker: Masker,
    settings: Settings,
    folder: Path,
    *,
    device: str = "cpu",
    report: Callable[[Progress, float], None] = lambda progress, loss: None,
) -> Progress:
    """Train until the budget is used up or the process is told to stop (SIGTERM, SIGINT), and keep it in ``folder``.

    A run that finds a checkpoint there goes on from it and yields what an undisturbed run of as many pieces
    would have: batches, masks and optimiser state are the same. What a kill can cost is the time since the
    last checkpoint, never a result. ``report`` is told the progress and the loss of every step.
    """
    module = objective.module.to(device).train()
    kept = Checkpoint(folder, module, optimisers(module, settings))
    progress = kept.load()
    log = Log(folder / "log.csv", progress.step)
    batches = Batches(pools, settings)
    held_out = {language: _held_out(pools, masker, settings, language) for language in LANGUAGES}
    next_save, next_evaluation = progress.seconds + 60 * settings.checkpoint_minutes, progress.seconds
    with _stop_signals() as stopped:
        while (share := progress.share(settings)) < 1 and not stopped:
            started = time.monotonic()
            rate = scheduled(share, settings)
            torch.manual_seed(settings.seed * 1_000_003 + progress.step)
            loss = _step(
                objective, kept.optimisers, batches[progress.step], masker, settings, progress, rate, device
            )
            progress.step += 1
            progress.pieces += settings.batch * settings.window
            progress.seconds += time.monotonic() - started
            report(progress, loss)
            scores = {}
            if progress.seconds >= next_evaluation or progress.share(settings) >= 1:
                scores = {
                    f"held_out_{language}": evaluate(objective, windows, device=device)["loss"]
                    for language, windows in held_out.items()
                    if windows
                }
                next_evaluation = progress.seconds + 60 * settings.evaluate_minutes
            log.write(progress, rate, loss, scores)
            if progress.seconds >= next_save:
                kept.save(progress)
                next_save = progress.seconds + 60 * settings.checkpoint_minutes
    kept.save(progress)
    return progress


def restore(objective: Objective, settings: Settings, folder: Path) -> Progress:
    """Give ``objective`` the weights of the checkpoint in ``folder`` and say how far it had come.

    Raises:
        TrainingError: there is no checkpoint, or it belongs to another model.
    """
    progress = Checkpoint(folder, objective.module, optimisers(objective.module, settings)).load()
    if not progress.step:
        raise TrainingError(f"{folder} holds no checkpoint: train first")
    return progress


def _step(
    objective: Objective,
    optimisers: list[torch.optim.Optimizer],
    pieces: npt.NDArray[np.int64],
    masker: Masker,
    settings: Settings,
    progress: Progress,
    rate: float,
    device: str,
) -> float:
    micro = range(0, len(pieces), settings.micro_batch)
    total = 0.0
    for part, first in enumerate(micro):
        batch = masker(pieces[first : first + settings.micro_batch], [settings.seed, progress.step, part])
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            loss = objective.loss(_on(batch, device)) / len(micro)
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    nn.utils.clip_grad_norm_(objective.module.parameters(), 1.0)
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return total


def _on(batch: Masked, device: str) -> Masked:
    return Masked(batch.pieces.to(device), batch.true.to(device), batch.hidden.to(device))


def _held_out(pools: Pools, masker: Masker, settings: Settings, language: str) -> list[Masked]:
    """The same masked windows at every evaluation, spread over the pool so that each source is there."""
    windows = pools["held_out", language]
    wanted = min(settings.evaluate_windows, len(windows))
    chosen = np.linspace(0, len(windows) - 1, wanted).astype(int).tolist() if wanted else []
    rows = [windows[i].astype(np.int64) for i in chosen]
    return [masker(np.stack(rows[first : first + 32]), [0, first]) for first in range(0, len(rows), 32)]


@torch.no_grad()
def evaluate(objective: Objective, batches: list[Masked], *, device: str = "cpu") -> dict[str, float]:
    """Over the hidden pieces of ``batches``: mean ``loss`` in nats, ``accuracy`` (0 to 1) and their ``count``."""
    objective.module.eval()
    sums = {"count": 0.0, "loss": 0.0, "right": 0.0}
    for batch in batches:
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            for name, value in objective.evaluate(_on(batch, device)).items():
                sums[name] += value.item()
    objective.module.train()
    count = max(1.0, sums["count"])
    return {"loss": sums["loss"] / count, "accuracy": sums["right"] / count, "count": sums["count"]}


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """A list that is empty until SIGTERM or SIGINT comes; the step in hand is finished first."""
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
