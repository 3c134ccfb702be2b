"""Quantities: what the grammar of ``data/values.json`` matches, read into numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from policyextract import lexicon
from policyextract.lexicon import Tokens
from policyextract.patterns.grammar import Grammar, Match
from policyextract.types import Lang, Span

# Ties between rules of one length: the more telling kind first.
_PRIORITY = (
    "zero_percent", "percent", "currency", "MASK", "multiple", "rank", "outof", "fraction", "halve", "score", "quantity",
    "zero", "universal", "ordinal", "quantifier", "ratio", "count",
)  # fmt: skip


@cache
def grammar(lang: Lang) -> Grammar:
    """The grammar of values, common rules and the language's own."""
    rules = lexicon.table("", "values")["patterns"] + lexicon.table(lang, "values")["patterns"]
    return Grammar(lang, rules, lexicon.table(lang, "words"))


def find_values(tokens: Tokens, lang: Lang) -> list[Span]:
    """VALUE spans with their numbers, comparators joined, and MASK spans for look-alikes."""
    matches = sorted(
        grammar(lang).match(tokens.norms),
        key=lambda m: (_tier(m.rule), m.first - m.last, _PRIORITY.index(m.rule["kind"])),
    )
    taken = bytearray(len(tokens))
    spans: list[Span] = []
    for match in matches:
        if any(taken[match.first : match.last]) or _excused(tokens, match):
            continue
        taken[match.first : match.last] = b"\1" * (match.last - match.first)
        if match.rule["kind"] == "MASK":
            start, end = tokens.starts[match.first], tokens.ends[match.last - 1]
            spans.append(Span(start, end, "MASK", match.id))
        else:
            spans.extend(_value(tokens, match, lang))
    return sorted(spans, key=lambda s: s.start)


def _excused(tokens: Tokens, match: Match) -> bool:
    """Whether the word that a look-alike must not follow stands before it ("tuổi thọ … 75 tuổi" is no age)."""
    word = match.rule.get("unless")
    return word is not None and word in tokens.norms[max(0, match.first - _BACK) : match.first]


def _tier(rule: dict[str, str]) -> int:
    """A figure with its unit outranks a weak look-alike ("3: 80 percent" is no clock)."""
    if rule.get("tier") == "weak":
        return 1
    return 0 if rule["kind"] in _FIRM else 2


_LENGTHS = frozenset(
    "of long wide high tall deep in from above below and or thick away to per between at by on".split()
)


def _is_million(tokens: Tokens, match: Match) -> bool:
    """Whether a glued "m" before a noun means million: "1.2m homes", but not "1.2m of wall"."""
    at = match.last - 1
    if match.rule["id"] != "quantity" or tokens.norms[at] != "m" or tokens.starts[at] != tokens.ends[at - 1]:
        return False
    following = tokens.norms[match.last] if match.last < len(tokens) else ""
    return following.isalpha() and following not in _LENGTHS


_FIRM = frozenset({"MASK", "percent", "zero_percent", "currency", "quantity", "outof", "ratio"})


def _value(tokens: Tokens, match: Match, lang: Lang) -> Iterator[Span]:
    moved = bool(_moves(lang) & set(tokens.norms[max(0, match.first - _BACK) : match.first]))
    attrs = _read(tokens.norms[match.first : match.last], match.rule["kind"], lang, moved)
    if attrs is None:
        return
    if _is_million(tokens, match):
        attrs["unit"], attrs["number"] = "count", repr(float(attrs["number"]) * 1e6)
    first, last, comparator = _comparator(tokens, match.first, match.last, lang)
    inner = {op for n in tokens.norms[match.first : match.last] if (op := _INNER.get(n))}
    if comparator and not ("number_high" in attrs and tokens.norms[first] in _HALF_RANGE):
        attrs["comparator"] = _bettered(comparator) if attrs["unit"] == "rank" else comparator
    elif inner:
        attrs["comparator"] = min(inner)
    attrs["kind"] = match.rule["kind"]
    attrs["core"] = f"{tokens.starts[match.first]}:{tokens.ends[match.last - 1]}"
    attrs["first"], attrs["last"] = str(first), str(last)
    yield Span(tokens.starts[first], tokens.ends[last - 1], "VALUE", match.id, tuple(attrs.items()))


_BACK = 14  # tokens before "from 12 to 13 percent" in which a verb of change makes 12 the baseline


@cache
def _moves(lang: Lang) -> frozenset[str]:
    """Verbs of change."""
    table = lexicon.table(lang, "changes")
    return frozenset((*table["increase"], *table["decrease"]))


_INNER = {
    "or higher": "<=",
    "or better": "<=",
    "or above": "<=",
    "gấp hơn": ">",
    "gấp trên": ">",
    "tăng hơn": ">",
    "gấp khoảng": "~",
    "gấp gần": "~",
}
_HALF_RANGE = frozenset({"từ", "đạt từ", "chiếm từ"})


def _bettered(comparator: str) -> str:
    """A rank is bettered downwards: "12th or higher" is at most 12."""
    return {">=": "<=", ">": "<=", "~": "~"}.get(comparator, "<=")


def _comparator(tokens: Tokens, first: int, last: int, lang: Lang) -> tuple[int, int, str | None]:
    """Token range of the value with its comparator words, and the comparator."""
    table = comparators(lang)
    norms = tokens.norms
    if last < len(norms) and norms[last] in table["after"]:
        after = table["after"][norms[last]]
        if first and norms[first - 1] in table["from"]:
            first -= 1
        return first, last + 1, after
    for back in (1, 2, 3):
        at = first - back
        if at < 0:
            break
        if norms[at] in table["before"] and at and norms[at - 1] in table["particle"].get(norms[at], ()):
            break
        if norms[at] in table["before"] and (norms[at] not in table["from"] or back == 1):
            return at, last, table["before"][norms[at]]
        if norms[at] not in table["filler"]:
            break
    return first, last, None


