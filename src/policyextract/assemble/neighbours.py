"""What a first look at the other values of a document says of one: goals and results come in groups."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract.assemble.reading import Reading
from policyextract.types import Span

WINDOW = 40  # values either side of a value that the second pass looks at


def neighbour_features(reading: Reading, around: list[tuple[Span, float]], value: Span) -> Iterator[str]:
    """What the first pass says of the values around: means of logits, as ``name#number``."""
    clipped = [(span, max(-4.0, min(4.0, logit))) for span, logit in around]
    at = next(i for i, (span, _) in enumerate(clipped) if span.start == value.start)
    for name, i in (("previous", at - 1), ("next", at + 1)):
        if not 0 <= i < len(clipped):
            continue
        other, logit = clipped[i]
        yield f"{name}#{logit:.4f}"
        if other.attr("unit") == value.attr("unit"):
            yield f"{name}-same-unit#{logit:.4f}"
        if abs(other.start - value.start) < 60:
            yield f"{name}-close#{logit:.4f}"
    yield from _company(reading, clipped, at)
    near = [z for i, (_, z) in enumerate(clipped) if i != at and abs(i - at) <= 4]
    every = [z for i, (_, z) in enumerate(clipped) if i != at]
    if every:
        yield f"around#{sum(near) / len(near):.4f}"
        yield f"document#{sum(every) / len(every):.4f}"


def _company(reading: Reading, clipped: list[tuple[Span, float]], at: int) -> Iterator[str]:
    """Means over the values of the same sentence, of the sentences beside it, and under the same head."""
    here = reading.segment_at(clipped[at][0].start)
    segment = reading.segments[here]
    head = segment.heads[-1] if segment.heads else None
    groups: dict[str, list[float]] = {}
    for i, (span, logit) in enumerate(clipped):
        if i == at:
            continue
        index = reading.segment_at(span.start)
        other = reading.segments[index]
        if index == here:
            groups.setdefault("sentence", []).append(logit)
        elif abs(index - here) <= 2:
            side = "sentence-before" if index < here else "sentence-after"
            groups.setdefault(side, []).append(logit)
            if other.paragraph == segment.paragraph:
                groups.setdefault(f"{side}-in-paragraph", []).append(logit)
        if head is not None and other.heads and (other.heads[-1] is head or other.heads[-1] == head):
            groups.setdefault("same-head", []).append(logit)
    for name, logits in groups.items():
        yield f"{name}#{sum(logits) / len(logits):.4f}"
    if "sentence" in groups:
        yield f"sentence-best#{max(groups['sentence']):.4f}"
