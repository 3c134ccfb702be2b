"""Spans of values, look-alikes, years, levels and cues."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise

import pytest
from cases import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract.errors import LexiconError
from policyextract.lexicon import tokenise
from policyextract.patterns import find
from policyextract.patterns.cues import find_cues
from policyextract.patterns.grammar import Grammar
from policyextract.patterns.levels import find_levels
from policyextract.patterns.values import find_values
from policyextract.patterns.years import find_years
from policyextract.types import Document, Lang, Span


def values(text: str, lang: Lang) -> list[Span]:
    return [s for s in find_values(tokenise(text, lang), lang) if s.label == "VALUE"]


def number(raw: str | None) -> float | None:
    return float(raw) if raw else None


def check_value(row: dict[str, str], lang: Lang) -> None:
    """The one value of the row's text, or none, where the row names none."""
    text = row["text"]
    found = [
        {
            "value": text[s.start : s.end],
            "number": number(s.attr("number")),
            "number_high": number(s.attr("number_high")),
            "unit": s.attr("unit"),
            "comparator": s.attr("comparator") or "=",
            "change": s.attr("change") or "",
            "kind": s.attr("kind"),
        }
        for s in values(text, lang)
    ]
    names = ("value", "unit", "comparator", "change", "kind")
    numbers = {name: number(row[name]) for name in ("number", "number_high")}
    assert found == ([{name: row[name] for name in names} | numbers] if row["value"] else [])


@pytest.mark.parametrize("row", cases("values_en.csv"))
def test_table_of_english_values(row: dict[str, str]) -> None:
    check_value(row, "en")


@pytest.mark.parametrize("row", cases("values_vi.csv"))
def test_table_of_vietnamese_values(row: dict[str, str]) -> None:
    check_value(row, "vi")


@pytest.mark.parametrize("row", cases("years.csv"))
def test_table_of_years(row: dict[str, str]) -> None:
    text, lang = row["text"], row["lang"]
    tokens = tokenise(text, lang)  # type: ignore[arg-type]
    masks = [s for s in find_values(tokens, lang) if s.label == "MASK"]  # type: ignore[arg-type]
    date = dt.date.fromisoformat(row["date"]) if row["date"] else None
    found = [
        {
            "span": text[s.start : s.end],
            "year": s.attr("year") or "",
            "year_start": s.attr("start") or "",
            "kind": s.attr("kind"),
            "resolve": s.attr("resolve"),
        }
        for s in find_years(tokens, lang, date, masks)  # type: ignore[arg-type]
        if s.attr("resolve") != "plan"  # the word for a period beside the period itself
    ]
    names = ("span", "year", "year_start", "kind", "resolve")
    assert found == ([{name: row[name] for name in names}] if row["span"] else [])


@pytest.mark.parametrize("row", cases("levels.csv"))
def test_table_of_levels(row: dict[str, str]) -> None:
    text, lang = row["text"], row["lang"]
    spans = find_levels(tokenise(text, lang), lang)  # type: ignore[arg-type]
    found = [(text[s.start : s.end], s.attr("levels"), s.attr("role")) for s in spans]
    assert found == ([(row["span"], row["levels"], row["role"])] if row["span"] else [])


@pytest.mark.parametrize("row", cases("cues.csv"))
def test_table_of_cues(row: dict[str, str]) -> None:
    text, lang = row["text"], row["lang"]
    spans = find_cues(tokenise(text, lang), lang)  # type: ignore[arg-type]
    assert all(text[s.start : s.end].lower() == s.attr("word") for s in spans)
    assert sorted({s.attr("class") or "" for s in spans}) == sorted(filter(None, row["classes"].split(";")))
    assert [s.attr("word") for s in spans] == list(filter(None, row["words"].split(";")))


def test_equal_values_of_one_sentence_stay_apart() -> None:
    text = "The goal is 80 percent of homes and 80 percent of schools."
    first, second = values(text, "en")
    assert text[first.start : first.end] == text[second.start : second.end] == "80 percent"
    assert first.end < second.start


def test_values_of_a_list_are_found_one_by_one() -> None:
    text = "It is 90 % at provincial level, 80.5 % at district level and 1,200 in towns."
    assert [s.attr("number") for s in values(text, "en")] == ["90.0", "80.5", "1200.0"]


