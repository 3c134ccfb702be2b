"""The metric of a target: stretches of its sentence and heads, joined in several ways and weighed."""

from __future__ import annotations

from collections.abc import Iterator

from policyextract import lexicon
from policyextract.assemble import opinions
from policyextract.assemble.frames import Frame, frame_of, named_stretches
from policyextract.assemble.metric_features import Around, class_of, features
from policyextract.assemble.reading import Reading
from policyextract.assemble.stretches import Piece, cell_metric, likeness
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
    around = Around(reading, value, tuple(_shape(reading, value, frame)))
    for name, pieces in named_stretches(reading, frame, value, index, antecedent):
        cleaned = around.cleaned(pieces)
        if cleaned and cleaned not in made:
            made[cleaned] = Option(cleaned, tuple(features(around, name, pieces, cleaned)))
    own = around.cleaned(opinions.own_metric(reading, value))
    if own and own not in made:
        made[own] = Option(own, tuple(features(around, "model", own, own)))
    told = opinions.metric_features(reading, value, list(made))
    found = [Option(o.payload, (*o.features, *more)) for o, more in zip(made.values(), told, strict=True)]
    return found or [Option((), ("t=empty",))]


def _shape(reading: Reading, value: Span, frame: Frame) -> Iterator[str]:
    """What the sentence looks like around the value."""
    lang = reading.document.lang
    table = lexicon.word_sets(lang, "metric")
    left = reading.words(frame.clause_start, value.start)
    right = reading.words(value.end, frame.clause_end)
    verbs = table["predicates"]
    one = left[-1] if left else "^"
    yield f"l={class_of(one, lang)}"
    two = right[0] if right else "$"
    yield f"r={class_of(two, lang)}"
    yield f"lr={class_of(one, lang)},{class_of(two, lang)}"
    yield f"kind={value.attr('kind')}"
    yield f"kr={value.attr('kind')},{class_of(two, lang)}"
    yield f"kl={value.attr('kind')},{class_of(one, lang)}"
    found = (
        "right"
        if not verbs.intersection(left) and verbs.intersection(right)
        else "left"
        if verbs.intersection(left)
        else "none"
    )
    yield f"verb={found}"
    yield f"many={'first' if frame.previous is None else 'later'},{'last' if frame.following is None else 'more'}"
    if frame.previous is not None and frame.previous.attr("unit") == value.attr("unit"):
        yield "same-unit-before"
    anaphors = table["anaphors"]
    for side, words in (("l", left), ("r", right[:4])):
        found_words = anaphors.intersection(words)
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
    agents = table["agents"]
    said = [w for w in (*content, *right) if w[0].isalpha() and w not in agents and w not in table["stop"]]
    cued = {c.attr("word") for c in reading.within("CUE", frame.clause_start, frame.clause_end)}
    yield f"own={min(sum(w not in cued for w in said), 5)}"
    yield f"llr={min(len(content), 2)},{class_of(one, lang)},{class_of(two, lang)}"
    if frame.previous is not None:
        gap = reading.words(frame.previous.end, value.start)
        yield f"gap={' '.join(gap) if len(gap) <= 2 and not any(w[0].isdigit() for w in gap) else min(len(gap), 8)}"
