"""What each token of a document is to a metric, worked out once: metrics look at the same words many times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from policyextract import lexicon
from policyextract.assemble.reading import Reading
from policyextract.types import Lang, Span

__all__ = ["Claim", "Ground", "Part", "ground_of", "part_of"]

_CLAIMING = ("YEAR", "LEVEL", "PLACE", "VALUE")
_LOOSE = ("quantifier", "count", "universal")  # kinds of values that may be part of another's metric
_ANYWHERE, _LEFT, _RIGHT, _WORDY, _LETTERED, _CONTENT, _AGENT, _VERB = (1 << i for i in range(8))


@dataclass(frozen=True, slots=True)
class Claim:
    """The tokens ``first:last`` that belong to another field; if ``value`` is set, only in its own metric."""

    first: int
    last: int
    value: Span | None


@dataclass(frozen=True, slots=True)
class Ground:
    """The tokens of a reading, a byte each, 1 for those that are so; and what claims tokens, by the start of its span.

    ``anywhere`` belongs to no metric, ``left`` and ``right`` do not stand at its edge, ``wordy`` holds a letter or digit,
    ``lettered`` a letter, ``content`` says something, ``agents`` are bodies that act, ``verbs`` are predicates.
    """

    anywhere: bytes
    left: bytes
    right: bytes
    wordy: bytes
    lettered: bytes
    content: bytes
    agents: bytes
    verbs: bytes
    claims: list[Claim]
    claimed: list[int]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of whole tokens ``first:last`` with what is counted in it; ``cues`` are the classes of its cues."""

    first: int
    last: int
    content: int
    values: int
    commas: int
    agents: int
    verbs: int
    cues: tuple[str | None, ...]


def ground_of(reading: Reading) -> Ground:
    """The ground of a reading, made at the first call."""
    found = reading.memo.get("ground")
    if found is None:
        kinds = bytes([_kind(norm, reading.document.lang) for norm in reading.tokens.norms])
        claims = sorted(_claims(reading), key=lambda c: c[0])
        found = Ground(
            kinds.translate(_MASKS[0]), kinds.translate(_MASKS[1]), kinds.translate(_MASKS[2]),
            kinds.translate(_MASKS[3]), kinds.translate(_MASKS[4]), kinds.translate(_MASKS[5]),
            kinds.translate(_MASKS[6]), kinds.translate(_MASKS[7]),
            [claim for _, claim in claims], [start for start, _ in claims],
        )  # fmt: skip
        reading.memo["ground"] = found
    return found


_MASKS = [bytes(kind >> bit & 1 for kind in range(256)) for bit in range(8)]


@lru_cache(maxsize=65536)
def _kind(norm: str, lang: Lang) -> int:
    """The bits of a token."""
    table = lexicon.word_sets(lang, "metric")
    wordy = any(map(str.isalnum, norm))
    edged = not wordy and norm != "%"
    lettered = norm[0].isalpha()
    return (
        _ANYWHERE * (norm in table["anywhere"])
        | _LEFT * (edged or norm in table["edge-left"])
        | _RIGHT * (edged or norm in table["edge-right"])
        | _WORDY * wordy
        | _LETTERED * any(map(str.isalpha, norm))
        | _CONTENT * (lettered and norm not in table["stop"])
        | _AGENT * (norm in table["agents"])
        | _VERB * (norm in table["predicates"])
    )


def _claims(reading: Reading) -> Iterator[tuple[int, Claim]]:
    """What belongs to other fields, each with the offset where its span starts; a preposition before it goes along."""
    table, norms = lexicon.word_sets(reading.document.lang, "metric"), reading.tokens.norms
    for label in _CLAIMING:
        before = table[f"before-{label.lower()}"]
        for span in reading.by_label.get(label, ()):
            if label == "LEVEL" and span.attr("role") != "level":
                continue
            first = reading.token_at(span.start)
            while first and norms[first - 1] in before:
                first -= 1
            loose = label == "VALUE" and span.attr("kind") in _LOOSE
            yield span.start, Claim(first, reading.token_at(span.end), span if loose else None)


def part_of(reading: Reading, start: int, end: int) -> Part:
    """The part at these offsets, counted at the first call."""
    found = reading.memo.get((start, end))
    if found is None:
        ground = ground_of(reading)
        first, last = reading.span_of(start, end)
        found = reading.memo[start, end] = Part(
            first, last,
            ground.content.count(1, first, last),
            reading.count("VALUE", start, end),
            reading.document.text.count(",", start, end),
            ground.agents.count(1, first, last),
            ground.verbs.count(1, first, last),
            tuple([cue.attr("class") for cue in reading.within("CUE", start, end)]),
        )  # fmt: skip
    return found
