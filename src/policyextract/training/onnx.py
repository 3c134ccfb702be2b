"""A trained reading model → the folder that ``policyextract.ner`` loads: ONNX of eight-bit weights, and its tokenizer."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch

from policyextract.ner.model import FILE

__all__ = ["export"]

_OPSET = 23  # the first with attention as one operator


class _Outputs(torch.nn.Module):
    """The model as a function of two tensors to one, which is what ONNX describes."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def export(checkpoint: Path, tokenizer: Path, out: Path) -> None:
    """Write ``model.onnx`` and ``tokenizer.json`` to ``out`` from a checkpoint and the folder of its tokenizer.

    Matrices and the embedding table are kept as signed bytes, a scale for each column of a matrix; what passes between
    them is quantised as it comes.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModelForTokenClassification

    model = AutoModelForTokenClassification.from_pretrained(
        checkpoint, dtype=torch.float32, attn_implementation="sdpa"
    ).eval()
    ids = torch.full((2, 64), 30)
    longest = int(getattr(model.config, "max_position_embeddings", 1024))
    axes = {0: torch.export.Dim("windows", min=1, max=64), 1: torch.export.Dim("pieces", min=2, max=longest)}
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), _Quiet():
        warnings.simplefilter("ignore")
        whole = Path(folder) / FILE
        program = torch.onnx.export(
            _Outputs(model),
            (ids, torch.ones_like(ids)),
            dynamo=True,
            verbose=False,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            opset_version=_OPSET,
        )
        assert program is not None
        program.save(whole)
        quantize_dynamic(
            whole,
            out / FILE,
            per_channel=True,
            # Seven bits of eight: sums of products stay exact on processors without the newest instructions.
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        )
    _strip(out / FILE)
    if (tokenizer / "tokenizer.json").resolve() != (out / "tokenizer.json").resolve():
        shutil.copyfile(tokenizer / "tokenizer.json", out / "tokenizer.json")


def _strip(path: Path) -> None:
    """Take out where in which source file each node came from: it names folders of this machine."""
    import onnx

    model = onnx.load(path)
    for part in (model.graph, *model.functions):
        for node in part.node:
            del node.metadata_props[:]
            node.doc_string = ""
        del part.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    onnx.save(model, path)


class _Quiet:
    """onnxruntime logs advice through the root logger."""

    def __enter__(self) -> None:
        self.level = logging.getLogger().level
        logging.getLogger().setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().setLevel(self.level)
