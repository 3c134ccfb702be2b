"""Made-up documents: their gold is grounded, their figures are found, and the grammars hold what they promise."""

from __future__ import annotations

import unicodedata
from functools import cache
from random import Random
from typing import get_args

import pytest

from policyextract import patterns
from policyextract.training.generate import generated, grammar
from policyextract.training.generate_values import metrics_of
from policyextract.types import Document, Lang, Target

LANGS = get_args(Lang)


@cache
def made(lang: Lang) -> list[tuple[Document, list[Target]]]:
    return [generated(lang, Random(f"test {seed}")) for seed in range(60)]


def overlap(row: Target, start: int, end: int) -> bool:
    return row.start < end and start < row.end


@pytest.mark.parametrize("lang", LANGS)
def test_the_same_seed_writes_the_same_document(lang: Lang) -> None:
    assert generated(lang, Random(7)) == generated(lang, Random(7))
    assert generated(lang, Random(7))[0].text != generated(lang, Random(8))[0].text


@pytest.mark.parametrize("lang", LANGS)
def test_rows_are_grounded_in_a_text_of_the_promised_length(lang: Lang) -> None:
    for document, rows in made(lang):
        assert 800 <= len(document.text) <= 2500
        assert unicodedata.is_normalized("NFC", document.text)
        assert (
            "{" not in document.text
            and "<" not in document.text.replace("< ", "")
            and "[" not in document.text
        )
        for row in rows:
            assert document.text[row.start : row.end] == row.value != ""
            assert row.doc == document.path


@pytest.mark.parametrize("lang", LANGS)
def test_metrics_are_words_of_the_text_without_the_value(lang: Lang) -> None:
    for document, rows in made(lang):
        for row in rows:
            assert row.metric and set(row.metric.split()) <= set(document.text.replace("\n", " ").split()) | {
                word.strip(',;:.()"') for word in document.text.split()
            }
            assert row.value not in row.metric.split()


@pytest.mark.parametrize("lang", LANGS)
def test_the_patterns_find_nearly_every_value_and_many_that_are_none(lang: Lang) -> None:
    found = total = 0
    for document, rows in made(lang):
        values = [span for span in patterns.find(document) if span.label == "VALUE"]
        found += sum(any(overlap(row, v.start, v.end) for v in values) for row in rows)
        total += len(rows)
        free = [v for v in values if not any(overlap(row, v.start, v.end) for row in rows)]
        assert 3 * len(free) >= len(rows), document.text
    assert found >= 0.95 * total


@pytest.mark.parametrize("lang", LANGS)
def test_no_row_is_there_twice(lang: Lang) -> None:
    for _, rows in made(lang):
        keys = [(row.start, row.end, row.level, row.year, row.locality) for row in rows]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("lang", LANGS)
def test_localities_are_named_in_the_text_and_organisations_have_none(lang: Lang) -> None:
    homeless = 0
    for document, rows in made(lang):
        homeless += all(row.locality is None for row in rows)
        for row in rows:
            assert (row.locality is None) == (row.level is None)
            assert row.locality is None or row.locality.casefold() in document.text.casefold()
    assert 0 < homeless < 20


@pytest.mark.parametrize("lang", LANGS)
def test_every_kind_of_row_turns_up(lang: Lang) -> None:
    rows = [row for _, found in made(lang) for row in found]
    assert {row.unit for row in rows} == {
        "percent",
        "count",
        "rank",
        "currency",
        "multiple",
        "score",
        "quantity",
    }
    assert {row.comparator for row in rows} == {"=", ">=", ">", "<=", "<", "~"}
    assert {row.year_kind for row in rows} >= {"by", "in", "from", "period"}
    assert {row.level for row in rows} == {"national", "provincial", "district", "commune", None}
    assert {row.change for row in rows} == {"increase", "decrease", None}
    assert any(row.number_high for row in rows) and any(row.per for row in rows)
    assert any(row.optional for row in rows) and any(row.level_explicit for row in rows)


@pytest.mark.parametrize("lang", LANGS)
def test_the_grammar_is_as_rich_as_it_should_be(lang: Lang) -> None:
    words = grammar(lang)
    assert len(words["sector"]) >= 14
    for sector in words["sector"]:
        metrics = metrics_of(sector) + metrics_of({"share": sector.get("admin", ())})
        assert len(metrics) >= 10, sector["topic"]
        assert all(metric.low < metric.high for metric in metrics)
    assert sum(map(len, words["targets"].values())) >= 40
    assert sum(map(len, words["traps"].values())) >= 40


def test_homes_are_called_by_the_names_given() -> None:
    names = {
        ("vi", "provincial", "GSO-VN "): ["Vạn Hoa"],
        ("vi", "district", "GSO-VN "): ["Cổ Lũng", "Mai Khê"],
    }
    texts = [generated("vi", Random(seed), names)[0].text for seed in range(30)]
    assert sum("Vạn Hoa" in text or "Cổ Lũng" in text or "Mai Khê" in text for text in texts) >= 6
