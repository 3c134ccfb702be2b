"""Marked text: nothing of the document is lost, changed or run as code."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from policyextract.pipeline import document_of, extract
from policyextract.read import read
from policyextract.show import FIELDS, as_html, as_terminal, pieces, reading
from policyextract.types import Document, Evidence, Target

CORPUS = Path(__file__).parents[1] / "corpus"
TEXT = "Title\nBy 2025, at least 90% of communes in Hai Duong and 80% of wards will be <b>online</b> & well."


def target(start: int, end: int, *evidence: Evidence, text: str = TEXT) -> Target:
    return Target(
        doc="a.txt", value=text[start:end], start=start, end=end, number=1.0, number_high=None, unit="count",
        comparator="=", change=None, per=None, metric="m", level=None, level_explicit=False, year=None,
        year_start=None, year_kind=None, locality=None, evidence=evidence,
    )  # fmt: skip


spans = st.tuples(st.integers(0, 60), st.integers(1, 40))
evidence = st.lists(st.tuples(st.sampled_from([*FIELDS, "other"]), spans), max_size=4)
rows = st.lists(st.tuples(spans, evidence), max_size=6)


@given(rows)
@settings(deadline=None)
def test_pieces_make_up_the_text_and_show_every_mark(drawn):
    targets = [target(s, s + n, *(Evidence(f, a, a + b) for f, (a, b) in marks)) for (s, n), marks in drawn]
    found = list(pieces(TEXT, targets))
    assert "".join(piece.text for piece in found) == TEXT
    at = 0
    for piece in found:
        for row, one in enumerate(targets, 1):
            marks = [("value", one.start, one.end), *((e.field, e.start, e.end) for e in one.evidence)]
            over = {f for f, a, b in marks if f in FIELDS and a <= at < b <= len(TEXT)}
            assert over <= set(piece.fields)
            assert bool(over) == (row in piece.rows)
        at += len(piece.text)


def test_overlapping_fields_keep_both_marks():
    found = list(pieces("0123456789", [target(0, 6, Evidence("metric", 4, 10), text="0123456789")]))
    assert [(p.text, p.fields, p.ends) for p in found] == [
        ("0123", ("value",), ()),
        ("45", ("value", "metric"), (1,)),
        ("6789", ("metric",), ()),
    ]


def test_html_holds_the_text_escaped_and_nothing_from_elsewhere():
    document = document_of(TEXT.replace("Title", "<script>alert('x')</script> $title"))
    page = as_html(document, extract(document))
    assert "<script>alert" not in page
    assert "<b>online" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "@import" not in page and "url(" not in page
    article = page[page.index("<article>") + 9 : page.index("</article>")]
    assert unescape(re.sub(r"<sup>.*?</sup>|<[^>]+>", "", article)) == document.text


@pytest.mark.parametrize("name", ["en/en-dx-02.txt", "vi/vi-02.txt"])
def test_html_links_each_value_with_its_row(name: str):
    document = read(CORPUS / name)
    targets = extract(document)
    page = as_html(document, targets)
    assert targets
    for row in range(1, len(targets) + 1):
        assert page.count(f'id="row-{row}"') == page.count(f'href="#row-{row}"') == 1
        assert page.count(f'id="value-{row}"') == page.count(f'href="#value-{row}"') == 1
    assert f'<html lang="{document.lang}">' in page


def test_terminal_shows_the_whole_text_and_the_rows():
    document = document_of(TEXT)
    targets = extract(document)
    console = Console(width=140, record=True, file=StringIO())
    console.print(as_terminal(document, targets))
    shown = console.export_text()
    assert "By 2025, at least 90%[1] of communes in Hai Duong and 80%[2] of wards" in shown
    assert re.search(r"at least 90%\s+≥ 90 %\s+", shown)


def test_pages_are_named_where_there_are_several():
    document = Document(TEXT, "a.pdf", "en", pages=(0, 30))
    row = replace(target(9, 13), page=2)
    assert "<th>page</th><th>sure</th>" in as_html(document, [row])
    assert "<td>2</td><td>–</td></tr>" in as_html(document, [row])
    assert "<th>page</th>" not in as_html(replace(document, pages=(0,)), [row])


def test_markup_of_rich_in_the_text_is_text():
    document = document_of("By 2025, 90% of [red]communes[/red] and [/bold] wards in Vietnam will be online.")
    console = Console(width=140, record=True, file=StringIO())
    console.print(as_terminal(document, extract(document)))
    assert "[red]communes[/red] and [/bold] wards" in console.export_text()


def test_no_targets_and_no_date():
    document = Document("Nothing here.", "a.txt", "en")
    assert "0 targets" in as_html(document, [])
    assert "no date" in as_html(document, [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"number": 90.0, "unit": "percent", "comparator": ">="}, "≥ 90 %"),
        ({"number": 20.0, "number_high": 30.0, "unit": "percent", "change": "decrease"}, "down 20–30 %"),
        ({"number": 1500000000000.0, "unit": "currency"}, "1,500,000,000,000 (money)"),
        ({"number": 0.0}, "0"),
        ({"number": 7.5, "unit": "percent", "per": "year", "change": "increase"}, "up 7.5 % a year"),
        ({"number": 20.0, "unit": "rank", "comparator": "<="}, "≤ 20 (rank)"),
    ],
)
def test_reading(changes, expected):
    assert reading(replace(target(0, 1), **changes)) == expected
