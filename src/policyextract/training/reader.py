"""The reading model: fine-tuned from an encoder, and scored on what it says of each value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from transformers import AutoConfig, AutoModelForTokenClassification

from policyextract.evaluate.counts import Counts
from policyextract.ner.pointers import FIELDS, WIDTH, kinds_at, outputs, rotation, split
from policyextract.training.checkpoint import Checkpoint, Progress
from policyextract.training.examples import NOTHING, Example, Truth

__all__ = ["JUDGED", "begin", "counts", "fine_tune", "loss_of", "predict", "score"]

WARM_UP = 0.06  # part of the steps over which the rate rises
DROPOUT = 0.1
SHARES = {
    "target": 1.0,
    "metric": 0.1,
    "level": 0.4,
    "year": 0.5,
    "locality": 0.5,
    "kinds": 0.4,
}  # of the loss
JUDGED = ("target", *FIELDS)  # the parts that ``counts`` counts
_N = len(FIELDS) * WIDTH


def begin(base: Path | str, *, pretrained: bool = True) -> Any:
    """A token classifier with the outputs of the reading model, from ``base`` (a folder or a hub's checkpoint).

    What a base has of these outputs already, as a reading model's checkpoint has them, goes on from what it has learned.
    With ``pretrained`` false, only the shape is that of ``base`` and the weights are random.
    """
    names = dict(enumerate(outputs()))
    config = AutoConfig.from_pretrained(
        base, num_labels=len(names), id2label=names, label2id={name: i for i, name in names.items()}
    )
    config.dtype = torch.float32
    # Not in attention: the fused kernels for CPUs have none, and without them a step takes twice as long.
    for name in ("embedding_dropout", "classifier_dropout"):
        if hasattr(config, name):
            setattr(config, name, DROPOUT)
    if pretrained:
        model = AutoModelForTokenClassification.from_pretrained(
            base, config=config, dtype=torch.float32, ignore_mismatched_sizes=True
        )
    else:
        model = AutoModelForTokenClassification.from_config(config)  # type: ignore[no-untyped-call]
    with torch.no_grad():  # few pieces belong to any one value
        model.classifier.bias[0] = -0.5
        model.classifier.bias[1 + 2 * _N] = -3.5
        if pretrained:
            _take_over(model, base)
    return model


def _take_over(model: Any, base: Path | str) -> None:
    """Give ``model`` the outputs that ``base`` has by the same names."""
    own, known = outputs(), AutoConfig.from_pretrained(base).id2label
    if "target" not in known.values():
        return
    before = AutoModelForTokenClassification.from_pretrained(base, dtype=torch.float32).classifier
    for number, name in known.items():
        if name in own:
            model.classifier.weight[own.index(name)] = before.weight[number]
            model.classifier.bias[own.index(name)] = before.bias[number]


def fine_tune(
    model: Any,
    data: Sequence[Example] | Callable[[int], Sequence[Example]],
    *,
    steps: int,
    seed: int,
    batch: int = 4,
    learning_rate: float = 3e-4,
    device: str = "cpu",
    state: Path | None = None,
    save_every: int = 200,
    report: Callable[[int, dict[str, float]], None] = lambda step, losses: None,
) -> Any:
    """``model`` after ``steps`` steps; its learning rate rises, then falls to nothing.

    ``report`` is told the step, from 1, and the loss of each part in nats. With ``state``, the run is saved there
    every ``save_every`` steps and goes on from what is there: it ends as if it had not been interrupted.
    """
    model.to(device).train()
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}],
        lr=learning_rate,
    )
    checkpoint = Checkpoint(state, model, [optimiser]) if state else None
    done = checkpoint.load().step if checkpoint else 0
    for step, chosen in enumerate(_batches(data, batch, seed), 1):
        if step > steps:
            break
        if step <= done:
            continue
        torch.manual_seed(seed * 1_000_003 + step)  # what drops out is a matter of the step, resumed or not
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * min(step / (WARM_UP * steps), 1.0) * (1 - (step - 1) / steps)
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            told = model(**_tensors(chosen, model.config.pad_token_id, device)).logits
        parts = [loss_of(row.float(), one) for row, one in zip(told, chosen, strict=True)]
        losses = {name: _mean([part[name] for part in parts if name in part], device) for name in SHARES}
        loss = torch.stack([SHARES[name] * value for name, value in losses.items()]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        report(step, {name: float(value.detach()) for name, value in losses.items()})
        if checkpoint and (step % save_every == 0 or step == steps):
            checkpoint.save(Progress(step))
    return model.eval()


def loss_of(told: torch.Tensor, example: Example) -> dict[str, torch.Tensor]:
    """The losses of one window, by part, each a vector with a number for every value that has a say in it.

    ``told`` holds the model's outputs, (pieces or more, outputs).
    """
    told = told[: len(example.ids)]
    losses: dict[str, torch.Tensor] = {}
    judged = [t for t in example.truths if t.target is not None]
    if judged:
        logits = told[[t.mark for t in judged], 0]
        wanted = torch.tensor([float(bool(t.target)) for t in judged], device=told.device)
        losses["target"] = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    if typed := [t for t in example.truths if t.kinds]:
        losses["kinds"] = _kinds_loss(told[[t.mark for t in typed]], typed)
    truths = [t for t in example.truths if t.fields]
    if not truths:
        return losses
    joint = _joint(told, [t.mark for t in truths])
    for number, name in enumerate(FIELDS):
        rows = [i for i, t in enumerate(truths) if name in t.fields]
        if rows:
            losses[name] = _field_loss(name, joint[rows, number], [truths[i] for i in rows])
    return losses


def _kinds_loss(told: torch.Tensor, truths: list[Truth]) -> torch.Tensor:
    """For each value, the sum of what its unit, comparator, change, per and level cost."""
    losses = torch.zeros(len(truths), device=told.device)
    for name, where in kinds_at().items():
        wanted = torch.tensor([t.kinds.get(name, -100) for t in truths], device=told.device)
        losses = losses + functional.cross_entropy(
            told[:, where], wanted, reduction="none", ignore_index=-100
        )
    return losses


def _field_loss(name: str, logits: torch.Tensor, truths: list[Truth]) -> torch.Tensor:
    wanted = torch.zeros_like(logits)
    for i, truth in enumerate(truths):
        wanted[i, truth.fields[name]] = 1.0
    if name == "metric":  # any pieces may belong to it
        loss: torch.Tensor = functional.binary_cross_entropy_with_logits(
            logits, wanted, reduction="none"
        ).sum(-1)
        return loss
    # One mention is pointed at, whichever of those that say the same.
    return logits.logsumexp(-1) - logits.masked_fill(wanted == 0, -1e9).logsumexp(-1)


def _joint(told: torch.Tensor, marks: list[int]) -> torch.Tensor:
    """As ``split`` has it, in torch: (marks, fields, pieces)."""
    cosine, sine = (torch.from_numpy(a).to(told.device) for a in rotation(len(told)))

    def turned(vectors: torch.Tensor, c: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        vectors = vectors.reshape(len(vectors), len(FIELDS), WIDTH)
        a, b = vectors[..., : WIDTH // 2], vectors[..., WIDTH // 2 :]
        c, s = c[:, None], s[:, None]
        return torch.cat((a * c - b * s, a * s + b * c), -1)

    question = turned(told[marks, 1 : 1 + _N], cosine[marks], sine[marks])
    answer = turned(told[:, 1 + _N : 1 + 2 * _N], cosine, sine)
    joint: torch.Tensor = torch.einsum("vfd,pfd->vfp", question, answer) / WIDTH**0.5
    return joint + told[None, :, 1 + 2 * _N : kinds_at()["unit"].start].transpose(1, 2)


def _mean(found: list[torch.Tensor], device: str) -> torch.Tensor:
    return torch.cat(found).mean() if found else torch.zeros((), device=device)


def _batches(
    data: Sequence[Example] | Callable[[int], Sequence[Example]], batch: int, seed: int
) -> Iterator[list[Example]]:
    """Batches without end, each epoch in an order of its own; a function gives each epoch's data."""
    epoch = 0
    while True:
        random = np.random.default_rng((seed, epoch))
        now = data(epoch) if callable(data) else data
        order = random.permutation(len(now))
        size = min(batch, len(order))  # of few windows there is no whole batch
        for first in range(0, len(order) - size + 1, size):
            yield [now[i] for i in order[first : first + size]]
        epoch += 1


def _tensors(chosen: Sequence[Example], pad: int, device: str) -> dict[str, torch.Tensor]:
    width = max(len(one.ids) for one in chosen)
    ids = [one.ids + [pad] * (width - len(one.ids)) for one in chosen]
    attention = [[1] * len(one.ids) + [0] * (width - len(one.ids)) for one in chosen]
    return {
        "input_ids": torch.tensor(ids, device=device),
        "attention_mask": torch.tensor(attention, device=device),
    }


@torch.no_grad()
def predict(
    model: Any, data: Sequence[Example], *, batch: int = 8, device: str = "cpu"
) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    """For each window, in order: target logits (values,) and the logits of fields (values, fields, pieces)."""
    model.eval()
    for first in range(0, len(data), batch):
        chosen = data[first : first + batch]
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            told = model(**_tensors(chosen, model.config.pad_token_id, device)).logits
        for one, own in zip(chosen, told.float().cpu().numpy(), strict=True):
            yield split(own[: len(one.ids)], [t.mark for t in one.truths])


def score(model: Any, data: Sequence[Example], *, device: str = "cpu") -> dict[str, Counts]:
    """What the model says of ``data`` against the truth, see ``counts``."""
    return counts(data, predict(model, data, device=device))


def counts(
    data: Sequence[Example],
    told: Iterable[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]],
) -> dict[str, Counts]:
    """Counts by part: ``target`` of values, ``metric`` of the pieces of true targets, the others of true targets.

    Of a level, year or locality, the piece that is pointed at most is right or wrong; nothing counts neither way when
    it is rightly pointed at.
    """
    found = {name: Counts() for name in JUDGED}
    for example, (logits, joint) in zip(data, told, strict=True):
        for i, truth in enumerate(example.truths):
            if truth.target is not None:
                found["target"] += _count(bool(logits[i] > 0), truth.target)
            for number, name in enumerate(FIELDS):
                if not truth.target or name not in truth.fields:
                    continue
                wanted = set(truth.fields[name])
                if name == "metric":
                    taken = set(np.flatnonzero(joint[i, number] > 0).tolist())
                    found[name] += Counts(len(taken & wanted), len(taken - wanted), len(wanted - taken))
                    continue
                best = int(joint[i, number].argmax())
                right = best in wanted
                if not (right and best == NOTHING):
                    found[name] += Counts(
                        right, not right and best != NOTHING, not right and NOTHING not in wanted
                    )
    return found


def _count(told: bool, true: bool) -> Counts:
    return Counts(told and true, told and not true, true and not told)
