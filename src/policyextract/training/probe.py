"""The probe of an encoder: token classification of the gold's spans, from its weights and from none.

Both are fine-tuned for the same number of steps on the same windows in the same order, then scored on other
documents by exact span F1. What differs is only the encoder's start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from policyextract.evaluate.counts import Counts
from policyextract.evaluate.gold import Gold
from policyextract.ner.windows import piece_id
from policyextract.training import finetune
from policyextract.training.alignment import FIELDS, align
from policyextract.training.finetune import IGNORED

__all__ = ["LABELS", "Window", "fine_tune", "labelled", "score", "windows"]

LABELS = ("O", *(f"{place}-{field}" for field in FIELDS for place in "BI"))
Spans = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Window:
    """Some lines of a document as pieces: ids, a label each (or ``IGNORED``) and offsets (start, end) in the document."""

    document: str
    ids: list[int]
    labels: list[int]
    offsets: list[tuple[int, int]]


def labelled(text: str, gold: Gold, document: str) -> Spans:
    """The spans of all fields of all rows of ``document``; of two that cross, the one of the earlier field stays."""
    found: dict[tuple[int, int], str] = {}
    aligned = [align(text, row, gold.langs[document]) for row in gold[document]]
    taken = np.zeros(len(text), bool)
    for field in ("value", "year", "locality", "level", "metric"):
        for spans in aligned:
            for start, end in getattr(spans, field):
                if not taken[start:end].any():
                    taken[start:end] = True
                    found[start, end] = field
    return frozenset((field, start, end) for (start, end), field in found.items())


def windows(gold: Gold, tokenizer: Tokenizer, size: int) -> Iterator[Window]:
    """Every document of ``gold`` in windows of at most ``size`` pieces, cut at line ends where a line fits."""
    first, last = piece_id(tokenizer, "[CLS]"), piece_id(tokenizer, "[SEP]")
    for document in gold:
        text = gold.texts[document]
        encoded = tokenizer.encode(text, add_special_tokens=False)
        labels = _labels(labelled(text, gold, document), encoded.offsets)
        at = 0
        while at < len(encoded.ids):
            end = _cut(text, encoded.offsets, at, size - 2)
            yield Window(
                document,
                [first, *encoded.ids[at:end], last],
                [IGNORED, *labels[at:end], IGNORED],
                [(0, 0), *encoded.offsets[at:end], (0, 0)],
            )
            at = end


def _cut(text: str, offsets: list[tuple[int, int]], at: int, size: int) -> int:
    if at + size >= len(offsets):
        return len(offsets)
    for end in range(at + size, at + size // 2, -1):
        if "\n" in text[offsets[end - 1][1] : offsets[end][0] + 1] or text[offsets[end - 1][1] - 1] == "\n":
            return end
    return at + size


def _labels(spans: Spans, offsets: list[tuple[int, int]]) -> list[int]:
    labels = [0] * len(offsets)
    for field, start, end in spans:
        inside = [i for i, (s, e) in enumerate(offsets) if s < end and e > start and e > s]
        for n, i in enumerate(inside):
            labels[i] = LABELS.index(f"{'I' if n else 'B'}-{field}")
    return labels


def _spans(labels: list[int], offsets: list[tuple[int, int]]) -> Spans:
    found: list[tuple[str, int, int]] = []
    before = "O"
    for label, (start, end) in zip((LABELS[i] if i >= 0 else "O" for i in labels), offsets, strict=True):
        if label != "O":
            field = label[2:]
            if label[0] == "I" and before != "O" and before[2:] == field:
                found[-1] = (field, found[-1][1], end)
            else:
                found.append((field, start, end))
        before = label
    return frozenset(found)


def fine_tune(base: Path, data: list[Window], *, pretrained: bool, steps: int, seed: int, **how: Any) -> Any:
    """A classifier of the probe's labels; ``how`` goes on to ``finetune.fine_tune``."""
    return finetune.fine_tune(base, data, LABELS, pretrained=pretrained, steps=steps, seed=seed, **how)


def score(model: Any, data: list[Window], *, device: str = "cpu") -> dict[str, dict[str, Counts]]:
    """Exact spans told against those labelled: counts by document, then by field."""
    counts: dict[str, dict[str, Counts]] = {}
    for window, told in zip(data, finetune.probabilities(model, data, device=device), strict=True):
        best = told.argmax(-1).tolist()
        best[0] = best[-1] = 0
        found, true = _spans(best, window.offsets), _spans(window.labels, window.offsets)
        here = counts.setdefault(window.document, {})
        for field in FIELDS:
            own = {span for span in found if span[0] == field}
            wanted = {span for span in true if span[0] == field}
            both = len(own & wanted)
            here[field] = here.get(field, Counts()) + Counts(both, len(own) - both, len(wanted) - both)
    return counts
