"""The reading model's outputs: what each piece says of itself, and what that makes of a value and a piece together.

The model is a plain token classifier. Of its outputs for a piece, the first says whether the value behind a mark is a
target, and the last what kind of value it is (unit, comparator, change, per) and at which level; the others are, for each field, a question
that a mark asks, an answer that a piece gives, and how willing the piece is at all. A value and a piece belong together
as far as question and answer agree, both turned by their positions (rotary), so that the distance between them counts.

Su et al. 2022, "Global Pointer: Novel Efficient Span-based Approach for Named Entity Recognition", has the scoring.
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import numpy.typing as npt

from policyextract.types import LEVELS, Change, Comparator, Unit

__all__ = ["FIELDS", "KINDS", "OUTPUTS", "WIDTH", "kinds_at", "outputs", "rotation", "split"]

FIELDS = ("metric", "level", "year", "locality")
WIDTH = 32  # numbers of a question and of an answer
# What a value is: "" stands for none.
KINDS: dict[str, tuple[str, ...]] = {
    "unit": get_args(Unit),
    "comparator": get_args(Comparator),
    "change": ("", *get_args(Change)),
    "per": ("", "year"),
    "level": ("", *LEVELS),
}
_POINTERS = 1 + len(FIELDS) * (2 * WIDTH + 1)
OUTPUTS = _POINTERS + sum(map(len, KINDS.values()))
_BASE = 1000.0  # the slowest turn takes about four thousand pieces
Floats = npt.NDArray[np.float32]


def outputs() -> list[str]:
    """The names of the model's outputs, in order."""
    return [
        "target",
        *(f"question-{field}-{i}" for field in FIELDS for i in range(WIDTH)),
        *(f"answer-{field}-{i}" for field in FIELDS for i in range(WIDTH)),
        *(f"willing-{field}" for field in FIELDS),
        *(f"{name}-{kind or 'none'}" for name, kinds in KINDS.items() for kind in kinds),
    ]


def kinds_at() -> dict[str, slice]:
    """Which outputs tell the unit, comparator, change, per and level of a value."""
    found, at = {}, _POINTERS
    for name, kinds in KINDS.items():
        found[name] = slice(at, at + len(kinds))
        at += len(kinds)
    return found


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
    return told[at, 0], joint + told[None, :, 1 + 2 * n : _POINTERS].transpose(0, 2, 1)
