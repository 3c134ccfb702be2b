"""Short documents → the targets that the guideline asks for.

What a sentence means is decided by fitted weights, which change with every fit. A row that the tool still gets wrong
stays in the table with a reason under ``xfail``, as a non-strict one: a new fit may well mend it, and such a
fit must not fail here. A row without a reason is a plain sentence that every fit has to get right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from cases import cases

from policyextract import Target, extract

# "[?][op]number[-high] unit level[!] year locality[ / increase][ / year][ / metric: words]"; "-" is null, "!" says
# that the text names the level, "?" that the guideline leaves it open whether the row is there.
_ROW = re.compile(
    r"(?P<open>\??)(?P<op>>=|<=|[<>~]?)(?P<number>[\d.]+)(?:-(?P<high>[\d.]+))? (?P<unit>[a-z]+)"
    r" (?P<level>[a-z]+|-)(?P<explicit>!?) (?P<year>\d{4}|-) (?P<locality>[^/]+?)"
    r"(?: / (?P<change>increase|decrease))?(?: / (?P<per>year))?(?: / metric: (?P<metric>.+))?"
)


@dataclass(frozen=True)
class Expected:
    """A row of the table: the fields that are compared, words of the metric, and what may be left open."""

    fields: tuple[object, ...]
    explicit: bool
    metric: frozenset[str]
    open: bool


def expected(text: str) -> list[Expected]:
    """The rows that a cell of the table names, parted by semicolons."""
    rows: list[Expected] = []
    for part in filter(None, text.split("; ")):
        found = _ROW.fullmatch(part)
        assert found is not None, f"the table's {part!r} is no target"
        high = float(found["high"]) if found["high"] else None
        level, year, locality = (None if found[n] == "-" else found[n] for n in ("level", "year", "locality"))
        fields = (
            float(found["number"]), high, found["unit"], found["op"] or "=", found["change"], found["per"],
            level, int(year) if year else None, locality,
        )  # fmt: skip
        words = frozenset((found["metric"] or "").lower().split())
        rows.append(Expected(fields, bool(found["explicit"]), words, bool(found["open"])))
    return rows


def fields_of(t: Target) -> tuple[object, ...]:
    return (
        t.number, t.number_high, t.unit, t.comparator, t.change, t.per, t.level, t.year, t.locality,
    )  # fmt: skip


def check(row: dict[str, str], model: str | None) -> None:
    """The targets of the row's text, in the order of the text, with nothing beside them."""
    wanted = expected(row["expected"])
    loose = [w.fields for w in wanted if w.open]
    found = [t for t in extract(row["text"].replace("\\n", "\n"), model=model) if fields_of(t) not in loose]
    wanted = [w for w in wanted if not w.open]
    assert [fields_of(t) for t in found] == [w.fields for w in wanted]
    for target, want in zip(found, wanted, strict=True):
        assert target.level_explicit or not want.explicit, f"the level of {target.value!r} is in the text"
        words = set(re.findall(r"[\w-]+", target.metric.lower()))
        assert want.metric <= words, f"the metric of {target.value!r} is {target.metric!r}"


@pytest.mark.parametrize("model", ["shipped", None], ids=["with the model", "patterns alone"])
@pytest.mark.parametrize("row", cases("targets_en.csv", strict=False))
def test_table_of_english_documents(row: dict[str, str], model: str | None) -> None:
    check(row, model)


@pytest.mark.parametrize("model", ["shipped", None], ids=["with the model", "patterns alone"])
@pytest.mark.parametrize("row", cases("targets_vi.csv", strict=False))
def test_table_of_vietnamese_documents(row: dict[str, str], model: str | None) -> None:
    check(row, model)
