"""Units and comparators that the words around a figure decide: tables, elided units, double negations."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyextract import lexicon
from policyextract.assemble.reading import Reading
from policyextract.assemble.tables import Cell
from policyextract.types import Comparator, Segment, Span, Unit

_NEGATION_REACH = 10  # tokens before "below 60 %" in which "no commune" may stand


@dataclass(frozen=True, slots=True)
class Measure:
    """The unit of a value, what its figure is to be multiplied by, and its comparator."""

    unit: Unit
    scale: float
    comparator: Comparator


def measure(
    reading: Reading, value: Span, segment: Segment, cell: Cell | None, earlier: Span | None
) -> Measure:
    """The measure of a value; ``earlier`` is the target before it in the same sentence."""
    comparator: Comparator = value.attr("comparator") or "="  # type: ignore[assignment]
    if cell is not None and value.attr("kind") in ("count", "score", "ratio"):
        unit, scale = _of_cell(reading, value, cell)
    else:
        unit, scale = _in_text(reading, value, segment), 1.0
    if unit == "rank" and value.attr("unit") != "rank" and not _is_places(reading, value):
        comparator = {">=": "<=", ">": "<="}.get(comparator, comparator)  # type: ignore[assignment]
    comparator = _comparator(reading, value, segment, comparator)
    if comparator == "=":
        comparator = _after_noun(reading, value, segment) or comparator
    if comparator == "=" and earlier is not None and earlier.attr("unit") == unit:
        comparator = _inherited(reading, value, earlier, segment) or comparator
    return Measure(unit, scale, comparator)


def _in_text(reading: Reading, value: Span, segment: Segment) -> Unit:
    """The unit of a value in running text: its own, or what its list or its noun says of a bare figure."""
    table = lexicon.table(reading.document.lang, "comparators")
    own: Unit = value.attr("unit") or "count"  # type: ignore[assignment]
    kind = value.attr("kind")
    if kind == "score":
        return _points(reading, value, segment)
    left = reading.words(segment.start, value.start)
    if kind == "zero":
        return "percent" if set(left) & set(table["rated"]) else own
    if kind != "count":
        return own
    if _is_places(reading, value) or set(left[-2:]) & set(table["ranked"]):
        return "rank"
    for other in (_before_in_list(reading, value, segment), _next_in_list(reading, value, segment)):
        if other is not None:
            return other.attr("unit") or own  # type: ignore[return-value]
    carried = _before_in_text(reading, value, segment)
    if carried is not None:
        return carried.attr("unit") or own  # type: ignore[return-value]
    if not float(value.attr("number") or 0).is_integer() and set(left) & set(table["index"]):
        return "score"
    return own


def _before_in_list(reading: Reading, value: Span, segment: Segment) -> Span | None:
    """The value whose unit a bare figure takes over ("90 % in communes and 75 in districts")."""
    after = reading.words(value.end, segment.end)[:2]
    table = lexicon.table(reading.document.lang, "metric")
    if after and (after[0] not in table["after-elided"] or set(after) & set(table["anaphors"])):
        return None
    right = value
    for other in reversed(reading.within("VALUE", segment.start, value.start)):
        gap = reading.words(other.end, right.start)
        if {";", ":", "(", ")"} & set(gap) or len(gap) > 14:
            return None
        if other.attr("kind") != "count":
            return other if _may_elide(reading, value, other) else None
        right = other
    return None


def _before_in_text(reading: Reading, value: Span, segment: Segment) -> Span | None:
    """The value of a sentence before whose unit a bare figure takes over ("… 52 %. The mark for 2030 is 60")."""
    after = reading.words(value.end, segment.end)[:1]
    table = lexicon.table(reading.document.lang, "metric")
    left = reading.words(segment.start, value.start)
    if (after and after[0] not in table["after-elided"]) or not set(left) & set(table["anaphors"]):
        return None
    index = reading.segment_at(value.start)
    start = reading.segments[max(0, index - 2)].start
    values = [v for v in reading.within("VALUE", start, segment.start) if v.attr("kind") != "count"]
    return values[-1] if values and _may_elide(reading, value, values[-1]) else None


def _may_elide(reading: Reading, value: Span, other: Span) -> bool:
    """Whether two figures are of one kind: a share is at most 100, and both are in digits or both in words."""
    if other.attr("unit") not in ("percent", "quantity") or other.attr("kind") in ("quantifier", "universal"):
        return False
    digits = [any(c.isdigit() for c in reading.document.text[s.start : s.end]) for s in (value, other)]
    share = other.attr("unit") == "percent"
    return not share or (digits[0] == digits[1] and float(value.attr("number") or 0) <= 100)


def _next_in_list(reading: Reading, value: Span, segment: Segment) -> Span | None:
    """The value that states the unit of a bare figure before it ("30, 65 and 15 per cent")."""
    for other in reading.within("VALUE", value.end, segment.end):
        gap = reading.words(value.end, other.start)
        if not gap or not set(gap) <= {",", "and", "or", "&", "và", "hoặc"}:
            return None
        if other.attr("kind") != "count":
            return other if other.attr("unit") in ("percent", "quantity", "currency") else None
        value = other
    return None


def _is_places(reading: Reading, value: Span) -> bool:
    """Whether the figure counts places of a ranking ("up by three places")."""
    at = reading.token_at(value.end)
    table = lexicon.table(reading.document.lang, "comparators")
    if (
        at >= len(reading.tokens)
        or reading.tokens.norms[at] not in lexicon.table(reading.document.lang, "words")["PLACESW"]
    ):
        return False
    left = reading.words(max(0, value.start - 60), value.start)
    right = reading.tokens.norms[at + 1 : at + 3]
    return bool(set(left) & set(table["ranking"]) or set(right) & set(table["up"]))


def _after_noun(reading: Reading, value: Span, segment: Segment) -> Comparator | None:
    """A comparator parted from its figure by the noun ("6 per cent of income or less")."""
    if value.attr("kind") in ("quantifier", "universal", "zero"):
        return None
    table = lexicon.table(reading.document.lang, "comparators")
    after = table["after"]
    values = [
        *reading.within("VALUE", value.end, segment.end),
        *reading.within("MASK", value.end, segment.end),
    ]
    values.sort(key=lambda s: s.start)
    words = reading.words(value.end, values[0].start if values else segment.end)[:7]
    for i, word in enumerate(words):
        if word in (",", ";", ".", ":", "(", "and", "và") or word in table["degrees"]:
            break
        for op, listed in after.items():
            if (
                word in listed
                and word not in ("+", "plus", "minimum", "maximum", "roughly", "approximately")
                and i
            ):
                return op  # type: ignore[no-any-return]
    return None


def _inherited(reading: Reading, value: Span, earlier: Span, segment: Segment) -> Comparator | None:
    """The comparator of the head of a list by level or place ("at least 98 % at departments and 97 % in communes")."""
    if earlier.start < segment.start or (earlier.attr("comparator") or "=") not in (">=", "<="):
        return None
    gap = reading.words(earlier.end, value.start)
    if len(gap) > 8 or {";", ":", "."} & set(gap) or reading.within("YEAR", earlier.end, value.start):
        return None
    rest = min(segment.end, value.end + 40)
    parted = [reading.within(label, earlier.end, value.start) for label in ("LEVEL", "PLACE")]
    after = [reading.within(label, value.end, rest) for label in ("LEVEL", "PLACE")]
    if (
        any(parted)
        and any(after)
        and (reading.tokens.norms[reading.token_at(value.start) - 1] in (",", "and", "và"))
    ):
        return earlier.attr("comparator")  # type: ignore[return-value]
    return None


def _of_cell(reading: Reading, value: Span, cell: Cell) -> tuple[Unit, float]:
    """The unit that the unit cell, the header or the label states, with its scale."""
    text = reading.document.text
    lang = reading.document.lang
    for where in (cell.unit, cell.header, cell.label):
        if where is None or (where is cell.unit and reading.within("PLACE", *where)):
            continue  # "Đơn vị" heads a column of units of measure or of places
        words = reading.words(*where)
        if where is not cell.unit:
            inner = re.findall(r"(?:\(|,\s)([^()]{0,200})\)?$", text[slice(*where)].rstrip())
            words = lexicon.tokenise(inner[-1], lang).norms if inner else ("%",) if "%" in words else ()
        found = unit_of(words, lang)
        if found:
            return found
        if words and where is cell.unit:
            return "count", 1.0
    rate = lexicon.table(lang, "tables")["rate"]
    for where in (cell.label, cell.header):
        if where is not None:
            joined = f" {' '.join(reading.words(*where))} "
            if any(f" {w} " in joined[: len(joined) // 2 + 12] for w in rate):
                return "percent", 1.0
    if cell.caption is not None and cell.unit is None:
        stated = re.findall(r"[(:,]([^():]{0,200})\)?$", text[slice(*cell.caption)].rstrip())
        if stated and (found := unit_of(lexicon.tokenise(stated[-1], lang).norms, lang)):
            return found
    if cell.header is not None and _beside_a_rate(reading, cell):
        return "percent", 1.0
    return value.attr("unit") or "count", 1.0  # type: ignore[return-value]


def _beside_a_rate(reading: Reading, cell: Cell) -> bool:
    """Whether another column with a rate in its head speaks of the same thing."""
    lang = reading.document.lang
    rate = lexicon.table(lang, "tables")["rate"]
    stop = set(lexicon.table(lang, "metric")["stop"])
    own = {w for w in reading.words(*(cell.header or (0, 0))) if w.isalpha()} - stop
    for other in cell.heads:
        words = reading.words(*other)
        joined = f" {' '.join(words)} "
        if other != cell.header and any(f" {w} " in joined for w in rate) and len(own & set(words)) >= 3:
            return True
    return False


def unit_of(words: tuple[str, ...], lang: str) -> tuple[Unit, float] | None:
    """The unit and scale that the words of a unit cell name ("million USD": currency, 1e6)."""
    table = lexicon.table(lang, "words")
    scales = lexicon.table(lang, "numbers")["scales"]
    scale = 1.0
    for i, word in enumerate(words):
        if word in scales:
            scale *= scales[word]
        elif word in ("000", "000s"):  # '000
            scale *= 1000.0
        elif i == 0 and (number := lexicon.parse_number(word, lang)):
            scale *= number
        elif word in ("'", "’", "‘"):
            continue
        elif word in table["PCT"]:
            return "percent", 1.0
        elif word in table["CURPRE"] or word in table["CURPOST"]:
            rest = [scales[w] for w in words[i + 1 :] if w in scales]
            return "currency", scale * (rest[0] if rest else 1.0)
        elif word in table["QUNIT"]:
            return "quantity", scale
        elif word in ("rank", "hạng", "thứ hạng"):
            return "rank", 1.0
        elif word in ("points", "point", "score", "điểm", "index", "chỉ số"):
            return "score", 1.0
        elif word in ("times", "lần"):
            return "multiple", 1.0
        else:
            return ("count", scale) if scale != 1.0 else None
    return ("count", scale) if scale != 1.0 else None


def _points(reading: Reading, value: Span, segment: Segment) -> Unit:
    """Points of an index are a score; beside percentages or rates they are percentage points."""
    table = lexicon.table(reading.document.lang, "comparators")
    words = set(reading.words(segment.start, value.start))
    if words & set(table["index"]):
        return "score"
    others = reading.within("VALUE", segment.start, segment.end)
    previous = reading.segments[max(0, reading.segment_at(value.start) - 2)]
    near = [*others, *reading.within("VALUE", previous.start, segment.start)]
    if any(v.attr("kind") == "percent" for v in near) or words & set(table["rated"]):
        return "percent"
    return "score"


def _comparator(reading: Reading, value: Span, segment: Segment, comparator: Comparator) -> Comparator:
    table = lexicon.table(reading.document.lang, "comparators")
    left = reading.words(segment.start, value.start)[-_NEGATION_REACH:]
    flip: dict[str, Comparator] = {"<": ">=", ">": "<="}
    if comparator in flip and set(left) & set(table["negations"]):
        cut = max(i for i, w in enumerate(left) if w in table["negations"])
        if not set(left[cut:]) & {",", ";", "."}:
            return flip[comparator]
    if comparator == "<=" and reading.words(value.start, value.end)[:1] in (("up to",), ("as many as",)):
        # "rise up to 90 percent" is the level to reach
        if set(left[-3:]) & set(table["rising"]) or value.attr("unit") == "percent":
            return "="
    return comparator
