"""Texts and rows that break tools which count characters otherwise, for tests of exchange."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import get_args

from hypothesis import strategies as st

from policyextract import dataset
from policyextract.types import (
    Change,
    Comparator,
    Document,
    Evidence,
    Level,
    Target,
    Unit,
    YearKind,
)

_PIECES = st.sampled_from(
    [
        "90%",
        "at least",
        "tỉnh",
        "Hải Dương",
        "🙂",
        "👩‍👩‍👧",
        "𝟗𝟎",
        "x\u0301\u0323",
        "\t",
        "\n",
        "\n\n",
        " ",
        "  ",
        "\u00a0",
        "\u2028",
        "\u200b",
        "\ufeff",
        "đ",
        "Ế",
        ".",
        ",",
        "-",
        "'s",
        "don't",
        "e.g.",
        "\x0b",
        "\x85",
        "=1+1",
        "<b>&amp;",
        '"',
        "\\n",
        "2030",
        "1,5",
        "м",
        "日本",
        "ﷺ",
    ]
)
TEXTS = st.lists(
    _PIECES | st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=25
)
_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_YEARS = st.integers(1000, 9999)


@dataclass(frozen=True)
class Case:
    """A document with rows, as an extraction might have them."""

    document: Document
    targets: list[Target]


@st.composite
def spans(draw: st.DrawFn, text: str) -> tuple[int, int]:
    start = draw(st.integers(0, len(text) - 1))
    return start, draw(st.integers(start + 1, min(len(text), start + 8)))


@st.composite
def cases(draw: st.DrawFn, name: str = "a.txt") -> Case:
    text = unicodedata.normalize("NFC", "".join(draw(TEXTS)))
    document = Document(text, name, draw(st.sampled_from(["en", "vi"])))
    rows = [draw(_targets(document)) for _ in range(draw(st.integers(0, 4)))]
    return Case(document, dataset.identify(sorted(rows, key=lambda row: (row.start, row.end))))


@st.composite
def _targets(draw: st.DrawFn, document: Document) -> Target:
    start, end = draw(spans(document.text))
    number = draw(st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 10**13).map(float))
    year = draw(st.none() | _YEARS)
    evidence = [
        Evidence(field, *draw(spans(document.text)))
        for field in draw(st.lists(st.sampled_from(["metric", "level", "year", "locality"]), max_size=4))
    ]
    return Target(
        doc=document.path,
        value=document.text[start:end],
        start=start,
        end=end,
        number=number,
        number_high=draw(st.none() | st.floats(number, allow_nan=False, allow_infinity=False)),
        unit=draw(st.sampled_from(get_args(Unit))),
        comparator=draw(st.sampled_from(get_args(Comparator))),
        change=draw(st.sampled_from([None, *get_args(Change)])),
        per=draw(st.sampled_from([None, "year"])),
        metric=draw(_WORDS),
        level=draw(st.sampled_from([None, *get_args(Level)])),
        level_explicit=draw(st.booleans()),
        year=year,
        year_start=None if year is None else draw(st.none() | st.integers(1000, year)),
        year_kind=None if year is None else draw(st.sampled_from([None, *get_args(YearKind)])),
        locality=draw(st.none() | _WORDS),
        optional=draw(st.booleans()),
        confidence=draw(st.none() | st.floats(0, 1)),
        evidence=tuple(evidence),
    )


def renamed(case: Case, name: str) -> Case:
    document = replace(case.document, path=name)
    rows = [replace(row, doc=name, target_id="") for row in case.targets]
    return Case(document, dataset.identify(rows))
