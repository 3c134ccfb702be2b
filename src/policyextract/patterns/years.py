"""Years, periods and relative years, resolved against the date of the document and the text."""

from __future__ import annotations

import datetime as dt
from functools import cache

from policyextract import lexicon
from policyextract.lexicon import Tokens
from policyextract.patterns.grammar import Grammar
from policyextract.types import Lang, Span

_BACK = 4  # tokens before a year in which its preposition may stand


@cache
def grammar(lang: Lang) -> Grammar:
    """The grammar of years of one language."""
    rules = lexicon.table(lang, "years")["patterns"]
    plain = {"id": f"{lang}.year", "pattern": "YEAR", "resolve": "plain"}
    words = {**lexicon.table(lang, "words"), **lexicon.table(lang, "years")["words"]}
    return Grammar(lang, [*rules, plain], words)


def find_years(tokens: Tokens, lang: Lang, date: dt.date | None, masked: list[Span]) -> list[Span]:
    """YEAR spans with attributes ``year``, ``start`` of a period, ``kind`` and ``resolve``."""
    hidden = {i for s in masked if s.source in _HIDING for i in range(s.start, s.end)}
    taken = bytearray(len(tokens))
    spans: list[Span] = []
    for match in sorted(grammar(lang).match(tokens.norms), key=lambda m: m.first - m.last):
        start, end = tokens.starts[match.first], tokens.ends[match.last - 1]
        if any(taken[match.first : match.last]) or start in hidden:
            continue
        if match.rule["resolve"] == "month" and any(
            lexicon.is_year(n) for n in tokens.norms[match.last : match.last + 3]
        ):
            continue  # "March 2028": the year speaks for itself
        attrs = _resolve(tokens.norms[match.first : match.last], match.rule["resolve"], date, lang)
        if attrs is None:
            continue
        taken[match.first : match.last] = b"\1" * (match.last - match.first)
        attrs.setdefault("kind", _kind(tokens.norms, match.first, lang))
        attrs["resolve"] = match.rule["resolve"]
        spans.append(Span(start, end, "YEAR", match.id, tuple(attrs.items())))
    return sorted(spans, key=lambda s: s.start)


_HIDING = frozenset({"mask.number.year", "mask.date.iso"})


def _resolve(norms: tuple[str, ...], rule: str, date: dt.date | None, lang: Lang) -> dict[str, str] | None:
    years = [int(n) for n in norms if lexicon.is_year(n)]
    if rule == "plain":
        return {"year": str(years[0])}
    if rule == "period":
        return (
            {"start": str(min(years)), "year": str(max(years)), "kind": "period"}
            if len(set(years)) > 1
            else None
        )
    if rule.startswith("short"):
        high = years[0] // 100 * 100 + int(norms[-1])
        if not years[0] < high <= years[0] + 30:
            return {"year": str(years[0])}
        if rule == "short_in":  # a financial year is one year, named by its end
            return {"year": str(high), "kind": "in"}
        return {"start": str(years[0]), "year": str(high), "kind": "period"}
    if rule == "decade":
        return {"year": str(date.year // 10 * 10 + 10)} if date else None
    if rule in ("2050", "2050?"):
        return {"year": "2050"} if rule == "2050" else None
    if rule == "month":
        return _month(norms, date, lang)
    if rule.startswith(("doc", "same")):
        return _relative(norms, rule, date, lang)
    return {}


def _relative(norms: tuple[str, ...], rule: str, date: dt.date | None, lang: Lang) -> dict[str, str] | None:
    base, shift = rule[:-1].rstrip("+-0123456789") or rule, 0
    soft = rule.endswith("?")
    rule = rule.rstrip("?")
    if rule.endswith("N"):
        units = lexicon.table(lang, "numbers")["units"]
        read = [lexicon.parse_number(n, lang) or units.get(n) for n in norms]
        shift = int(next((n for n in read if n), 0))
    elif rule[-1].isdigit():
        shift = int(rule[-2:])
    base = "doc" if rule.startswith("doc") else "same"
    if base == "same":
        return {"shift": str(shift)}
    if date is None:
        return None
    attrs = {"year": str(date.year + shift)}
    return {**attrs, "soft": "1"} if soft else attrs


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _month(norms: tuple[str, ...], date: dt.date | None, lang: Lang) -> dict[str, str] | None:
    """The year of a month named without one: the next such month after the document's date."""
    if date is None:
        return None
    name = norms[-1][:3]
    month = _MONTHS.index(name) + 1 if name in _MONTHS else int(lexicon.parse_number(norms[-1], lang) or 0)
    if not 1 <= month <= 12:
        return None
    return {"year": str(date.year + (month < date.month)), "soft": "1"}


def _kind(norms: tuple[str, ...], first: int, lang: Lang) -> str:
    """Whether the year is one by which, in which or from which a target holds, by the words before it."""
    words = lexicon.table(lang, "years")["words"]
    for back in range(1, _BACK + 1):
        if first - back < 0 or norms[first - back] in {"\n", ".", ";"}:
            break
        word = norms[first - back]
        for name, kind in (("YBY", "by"), ("YFROM", "from"), ("YIN", "in")):
            if word in words[name] and not (kind == "in" and lang == "vi" and (back > 1 or word == "năm")):
                return kind
    return "in"
