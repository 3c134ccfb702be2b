"""The columns of a review sheet: what is shown, what a reviewer fills in, and how wide it is."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policyextract.dataset import TARGETS
from policyextract.review.board import Row
from policyextract.review.fields import EDITABLE, GUIDELINE
from policyextract.review.state import Verdict
from policyextract.types import Target

NEW = "new "
"""What the name of a column for corrections begins with."""
NONE = "(none)"
"""What is written into a correction to empty a field."""
CHOICES = ("accept", "reject", "edit", "add")
LONGEST = 32_767
"""Characters that a spreadsheet holds in a cell."""
TITLE = "review"
"""The name of the sheet with the rows."""

Kind = Literal["decision", "note", "new", "field", "about"]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the sheet; ``field`` is the field of a target that it shows or corrects, ``allowed`` its choices.

    ``kind`` "field" shows a field as it was read, "new" takes its correction, "about" tells of the row.
    """

    name: str
    kind: Kind
    width: int
    meaning: str
    field: str = ""
    allowed: tuple[str, ...] = ()


_OF = {column.name: column for column in TARGETS}
_WIDTHS = {
    "value": 20,
    "number": 18,
    "number_high": 18,
    "metric": 44,
    "locality": 20,
    "comparator": 11,
    "confidence": 11,
    "level": 12,
    "unit": 10,
}
_FIRST = (
    *("value", "number", "number_high", "unit", "comparator", "change", "per", "metric", "level"),
    *("level_explicit", "year", "year_start", "year_kind", "locality", "optional"),
)
_LAST = ("start", "end", "locality_code", "locality_scheme")


def _shown(name: str) -> SheetColumn:
    meaning = _OF[name].meaning + ("; empty if not" if _OF[name].type == "boolean" else "")
    return SheetColumn(name, "field", _WIDTHS.get(name, max(8, len(name) + 3)), meaning, name)


def _new(name: str) -> SheetColumn:
    column = _OF[name]
    allowed = ("TRUE", "FALSE") if column.type == "boolean" else column.allowed
    meaning = f"correction of {name}; leave it empty where {name} is right"
    if column.null is not None:
        allowed = (*allowed, NONE) if allowed else ()
        meaning += f", write {NONE} where it should be empty"
    width = max(_WIDTHS.get(name, 0), len(NEW + name) + 3)
    return SheetColumn(NEW + name, "new", width, meaning, name, allowed)


def _about(name: str, width: int, meaning: str) -> SheetColumn:
    return SheetColumn(name, "about", width, meaning)


COLUMNS: tuple[SheetColumn, ...] = (
    SheetColumn(
        "decision",
        "decision",
        11,
        "accept (or a), reject (r), edit (e) with corrections in the new columns, add on a line of your own; "
        "leave it empty to decide later",
        allowed=CHOICES,
    ),
    _about("sentence", 62, _OF["sentence"].meaning),
    *map(_shown, _FIRST),
    _shown("confidence"),
    _about("doc", 26, _OF["doc"].meaning),
    _about("page", 7, _OF["page"].meaning),
    _about("status", 12, "where the row stood at the export"),
    _about("decided", 34, "who had decided what at the export"),
    SheetColumn("note", "note", 30, "anything to say about the decision"),
    *map(_new, (*_FIRST, *_LAST)),
    *map(_shown, _LAST),
    _about("target_id", 20, _OF["target_id"].meaning),
    _about("check", 12, "tells whether the row has changed since the export; leave it as it is"),
)
"""All columns in their order; the first two stay in sight."""
FROZEN = 2


def key(name: object) -> str:
    """A column's name in small letters and underlines, whatever a spreadsheet or a person made of it.

    >>> key(" New  Year_Kind "), key("Target-ID")
    ('new_year_kind', 'target_id')
    """
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", str(name)).casefold()).strip("_")


def fingerprint(target: Target) -> str:
    """A short sign of the guideline's fields of a row, which is another when a new run reads them otherwise."""
    said = repr([getattr(target, name) for name in GUIDELINE])
    return f"c{zlib.crc32(said.encode('utf-8', 'surrogatepass')):08x}"


def decided(row: Row) -> str:
    """Who has decided what on a row, in words."""
    said = "; ".join(_said(verdict) for verdict in row.state.verdicts.values())
    return f"{said} (this run no longer finds the row)" if row.kept else said


def _said(verdict: Verdict) -> str:
    changes = ", ".join(f"{name} {_plain(value)}" for name, value in _told(verdict.fields).items())
    judged = " as adjudicator" if verdict.adjudicates else ""
    note = f" “{verdict.note}”" if verdict.note else ""
    return f"{verdict.reviewer}: {verdict.decision}{judged}{f' {changes}' if changes else ''}{note}"


def _told(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields in their order; offsets say nothing where the words are named."""
    names = [name for name in EDITABLE if name in fields]
    return {n: fields[n] for n in names if n not in ("start", "end") or "value" not in fields}


def _plain(value: object) -> str:
    if value is None:
        return NONE
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
