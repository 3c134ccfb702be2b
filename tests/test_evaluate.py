"""Matching and counting: by properties over generated documents, and by cases."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import ROW

from policyextract.errors import DatasetError
from policyextract.evaluate import Counts, Scores, Tally, evaluate, match, report
from policyextract.evaluate.evidence import sentence_at, year_in
from policyextract.evaluate.fields import judge, metric_f1, metric_tokens, stop_words
from policyextract.evaluate.localities import same_locality
from policyextract.evaluate.matching import eligible
from policyextract.types import Lang, Target

TEXT = "By 2030, at least 80% of households will have fibre. In addition, 70% of farms do."
OTHER = replace(ROW, value="70%", start=66, end=69, number=70.0, comparator="=", metric="farms")
# Few values a field and few places, so that rows meet, tie and differ.
rows = st.builds(
    lambda start, **given: replace(ROW, start=start, end=start + 6, **given),
    start=st.integers(-1, 16),
    number=st.sampled_from((50.0, 80.0)),
    unit=st.sampled_from(("percent", "count")),
    metric=st.sampled_from(("households with fibre", "rural households", "farms", "")),
    level=st.sampled_from(("provincial", "district", None)),
    year=st.sampled_from((2025, 2030, None)),
    locality=st.sampled_from(("Hai Duong", "Hai Duong City", None)),
)
documents = st.lists(rows, max_size=6)
corpora = st.dictionaries(st.sampled_from(("en/a.txt", "en/b.txt", "vi/c.txt", "d.txt")), documents)
fast = settings(deadline=None, max_examples=150)


def swapped(tally: Tally) -> Tally:
    turned = {m: getattr(tally, m) for m in ("found", "core", "strict")}
    return replace(tally, **{m: Counts(c.tp, c.fn, c.fp) for m, c in turned.items()})


# --- properties ------------------------------------------------------------------------------------------


@fast
@given(corpus=corpora)
def test_gold_against_itself_is_right_in_everything(corpus: dict[str, list[Target]]):
    scores = evaluate(corpus, corpus)
    for measure in (scores.total.found, scores.total.core, scores.total.strict):
        assert (measure.precision, measure.recall, measure.f1) == (1.0, 1.0, 1.0)
    assert scores.fully_right == len(corpus)
    assert scores.mistakes == []


@fast
@given(pred=documents, gold=documents)
def test_swapping_the_sides_swaps_misses_and_false_alarms(pred: list[Target], gold: list[Target]):
    there = evaluate({"a": pred}, {"a": gold}).total
    back = evaluate({"a": gold}, {"a": pred}).total
    assert back == swapped(there)
    assert (back.found.precision, back.core.recall) == (there.found.recall, there.core.precision)


@fast
@given(pred=corpora, gold=corpora)
def test_two_sets_of_documents_equal_their_sum(pred: dict[str, list[Target]], gold: dict[str, list[Target]]):
    one, two = dict.fromkeys(list(gold)[:2]), dict.fromkeys(list(gold)[2:])
    parts = [evaluate({k: pred.get(k, []) for k in part}, {k: gold[k] for k in part}) for part in (one, two)]
    whole = evaluate({k: pred.get(k, []) for k in gold}, gold)
    assert parts[0] + parts[1] == parts[1] + parts[0] == whole
    assert parts[0].total + parts[1].total == whole.total
    assert Scores() + whole == whole


@fast
@given(pred=documents, gold=documents, data=st.data())
def test_the_order_of_rows_makes_no_difference(pred: list[Target], gold: list[Target], data: st.DataObject):
    gold = [replace(row, optional=data.draw(st.booleans())) for row in gold]
    mixed = data.draw(st.permutations(pred)), data.draw(st.permutations(gold))
    assert evaluate({"a": mixed[0]}, {"a": mixed[1]}) == evaluate({"a": pred}, {"a": gold})


@fast
@given(gold=documents, times=st.integers(1, 3))
def test_copies_of_a_prediction_are_false_alarms(gold: list[Target], times: int):
    found = evaluate({"a": gold * (times + 1)}, {"a": gold}).total.strict
    assert found == Counts(tp=len(gold), fp=times * len(gold))


@fast
@given(pred=documents, gold=documents)
def test_every_row_is_counted_once(pred: list[Target], gold: list[Target]):
    scores = evaluate({"a": pred}, {"a": gold})
    for counts in (scores.total.found, scores.total.core, scores.total.strict):
        assert counts.tp + counts.fp == len(pred)
        assert counts.tp + counts.fn == len(gold)
    for name in ("language", "level", "unit", "year"):
        assert sum(scores.stratum(name).values(), Tally()) == scores.total
    wrong = Counter((m.mistake, m.field) for m in scores.mistakes)
    assert wrong["miss", ""] == scores.total.found.fn
    assert wrong["false alarm", ""] == scores.total.found.fp
    for field in ("value", "level", "year", "locality", "metric"):
        assert wrong["wrong", field] == scores.total.found.tp - getattr(scores.total, field)


@fast
@given(pred=st.lists(rows, max_size=4), gold=st.lists(rows, max_size=4), data=st.data())
def test_no_pairing_is_better(pred: list[Target], gold: list[Target], data: st.DataObject):
    """The matching against all pairings: obligatory rows first, then their quality, then optional rows."""
    gold = [replace(row, optional=data.draw(st.booleans())) for row in gold]

    def worth(pairs: Sequence[tuple[Target, Target]]) -> tuple[int, Fraction, int]:
        obliged = [judge(p, g, "en") for p, g in pairs if not g.optional]
        quality = sum((sum(v.right) + v.f1 for v in obliged), Fraction(0))
        return len(obliged), round(quality, 3), len(pairs) - len(obliged)

    best = max(
        worth([(pred[i], gold[j]) for i, j in zip(some, order, strict=True) if eligible(pred[i], gold[j])])
        for size in range(min(len(pred), len(gold)) + 1)
        for some in itertools.combinations(range(len(pred)), size)
        for order in itertools.permutations(range(len(gold)), size)
    )
    found = match(pred, gold, "en")
    matched = [(pair.pred, pair.gold) for pair in found.pairs]
    count, quality, _ = worth(matched)
    assert (count, quality, len(found.dropped)) == best


@fast
@given(pred=documents, gold=documents, data=st.data())
def test_optional_rows_never_cost(pred: list[Target], gold: list[Target], data: st.DataObject):
    """More optional rows in the gold: nothing that was found is lost, and no false alarm is added."""
    optional = [replace(row, optional=True) for row in data.draw(documents)]
    without = evaluate({"a": pred}, {"a": gold}).total.found
    along = evaluate({"a": pred}, {"a": gold + optional}).total.found
    assert (along.tp, along.fn) == (without.tp, without.fn)
    assert without.fp - len(optional) <= along.fp <= without.fp


# --- matching --------------------------------------------------------------------------------------------


def test_rows_that_share_a_value_are_told_apart_by_their_fields():
    gold = [replace(ROW, level=level, year=year) for level in ("provincial", "district") for year in (1, 2)]
    assert evaluate({"a": gold[::-1]}, {"a": gold}).total.strict == Counts(4)
    off = [replace(gold[0], metric="none of it"), gold[3]]
    counts = evaluate({"a": off}, {"a": gold}).total
    assert (counts.found, counts.strict) == (Counts(2, 0, 2), Counts(1, 1, 3))


def test_what_matches_an_optional_row_counts_neither_for_nor_against():
    optional = replace(OTHER, optional=True)
    assert evaluate({"a": [ROW, OTHER]}, {"a": [ROW, optional]}).total.found == Counts(1)
    assert evaluate({"a": [ROW]}, {"a": [ROW, optional]}).total.found == Counts(1)
    assert evaluate({"a": [OTHER, OTHER]}, {"a": [optional]}).total.found == Counts(fp=1)


def test_an_optional_row_that_fits_better_does_not_take_the_prediction():
    gold = [replace(ROW, year=2025, metric="something else"), replace(ROW, optional=True)]
    assert evaluate({"a": [ROW]}, {"a": gold}).total.found == Counts(1)


def test_the_flag_of_a_prediction_counts_for_nothing():
    assert evaluate({"a": [replace(ROW, optional=True)]}, {"a": [ROW]}).total.strict == Counts(1)
    assert evaluate({"a": [replace(ROW, optional=True)]}, {"a": []}).total.strict == Counts(fp=1)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"start": 20, "end": 25}, True),
        ({"start": 21, "end": 25}, False),
        ({"start": 5, "end": 9}, False),
        ({"start": 5, "end": 40, "number": 3.0}, True),
        ({"start": -1, "end": -1}, True),
        ({"start": 0, "end": 0}, True),
        ({"start": 0, "end": 0, "number": 81.0}, False),
        ({"start": 0, "end": 0, "unit": "count"}, False),
    ],
)
def test_which_rows_may_be_matched(change: dict[str, Any], expected: bool):
    other = replace(ROW, **change)
    assert eligible(ROW, other) is eligible(other, ROW) is expected


# --- fields ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "right", "core"),
    [
        ({}, "value level year locality metric", True),
        ({"number": 79.0}, "level year locality metric", False),
        ({"number_high": 90.0}, "level year locality metric", True),
        ({"number": 80.00000000000001}, "value level year locality metric", True),
        ({"unit": "count"}, "level year locality metric", True),
        ({"comparator": "="}, "level year locality metric", True),
        ({"change": "increase"}, "level year locality metric", True),
        ({"per": "year"}, "level year locality metric", True),
        ({"level": None}, "value year locality metric", True),
        ({"year": 2029}, "value level locality metric", False),
        ({"locality": None}, "value level year metric", True),
        ({"metric": "the households that have a fibre line"}, "value level year locality metric", True),
        ({"metric": "fibre lines of farms"}, "value level year locality", False),
        (
            {"level_explicit": True, "year_start": 2026, "year_kind": "in", "value": "80%"},
            "value level year locality metric",
            True,
        ),
    ],
)
def test_which_fields_are_right(change: dict[str, Any], right: str, core: bool):
    verdict = judge(replace(ROW, **change), ROW, "en")
    names = ("value", "level", "year", "locality", "metric")
    assert " ".join(n for n, yes in zip(names, verdict.right, strict=True) if yes) == right
    assert verdict.core is core
    assert verdict.strict is (len(right.split()) == 5)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Hai Duong", "HAI DUONG", True),
        ("Hải Dương", "Hai Duong Province", True),
        ("tỉnh Hải Dương", "Hải Dương", True),
        ("Ho Chi Minh City", "Ho Chi Minh", True),
        ("TP. Hồ Chí Minh", "Thành phố Hồ Chí Minh", True),
        ("Thừa Thiên-Huế", "Thừa Thiên Huế", True),
        ("Hoà Bình", "Hòa Bình", True),
        ("Hanoi City", "Hanoi", True),
        ("Thành phố Vinh", "Vinh", True),
        ("Bang California", "California", True),
        ("Đà Nẵng", "Da Nang", True),
        ("Hai Duong City", "Hai Duong", False),
        ("Thành phố Hòa Bình", "Hòa Bình", False),
        ("Thành phố Kon Tum", "Kon Tum", False),
        ("New York City", "New York", False),
        ("Mexico City", "Mexico", False),
        ("Mexico State", "Mexico", False),
        ("Quebec City", "Quebec", False),
        ("Hai Duong", "Hai Phong", False),
        ("Vietnam", None, False),
        (None, None, True),
    ],
)
def test_localities(one: str | None, other: str | None, same: bool):
    assert same_locality(one, other) is same_locality(other, one) is same


@pytest.mark.parametrize(
    ("one", "other", "lang", "f1"),
    [
        ("Level 4 online services", "the level-4 online services", "en", 1),
        ("hồ sơ được xử lý trực tuyến", "hồ sơ xử lý trực tuyến", "vi", 1),
        ("an toàn thông tin", "toàn thông tin", "vi", Fraction(6, 7)),
        ("farms", "households", "en", 0),
        ("", "", "en", 1),
        ("of the", "", "en", 1),
        ("", "farms", "en", 0),
        ("new new", "new", "en", Fraction(2, 3)),
    ],
)
def test_metric_token_f1(one: str, other: str, lang: Lang, f1: Fraction):
    assert metric_f1(one, other, lang) == metric_f1(other, one, lang) == f1


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_stop_words_are_single_folded_words(lang: Lang):
    words = stop_words(lang)
    assert len(words) > 50
    assert all(list(metric_tokens(word, "vi" if lang == "en" else "en")) in ([word], []) for word in words)
    assert not words & {"not", "no", "new", "không", "mới", "trung", "quốc"}


# --- corpora ---------------------------------------------------------------------------------------------


def test_documents_without_gold_are_named_and_not_scored():
    scores = evaluate([ROW, replace(ROW, doc="b"), replace(ROW, doc="c")], [ROW])
    assert (scores.total.found, scores.unscored) == (Counts(1), {"b", "c"})
    assert "without gold, not scored: b, c" in report(scores)


def test_names_that_never_meet_are_an_error():
    with pytest.raises(DatasetError, match=r"such as 'corpus/en/a.txt', where gold has 'en/a.txt'"):
        evaluate([replace(ROW, doc="corpus/en/a.txt")], [ROW])
    assert evaluate([], [ROW]).total.found == Counts(fn=1)


def test_a_document_is_fully_right_if_nothing_is_missed_wrong_or_too_many():
    gold = {"a": [ROW], "b": [], "c": [ROW], "d": [], "e": [replace(ROW, optional=True)]}
    pred = {"a": [ROW], "c": [replace(ROW, year=2031)], "d": [ROW]}
    assert evaluate(pred, gold).fully_right == 3  # a, b, e


def test_only_one_language():
    gold = {
        "en/a.txt": [ROW],
        "vi/b.txt": [ROW],
        "c.txt": [replace(ROW, metric="hộ gia đình")],
        "d.txt": [ROW],
    }
    scores = evaluate({}, gold)
    assert sorted(scores.only("vi").documents) == ["c.txt", "vi/b.txt"]
    assert scores.only("vi") + scores.only("en") == scores
    assert scores.stratum("language")["vi"] == scores.only("vi").total


def test_intervals():
    gold = {f"en/{i}": [ROW, OTHER] for i in range(30)}
    pred = {f"en/{i}": [ROW] if i % 3 else [ROW, OTHER] for i in range(30)}
    scores = evaluate(pred, gold)
    found = scores.intervals()
    assert found == scores.intervals(seed=0)
    assert scores.intervals(resamples=9, seed=0) != scores.intervals(resamples=9, seed=1)
    assert found["found"]["precision"] == (1.0, 1.0)
    low, high = found["found"]["recall"]
    assert low < scores.total.found.recall < high
    # Twenty of thirty documents have half: the spread that the binomial gives, twice its standard deviation.
    assert high - low == pytest.approx(2 * 1.96 * (2 / 9 / 30) ** 0.5 / 2, rel=0.15)
    assert Scores().intervals()["strict"]["f1"] == (1.0, 1.0)
    nothing = evaluate({"a": []}, {"a": [ROW], "b": []}).intervals()
    assert nothing["found"]["f1"] == (0.0, 1.0)


@pytest.mark.parametrize(
    ("counts", "rates"),
    [
        (Counts(), (1.0, 1.0, 1.0)),
        (Counts(0, 2, 0), (0.0, 0.0, 0.0)),
        (Counts(0, 0, 2), (0.0, 0.0, 0.0)),
        (Counts(3, 1, 0), (0.75, 1.0, 6 / 7)),
    ],
)
def test_rates(counts: Counts, rates: tuple[float, float, float]):
    assert (counts.precision, counts.recall, counts.f1) == pytest.approx(rates)


def test_year_explicit_or_inherited():
    assert sentence_at(TEXT, ROW) == "By 2030, at least 80% of households will have fibre."
    assert sentence_at(TEXT, OTHER) == "In addition, 70% of farms do."
    assert year_in(ROW, sentence_at(TEXT, ROW)) == "explicit"
    assert year_in(OTHER, sentence_at(TEXT, OTHER)) == "inherited"
    assert year_in(replace(ROW, year=None), TEXT) == "none"
    assert year_in(ROW, sentence_at(None, ROW)) == "unknown"
    assert year_in(ROW, "in the period 2026-30, at least 80%") == "explicit"
    assert year_in(ROW, "Decision 12030: 30 % by 2025") == "inherited"
    scores = evaluate({"a": [ROW]}, {"a": [ROW, OTHER]}, texts={"a": TEXT})
    assert {k: t.found for k, t in scores.stratum("year").items()} == {
        "explicit": Counts(1),
        "inherited": Counts(fn=1),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It rose by 3.5% a year. TP. Vinh plans |80%| by 2025! Then", "TP. Vinh plans |80%| by 2025!"),
        ("Title\n- all |80%| of it; more\nnext", "- all |80%| of it; more"),
        ("“Fine.” He said |80%|.", "He said |80%|."),
        ("Mr. Nguyen, Dr. Tran want |80%| (No. 5). Đến nay", "Mr. Nguyen, Dr. Tran want |80%| (No. 5)."),
    ],
)
def test_sentences(text: str, sentence: str):
    start, end = text.index("|"), text.rindex("|") - 1
    row = replace(ROW, start=start, end=end)
    assert sentence_at(text.replace("|", ""), row) == sentence.replace("|", "")


# --- what comes out --------------------------------------------------------------------------------------


def test_errors_stand_beside_their_evidence():
    pred = [
        replace(ROW, year=2025, locality=None, target_id="t1"),
        replace(OTHER, start=0, end=2, value="=By"),
    ]
    scores = evaluate({"en/a.txt": pred}, {"en/a.txt": [ROW, OTHER]}, texts={"en/a.txt": TEXT})
    lines = list(csv.DictReader(io.StringIO(scores.errors_csv(), newline="")))
    said = [(r["mistake"], r["field"], r["value"], r["gold"], r["predicted"]) for r in lines]
    assert said == [
        ("false alarm", "", "'=By", "", "'= 70 percent | provincial | 2030 | Hai Duong | farms"),
        ("wrong", "locality", "at least 80%", "Hai Duong", "none"),
        ("wrong", "year", "at least 80%", "2030", "2025"),
        ("miss", "", "70%", "'= 70 percent | provincial | 2030 | Hai Duong | farms", ""),
    ]
    assert [r["sentence"] for r in lines] == [*[TEXT[:52]] * 3, TEXT[53:]]
    assert lines[1]["target_id"] == "t1"
    assert lines[1]["metric_f1"] == "1.00"


def test_rows_to_accept_unseen_are_counted_with_how_many_of_them_are_right():
    sure = [replace(ROW, auto_accept=True), replace(OTHER, year=2029, auto_accept=True)]
    scores = evaluate({"en/a": [*sure, replace(ROW, start=900, end=903)]}, {"en/a": [ROW, OTHER]})
    assert (scores.total.auto, scores.total.auto_right) == (2, 1)
    assert "marked auto_accept: 2 rows, 0.667 of the predicted, 0.500 right in every field" in report(scores)
    assert json.loads(scores.as_json())["auto_accept"] == {"rows": 2, "right": 1}
    assert "auto_accept" not in report(evaluate({"en/a": [ROW]}, {"en/a": [ROW]}))


def test_report_and_json_tell_the_same():
    scores = evaluate({"en/a": [ROW, OTHER], "en/b": []}, {"en/a": [ROW], "en/b": [OTHER]})
    text, data = report(scores), json.loads(scores.as_json())
    assert "documents 2, fully right 0; gold rows 2, predicted rows 2" in text
    assert text.splitlines()[3].startswith("found   0.500 [")
    assert data["scores"]["found"]["tp"] == 1
    assert data["scores"]["found"]["precision"] == 0.5
    assert data["given_found"]["metric"] == {"right": 1, "share": 1.0}
    assert data["strata"]["unit"]["percent"]["strict"]["fn"] == 1
    assert data["by_document"]["en/b"]["found"] == {
        "tp": 0, "fp": 0, "fn": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0,
    }  # fmt: skip
    assert data["documents_fully_right"] == 0
    assert report(Scores())
    assert json.loads(Scores().as_json())["given_found"]["metric_token_f1"] is None