@cache
def comparators(lang: Lang) -> dict[str, dict[str, Any]]:
    """Comparator words: ``before`` and ``after`` the number, ``filler`` between, ``from`` half a range.

    ``particle`` names the verbs that a comparator word belongs to instead ("hand over 1,150 hectares").
    """
    raw = lexicon.table(lang, "comparators")
    return {
        "before": {w: op for op, words in raw["before"].items() for w in words},
        "after": {w: op for op, words in raw["after"].items() for w in words},
        "filler": dict.fromkeys(raw["filler"], ""),
        "from": dict.fromkeys(("từ",), ""),
        "particle": raw["particle"],
    }


_KIND_UNIT = {
    "percent": "percent", "currency": "currency", "quantity": "quantity", "multiple": "multiple",
    "rank": "rank", "ordinal": "rank", "fraction": "percent", "outof": "percent", "halve": "percent",
    "quantifier": "percent", "universal": "percent", "zero": "count", "score": "score", "count": "count",
    "ratio": "count",
    "zero_percent": "percent",
}  # fmt: skip


def _read(norms: tuple[str, ...], kind: str, lang: Lang, moved: bool = False) -> dict[str, str] | None:
    """The numbers of a matched value as attributes, or None if they make no sense.

    "From 12 to 13" is a range, but a baseline and a target where a verb of change came before (``moved``).
    """
    unit = _KIND_UNIT[kind]
    if kind in ("quantifier", "universal"):
        return {"unit": unit, "number": "100"}
    if kind in ("zero", "zero_percent"):
        return {"unit": unit, "number": "0"}
    if kind == "halve":
        return {"unit": unit, "number": "50", "change": "decrease"}
    numbers = lexicon.table(lang, "numbers")
    if kind == "fraction":
        return _fraction(norms, numbers, lang)
    if kind == "multiple" and norms[0] in numbers["multiples"]:
        return {"unit": unit, "number": repr(float(numbers["multiples"][norms[0]]))}
    scales = {**numbers["scales"], **numbers["money_scales"]} if kind == "currency" else numbers["scales"]
    read = _numbers(norms, scales, lang)
    if kind in ("outof", "ratio") and len(read) == 2:
        return _ratio(read, kind)
    if kind == "ordinal" and not read:
        read = [float(numbers["ordinals"][n]) for n in norms if n in numbers["ordinals"]]
    if kind == "ordinal":
        read = read[:1]
    if not read:
        return None
    attrs = {"unit": unit, "number": repr(read[0])}
    if (
        len(read) > 1
        and norms[0] in ("from", "từ")
        and _is_baseline(*read[:2], moved=lang == "en" and (moved or kind == "percent"))
    ):
        attrs["number"], attrs["baseline"] = repr(read[1]), repr(read[0])
    elif len(read) > 1 and read[1] > read[0]:
        attrs["number_high"] = repr(read[1])
    elif len(read) > 1 and kind != "count" and read[1] < read[0]:
        attrs["number"], attrs["number_high"] = repr(read[1]), repr(read[0])
    if kind == "rank":
        attrs["comparator"] = "<="
    return attrs


def _is_baseline(first: float, second: float, *, moved: bool) -> bool:
    """Whether "from first to second" names where a change starts, and not a range."""
    return moved or second < first or second > first * _SPREAD


_SPREAD = 1.25  # a range has its ends nearer to each other than this


def _numbers(norms: tuple[str, ...], scales: dict[str, float], lang: Lang) -> list[float]:
    """Numbers in order, each times the scale words after it; a scale at the end counts for all."""
    read: list[tuple[float, float]] = []
    for norm in norms:
        if norm in scales:
            if read:
                read[-1] = (read[-1][0], read[-1][1] * scales[norm])
            else:
                read.append((1.0, scales[norm]))
        elif (number := lexicon.parse_number(norm, lang)) is not None and norm != "a":
            read.append((number, 1.0))
    if len(read) == 2 and read[0][1] == 1.0 and read[0][0] < read[1][0] * read[1][1] / read[1][1] * 10:
        read[0] = (read[0][0], read[1][1])
    return [round(number * scale, 6) for number, scale in read]


def _fraction(
    norms: tuple[str, ...], numbers: dict[str, dict[str, int]], lang: Lang
) -> dict[str, str] | None:
    parts = [lexicon.parse_number(n, lang) or numbers["units"].get(n) for n in norms]
    named = [numbers["fractions"][n] for n in norms if n in numbers["fractions"]]
    plain = [p for p, n in zip(parts, norms, strict=True) if p and n not in numbers["fractions"]]
    if named:
        share = (plain[0] if plain else 1.0) / named[0]
    elif len(plain) == 2:
        share = plain[0] / plain[1]
    else:
        return None
    return {"unit": "percent", "number": repr(round(share * 100, 1))} if 0 < share <= 1 else None


def _ratio(read: list[float], kind: str) -> dict[str, str] | None:
    above, below = read
    if not 0 < above < below:
        return {"unit": "count", "number": repr(above)} if kind == "ratio" else None
    if kind == "outof" or (below <= 5 and above < below):
        return {"unit": "percent", "number": repr(round(above / below * 100, 1))}
    return {"unit": "count", "number": repr(above)}
