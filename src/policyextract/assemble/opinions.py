"""What the reading model says, as features of the decisions and as one more way to read a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell
from policyextract.assemble.weigh import Option
from policyextract.types import Span, Told

__all__ = [
    "agreed",
    "kind_options",
    "metric_features",
    "of_kinds",
    "of_levels",
    "of_options",
    "own_metric",
    "target_features",
    "told_of",
]

SAID = "@model"  # marks the option that the model by itself would take; no weight is fitted for it
_LEAST = 1e-3  # a share below counts as none, so that no logarithm runs away
_IN, _JOIN = 0.5, 0.3  # probabilities from which a piece is part of a metric, and fills a gap in one
_LONGEST = 1_000  # characters of a mention that begins before what the model saw
Piece = tuple[int, int]


def told_of(reading: Reading, value: Span) -> Told | None:
    """What the model says of a value, None where it was not asked."""
    return reading.told.get((value.start, value.end))


def target_features(reading: Reading, value: Span) -> Iterator[str]:
    """The logit of the value's being a target, whole and in steps."""
    told = told_of(reading, value)
    if told is None:
        return
    logit = max(-8.0, min(8.0, told.target))
    yield f"model#{logit:.3f}"
    yield f"model={math.floor(logit / 2)}"
    yield f"model&kind={value.attr('kind')}#{logit:.3f}"


def of_options(
    reading: Reading,
    value: Span,
    field: str,
    label: str,
    options: list[Option],
    meaning: Callable[[Span], object],
) -> list[Option]:
    """``options`` with what the model says of each: how much of its pointing falls on mentions of the same meaning.

    ``label`` is the mentions' label; the option without payload stands for none.
    """
    told = told_of(reading, value)
    if told is None:
        return options
    shares: dict[object, float] = {}
    for span in _seen(reading, told, label):
        key = meaning(span)
        shares[key] = shares.get(key, 0.0) + _share(told, field, span)
    own = [told.nothing[field] if o.payload is None else shares.get(meaning(o.payload), 0.0) for o in options]
    best = max(own, default=0.0)
    made = []
    for option, share in zip(options, own, strict=True):
        said = (SAID,) if share >= best else ()
        made.append(Option(option.payload, (*option.features, f"model#{_log(share):.3f}", *said)))
    return made


def of_levels(
    reading: Reading, value: Span, options: list[Option], levels: Callable[[Any], Sequence[str]]
) -> list[Option]:
    """``options`` with how likely the model holds it that the value is of their level, of any of them if they have several.

    ``levels`` gives those of a payload; "" is no level.
    """
    told = told_of(reading, value)
    if told is None or "level" not in told.kinds:
        return options
    shares = told.kinds["level"]
    made = []
    for option in options:
        share = sum(shares.get(name, 0.0) for name in levels(option.payload))
        made.append(Option(option.payload, (*option.features, f"model-level#{_log(share):.3f}")))
    return made


def of_kinds(reading: Reading, value: Span, name: str, options: list[Option]) -> list[Option]:
    """``options`` of "change" or "per", whose payloads are kinds or None, with how likely the model holds each."""
    told = told_of(reading, value)
    if told is None or name not in told.kinds:
        return options
    return [
        Option(o.payload, (*o.features, f"model#{_log(told.kinds[name].get(o.payload or '', 0.0)):.3f}"))
        for o in options
    ]


def kind_options(reading: Reading, value: Span, name: str, own: str, cell: Cell | None) -> list[Option]:
    """The unit, comparator or level that the patterns read (``own``), and the one that the model would read, if it is another.

    A table that has a column of units says them better than a model.
    """
    told = told_of(reading, value)
    stated = name == "unit" and cell is not None and cell.unit is not None
    if told is None or name not in told.kinds or stated:
        return [Option(own, ())]
    shares = told.kinds[name]
    other = max(shares, key=shares.__getitem__)
    kind = value.attr("kind")
    made = [
        Option(
            own,
            (
                f"model#{_log(shares.get(own, 0.0)):.3f}",
                "patterns",
                f"patterns={own}",
                f"patterns&kind={kind}",
            ),
        )
    ]
    if other != own:
        features = (f"model#{_log(shares[other]):.3f}", f"to={other}", f"from={own}&to={other}")
        made.append(Option(other, features))
    return made


