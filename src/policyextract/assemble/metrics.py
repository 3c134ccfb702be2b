"""The metric of a target: stretches of its sentence and heads, joined in several ways and weighed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from policyextract import lexicon
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell
from policyextract.assemble.units import unit_of
from policyextract.assemble.weigh import Option
from policyextract.types import Segment, Span

Piece = tuple[int, int]
_PRIOR = 2  # sentences back in which the figure stands that an ellipsis refers to
_STRONG = frozenset({";", ":", "(", ")", "—", "–", "“", "”", '"', "\n", "!", "?"})


@dataclass(frozen=True, slots=True)
class _Frame:
    """The landmarks of a value's sentence, as offsets."""

    start: int
    end: int
    clause_start: int
    clause_end: int
    comma_before: int
    comma_after: int
    first: Span
    last: Span
    previous: Span | None
    following: Span | None
    head: Piece | None
    cue: Piece | None


def options(
    reading: Reading, value: Span, index: int, siblings: list[Span], antecedent: tuple[Piece, ...] = ()
) -> list[Option]:
    """Ways to read the metric; the payload is a tuple of stretches in the order they are joined.

    ``siblings`` are the values of the sentence that are themselves taken for targets, ``antecedent`` the
    metric of the target before, which an elliptical or anaphoric one takes over.
    """
    frame = _frame(reading, value, reading.segments[index], siblings)
    made: dict[tuple[Piece, ...], Option] = {}
    shape = tuple(_shape(reading, value, frame))
    named = (
        *_templates(frame, value),
        *_carried(frame, value, antecedent),
        *_prior(reading, frame, value, index),
    )
    for name, pieces in named:
        cleaned = tuple(p for piece in pieces for p in clean(reading, piece, value))
        if not cleaned or cleaned in made:
            continue
        made[cleaned] = Option(cleaned, tuple(_features(reading, name, pieces, cleaned, shape, value)))
    return list(made.values()) or [Option((), ("t=empty",))]


def _frame(reading: Reading, value: Span, segment: Segment, siblings: list[Span]) -> _Frame:
    start = max(segment.start, segment.body)
    clause_start, comma_before = _back(reading, value.start, start)
    clause_end, comma_after = _ahead(reading, value.end, segment.end)
    others = [s for s in siblings if s.start >= start]
    inside = [s for s in others if clause_start <= s.start < clause_end] or [value]
    at = others.index(value) if value in others else 0
    head = next(((h.start, h.end) for h in reversed(segment.heads) if h.kind != "header"), None)
    cues = [
        c for c in reading.within("CUE", clause_start, value.start) if c.attr("class") in ("COMMIT", "GOAL")
    ]
    cue = (cues[-1].start, cues[-1].end) if cues and cues[-1].end <= value.start else None
    return _Frame(
        start, segment.end, clause_start, clause_end, comma_before, comma_after, inside[0], inside[-1],
        others[at - 1] if at > 0 else None, others[at + 1] if at + 1 < len(others) else None, head, cue,
    )  # fmt: skip


def _back(reading: Reading, position: int, floor: int) -> tuple[int, int]:
    """Start of the clause before a position, and the last comma (or the clause's start)."""
    comma = None
    i = reading.token_at(position) - 1
    while i >= 0 and reading.tokens.starts[i] >= floor:
        if reading.tokens.norms[i] in _STRONG:
            return reading.tokens.ends[i], comma or reading.tokens.ends[i]
        if reading.tokens.norms[i] == "," and comma is None:
            comma = reading.tokens.ends[i]
        i -= 1
    return floor, comma or floor


def _ahead(reading: Reading, position: int, ceiling: int) -> tuple[int, int]:
    """End of the clause after a position, and the first comma (or the clause's end)."""
    comma = None
    i = reading.token_at(position)
    while i < len(reading.tokens) and reading.tokens.ends[i] <= ceiling:
        if reading.tokens.norms[i] in _STRONG:
            return reading.tokens.starts[i], comma or reading.tokens.starts[i]
        if reading.tokens.norms[i] == "," and comma is None:
            comma = reading.tokens.starts[i]
        i += 1
    return ceiling, comma or ceiling


