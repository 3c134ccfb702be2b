"""The sentence a target stands in, and whether its year stands there too."""

from __future__ import annotations

import re

from policyextract.types import Target

# A sentence ends at a line end, or at a full stop or its like before a blank and what opens a sentence.
_END = re.compile(r"\n|(?<=[.!?;…])[\"'”’)\]]*[ \u00a0]+(?=[\"'“‘(\[]*[^\W_a-z]|[-–•+*])")
_DOTTED = re.compile(r"(?:\b(?:[A-Z]|[A-Z]h|No|Nos|Mr|Mrs|Ms|Dr|St|TP|approx|e\.g|i\.e)|\d)\.[ \u00a0]*\Z")


def sentence_at(text: str | None, target: Target) -> str | None:
    """The sentence around a target's value; without a text the target's own, which may be None."""
    if text is None or not 0 <= target.start < target.end <= len(text):
        return target.sentence
    start, end = 0, len(text)
    for found in _END.finditer(text):
        if found.group() != "\n" and _DOTTED.search(text, max(0, found.start() - 8), found.start()):
            continue
        if found.end() <= target.start:
            start = found.end()
        elif found.start() >= target.end:
            end = found.start()
            break
    return text[start:end].strip()


def year_in(target: Target, sentence: str | None) -> str:
    """How a target has its year.

    ``explicit`` if the year stands in the sentence, ``inherited`` if it comes from elsewhere or is a relative
    one ("this year"), ``none`` without a year, ``unknown`` if there is no sentence to look into.
    """
    if target.year is None:
        return "none"
    if sentence is None:
        return "unknown"
    short = f"{target.year % 100:02d}"
    stands = re.search(rf"(?<!\d)(?:{target.year}|\d{{4}}\s?[-–/]\s?{short})(?!\d)", sentence)
    return "explicit" if stands else "inherited"