def _seen(reading: Reading, told: Told, label: str) -> list[Span]:
    """The spans with a label on which some of the model's pointing can fall."""
    if not len(told.starts):
        return []
    return reading.within(label, int(told.starts[0]) - _LONGEST, int(told.ends[-1]))


def _share(told: Told, field: str, span: Span) -> float:
    return (
        float(told.shares[field][told.pieces(span.start, span.end)].sum()) if span.end > span.start else 0.0
    )


def _log(share: float) -> float:
    return math.log(min(1.0, share) + _LEAST)


def own_metric(reading: Reading, value: Span) -> tuple[Piece, ...]:
    """The stretches of text that the model takes for the metric, whole words, in order; without the value itself."""
    told = told_of(reading, value)
    if told is None:
        return ()
    share = told.shares["metric"]
    outside = (told.ends <= value.start) | (told.starts >= value.end)
    inside = (share >= _IN) & outside
    # A piece that is torn between two that are in: "rate of [the] poor".
    inside[1:-1] |= inside[:-2] & inside[2:] & (share[1:-1] >= _JOIN) & outside[1:-1]
    tokens = reading.tokens
    stretches: list[Piece] = []
    for i in np.flatnonzero(inside):
        at = max(0, reading.token_at(int(told.starts[i]) + 1) - 1)
        if at >= len(tokens) or not tokens.starts[at] < told.ends[i]:
            continue
        start, end = tokens.starts[at], tokens.ends[at]
        if stretches and start <= stretches[-1][1]:
            continue
        gap = reading.document.text[stretches[-1][1] : start] if stretches else "\n"
        crossed = stretches and stretches[-1][1] <= value.start < start
        if not gap.strip(" ") and len(gap) <= 1 and not crossed:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return tuple(stretches)


def metric_features(
    reading: Reading, value: Span, options: Sequence[tuple[Piece, ...]]
) -> list[tuple[str, ...]]:
    """For each way to read a metric, how well it agrees with what the model says of the pieces."""
    told = told_of(reading, value)
    if told is None:
        return [() for _ in options]
    outside = (told.ends <= value.start) | (told.starts >= value.end)
    counts = outside & told.wordy
    share = np.where(counts, told.shares["metric"], 0.0)
    counted = np.where(counts, 1.0, 0.0)
    total = float(share.sum())
    scores = []
    for pieces in options:
        spans = [told.pieces(*piece) for piece in pieces]
        hit = sum(float(share[s].sum()) for s in spans)
        size = sum(float(counted[s].sum()) for s in spans)
        scores.append((2 * hit / max(1e-6, size + total), hit / max(1e-6, size), hit / max(1e-6, total)))
    best = max((score for score, _, _ in scores), default=0.0)
    return [
        (
            f"model-f1#{f1:.3f}",
            f"model-precision#{precision:.3f}",
            f"model-recall#{recall:.3f}",
            f"model-f1={math.floor(f1 * 8)}",
            f"model-behind#{best - f1:.3f}",
        )
        for f1, precision, recall in scores
    ]


def agreed(reading: Reading, value: Span, chosen: dict[str, Option], metric: Option) -> tuple[str, ...]:
    """The fields of a target in which the model, by itself, says what was decided; "metric!" where only it said so."""
    told = told_of(reading, value)
    if told is None:
        return ()
    found = ["target"] if told.target > 0 else []
    found += [name for name, option in chosen.items() if SAID in option.features]
    if "t=model" in metric.features:
        found.append("metric!")
    elif "model-behind#0.000" in metric.features:
        found.append("metric")
    return tuple(found)