def _templates(frame: _Frame, value: Span) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """Named combinations of stretches left and right of the value."""
    previous = frame.previous.end if frame.previous else frame.start
    following = frame.following.start if frame.following else frame.end
    left = {
        "L": (max(frame.clause_start, previous), value.start),
        "Lcomma": (max(frame.comma_before, previous), value.start),
        "Lclause": (frame.clause_start, min(frame.first.start, value.start)),
        "Lsentence": (frame.start, min(frame.first.start, value.start)),
        "Lopen": (frame.start, value.start),
    }
    right = {
        "R": (value.end, min(frame.clause_end, following)),
        "Rcomma": (value.end, min(frame.comma_after, following)),
        "Rclause": (value.end, frame.clause_end),
        "Rsentence": (value.end, frame.end),
    }
    for name, piece in left.items():
        yield name, (piece,)
    for name, piece in right.items():
        yield name, (piece,)
    for name, piece in left.items():
        for other, second in right.items():
            yield f"{name}+{other}", (piece, second)
    if frame.cue is not None:
        after, subject = (frame.cue[1], value.start), (frame.clause_start, frame.cue[0])
        yield "Cue", (after,)
        yield "Subject", (subject,)
        for other in ("R", "Rcomma"):
            yield f"Cue+{other}", (after, right[other])
            yield f"Subject+{other}", (subject, right[other])
    yield from _shared(frame, value, left, right)


def _carried(
    frame: _Frame, value: Span, antecedent: tuple[Piece, ...]
) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """The metric of the target before, alone or with what this sentence adds."""
    if not antecedent:
        return
    previous = max(frame.previous.end if frame.previous else frame.start, frame.clause_start)
    following = min(frame.following.start if frame.following else frame.end, frame.clause_end)
    yield "antecedent", antecedent
    yield "antecedent+R", (*antecedent, (value.end, following))
    yield "antecedent+L", (*antecedent, (previous, value.start))
    yield "antecedent+Rcomma", (*antecedent, (value.end, min(frame.comma_after, following)))


def _prior(
    reading: Reading, frame: _Frame, value: Span, index: int
) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """What stands around the last figure before, target or not: "34 % of women work. The mark is 40 %"."""
    earlier = [v for v in reading.before("VALUE", frame.clause_start, 3) if v.end <= frame.clause_start]
    known = next((v for v in reversed(earlier) if v.attr("unit") == value.attr("unit")), None)
    if known is None or reading.segment_at(known.start) < index - _PRIOR:
        return
    segment = reading.segments[reading.segment_at(known.start)]
    start = max(segment.start, segment.body)
    left, _ = _back(reading, known.start, start)
    right, comma = _ahead(reading, known.end, segment.end)
    bound = min(right, frame.clause_start)
    yield "prior-L", ((left, known.start),)
    yield "prior-R", ((known.end, bound),)
    yield "prior-Rcomma", ((known.end, min(comma, bound)),)
    yield "prior-L+R", ((left, known.start), (known.end, bound))
    yield "prior-sentence", ((start, known.start),)
    cue = _last_cue(reading, left, known.start)
    if cue is not None:
        yield "prior-Cue", ((cue[1], known.start),)
        yield "prior-Subject", ((left, cue[0]),)
    following = min(frame.following.start if frame.following else frame.end, frame.clause_end)
    yield "prior-L+own", ((left, known.start), (value.end, following))


def _last_cue(reading: Reading, start: int, end: int) -> Piece | None:
    """The last word of a commitment or a report in a stretch: the verb, more or less."""
    kinds = ("COMMIT", "GOAL", "PAST", "PRES")
    cues = [c for c in reading.within("CUE", start, end) if c.attr("class") in kinds and c.end <= end]
    return (cues[-1].start, cues[-1].end) if cues else None


def _shared(
    frame: _Frame, value: Span, left: dict[str, Piece], right: dict[str, Piece]
) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """Stretches shared by the values of a list: its common head, its common tail, the heading above."""
    tail = (frame.last.end, frame.clause_end)
    if frame.last is not value and frame.last.start > value.start:
        yield "R+tail", (right["R"], tail)
        yield "Rcomma+tail", (right["Rcomma"], tail)
        yield "L+R+tail", (left["L"], right["R"], tail)
        yield "tail", (tail,)
    if frame.previous is not None:
        first = (frame.first.end, _end_of(frame, frame.first))
        yield "first", (first,)
        yield "first+R", (first, right["R"])
        if frame.last.start >= value.start and frame.last is not frame.first:
            yield "first+tail", (first, (frame.last.end, frame.clause_end))
        before = (frame.previous.end, value.start)
        yield "Lclause+first", (left["Lclause"], first)
        yield "Lsentence+first", (left["Lsentence"], first)
        yield "before", (before,)
        yield "Lsentence+before+R", (left["Lsentence"], before, right["R"])
        yield "Lsentence+before", (left["Lsentence"], before)
        yield "first+before", (first, before)
    if frame.head is not None:
        yield "head", (frame.head,)
        yield "head+L", (frame.head, left["L"])
        yield "head+R", (frame.head, right["R"])
        yield "head+L+R", (frame.head, left["L"], right["R"])


def _end_of(frame: _Frame, first: Span) -> int:
    """Where the words after the first value of a list end: at the next value."""
    return frame.following.start if frame.previous is None and frame.following else _cut(frame, first)


