"""What an encoder is pretrained on: masked words, or telling replaced pieces from true ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
import transformers
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from policyextract.errors import TrainingError
from policyextract.ner.windows import piece_id
from policyextract.training.settings import Settings
from policyextract.training.tokenizer import SPECIAL

__all__ = ["Masked", "Masker", "Objective", "build"]


@dataclass(frozen=True, slots=True)
class Masked:
    """A batch with words hidden: ``pieces`` as fed, ``true`` as written, ``hidden`` marks where to predict; all (batch, window)."""

    pieces: Tensor
    true: Tensor
    hidden: Tensor


class Masker:
    """Hides whole words: all pieces of a word (or of a number) or none."""

    def __init__(self, tokenizer: Tokenizer, share: float, *, always_mask: bool = False) -> None:
        size = tokenizer.get_vocab_size()
        pieces = [tokenizer.id_to_token(i) or "" for i in range(size)]
        spaced = np.array([piece.startswith("Ġ") for piece in pieces])
        decoded = [tokenizer.decode([i], skip_special_tokens=False).strip() for i in range(size)]
        number = np.array([text.isdigit() for text in decoded])
        # A byte of a split character decodes to U+FFFD: it goes on with the word it stands in.
        word = np.array([bool(text) and (text[0].isalpha() or text[0] == "\ufffd") for text in decoded])
        self._spaced, self._kind = spaced, np.where(word, 1, np.where(number, 2, 0))
        self._special = np.array([piece in SPECIAL for piece in pieces])
        self._size, self._share, self._always = size, share, always_mask
        self._mask = piece_id(tokenizer, "[MASK]")

    def words(self, pieces: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The number of the word that each piece belongs to, counted through the whole batch."""
        flat = pieces.ravel()
        kind = self._kind[flat]
        before = np.concatenate([[0], kind[:-1]])
        starts = self._spaced[flat] | (kind == 0) | (kind != before)
        return np.cumsum(starts).reshape(pieces.shape)

    def __call__(self, pieces: npt.NDArray[np.int64], seed: list[int]) -> Masked:
        """``pieces`` (batch, window) with words hidden, the same for the same ``seed``.

        Of the hidden pieces 80 in 100 become [MASK], 10 another piece and 10 stay (all become [MASK] where the
        masker was made so), as in BERT.
        """
        random = np.random.default_rng(seed)
        words = self.words(pieces)
        chosen = random.random(int(words.max()) + 1) < self._share
        hidden = chosen[words] & ~self._special[pieces]
        fed = pieces.copy()
        how = random.random(pieces.shape)
        fed[hidden & (self._always | (how < 0.8))] = self._mask
        if not self._always:
            other = hidden & (how >= 0.9)
            fed[other] = random.integers(len(SPECIAL), self._size, int(other.sum()))
        return Masked(torch.from_numpy(fed), torch.from_numpy(pieces), torch.from_numpy(hidden))


class Objective(Protocol):
    """A trainable module with a loss over a masked batch."""

    module: nn.Module
    always_mask: bool

    def loss(self, batch: Masked) -> Tensor:
        """The loss to minimise, a scalar in nats."""

    def evaluate(self, batch: Masked) -> dict[str, Tensor]:
        """Sums over the hidden pieces: ``count``, ``loss`` (nats) and ``right``."""

    def model(self) -> Any:
        """The transformers model to save."""


def build(settings: Settings, tokenizer: Tokenizer) -> Objective:
    """The objective of ``settings`` over a model with fresh weights, seeded.

    Raises:
        TrainingError: transformers has no such class, or the objective does not fit it.
    """
    torch.manual_seed(settings.seed)
    if settings.objective == "rtd":
        return ReplacedTokens(settings, tokenizer)
    return MaskedWords(_model(settings.architecture, settings.model, tokenizer))


