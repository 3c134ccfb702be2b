"""What speaks for a place as the jurisdiction of a document: one number a feature."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache, lru_cache

from policyextract.places import tables
from policyextract.places.model import PlaceMention
from policyextract.types import Lang

LEAD = 700
"""Characters at the start of a text in which a name counts more."""
_ISSUER = re.compile(
    r"(?:[uủ][yỷ] ban nhân dân|hội đồng nhân dân|ubnd|hđnd|đảng bộ|(?:huyện|tỉnh|thành|đảng) [uủ][yỷ]"
    r"|ban thường vụ|people['’]?s (?:committee|council)(?: of)?(?: the)?|party committee(?: of)?(?: the)?"
    r"|(?:city )?council(?: of)?(?: the)?|(?:county )?government of(?: the)?|mayor of(?: the city of)?"
    r"|city of|canton of|sejmik of(?: the)?|municipality of|commune of)\s*$",
    re.I,
)
_ISSUER_AFTER = re.compile(
    r"\s*(?:city |provincial |municipal |district |commune |ward |county |borough |state |regional |town )*"
    r"(?:people['’]?s (?:committee|council)|council|councillors|city hall|legislative assembly"
    r"|house of assembly|(?:state |provincial |regional |county )government)",
    re.I,
)
_DATELINE_AFTER = re.compile(
    r"\s*(?=[,(:–—-])[^\n.!?]{0,45}?(?:\s[–—-]{1,2}\s|\d{4}|:\s|\((?:VNA|Reuters|AP|AFP|VNS)\))"
)
_STATE = re.compile(
    r"\b(?:ministry|minister|president|cabinet|parliament|federal|republic"
    r"|thủ tướng|chính phủ|quốc hội|bộ trưởng|bộ chính trị)\b",
    re.I,
)
_LEVELS = ("national", "provincial", "district", "city", "county", "commune", "region")
Features = dict[str, float]


def features(text: str, title: str | None, mentions: list[PlaceMention], lang: Lang) -> dict[str, Features]:
    """The features of every place named, by place id (by name for places outside the gazetteer)."""
    groups: dict[str, list[PlaceMention]] = {}
    for m in mentions:
        groups.setdefault(place_key(m), []).append(m)
    children: dict[str, set[str]] = {}
    for place in (group[0].place for group in groups.values()):
        for parent in place.parents if place is not None else ():
            children.setdefault(parent, set()).add(place.id)  # type: ignore[union-attr]
    cues = level_cues(text, lang)
    head = (headline_end(text), title or "")
    return {
        name: _features(text, head, group, mentions, cues, len(children.get(name, ())))
        for name, group in groups.items()
    }


def place_key(mention: PlaceMention) -> str:
    """The id of the place meant, the name of a place outside the gazetteer."""
    return mention.place.id if mention.place else mention.name


def headline_end(text: str) -> int:
    """Where the headline ends: the short first lines that do not close with a full stop, four at most.

    >>> headline_end("Home\\nHai Phong sets goals\\nThe city will double its ports by 2030.")
    26
    """
    end = 0
    for _, line in zip(range(4), re.finditer(r"[^\n]*\n?", text), strict=False):
        words = line.group().strip()
        if len(words) > 160 or words.endswith((".", ":", "”", '"')) or line.end() > 400:
            break
        end = line.end()
    return end


def _features(
    text: str,
    head: tuple[int, str],
    group: list[PlaceMention],
    mentions: list[PlaceMention],
    cues: Features,
    children: int,
) -> Features:
    """The features of one place from its mentions; ``children`` are the places in it that the text names."""
    first = group[0]
    datelines = sum(is_dateline(text, m) for m in group)
    rest = [m for m in group if not is_dateline(text, m)]
    count = sum(0.5 if m.how == "demonym" else 0.3 if m.weak else 1.0 for m in rest)
    return {
        "count": math.log2(1 + count),
        "title": float(any(m.start < head[0] for m in group) or _in_title(first.name, head[1])),
        "lead": float(any(m.start < LEAD for m in rest)),
        "issuer": float(any(is_issuer(text, m) for m in group)),
        "dateline": float(datelines > 0),
        "dateline_only": float(not rest),
        "children": min(children, 5) / 5,
        "cue": cue(first, cues),
        "alone": float(
            _is_alone(first, mentions)
            and (cue(first, cues) > 0 or not cues["national"])
            and not _STATE.search(text)
        ),
        "qualifies": float(any(m.start < LEAD and _qualifies(text, m, mentions) for m in group)),
        "office": float(any(m.start < max(head[0], 200) and _of_office(text, m, mentions) for m in group)),
        "title_dateline": float(
            datelines > 0 and (any(m.start < head[0] for m in rest) or _in_title(first.name, head[1]))
        ),
        "typed_head": float(any(m.typed and m.start < max(head[0], 200) for m in group)),
        "national_cue": cues["national"] if first.level == "national" else 0.0,
    }


def _qualifies(text: str, mention: PlaceMention, mentions: list[PlaceMention]) -> bool:
    """Whether a mention only says where the smaller place before it lies: "Blumenau, Santa Catarina"."""
    before = [m for m in mentions if m.end <= mention.start and text[m.end : mention.start].strip() == ","]
    if not before or "\n" in text[before[-1].end : mention.start]:
        return False
    one, other = before[-1].place, mention.place
    return one is None or (other is not None and (other.id in one.parents or other.level == "national"))


def _of_office(text: str, mention: PlaceMention, mentions: list[PlaceMention]) -> bool:
    """Whether a mention ends a line of the letterhead that names an office: "MINISTRY OF HEALTH, ONTARIO"."""
    start = text.rfind("\n", 0, mention.start) + 1
    line_end = text.find("\n", mention.end)
    if text[mention.end : line_end if line_end >= 0 else len(text)].strip():
        return False
    own = text[start : mention.start]
    joined = own.rstrip().endswith((",", "-", "–", "OF", "of", "|"))
    alone = not any(start <= m.start < mention.start for m in mentions)
    return joined and alone and sum(ch.isalpha() for ch in own) >= 3


def _is_alone(first: PlaceMention, mentions: list[PlaceMention]) -> bool:
    """Whether no place but this one is named, its country aside."""
    if first.level == "national":
        return False
    return all(m.level == "national" or place_key(m) == place_key(first) for m in mentions)


def _in_title(name: str, title: str) -> bool:
    return bool(title) and name.lower() in title.lower()


def is_dateline(text: str, mention: PlaceMention) -> bool:
    """Whether a mention stands in a dateline: at the start of a line, before a dash, a date or an agency."""
    if mention.start > 1200 or is_issuer(text, mention):
        return False
    before = text[max(0, mention.start - 2) : mention.start]
    if before and not before.endswith("\n"):
        return False
    return _DATELINE_AFTER.match(text[mention.end : mention.end + 60]) is not None


def is_issuer(text: str, mention: PlaceMention) -> bool:
    """Whether a mention names the deciding body: "People's Council of X", "UBND tỉnh X", "X City Council"."""
    if _ISSUER.search(text[max(0, mention.start - 40) : mention.start]):
        return True
    return _ISSUER_AFTER.match(text[mention.end : mention.end + 40]) is not None


@cache
def _cue_pattern(lang: Lang) -> tuple[re.Pattern[str], dict[str, str]]:
    """Words that tell of which level a document speaks."""
    table = {r["cue"]: r["level"] for r in tables.read_table("level_cues.csv") if r["lang"] == lang}
    joined = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)"), table


@lru_cache(maxsize=1)  # asked for twice of each document
def level_cues(text: str, lang: Lang) -> Features:
    """For each level the logarithm of how often its words stand in the text."""
    pattern, table = _cue_pattern(lang)
    counts = Counter([table[found] for found in pattern.findall(text.lower())])
    return {level: math.log2(1 + counts[level]) for level in _LEVELS}


def cue(first: PlaceMention, cues: Features) -> float:
    """How strongly the words of a document fit the level and kind of one place."""
    place = first.place
    if place is None:
        return max(cues.get(first.level or "district", 0.0), cues["county"])
    if place.level == "national":
        return 0.0
    if place.kind == "region":
        return cues["region"]
    if place.kind in {"TP", "city", "city1"}:
        return cues["city"]
    value = cues[place.level]
    if place.kind in {"sub2", "county"}:
        value = max(value, cues["county"], cues["city"])
    if place.kind == "sub1":
        value = max(value, 0.8 * cues["city"], cues["county"])
    return value
