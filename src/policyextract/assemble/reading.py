"""The text as the rules of assembly read it: segments, tokens and spans, indexed by position."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policyextract import lexicon
from policyextract.lexicon import Tokens
from policyextract.types import Document, Segment, Span, Told


@dataclass(slots=True)
class Reading:
    """A document with its segments and spans, and the look-ups that the rules need.

    ``memo`` holds what rules have worked out from these spans, for each to find again under a key of its own.
    """

    document: Document
    segments: list[Segment]
    spans: list[Span]
    tokens: Tokens
    by_label: dict[str, list[Span]] = field(default_factory=dict)
    horizon: Span | None = None
    resolved: bool = False
    told: Mapping[tuple[int, int], Told] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict)
    _starts: dict[str, list[int]] = field(default_factory=dict)
    _segment_starts: list[int] = field(default_factory=list)
    _tallies: dict[tuple[str, str], Counter[str | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, segments: list[Segment], spans: list[Span]) -> Reading:
        """The reading of a document."""
        markers = {i for s in segments if s.kind != "row" for i in range(s.start, s.body)}
        kept = [s for s in spans if s.label != "VALUE" or s.start not in markers]
        reading = cls(document, segments, kept, lexicon.tokenise(document.text, document.lang))
        reading._segment_starts = [s.start for s in segments]
        return reading._with(kept)

    def added(self, spans: list[Span]) -> Reading:
        """The same with more spans."""
        return self._with(sorted([*self.spans, *spans], key=lambda s: (s.start, s.end)))

    def swap(self, old: Span, new: Span) -> None:
        """Put a span in the place of one that has its label and stands where it stands."""
        for spans in (self.spans, self.by_label[old.label]):
            spans[_position(spans, old)] = new
        for (label, name), tally in self._tallies.items():
            if label == old.label:
                tally[old.attr(name)] -= 1
                tally[new.attr(name)] += 1
        self.memo.clear()  # it may have been worked out from the old one

    def _with(self, spans: list[Span]) -> Reading:
        found = replace(self, spans=spans, by_label={}, memo={}, _starts={}, _tallies={})
        for span in spans:
            found.by_label.setdefault(span.label, []).append(span)
        found._starts = {label: [s.start for s in own] for label, own in found.by_label.items()}
        return found

    def tally(self, label: str, name: str) -> Counter[str | None]:
        """How often the spans with this label have which value of an attribute; counted once."""
        found = self._tallies.get((label, name))
        if found is None:
            found = Counter(span.attr(name) for span in self.by_label.get(label, []))
            self._tallies[label, name] = found
        return found

    def place_of(self, span: Span) -> int | None:
        """Index of a span among the places of the text, None if it is none of them, such as the document's own."""
        spans = self.by_label.get("PLACE", [])
        at = _position(spans, span)
        return at if at < len(spans) and spans[at] == span else None

    def within(self, label: str, start: int, end: int) -> list[Span]:
        """Spans with this label that start in ``start:end``, in order of text."""
        starts = self._starts.get(label)
        if starts is None:
            return []
        first = bisect.bisect_left(starts, start)
        return self.by_label[label][first : bisect.bisect_left(starts, end, first)] if start < end else []

    def count(self, label: str, start: int, end: int) -> int:
        """How many spans with this label start in ``start:end``."""
        starts = self._starts.get(label, ())
        return max(0, bisect.bisect_left(starts, end) - bisect.bisect_left(starts, start))

    def before(self, label: str, position: int, most: int) -> list[Span]:
        """The last spans with this label that start before a position, at most so many."""
        end = bisect.bisect_left(self._starts.get(label, []), position)
        return self.by_label.get(label, [])[max(0, end - most) : end]

    def segment_at(self, position: int) -> int:
        """Index of the segment that holds the position (or the last one before it)."""
        return max(0, bisect.bisect_right(self._segment_starts, position) - 1)

    def words(self, start: int, end: int) -> tuple[str, ...]:
        """Tokens that lie wholly in ``start:end``."""
        first, last = self.span_of(start, end)
        return self.tokens.norms[first:last]

    def span_of(self, start: int, end: int) -> tuple[int, int]:
        """Numbers, end-exclusive, of the tokens that lie wholly in ``start:end``."""
        return bisect.bisect_left(self.tokens.starts, start), bisect.bisect_right(self.tokens.ends, end)

    def token_at(self, position: int) -> int:
        """Index of the first token that starts at or after the position."""
        return bisect.bisect_left(self.tokens.starts, position)


def _position(spans: list[Span], span: Span) -> int:
    """Index of the first equal span, or of the first that starts behind it."""
    at = bisect.bisect_left(spans, span.start, key=lambda s: s.start)
    while at < len(spans) and spans[at].start == span.start and spans[at] != span:
        at += 1
    return at


def number_of(span: Span, name: str) -> float | None:
    """A numeric attribute of a span, or None."""
    raw = span.attr(name)
    return None if raw is None else float(raw)


def flatten(groups: Iterable[Iterable[Span]]) -> list[Span]:
    """Spans of all groups in order of text."""
    return sorted((s for g in groups for s in g), key=lambda s: s.start)