def _model(architecture: str, config: dict[str, Any], tokenizer: Tokenizer) -> Any:
    kind = getattr(transformers, architecture, None)
    if kind is None or not architecture.endswith(("ForMaskedLM", "ForPreTraining")):
        raise TrainingError(f"{architecture!r} is no masked language model of transformers")
    ids = {f"{name}_token_id": piece_id(tokenizer, f"[{name.upper()}]") for name in ("pad", "cls", "sep")}
    ids |= {"bos_token_id": ids["cls_token_id"], "eos_token_id": ids["sep_token_id"]}
    return kind(kind.config_class(**{"vocab_size": tokenizer.get_vocab_size()} | ids | config))


def _head(model: Any, states: Tensor) -> Tensor:
    """Logits (pieces, vocabulary) of ``states`` (pieces, hidden): the head alone, to be paid only where words are hidden."""
    for names in (
        ("head", "decoder"),
        ("generator_predictions", "generator_lm_head"),
        ("lm_head",),
        ("cls",),
    ):
        if all(hasattr(model, name) for name in names):
            for name in names:
                states = getattr(model, name)(states)
            return states
    raise TrainingError(f"{type(model).__name__}: its masked-word head is not known here")


class MaskedWords:
    """Predict the hidden pieces (masked language modelling)."""

    always_mask = False

    def __init__(self, model: Any) -> None:
        self.module: nn.Module = model

    def _logits(self, batch: Masked) -> Tensor:
        states = self.module.base_model(input_ids=batch.pieces).last_hidden_state  # type: ignore[operator]
        return _head(self.module, states[batch.hidden]).float()

    def loss(self, batch: Masked) -> Tensor:
        """Cross-entropy a hidden piece, in nats."""
        return functional.cross_entropy(self._logits(batch), batch.true[batch.hidden])

    def evaluate(self, batch: Masked) -> dict[str, Tensor]:
        """Sums over the hidden pieces."""
        return _sums(self._logits(batch), batch)

    def model(self) -> Any:
        """The masked language model."""
        return self.module


def _sums(logits: Tensor, batch: Masked) -> dict[str, Tensor]:
    true = batch.true[batch.hidden]
    return {
        "count": torch.tensor(len(true)),
        "loss": functional.cross_entropy(logits, true, reduction="sum"),
        "right": (logits.argmax(-1) == true).sum(),
    }


class ReplacedTokens:
    """A small generator fills the hidden pieces, the encoder tells which pieces were replaced (ELECTRA)."""

    always_mask = True
    WEIGHT = 50.0  # of the encoder's loss against the generator's, as published for ELECTRA

    def __init__(self, settings: Settings, tokenizer: Tokenizer) -> None:
        if settings.architecture != "ElectraForPreTraining":
            raise TrainingError(
                "replaced-token detection is built for the architecture ElectraForPreTraining"
            )
        encoder = _model(settings.architecture, settings.model, tokenizer)
        generator = _model("ElectraForMaskedLM", settings.model | settings.generator, tokenizer)
        generator.electra.embeddings.word_embeddings = encoder.electra.embeddings.word_embeddings
        generator.generator_lm_head.weight = encoder.electra.embeddings.word_embeddings.weight
        self.module: nn.Module = nn.ModuleDict({"encoder": encoder, "generator": generator})
        self._encoder, self._generator = encoder, generator

    def _logits(self, batch: Masked) -> Tensor:
        states = self._generator.electra(input_ids=batch.pieces).last_hidden_state
        return _head(self._generator, states[batch.hidden]).float()

    def loss(self, batch: Masked) -> Tensor:
        """The generator's cross-entropy and the encoder's weighted binary one."""
        logits = self._logits(batch)
        true = batch.true[batch.hidden]
        with torch.no_grad():
            noise = -torch.empty_like(logits).exponential_().log()
            drawn = (logits + noise).argmax(-1)
        filled = batch.true.clone()
        filled[batch.hidden] = drawn
        told = self._encoder(input_ids=filled).logits.float()
        replaced = (filled != batch.true).float()
        return functional.cross_entropy(logits, true) + self.WEIGHT * (
            functional.binary_cross_entropy_with_logits(told, replaced)
        )

    def evaluate(self, batch: Masked) -> dict[str, Tensor]:
        """The generator's sums over the hidden pieces."""
        return _sums(self._logits(batch), batch)

    def model(self) -> Any:
        """The encoder that tells replaced pieces."""
        return self._encoder
