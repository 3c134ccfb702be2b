"""The text as the rules of assembly read it: segments, tokens and spans, indexed by position."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from policyextract import lexicon
from policyextract.lexicon import Tokens
from policyextract.types import Document, Segment, Span, Told


@dataclass(slots=True)
class Reading:
    """A document with its segments and spans, and the look-ups that the rules need."""

    document: Document
    segments: list[Segment]
    spans: list[Span]
    tokens: Tokens
    by_label: dict[str, list[Span]] = field(default_factory=dict)
    horizon: Span | None = None
    told: Mapping[tuple[int, int], Told] = field(default_factory=dict)
    _starts: dict[str, list[int]] = field(default_factory=dict)
    _segment_starts: list[int] = field(default_factory=list)

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

    def without(self, spans: list[Span]) -> Reading:
        """The same with fewer spans."""
        return self._with([s for s in self.spans if s not in spans])

    def _with(self, spans: list[Span]) -> Reading:
        found = replace(self, spans=spans, by_label={}, _starts={})
        for span in spans:
            found.by_label.setdefault(span.label, []).append(span)
        found._starts = {label: [s.start for s in own] for label, own in found.by_label.items()}
        return found

    def within(self, label: str, start: int, end: int) -> list[Span]:
        """Spans with this label that start in ``start:end``, in order of text."""
        starts = self._starts.get(label, [])
        return self.by_label.get(label, [])[
            bisect.bisect_left(starts, start) : bisect.bisect_left(starts, end)
        ]

    def before(self, label: str, position: int, most: int) -> list[Span]:
        """The last spans with this label that start before a position, at most so many."""
        end = bisect.bisect_left(self._starts.get(label, []), position)
        return self.by_label.get(label, [])[max(0, end - most) : end]

    def segment_at(self, position: int) -> int:
        """Index of the segment that holds the position (or the last one before it)."""
        return max(0, bisect.bisect_right(self._segment_starts, position) - 1)

    def words(self, start: int, end: int) -> tuple[str, ...]:
        """Tokens that lie wholly in ``start:end``."""
        first = bisect.bisect_left(self.tokens.starts, start)
        last = bisect.bisect_right(self.tokens.ends, end)
        return self.tokens.norms[first:last]

    def token_at(self, position: int) -> int:
        """Index of the first token that starts at or after the position."""
        return bisect.bisect_left(self.tokens.starts, position)


def number_of(span: Span, name: str) -> float | None:
    """A numeric attribute of a span, or None."""
    raw = span.attr(name)
    return None if raw is None else float(raw)


def flatten(groups: Iterable[Iterable[Span]]) -> list[Span]:
    """Spans of all groups in order of text."""
    return sorted((s for g in groups for s in g), key=lambda s: s.start)
