"""The clause that holds a value."""

from __future__ import annotations

from policyextract import lexicon
from policyextract.assemble.reading import Reading
from policyextract.types import Segment, Span

MARKS = frozenset({";", ":", "(", ")", "—", "–", "“", "”", '"', "[", "]", "\n"})


def clause(reading: Reading, value: Span, segment: Segment) -> tuple[int, int]:
    """Offsets of the clause that holds the value: between marks, and words that open a new clause."""
    key = "clause", value.start, value.end, segment.start
    found = reading.memo.get(key)
    if found is None:
        found = reading.memo[key] = _clause(reading, value, segment)
    return found


def _clause(reading: Reading, value: Span, segment: Segment) -> tuple[int, int]:
    norms, starts, ends = reading.tokens.norms, reading.tokens.starts, reading.tokens.ends
    openers = lexicon.word_sets(reading.document.lang, "clauses")["openers"]
    first, last = segment.start, segment.end
    i = reading.token_at(value.start) - 1
    while i >= 0 and starts[i] >= segment.start:
        if norms[i] in MARKS or norms[i] in openers:
            first = ends[i] if norms[i] in MARKS else starts[i]
            break
        i -= 1
    i = reading.token_at(value.end)
    while i < len(norms) and ends[i] <= segment.end:
        if norms[i] in MARKS or norms[i] in openers:
            last = starts[i]
            break
        i += 1
    return first, last