def test_a_value_says_what_it_covers_without_its_comparator() -> None:
    text = "Coverage of at least 90 percent is the goal."
    (found,) = values(text, "en")
    first, last = map(int, (found.attr("core") or "").split(":"))
    assert (text[found.start : found.end], text[first:last]) == ("at least 90 percent", "90 percent")


def test_masks_name_the_look_alike() -> None:
    text = "Decision 749 came in the first quarter."
    spans = find_values(tokenise(text, "en"), "en")
    assert [(s.label, text[s.start : s.end]) for s in spans] == [
        ("MASK", "Decision 749"),
        ("MASK", "first quarter"),
    ]


def test_a_figure_with_its_unit_outranks_a_look_alike() -> None:
    text = "Result of goal 3: 80 percent of homes."
    assert [text[s.start : s.end] for s in values(text, "en")] == ["80 percent"]


def test_all_labels_come_in_the_order_of_the_text() -> None:
    text = "By 2030, Hung Yen province strives to reach 90 percent at district level under Plan 227/KH-UBND."
    spans = find(Document(text, "test.txt", "en", date=dt.date(2025, 4, 1)))
    assert [(s.start, s.end) for s in spans] == sorted((s.start, s.end) for s in spans)
    found = {(s.label, text[s.start : s.end]) for s in spans}
    assert {
        ("YEAR", "2030"),
        ("CUE", "strives to"),
        ("VALUE", "90 percent"),
        ("LEVEL", "district level"),
        ("MASK", "227/KH"),
        ("PLACE", "Hung Yen province"),
    } <= found
    assert {s.label for s in spans} >= {"HOME", "NATION"}


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("text", ["", " \n ", "...", "\u200b"])
def test_texts_without_words_have_no_values_nor_years(text: str, lang: Lang) -> None:
    labels = {s.label for s in find(Document(text, "test.txt", lang, date=dt.date(2025, 4, 1)))}
    assert not labels & {"VALUE", "YEAR", "LEVEL", "CUE", "MASK", "PLACE"}


def test_a_pattern_may_only_name_classes_of_a_table() -> None:
    with pytest.raises(LexiconError, match="pattern odd names the class NOSUCH"):
        Grammar("en", [{"id": "odd", "pattern": "NUM NOSUCH"}], {})


def test_the_longest_match_of_a_rule_is_given() -> None:
    grammar = Grammar("en", [{"id": "oaks", "pattern": "NUM TREE+"}], {"TREE": ["oak", "oaks"]})
    (found,) = grammar.match(("plant", "12", "oak", "oaks", "here"))
    assert (found.id, found.first, found.last) == ("oaks", 1, 4)


PIECES = st.sampled_from(
    [
        *("80%", "at least", "1,200", "7,5", "between", "and", "to", "2026-2030", "VND", "billion", "top 20"),
        *(
            "half",
            "two thirds",
            "nine in ten",
            "double",
            "all",
            "zero",
            "level 4",
            "by 2030",
            "MW",
            "3/4",
            "1/0",
        ),
        *("từ", "đến", "tỷ đồng", "gấp đôi", "một nửa", "hai phần ba", "trở lên", "thứ ba", "năm", "cấp xã"),
        *("from", "or more", "0", "99999999999999999999", "5 to 2 times", "2025/26", "tháng 13", "next year"),
    ]
)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=12).map(" ".join),
    st.sampled_from(["en", "vi"]),
    st.sampled_from([None, dt.date(2025, 4, 1)]),
)
def test_spans_lie_in_the_text_and_make_sense(text: str, lang: Lang, date: dt.date | None) -> None:
    tokens = tokenise(text, lang)
    found = find_values(tokens, lang)
    years = find_years(tokens, lang, date, [s for s in found if s.label == "MASK"])
    levels = find_levels(tokens, lang)
    for s in (*found, *years, *levels, *find_cues(tokens, lang)):
        assert 0 <= s.start < s.end <= len(text)
    for spans in (years, levels):
        assert all(one.end <= two.start for one, two in pairwise(spans))
    for s in found:
        if s.label == "VALUE":
            assert 0 <= float(s.attr("number") or "nan") < math.inf
            high = s.attr("number_high")
            assert high is None or float(high) > float(s.attr("number") or "nan")
    for s in years:
        year, start = s.attr("year"), s.attr("start")
        assert year is None or 1950 <= int(year) <= 2130
        assert start is None or int(start) < int(year or 0)
