"""The reading model from its folder: ONNX run by onnxruntime, pieces by tokenizers, nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from policyextract.errors import ModelError
from policyextract.ner.pointers import FIELDS, KINDS, OUTPUTS, kinds_at, split
from policyextract.ner.windows import Pieces, Window, windows
from policyextract.types import Document, Segment, Span, Told

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["FILE", "WEIGHTS", "ReadingModel", "Runner", "load"]

FILE = "model.onnx"
WEIGHTS = "weights.json"
_AT_ONCE = 800  # pieces run at once: larger batches take memory, and no less time
Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


class Runner(Protocol):
    """Runs the network: ids and attention mask, both (windows, pieces), to outputs (windows, pieces, OUTPUTS)."""

    def __call__(self, ids: Ids, mask: Ids, /) -> Floats: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class ReadingModel:
    """A model that says of candidate values whether they are targets, and of pieces whose fields they are.

    ``weights`` are those by which assembly weighs what it says, fitted together with it; ``name`` goes into records.
    """

    name: str
    run: Runner
    tokenizer: Tokenizer
    weights: dict[str, dict[str, float]]

    def read(
        self, document: Document, segments: Sequence[Segment], values: Sequence[Span]
    ) -> dict[tuple[int, int], Told]:
        """What the model says of each of ``values`` (in order of text), by the value's offsets."""
        if not values:
            return {}
        pieces = Pieces.of(document.text, self.tokenizer)
        places = [(value.start, value.end) for value in values]
        found: dict[tuple[int, int], Told] = {}
        for batch in _batches(windows(pieces, segments, places)):
            for window, told in zip(batch, self._outputs(batch), strict=True):
                found.update(_told(document.text, pieces, window, told, places))
        return found

    def _outputs(self, batch: list[Window]) -> list[Floats]:
        width = max(len(window.ids) for window in batch)
        ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(batch):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        told = self.run(ids, mask)
        return [own[: len(window.ids)] for own, window in zip(told, batch, strict=True)]


def _batches(found: list[Window]) -> list[list[Window]]:
    """Windows of like length together, at most so many pieces at once."""
    batches: list[list[Window]] = []
    for window in sorted(found, key=lambda one: len(one.ids)):
        if batches and (len(batches[-1]) + 1) * len(window.ids) <= _AT_ONCE:
            batches[-1].append(window)
        else:
            batches.append([window])
    return batches


def _told(
    text: str, pieces: Pieces, window: Window, outputs: Floats, values: list[tuple[int, int]]
) -> dict[tuple[int, int], Told]:
    logits, joint = split(outputs, window.marks)
    origin = np.asarray(window.origin)
    kept = np.flatnonzero(origin >= 0)
    own = origin[kept]
    starts = np.asarray(pieces.starts)[own]
    ends = np.asarray(pieces.ends)[own]
    wordy = np.fromiter(
        (any(map(str.isalnum, text[a:b])) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)),
        dtype=bool, count=len(kept),
    )  # fmt: skip
    kinds = _kinds(outputs[window.marks])
    metric = FIELDS.index("metric")
    shares = np.exp(joint - joint.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    shares[:, metric] = 1 / (1 + np.exp(-joint[:, metric]))
    return {
        values[number]: Told(
            target=float(logits[i]),
            starts=starts,
            ends=ends,
            wordy=wordy,
            shares={name: shares[i, f][kept] for f, name in enumerate(FIELDS)},
            nothing={name: float(shares[i, f, 0]) for f, name in enumerate(FIELDS) if f != metric},
            kinds=kinds[i],
        )
        for i, number in enumerate(window.values)
    }


def _kinds(outputs: Floats) -> list[dict[str, dict[str, float]]]:
    """For each mark, the probability of every unit, comparator, change and per."""
    found: list[dict[str, dict[str, float]]] = [{} for _ in outputs]
    for name, where in kinds_at().items():
        logits = outputs[:, where]
        parts = np.exp(logits - logits.max(-1, keepdims=True))
        parts /= parts.sum(-1, keepdims=True)
        for own, row in zip(found, parts.tolist(), strict=True):
            own[name] = dict(zip(KINDS[name], row, strict=True))
    return found


def load(folder: Path | str, *, weights: dict[str, dict[str, float]] | None = None) -> ReadingModel:
    """The model in ``folder``: ``model.onnx``, ``tokenizer.json`` and, unless given here, ``weights.json``.

    Without an ONNX file, a Hugging Face checkpoint in safetensors is run by torch, if that is installed.

    Raises ModelError if a file is missing or damaged, or is of a model of another kind.
    """
    from tokenizers import Tokenizer

    folder = Path(folder)
    exported = (folder / FILE).is_file() or not (folder / "config.json").is_file()
    wanted = [FILE if exported else "config.json", "tokenizer.json", *([WEIGHTS] if weights is None else [])]
    for name in wanted:
        if not (folder / name).is_file():
            raise ModelError(
                f"{folder} has no {name}: name the folder of a reading model (policyextract train makes one), "
                "or give --no-model to use the patterns alone"
            )
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises Exception itself
        raise ModelError(f"{folder / 'tokenizer.json'} is damaged: {error}") from error
    if weights is None:
        try:
            weights = json.loads((folder / WEIGHTS).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelError(f"{folder / WEIGHTS} is damaged: {error}") from error
        if "target-again" not in weights:
            raise ModelError(f"{folder / WEIGHTS} holds no weights of a reading model: train it anew")
    if exported:
        return ReadingModel(folder.name, _session(folder / FILE), tokenizer, weights)
    from policyextract.ner.checkpoint import runner

    return ReadingModel(folder.name, runner(folder), tokenizer, weights)


def _session(path: Path) -> Runner:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread: documents go side by side in processes, and on few cores threads of one would fight.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no base of their own
        raise ModelError(f"{path} is damaged or no ONNX model: {error}") from error
    names = [given.name for given in session.get_inputs()]
    width = session.get_outputs()[0].shape[-1]
    if names != ["input_ids", "attention_mask"] or width != OUTPUTS:
        raise ModelError(f"{path} is a model of another kind: policyextract train makes one that fits")

    def run(ids: Ids, mask: Ids) -> Floats:
        # Windows one by one: the exported rotary operator takes no more at once, and two take twice the time of one anyway.
        told: list[Floats] = [
            session.run(None, {"input_ids": ids[i : i + 1], "attention_mask": mask[i : i + 1]})[0]
            for i in range(len(ids))
        ]
        return np.concatenate(told)

    return run
