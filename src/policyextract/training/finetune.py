"""Fine-tuning of a token classifier from an encoder, ours or any of transformers, and its probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoConfig, AutoModelForTokenClassification

__all__ = ["IGNORED", "Labelled", "fine_tune", "probabilities"]

IGNORED = -100  # the label of a piece that no loss is taken of
WARM_UP = 0.1  # part of the steps over which the rate rises


class Labelled(Protocol):
    """A sequence of piece ids with a label each."""

    @property
    def ids(self) -> list[int]: ...  # noqa: D102

    @property
    def labels(self) -> list[int]: ...  # noqa: D102


def fine_tune(
    base: Path | str,
    data: Sequence[Labelled],
    labels: Sequence[str],
    *,
    steps: int,
    seed: int,
    pretrained: bool = True,
    batch: int = 16,
    learning_rate: float = 5e-4,
    device: str = "cpu",
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> Any:
    """A token classifier after ``steps`` steps over ``data``, from the weights of ``base`` or (not ``pretrained``) from random ones.

    ``base`` is a folder or the name of a checkpoint. ``report`` is told the step, from 1, and its loss in nats.
    """
    torch.manual_seed(seed)
    names = dict(enumerate(labels))
    config = AutoConfig.from_pretrained(
        base, num_labels=len(labels), id2label=names, label2id={name: i for i, name in names.items()}
    )
    config.dtype = torch.float32
    if pretrained:
        model = AutoModelForTokenClassification.from_pretrained(base, config=config, dtype=torch.float32)
    else:
        model = AutoModelForTokenClassification.from_config(config)  # type: ignore[no-untyped-call]
    model.to(device).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.0, 1 - step / steps)
    )
    for step, chosen in zip(range(1, steps + 1), _batches(data, batch, seed), strict=False):
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            loss = model(**_tensors(chosen, config.pad_token_id, device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        report(step, loss.item())
    return model.eval()


def _batches(data: Sequence[Labelled], batch: int, seed: int) -> Iterator[list[Labelled]]:
    """Batches without end, every sequence once before any comes twice."""
    random = np.random.default_rng(seed)
    order: list[int] = []
    while True:
        while len(order) < batch:
            order += random.permutation(len(data)).tolist()
        yield [data[i] for i in order[:batch]]
        order = order[batch:]


def _tensors(chosen: Sequence[Labelled], pad: int, device: str) -> dict[str, torch.Tensor]:
    width = max(len(one.ids) for one in chosen)

    def filled(rows: list[list[int]], filler: int) -> torch.Tensor:
        return torch.tensor([row + [filler] * (width - len(row)) for row in rows], device=device)

    return {
        "input_ids": filled([one.ids for one in chosen], pad),
        "attention_mask": filled([[1] * len(one.ids) for one in chosen], 0),
        "labels": filled([one.labels for one in chosen], IGNORED),
    }


@torch.no_grad()
def probabilities(
    model: Any, data: Sequence[Labelled], *, batch: int = 16, device: str = "cpu"
) -> Iterator[npt.NDArray[np.float32]]:
    """For each sequence of ``data``, in order, the probability of every label of every piece: (pieces, labels)."""
    for first in range(0, len(data), batch):
        chosen = data[first : first + batch]
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            logits = model(**_tensors(chosen, model.config.pad_token_id, device)).logits
        for one, own in zip(chosen, logits.float().softmax(-1).cpu().numpy(), strict=True):
            yield own[: len(one.ids)]
