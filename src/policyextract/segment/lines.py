"""The lines of a text, each with its enumerator or bullet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from policyextract import lexicon
from policyextract.types import Lang

_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"[-–—•●▪◦*+·>»✓]{1,2}\s+(?=\S)")
# What follows a decimal that opens a line as a figure, not as the number of an item.
_MEASURES = (
    r"(?:per ?cent|percentage|pct|%|million|billion|trillion|thousand|lakh|crore|times|points|kg|tonnes|tons|km|ha\b|[mg]w"
    r"|hectares|acres|dollars|euros|phần trăm|điểm|triệu|tỷ|tỉ|nghìn|ngàn|lần|tấn|mét|héc)"
)
# Enumerators by the shape that tells their depth; the order decides between "i)" and "a)".
_ENUMERATORS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("roman", re.compile(r"(?:[IVX]{1,5}|[A-H])[.)/]\s*(?=[^\W\d_]{2})|(?:[IVX]{1,5})\s*[-–]\s+")),
    ("decimal", re.compile(rf"\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}\.?\s+(?=\D)(?!{_MEASURES})", re.I)),
    ("number", re.compile(r"\(?\d{1,2}[.)/]\s*(?=[^\d\s])")),
    ("letter", re.compile(r"\(?(?:[a-zđ]|dd|aa|bb)[.)]\s*(?=\S)")),
    ("small-roman", re.compile(r"\(?[ivx]{1,4}[.)]\s+")),
)
HEADING_WORDS = 16  # a heading has no more words


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its place and text, its enumerator, where its own words begin, a gap above."""

    start: int
    end: int
    text: str
    marker: str
    body: int
    gap: bool


def lines_of(text: str, lang: Lang) -> list[Line]:
    """The lines of a text that are not blank, in order."""
    lines: list[Line] = []
    last = 0
    for match in _LINE.finditer(text):
        raw = match.group()
        start = match.start() + len(raw) - len(raw.lstrip())
        end = match.start() + len(raw.rstrip())
        if start >= end:
            continue
        marker, body = _marker(text[start:end], lang)
        gap = text.count("\n", last, start) > 1
        lines.append(Line(start, end, text[start:end], marker, start + body, gap))
        last = end
    return lines


@cache
def _named(lang: Lang) -> re.Pattern[str]:
    return re.compile("|".join(lexicon.table(lang, "segments")["markers"]), re.I)


def _marker(text: str, lang: Lang) -> tuple[str, int]:
    """The kind of a line's enumerator ("" for none) and where the line's own words begin."""
    if named := _named(lang).match(text):
        return text.split(maxsplit=1)[0].lower(), named.end()
    if bullet := _BULLET.match(text):
        return bullet.group().strip(), bullet.end()
    for name, pattern in _ENUMERATORS:
        if found := pattern.match(text):
            if name == "decimal":
                name = f"decimal{found.group().strip('. ').count('.')}"
            return name, found.end()
    return "", 0