def _cut(frame: _Frame, first: Span) -> int:
    if frame.previous is not None and frame.previous is not first:
        return min(frame.previous.start, frame.clause_end)
    return frame.clause_end


def cell_metric(reading: Reading, value: Span, cell: Cell) -> tuple[Piece, ...]:
    """The metric of a table cell: its row's label, or its column's head where the label is a place."""
    label = cell.label
    if label is None or (cell.header and _is_place(reading, label)):
        label = cell.header
    return clean(reading, _without_unit(reading, label), value) if label else ()


def _without_unit(reading: Reading, label: Piece) -> Piece:
    """The label without the unit of measure in parentheses or behind a comma at its end."""
    text = reading.document.text
    found = re.search(r"\s*(?:\(([^()]*)\)|,\s([^,()]*))\s*$", text[slice(*label)])
    if found is None:
        return label
    words = lexicon.tokenise(found.group(1) or found.group(2) or "", reading.document.lang).norms
    return (label[0], label[0] + found.start()) if unit_of(words, reading.document.lang) else label


def _is_place(reading: Reading, label: Piece) -> bool:
    places = reading.within("PLACE", *label)
    covered = sum(p.end - p.start for p in places)
    return covered * 2 > label[1] - label[0]


def clean(reading: Reading, piece: Piece, value: Span) -> tuple[Piece, ...]:
    """The parts of a stretch that speak of the metric: without years, levels, places, values, cues."""
    start, end = piece
    if end - start < 2:
        return ()
    table = lexicon.word_sets(reading.document.lang, "metric")
    tokens = reading.tokens
    first, last = reading.token_at(start), reading.token_at(end)
    drop = bytearray(max(0, last - first))
    _mark(reading, drop, first, last, table, value)
    while first < last and (
        drop[0] or tokens.norms[first] in table["edge-left"] or not _wordy(tokens.norms[first])
    ):
        first, drop = first + 1, drop[1:]
    while last > first and (
        drop[-1] or tokens.norms[last - 1] in table["edge-right"] or not _wordy(tokens.norms[last - 1])
    ):
        last, drop = last - 1, drop[:-1]
    parts: list[Piece] = []
    for offset, dropped in enumerate(drop):
        i = first + offset
        if dropped or tokens.ends[i] > end:
            continue
        if parts and parts[-1][1] == tokens.ends[i - 1]:
            parts[-1] = (parts[-1][0], tokens.ends[i])
        else:
            parts.append((tokens.starts[i], tokens.ends[i]))
    return tuple(p for p in parts if _wordy(reading.document.text[p[0] : p[1]]))


def _wordy(text: str) -> bool:
    return any(ch.isalnum() for ch in text) or text in ("%",)


def _mark(
    reading: Reading, drop: bytearray, first: int, last: int, table: dict[str, frozenset[str]], value: Span
) -> None:
    """Set the tokens of a stretch that belong to other fields."""
    tokens = reading.tokens
    if first >= last:
        return
    start, end = tokens.starts[first], tokens.ends[last - 1]
    for label in ("YEAR", "LEVEL", "PLACE", "VALUE"):
        for span in reading.within(label, start, end):
            if label == "LEVEL" and span.attr("role") != "level":
                continue
            if (
                label == "VALUE"
                and span.attr("kind") in ("quantifier", "count", "universal")
                and span is not value
            ):
                continue
            low, high = reading.token_at(span.start), reading.token_at(span.end)
            while low > first and tokens.norms[low - 1] in table[f"before-{label.lower()}"]:
                low -= 1
            for i in range(max(low, first), min(high, last)):
                drop[i - first] = 1
    for i in range(first, last):
        if tokens.norms[i] in table["anywhere"]:
            drop[i - first] = 1


def _shape(reading: Reading, value: Span, frame: _Frame) -> Iterator[str]:
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


def likeness(reading: Reading) -> Callable[[tuple[Piece, ...], tuple[Piece, ...]], float]:
    """A measure of two metrics: whether they share half of their content words, and how many they share."""
    stop = lexicon.word_sets(reading.document.lang, "metric")["stop"]

    @cache
    def content(pieces: tuple[Piece, ...]) -> frozenset[int]:
        words: set[int] = set()
        for start, end in pieces:
            first, last = reading.token_at(start), reading.token_at(end)
            words.update(i for i in range(first, last) if reading.tokens.norms[i] not in stop)
        return frozenset(words)

    def alike(one: tuple[Piece, ...], other: tuple[Piece, ...]) -> float:
        a, b = content(one), content(other)
        shared = 2 * len(a & b) / max(1, len(a) + len(b))
        return 0.5 * shared + (shared >= 0.5)

    return alike
