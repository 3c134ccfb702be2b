"""A reading model that has no ONNX file, run by transformers and torch from the extra ``train``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from policyextract.errors import ModelError
from policyextract.ner.pointers import OUTPUTS

if TYPE_CHECKING:
    from policyextract.ner.model import Runner

__all__ = ["runner"]


def runner(folder: Path) -> Runner:
    """Runs the token classifier of ``folder``, a Hugging Face checkpoint in safetensors.

    Raises ModelError if it cannot be loaded, is of another kind, or torch is not installed.
    """
    try:
        import torch
        from transformers import AutoModelForTokenClassification
    except ImportError:
        raise ModelError(
            f"{folder} has no model.onnx, and its checkpoint needs torch: pip install 'policyextract[train]'"
        ) from None
    try:
        model: Any = AutoModelForTokenClassification.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
        ).eval()
    except Exception as error:  # whatever a damaged checkpoint makes transformers raise
        raise ModelError(f"the checkpoint in {folder} is damaged: {error}") from error
    if model.config.num_labels != OUTPUTS:
        raise ModelError(
            f"{folder} is a model of another kind: {model.config.num_labels} outputs instead of {OUTPUTS}; "
            "policyextract train makes one that fits from it"
        )

    def run(ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        with torch.no_grad():
            told = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits
        found: npt.NDArray[np.float32] = told.float().numpy()
        return found

    return run
