"""Mentions of administrative levels, coordinated ones as one span."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from policyextract import lexicon
from policyextract.lexicon import Tokens
from policyextract.types import LEVELS, Lang, Span

_JOIN = frozenset(
    {
        ",",
        "and",
        "or",
        "&",
        "/",
        "-",
        "–",
        "và",
        "hoặc",
        "to",
        "down",
        "down to",
        "đến",
        "tới",
        ";",
        "the",
        "at",
    }
)
_THROUGH = frozenset({"to", "down", "đến", "tới"})
_REACH = 4  # tokens between two coordinated levels


class _Mention(NamedTuple):
    first: int
    last: int
    level: str
    role: str


@cache
def _entries(lang: Lang) -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
    """Level phrases by first token: (tokens, level, role), longest first."""
    raw = lexicon.table(lang, "levels")
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for role in ("ADJ", "UNIT"):
        for level, phrases in raw["words" if "words" in raw else role][role].items():
            for phrase in phrases:
                parts = tuple(lexicon.tokenise(phrase, lang).norms)
                found.setdefault(parts[0], []).append((parts, level, role))
    for options in found.values():
        # a unit noun wins over the bare adjective of the same length
        options.sort(key=lambda o: (-len(o[0]), o[2] == "ADJ"))
    return found


def find_levels(tokens: Tokens, lang: Lang) -> list[Span]:
    """LEVEL spans: attributes ``levels`` (comma separated) and ``role`` (level, unit or adjective)."""
    mentions = list(_mentions(tokens, lang))
    spans: list[Span] = []
    group: list[_Mention] = []
    for mention in mentions:
        if group and not _joined(tokens, group[-1], mention):
            spans.append(_span(tokens, group, lang))
            group = []
        group.append(mention)
    if group:
        spans.append(_span(tokens, group, lang))
    return spans


def _mentions(tokens: Tokens, lang: Lang) -> list[_Mention]:
    entries, norms = _entries(lang), tokens.norms
    found: list[_Mention] = []
    i = 0
    while i < len(norms):
        for parts, level, role in entries.get(norms[i], ()):
            if norms[i : i + len(parts)] == parts:
                found.append(_Mention(i, i + len(parts), level, role))
                i += len(parts) - 1
                break
        i += 1
    return found


def _joined(tokens: Tokens, left: _Mention, right: _Mention) -> bool:
    between = tokens.norms[left.last : right.first]
    levelw = lexicon.table("en", "levels")["words"]["LEVELW"]
    return (
        0 < len(between) <= _REACH
        and all(b in _JOIN or b in ("cấp", "level") or b in levelw for b in between)
        and any(b in _JOIN for b in between)
    )


def _span(tokens: Tokens, group: list[_Mention], lang: Lang) -> Span:
    first, last = group[0].first, group[-1].last
    levels = [m.level for m in group]
    through = any(
        set(tokens.norms[a.last : b.first]) & _THROUGH for a, b in zip(group, group[1:], strict=False)
    )
    if through and len(levels) == 2:
        ranks = sorted(LEVELS.index(name) for name in levels)
        levels = list(LEVELS[ranks[0] : ranks[1] + 1])
    named = _named(tokens, first, last, lang)
    role = "level" if named else "unit" if any(m.role == "UNIT" for m in group) else "adjective"
    ordered = [name for name in LEVELS if name in levels]
    end = tokens.ends[last] if named == "after" and last < len(tokens) else tokens.ends[last - 1]
    attrs = (("levels", ",".join(ordered)), ("role", role))
    return Span(tokens.starts[first], end, "LEVEL", f"{lang}.level.{role}", attrs)


def _named(tokens: Tokens, first: int, last: int, lang: Lang) -> str:
    """Whether the word "level" stands before or after the mention."""
    words = lexicon.table(lang, "levels")["words"].get("LEVELW") or lexicon.table(lang, "levels")["LEVELW"]
    if lang == "en" and last < len(tokens) and tokens.norms[last] in words:
        return "after"
    before = tokens.norms[max(0, first - 1) : first]
    return (
        "before"
        if lang == "vi" and (set(before) & set(words) or tokens.norms[first].startswith("cấp"))
        else ""
    )
