"""The reading model's outputs: what each piece says of itself, and what that makes of a value and a piece together.

The model is a plain token classifier. Of its outputs for a piece, the first says whether the value behind a mark is a
target; the others are, for each field, a question that a mark asks, an answer that a piece gives, and how willing the
piece is at all. A value and a piece belong together as far as question and answer agree, both turned by their
positions (rotary), so that the distance between them counts.

Su et al. 2022, "Global Pointer: Novel Efficient Span-based Approach for Named Entity Recognition", has the scoring.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["FIELDS", "OUTPUTS", "WIDTH", "outputs", "rotation", "split"]

FIELDS = ("metric", "level", "year", "locality")
WIDTH = 32  # numbers of a question and of an answer
OUTPUTS = 1 + len(FIELDS) * (2 * WIDTH + 1)
_BASE = 1000.0  # the slowest turn takes about four thousand pieces
Floats = npt.NDArray[np.float32]


def outputs() -> list[str]:
    """The names of the model's outputs, in order."""
    return [
        "target",
        *(f"question-{field}-{i}" for field in FIELDS for i in range(WIDTH)),
        *(f"answer-{field}-{i}" for field in FIELDS for i in range(WIDTH)),
        *(f"willing-{field}" for field in FIELDS),
    ]


def rotation(length: int) -> tuple[Floats, Floats]:
    """Cosine and sine by which position p turns number i of a question or answer: both (length, WIDTH / 2)."""
    turns = _BASE ** -(np.arange(WIDTH // 2) / (WIDTH // 2))
    angles = np.arange(length)[:, None] * turns[None, :]
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def turned(vectors: Floats, cosine: Floats, sine: Floats) -> Floats:
    """``vectors`` (n, fields, WIDTH) turned by the positions of ``cosine`` and ``sine`` (n, WIDTH / 2)."""
    a, b = vectors[..., : WIDTH // 2], vectors[..., WIDTH // 2 :]
    c, s = cosine[:, None], sine[:, None]
    return np.concatenate((a * c - b * s, a * s + b * c), axis=-1)


def split(told: Floats, marks: list[int]) -> tuple[Floats, Floats]:
    """From outputs (pieces, OUTPUTS): the target logits (marks,) and the logits of fields (marks, fields, pieces)."""
    n = len(FIELDS) * WIDTH
    cosine, sine = rotation(len(told))
    at = np.asarray(marks, dtype=np.int64)
    shape = (-1, len(FIELDS), WIDTH)
    question = turned(told[at, 1 : 1 + n].reshape(shape), cosine[at], sine[at])
    answer = turned(told[:, 1 + n : 1 + 2 * n].reshape(shape), cosine, sine)
    joint = np.einsum("vfd,pfd->vfp", question, answer) / WIDTH**0.5
    return told[at, 0], joint + told[None, :, 1 + 2 * n :].transpose(0, 2, 1)
