"""The tables in ``data/``, the tokens they are looked up over, and the reading of numbers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from policyextract.errors import LexiconError
from policyextract.types import Lang

# A currency code may be glued to its figure (VND4.6); any other run of capitals and digits is a
# code (G20, CO2, Q1) and never a number.
_CURRENCY = r"VND|VNĐ|USD|US|EUR|GBP|RM|MYR|IDR|RS|AUD|CAD|NZD|SGD|KES|KSH|UGX|TZS|NGN|PHP|THB|KRW|CHF|ZAR|INR|CNY|RMB|JPY|R|P"
_TOKEN = re.compile(
    rf"""
    [^\W\d_A-ZĐkcdmh][^\W\d_]*                          # most words; none of the others begins with these letters
  | \n+
  | (?<![\w])[2-6]G(?![^\W\d_])                        # 4G
  | (?:CO|PM|NO|SO|CH|N)[0-9]+(?:[.,]\d+)?(?:eq?)?(?![^\W\d_])
  | (?<![^\W\d_])(?!(?:{_CURRENCY}|FY)\d)[A-ZĐ]{{1,5}}\d[\d.]*\d|(?<![^\W\d_])(?!(?:{_CURRENCY}|FY)\d)[A-ZĐ]{{1,5}}\d
  | \d{{1,3}}(?:[\u00a0\u202f\u2009]\d{{3}})+(?!\d)      # 12 000 with a hard blank
  | \d+(?:[.,]\d+)*
  | (?:[kcdm]?m|hm)[23](?![\w])
  | ['’]s(?![^\W\d_])
  | (?:US|A|C|NZ|S|HK|NT|R|N|MX)\$
  | [^\W\d_]+
  | [^\s]
    """,
    re.X,
)
_DIGITS = re.compile(r"\d+(?:[.,\u00a0\u202f\u2009]\d+)*\Z")
_YEAR = re.compile(r"(?:19[5-9]|20[0-9])\d\Z")


@cache
def table(lang: str, name: str) -> Any:
    """The JSON table ``data/<lang>/<name>.json``; raises LexiconError if missing or malformed."""
    path = (
        resources.files("policyextract") / "data" / lang / f"{name}.json"
        if lang
        else resources.files("policyextract") / "data" / f"{name}.json"
    )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LexiconError(
            f"data/{lang}/{name}.json cannot be read: {error}; reinstall the package"
        ) from error


@cache
def word_sets(lang: str, name: str) -> dict[str, frozenset[str]]:
    """The lists of ``data/<lang>/<name>.json`` as sets."""
    return {key: frozenset(words) for key, words in table(lang, name).items()}


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list of words and phrases to be looked for among tokens."""

    single: frozenset[str]
    longer: tuple[str, ...]

    def among(self, words: tuple[str, ...]) -> bool:
        """Whether one of the phrases stands in a row of tokens."""
        if not self.single.isdisjoint(words):
            return True
        if not self.longer or not words:
            return False
        joined = f" {' '.join(words)} "
        return any(phrase in joined for phrase in self.longer)


@cache
def phrases(lang: str, name: str) -> dict[str, Phrases]:
    """The lists of ``data/<lang>/<name>.json`` as phrases."""
    return {
        key: Phrases(
            frozenset(e for e in entries if " " not in e), tuple(f" {e} " for e in entries if " " in e)
        )
        for key, entries in table(lang, name).items()
    }


def named_among(lang: str, name: str, words: tuple[str, ...]) -> list[str]:
    """The names of the lists of ``data/<lang>/<name>.json`` of which a phrase stands in a row of tokens, in their order."""
    if not words:
        return []
    single, longer, names = _by_phrase(lang, name)
    found = {key for word in words for key in single.get(word, ())}
    joined = f" {' '.join(words)} "
    found.update([key for phrase, key in longer if phrase in joined])
    return [key for key in names if key in found] if found else []


@cache
def _by_phrase(
    lang: str, name: str
) -> tuple[dict[str, tuple[str, ...]], tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The names of lists by each of their words; their longer phrases with theirs; all names."""
    listed = phrases(lang, name)
    words = {word for own in listed.values() for word in own.single}
    single = {word: tuple([key for key, own in listed.items() if word in own.single]) for word in words}
    longer = tuple([(phrase, key) for key, own in listed.items() for phrase in own.longer])
    return single, longer, tuple(listed)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Lower-cased tokens of a text (lexicon phrases are one token) with their offsets."""

    norms: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.norms)


@cache
def _phrases(lang: Lang) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Multi-word entries of ``words.json`` by their first token, longest first."""
    found: dict[str, set[tuple[str, ...]]] = {}
    comparators = table(lang, "comparators")
    lists = [
        *table(lang, "words").values(),
        *table(lang, "years")["words"].values(),
        *comparators["before"].values(),
        *comparators["after"].values(),
    ]
    for entries in lists:
        for entry in entries:
            parts = tuple(entry.split(" "))
            if len(parts) > 1:
                found.setdefault(parts[0], set()).add(parts)
    return {first: tuple(sorted(parts, key=len, reverse=True)) for first, parts in found.items()}


@lru_cache(maxsize=2)  # patterns and assemble read the same text one after the other
def tokenise(text: str, lang: Lang) -> Tokens:
    """Tokens of ``text``: words, numbers, marks, line ends; phrases and number words joined.

    >>> tokenise("at 7.5 per cent", "en").norms
    ('at', '7.5', 'per cent')
    """
    found = list(_TOKEN.finditer(text))
    words = ["\n" if (word := m.group())[0] == "\n" else word.lower() for m in found]
    starts, ends = [m.start() for m in found], [m.end() for m in found]
    phrases, counting = _phrases(lang), _counting(lang)
    kept, lasts = [], []
    i = 0
    while i < len(words):
        kept.append(i)
        length = 1
        if words[i] in counting.first:
            length = _number_words(words, i, counting) or _phrase(words, i, phrases) or 1
        elif words[i] in phrases:
            length = _phrase(words, i, phrases) or 1
        if length > 1:
            words[i] = " ".join(words[i : i + length])
        i += length
        lasts.append(i - 1)
    return Tokens(
        tuple([words[i] for i in kept]), tuple([starts[i] for i in kept]), tuple([ends[i] for i in lasts])
    )


def _phrase(words: list[str], i: int, phrases: dict[str, tuple[tuple[str, ...], ...]]) -> int:
    for parts in phrases.get(words[i], ()):
        if tuple(words[i : i + len(parts)]) == parts:
            return len(parts)
    return 0


@dataclass(frozen=True, slots=True)
class _Counting:
    """The words that numbers are spelt with; ``first`` may begin one of several words, ``scales`` are 100 and more."""

    first: frozenset[str]
    units: dict[str, int]
    scales: frozenset[str]
    joiners: frozenset[str]


@cache
def _counting(lang: Lang) -> _Counting:
    numbers = table(lang, "numbers")
    scales = frozenset((*numbers["hundreds"], *numbers["thousands"]))
    first = frozenset(numbers["units"]) - {"mươi", "lăm"}
    return _Counting(first, numbers["units"], scales, frozenset(numbers["joiners"]))


def _number_words(words: list[str], i: int, counting: _Counting) -> int:
    """Length of the number spelt out at ``i``, whose first word may begin one, if it takes more than one word, else 0."""
    units, scales = counting.units, counting.scales
    j, last = i, i
    while j < len(words):
        if (words[j] in units and words[j] != "a") or words[j] in scales:
            # "five ten" is no number: two small words in a row must be tens and units
            if j > i and words[j] not in scales and not _adds(words[j - 1], words[j], counting):
                break
            j += 1
            last = j
        elif words[j] in counting.joiners and j > i and j + 1 < len(words) and words[j + 1] in units:
            if words[j] == "and" and words[j - 1] not in scales:
                break
            if words[j] in "-‑" and not (units.get(words[j - 1], 0) >= 20 and units[words[j + 1]] < 10):
                break
            j += 1
        elif j == i:
            j += 1  # "a hundred"
        else:
            break
    return last - i if last - i > 1 else 0


def _adds(left: str, right: str, counting: _Counting) -> bool:
    units = counting.units
    if left in counting.scales or left in counting.joiners:
        return True
    if right == "mươi":
        return bool(1 < units.get(left, 0) < 10)
    if left in ("mươi", "mười"):
        return bool(units.get(right, 99) < 10)
    return bool(units.get(left, 0) >= 20 and units.get(right, 99) < 10)


@cache
def is_number(norm: str, lang: Lang) -> bool:
    """Whether a token states a cardinal number, in digits or words."""
    if _DIGITS.match(norm):
        return True
    return norm not in table(lang, "numbers")["never_first_alone"] and _spelt(norm, lang) is not None


def is_year(norm: str) -> bool:
    """Whether a token may be a calendar year."""
    return bool(_YEAR.match(norm))


@cache
def parse_number(norm: str, lang: Lang) -> float | None:
    """The number a token states, in the language's convention, or None.

    >>> parse_number("1.200", "vi"), parse_number("7,5", "vi"), parse_number("2,77,688", "en")
    (1200.0, 7.5, 277688.0)
    """
    if not _DIGITS.match(norm):
        return _spelt(norm, lang)
    text = re.sub(r"[\u00a0\u202f\u2009]", "", norm)
    thousands, decimal = (",", ".") if lang == "en" else (".", ",")
    if thousands in text and decimal in text:
        # the mark that comes last is the decimal one, whatever the language says
        if text.rindex(thousands) > text.rindex(decimal) and text.count(thousands) == 1:
            thousands, decimal = decimal, thousands
    elif thousands in text and not re.match(r"\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}\Z", text):
        thousands, decimal = decimal, thousands  # "42.02" in Vietnamese, "7,5" in English
    elif decimal in text and text.count(decimal) > 1:
        thousands, decimal = decimal, thousands
    try:
        number = float(text.replace(thousands, "").replace(decimal, "."))
    except ValueError:
        return None
    return number if number < 1e18 else None


@cache
def _spelt(norm: str, lang: Lang) -> float | None:
    numbers = table(lang, "numbers")
    units, hundreds, thousands = numbers["units"], numbers["hundreds"], numbers["thousands"]
    total, part, unit, seen = 0.0, 0.0, 0.0, False
    for word in norm.split(" "):
        if word in units:
            # "hai trăm năm mươi": only the five is tens
            unit = unit * 10 if word == "mươi" and unit else unit + units[word]
        elif word in hundreds:
            part, unit = part + (unit or 1) * hundreds[word], 0.0
        elif word in thousands:
            total, part, unit = total + (part + unit or 1) * thousands[word], 0.0, 0.0
        elif word not in numbers["joiners"]:
            return None
        seen = seen or word in units
    return total + part + unit if seen else None
