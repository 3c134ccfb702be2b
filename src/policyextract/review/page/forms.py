"""Forms of a row: the fields as they are filled in, what is wrong with them, and what they change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from policyextract import lexicon
from policyextract.dataset import TARGETS, Column
from policyextract.errors import ReviewError
from policyextract.review.fields import EDITABLE, checked
from policyextract.review.quotes import spans_of
from policyextract.types import Document, Lang, Target

_COLUMNS = {column.name: column for column in TARGETS}
_SPAN = ("value", "start", "end")
_READ = ("number", "number_high", "unit", "comparator")
_KEPT = (
    "level",
    "level_explicit",
    "year",
    "year_start",
    "year_kind",
    "locality",
    "locality_code",
    "locality_scheme",
)
_NEAR = 3000  # characters from which a new row takes level, year and locality of its neighbour
_LINE = 1000  # characters of a line in which a value is read


@dataclass(frozen=True, slots=True)
class Form:
    """A form as typed, by field, and what is wrong with it; ``""`` names what is wrong with the whole."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """What a field holds."""
        return _COLUMNS[name]


def filled(target: Target) -> Form:
    """The form of a row as it is."""
    return Form({name: typed(getattr(target, name)) for name in EDITABLE})


def typed(value: Any) -> str:
    """A field's value as one would type it.

    >>> typed(1200.0), typed(0.1), typed(None), typed(True)
    ('1200', '0.1', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def read(given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields that a form sent, checked one by one, and what is wrong with the others."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in EDITABLE:
        if name in given:
            try:
                values |= checked({name: given[name]})
            except ReviewError as error:
                errors[name] = _plainly(name, error)
    return values, errors


def complaint(error: ReviewError) -> dict[str, str]:
    """What is wrong with a row, beside the field that it is about."""
    name = str(error).split(" ", 1)[0]
    return {name: _plainly(name, error)} if name in EDITABLE else {"": str(error)}


def _plainly(name: str, error: ReviewError) -> str:
    """The message without the name of the field that it stands beside."""
    return re.sub(rf"\A{re.escape(name)} is (?:.*, but (?=must ))?", "", str(error), flags=re.DOTALL)


def changes(target: Target, values: Mapping[str, Any]) -> dict[str, Any]:
    """All fields of an edit: the row as seen with what was changed; words alone are looked for where they stood."""
    fields = {name: getattr(target, name) for name in EDITABLE}
    new = {name: value for name, value in values.items() if value != fields[name]}
    if "value" in new and not new.keys() & {"start", "end"}:
        del fields["start"], fields["end"]
    elif new.keys() & {"start", "end"} and "value" not in new:
        del fields["value"]
    if "locality" in new and not new.keys() & {"locality_code", "locality_scheme"}:
        new |= {"locality_code": None, "locality_scheme": None}
    return fields | new


def proposed(document: Document, start: int, end: int, neighbour: Target | None) -> Form:
    """A form for a new row at a selection: the number as it reads, the rest as of the row before it."""
    values = dict.fromkeys(EDITABLE, "") | {
        "comparator": "=",
        "level_explicit": "false",
        "optional": "false",
    }
    while start < end and document.text[start].isspace():
        start += 1
    while end > start and document.text[end - 1].isspace():
        end -= 1
    values |= {"value": document.text[start:end], "start": str(start), "end": str(end)}
    if neighbour is not None and abs(neighbour.start - start) < _NEAR:
        values |= {name: typed(getattr(neighbour, name)) for name in _KEPT}
    return Form(values | _number(document, start, end))


def _number(document: Document, start: int, end: int) -> dict[str, str]:
    """Number, unit and comparator of the selected words, as far as they can be read."""
    from policyextract.patterns import find

    first = max(document.text.rfind("\n", 0, start) + 1, start - _LINE)
    last = document.text.find("\n", end)
    line = document.text[first : min(len(document.text) if last < 0 else last, end + _LINE)]
    spans = find(Document(line, "", document.lang, date=document.date))
    found = [s for s in spans if s.label == "VALUE" and s.start < end - first and s.end > start - first]
    if not found:
        number = lexicon.parse_number(document.text[start:end].casefold(), document.lang)
        return {} if number is None else {"number": typed(number), "unit": "count"}
    best = max(found, key=lambda s: min(s.end, end - first) - max(s.start, start - first))
    said = {name: value for name in _READ if (value := best.attr(name)) is not None}
    return {name: typed(float(value)) if name.startswith("number") else value for name, value in said.items()}


def placed(values: Mapping[str, Any], selected: tuple[int, int] | None, text: str) -> dict[str, Any]:
    """The fields of a new row with the value's offsets: where it was selected, or stands within the selection."""
    fields = dict(values)
    if selected is None or "value" not in fields:
        return fields
    start, end = selected
    if text[start:end] == fields["value"]:
        return fields | {"start": start, "end": end}
    inside = list(spans_of(fields["value"], text[start:end]))
    for name in ("start", "end"):
        fields.pop(name, None)
    if inside:
        fields |= {"value": text[start:end][slice(*inside[0])], "start": start + inside[0][0]}
        fields["end"] = start + inside[0][1]
    return fields


def warm() -> None:
    """Load what reads a number, so that the first selection need not wait for it."""
    for text, lang in (("80 per cent by 2030", "en"), ("80% năm 2030", "vi")):
        proposed(Document(text, "", cast("Lang", lang)), 0, 3, None)


def empty(neighbour: Target | None) -> Form:
    """A form for a new row whose value is still to be typed."""
    values = dict.fromkeys(EDITABLE, "") | {
        "comparator": "=",
        "level_explicit": "false",
        "optional": "false",
    }
    if neighbour is not None:
        values |= {name: typed(getattr(neighbour, name)) for name in _KEPT}
    return Form(values)
