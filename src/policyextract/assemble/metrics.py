"""The metric of a target: stretches of its sentence and heads, joined in several ways and weighed."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract import lexicon
from policyextract.assemble import opinions
from policyextract.assemble.frames import Frame, frame_of, named_stretches
from policyextract.assemble.reading import Reading
from policyextract.assemble.stretches import Piece, cell_metric, clean, likeness
from policyextract.assemble.weigh import Option
from policyextract.types import Span

__all__ = ["cell_metric", "likeness", "options"]


def options(
    reading: Reading, value: Span, index: int, siblings: list[Span], antecedent: tuple[Piece, ...] = ()
) -> list[Option]:
    """Ways to read the metric; the payload is a tuple of stretches in the order they are joined.

    ``siblings`` are the values of the sentence that are themselves taken for targets, ``antecedent`` the
    metric of the target before, which an elliptical or anaphoric one takes over.
    """
    frame = frame_of(reading, value, reading.segments[index], siblings)
    made: dict[tuple[Piece, ...], Option] = {}
    shape = tuple(_shape(reading, value, frame))
    for name, pieces in named_stretches(reading, frame, value, index, antecedent):
        cleaned = tuple(p for piece in pieces for p in clean(reading, piece, value))
        if not cleaned or cleaned in made:
            continue
        made[cleaned] = Option(cleaned, tuple(_features(reading, name, pieces, cleaned, shape, value)))
    own = tuple(p for piece in opinions.own_metric(reading, value) for p in clean(reading, piece, value))
    if own and own not in made:
        made[own] = Option(own, tuple(_features(reading, "model", own, own, shape, value)))
    told = opinions.metric_features(reading, value, list(made))
    found = [Option(o.payload, (*o.features, *more)) for o, more in zip(made.values(), told, strict=True)]
    return found or [Option((), ("t=empty",))]


def _shape(reading: Reading, value: Span, frame: Frame) -> Iterator[str]:
    """What the sentence looks like around the value."""
    table = lexicon.table(reading.document.lang, "metric")
    left = reading.words(frame.clause_start, value.start)
    right = reading.words(value.end, frame.clause_end)
    verbs = set(table["predicates"])
    one = left[-1] if left else "^"
    yield f"l={_class(one, table)}"
    two = right[0] if right else "$"
    yield f"r={_class(two, table)}"
    yield f"lr={_class(one, table)},{_class(two, table)}"
    yield f"kind={value.attr('kind')}"
    yield f"kr={value.attr('kind')},{_class(two, table)}"
    yield f"kl={value.attr('kind')},{_class(one, table)}"
    found = (
        "right" if not verbs & set(left) and verbs & set(right) else "left" if verbs & set(left) else "none"
    )
    yield f"verb={found}"
    yield f"many={'first' if frame.previous is None else 'later'},{'last' if frame.following is None else 'more'}"
    if frame.previous is not None and frame.previous.attr("unit") == value.attr("unit"):
        yield "same-unit-before"
    anaphors = set(table["anaphors"])
    for side, words in (("l", left), ("r", right[:4])):
        found_words = anaphors & set(words)
        yield f"anaphor-{side}={'yes' if found_words else 'no'}"
    content = [
        w
        for w in left
        if w[0].isalpha()
        and w not in table["stop"]
        and w not in table["edge-left"]
        and w not in table["edge-right"]
    ]
    yield f"left-content={min(len(content), 3)}"
    agents = set(table["agents"])
    said = [w for w in (*content, *right) if w[0].isalpha() and w not in agents and w not in table["stop"]]
    cued = {c.attr("word") for c in reading.within("CUE", frame.clause_start, frame.clause_end)}
    yield f"own={min(sum(w not in cued for w in said), 5)}"
    yield f"llr={min(len(content), 2)},{_class(one, table)},{_class(two, table)}"
    if frame.previous is not None:
        gap = reading.words(frame.previous.end, value.start)
        yield f"gap={' '.join(gap) if len(gap) <= 2 and not any(w[0].isdigit() for w in gap) else min(len(gap), 8)}"


def _class(word: str, table: dict[str, list[str]]) -> str:
    """A closed-class word itself, else its class."""
    if word in ("^", "$", ",", ".", ";", ":", "(", ")"):
        return word
    for name in ("shown", "predicates"):
        if word in table[name]:
            return word if name == "shown" else "verb"
    return "number" if word[0].isdigit() else "other"


def _features(
    reading: Reading, name: str, pieces: tuple[Piece, ...], cleaned: tuple[Piece, ...], shape: tuple[str, ...],
    value: Span,
) -> Iterator[str]:  # fmt: skip
    yield f"t={name}"
    for part in shape:
        yield f"t={name}&{part}"
    words = [w for p in cleaned for w in reading.words(*p)]
    stop = set(lexicon.table(reading.document.lang, "metric")["stop"])
    content = [w for w in words if w not in stop and w[0].isalpha()]
    yield f"n={min(len(content), 14)}"
    table = lexicon.table(reading.document.lang, "metric")
    sides = name.split("+")
    for side, piece in zip(sides, pieces, strict=False):
        inside = [
            w
            for p in clean(reading, piece, value)
            for w in reading.words(*p)
            if w not in stop and w[0].isalpha()
        ]
        yield f"{side[0]}n={min(len(inside), 8)}"
        for part in shape[:4]:
            yield f"{side[0]}n={min(len(inside), 4)}&{part}"
        yield f"{side}n={min(len(inside), 5)}"
    values = [v for p in cleaned for v in reading.within("VALUE", *p)]
    yield f"values={min(len(values), 2)}"
    text = reading.document.text
    yield from _crossed(reading, cleaned, value)
    yield from _jumped(reading, name, cleaned, value, shape)
    yield f"commas={min(sum(text.count(',', *p) for p in cleaned), 3)}"
    if cleaned:
        first = reading.words(*cleaned[0])
        final = reading.words(*cleaned[-1])
        if first:
            yield f"begins={_class(first[0], table)}"
        if final:
            yield f"ends={_class(final[-1], table)}"
    yield from _inside(reading, name, cleaned, words, table)


_ELSEWHERE = ("antecedent", "prior", "head", "first", "tail")


def _jumped(
    reading: Reading, name: str, cleaned: tuple[Piece, ...], value: Span, shape: tuple[str, ...]
) -> Iterator[str]:
    """What stands between the value and the nearest words of its metric: nothing, a year, a comma."""
    own = not name.startswith(_ELSEWHERE)
    group = "own" if own else name.partition("-")[0].partition("+")[0]
    for part in shape:
        if part.startswith(("own=", "anaphor", "left-content")):
            yield f"g={group}&{part}"
    before = max((p[1] for p in cleaned if p[1] <= value.start), default=None)
    after = min((p[0] for p in cleaned if p[0] >= value.end), default=None)
    for side, low, high in (("left", before, value.start), ("right", value.end, after)):
        if low is None or high is None:
            continue
        gap = reading.words(low, high)
        mark = "," if "," in gap else "-"
        year = bool(reading.within("YEAR", low, high))
        yield f"jump-{side}={min(len(gap), 5)}"
        yield f"jump-{side}={mark}&year={year}"
        yield f"jump-{side}={mark}&year={year}&t={name}"


def _crossed(reading: Reading, cleaned: tuple[Piece, ...], value: Span) -> Iterator[str]:
    """How many marks and other figures stand between the value and the far ends of its metric."""
    left = min((p[0] for p in cleaned if p[0] < value.start), default=value.start)
    right = max((p[1] for p in cleaned if p[1] > value.end), default=value.end)
    for side, low, high in (("left", left, value.start), ("right", value.end, right)):
        words = reading.words(low, high)
        marks = sum(w in (";", ":", ".") for w in words)
        figures = len(reading.within("VALUE", low, high))
        yield f"crossed-{side}={min(marks, 2)}"
        yield f"crossed-{side}={min(marks, 2)}&figures={min(figures, 3)}"
        yield f"figures-{side}={min(figures, 3)}"
        if marks:
            yield f"crossed-{side}:{next(w for w in words if w in (';', ':', '.'))}"


def _inside(
    reading: Reading, name: str, cleaned: tuple[Piece, ...], words: list[str], table: dict[str, list[str]]
) -> Iterator[str]:
    """What a metric should not hold: verbs of commitment, the bodies that act, the names of plans."""
    found = {c.attr("class") for p in cleaned for c in reading.within("CUE", *p)}
    for kind in found & {"NOW", "BEFORE", "WISH", "NEWS", "COMMIT", "GOAL", "PAST", "FORECAST", "OLD"}:
        yield f"cue={kind}"
        yield f"cue={kind}&t={name.partition('+')[0]}"
    agents = set(table["agents"])
    held = [w for w in words if w in agents]
    yield f"agents={min(len(held), 2)}"
    if words and words[0] in agents:
        yield "begins-agent"
    verbs = sum(w in table["predicates"] for w in words)
    yield f"verbs={min(verbs, 3)}"
    yield f"verbs={min(verbs, 3)}&t={name.partition('+')[0]}"
    if words:
        yield f"begins:{words[0]}"
        yield f"ends:{words[-1]}"
