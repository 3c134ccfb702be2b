"""Type words beside a name: "Kisumu County", "province of Ontario", "phường Mỹ Tho"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from policyextract.places import tables
from policyextract.types import Lang, Level

REACH = 32


@dataclass(frozen=True, slots=True)
class TypeWord:
    """A type word with the kinds of place that it may name."""

    text: str
    position: Literal["pre", "post"]
    level: Level | None
    kinds: frozenset[str]

    @property
    def plural(self) -> bool:
        """Whether it may head a list of names."""
        return self.text.removesuffix(" of").endswith(("s", "ies")) or self.text.startswith("các ")


@dataclass(frozen=True, slots=True)
class TypeSpan:
    """A type word in the text."""

    word: TypeWord
    start: int
    end: int


@cache
def _words(lang: Lang) -> tuple[dict[str, TypeWord], dict[str, TypeWord], re.Pattern[str], re.Pattern[str]]:
    """Type words before and after a name, and the patterns that find them."""
    pre: dict[str, TypeWord] = {}
    post: dict[str, TypeWord] = {}
    for row in tables.read_table("types.csv"):
        if row["lang"] != lang:
            continue
        target = pre if row["position"] == "pre" else post
        kinds = frozenset(row["kinds"].replace("sub1", "sub1 city1").split())
        if row["word"] in target:
            kinds |= target[row["word"]].kinds
        level: Level | None = row["level"] or None  # type: ignore[assignment]
        target[row["word"]] = TypeWord(row["word"], row["position"], level, kinds)  # type: ignore[arg-type]
    return (
        pre,
        post,
        _pattern(pre, r"(?<!\w)({})\.?\s*(?:the\s+)?$"),
        _pattern(post, r"[ \u00a0-]({})(?!\w)"),
    )


_HEADS = frozenset({"borough", "state"})
"""Types whose name follows with "of" even where a name stands before: "London Borough of Camden"."""
_OF = re.compile(r"\s+of\b", re.I)
_OTHERS = re.compile(
    r"(?:\b(?:an?|one|another|other|two|three|four|\d+)\s+(?:[a-z-]+\s+){0,3}|\b[A-Z][a-z]+\s+)$"
)
"""What stands before a type word that is said of another place: "a coastal district of Nam Dinh"."""
APPOSED = re.compile(
    r"(?:,|\.|\s[–—-]|\s\() ?(?:a|an|the|The|our)\s+(?:[\w-]+\s){0,3}?"
    r"(district|commune|ward|county|regency|province|town|city)\b"
    r"(?!\s+of\b)"
)


def type_apposed(text: str, end: int, lang: Lang) -> TypeWord | None:
    """The type word of an apposition: "Nghia Hung, a coastal district"; also "Nghia Hung. The district …"."""
    if lang != "en":
        return None
    match = APPOSED.match(text[end : end + 60])
    return _words(lang)[1].get(match.group(1).lower()) if match else None


def _pattern(found: dict[str, TypeWord], form: str) -> re.Pattern[str]:
    ordered = sorted(found, key=len, reverse=True) or ["(?!)"]
    joined = "|".join(w if w == "(?!)" else re.escape(w).replace(r"\ ", r"\s+") for w in ordered)
    return re.compile(form.format(joined), re.I)


def is_type(word: str, lang: Lang) -> bool:
    """Whether a word is a type word that follows names."""
    return word.lower() in _words(lang)[1]


def type_before(text: str, start: int, lang: Lang) -> TypeSpan | None:
    """The type word that ends right before a name."""
    pre, _, pattern, _ = _words(lang)
    if not start or not pre:
        return None
    at = max(0, start - REACH)
    match = pattern.search(text[at:start])
    if match is None:
        return None
    word = pre.get(" ".join(match.group(1).lower().split()))
    gap = match.group()[len(match.group(1)) :]
    # A type word without "of" must itself be a capitalised one in English: "County Sligo", "District 12".
    if word is None or (lang == "en" and not word.text.endswith("of") and not match.group(1)[0].isupper()):
        return None
    if word.text.endswith(" of") and _OTHERS.search(
        _without_article(text[max(0, at - 8) : at + match.start(1)])
    ):
        return None
    if not gap and not word.text.startswith("t"):
        return None
    return TypeSpan(word, at + match.start(1), start)


def _without_article(before: str) -> str:
    """The text before a type word; a capitalised article at its end is no name."""
    return re.sub(r"\b(?:The|In|At|For|From)\s+$", "", before)


def type_after(text: str, end: int, lang: Lang) -> TypeSpan | None:
    """The type word that begins right after a name."""
    _, post, _, pattern = _words(lang)
    if not post:
        return None
    match = pattern.match(text[end : end + REACH])
    if match is None:
        return None
    word = post[" ".join(match.group(1).lower().split())]
    if word.text in _HEADS and _OF.match(text[end + match.end() : end + match.end() + 4]):
        return None
    return TypeSpan(word, end, end + match.end())
