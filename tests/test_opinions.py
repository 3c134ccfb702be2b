"""What the reading model says becomes features: shares by meaning, agreement of metrics, one more option."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from policyextract.assemble import certainty, levels, opinions, weigh
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import Option
from policyextract.types import Document, Span, Told

TEXT = "In 2024 the share of poor homes fell; by 2030, and again 2030, it is to be 5%."
VALUE = Span(TEXT.index("5%"), TEXT.index("5%") + 2, "VALUE", "v")
WORDS = ["In", "2024", "the", "share", "of", "poor", "homes", "fell", ";", "by", "2030", "again", "5"]


def year(at: int, name: str) -> Span:
    return Span(at, at + 4, "YEAR", "y", (("year", name),))


YEARS = [
    year(TEXT.index("2024"), "2024"),
    year(TEXT.index("2030"), "2030"),
    year(TEXT.rindex("2030"), "2030"),
]


def made(metric: dict[str, float] | None = None, pointed: dict[int, float] | None = None) -> Reading:
    starts, at = [], 0
    for word in WORDS:
        at = TEXT.index(word, at)
        starts.append(at)
    at = TEXT.rindex("2030")
    starts.insert(-1, at)
    words = [*WORDS[:-1], "2030", WORDS[-1]]
    ends = [start + len(word) for start, word in zip(starts, words, strict=True)]
    shares = {
        "metric": np.array([(metric or {}).get(word, 0.0) for word in words], dtype=np.float32),
        "year": np.array([(pointed or {}).get(start, 0.0) for start in starts], dtype=np.float32),
    }
    told = Told(
        1.5,
        np.array(starts),
        np.array(ends),
        np.array([any(map(str.isalnum, w)) for w in words]),
        shares,
        {"year": 0.05},
    )
    reading = Reading.of(Document(TEXT, "x", "en"), [], [*YEARS, VALUE])
    reading.told = {(VALUE.start, VALUE.end): told}
    return reading


def numbers(option: Option) -> dict[str, float]:
    return {name: float(n) for name, _, n in (f.partition("#") for f in option.features) if n}


def test_mentions_that_mean_the_same_share_what_is_pointed_at_them() -> None:
    reading = made(pointed={YEARS[0].start: 0.3, YEARS[1].start: 0.35, YEARS[2].start: 0.25})
    options = [Option(YEARS[0], ()), Option(YEARS[1], ()), Option(None, ("none",))]
    found = opinions.of_options(reading, VALUE, "year", "YEAR", options, lambda s: s.attr("year"))
    assert [numbers(o)["model"] for o in found] == [
        pytest.approx(math.log(share + 1e-3), abs=1e-3) for share in (0.3, 0.6, 0.05)
    ]
    assert [opinions.SAID in o.features for o in found] == [False, True, False]
    assert found[2].features[0] == "none"


def test_without_a_model_nothing_is_added() -> None:
    reading = made()
    reading.told = {}
    options = [Option(YEARS[0], ("a",))]
    assert opinions.of_options(reading, VALUE, "year", "YEAR", options, lambda s: s.attr("year")) == options
    assert list(opinions.target_features(reading, VALUE)) == []
    assert opinions.own_metric(reading, VALUE) == ()
    assert opinions.metric_features(reading, VALUE, [((0, 2),)]) == [()]


def test_the_words_the_model_marks_are_a_metric_of_their_own() -> None:
    reading = made(metric={"share": 0.9, "of": 0.4, "poor": 0.8, "homes": 0.7, "fell": 0.2, "5": 0.9})
    pieces = opinions.own_metric(reading, VALUE)
    assert [TEXT[a:b] for a, b in pieces] == ["share of poor homes"]


def kinds(**shares: dict[str, float]) -> Reading:
    reading = made()
    told = reading.told[VALUE.start, VALUE.end]
    reading.told = {(VALUE.start, VALUE.end): dataclasses.replace(told, kinds=shares)}
    return reading


def test_a_change_is_weighed_by_what_the_model_holds_of_it() -> None:
    reading = kinds(change={"": 0.2, "increase": 0.1, "decrease": 0.7})
    options = [Option(None, ("null",)), Option("increase", ("up",)), Option("decrease", ("down",))]
    found = opinions.of_kinds(reading, VALUE, "change", options)
    assert [numbers(o)["model"] for o in found] == [
        pytest.approx(math.log(share + 1e-3), abs=1e-3) for share in (0.2, 0.1, 0.7)
    ]
    assert opinions.of_kinds(reading, VALUE, "per", options) == options, "nothing was said of that"


def test_the_unit_of_the_model_stands_beside_that_of_the_patterns_only_if_it_is_another() -> None:
    other = kinds(unit={"percent": 0.1, "count": 0.9})
    assert [o.payload for o in opinions.kind_options(other, VALUE, "unit", "percent", None)] == [
        "percent",
        "count",
    ]
    same = kinds(unit={"percent": 0.8, "count": 0.2})
    assert [o.payload for o in opinions.kind_options(same, VALUE, "unit", "percent", None)] == ["percent"]
    assert opinions.kind_options(made(), VALUE, "unit", "percent", None) == [Option("percent", ())]


def test_places_and_level_words_are_weighed_by_the_level_that_the_model_holds() -> None:
    reading = kinds(level={"": 0.1, "national": 0.2, "provincial": 0.3, "district": 0.4, "commune": 0.0})
    options = [Option("provincial,district", ("word",)), Option("national", ()), Option(None, ())]
    found = opinions.of_levels(reading, VALUE, options, lambda said: (said or "").split(","))
    assert [numbers(o)["model-level"] for o in found] == [
        pytest.approx(math.log(share + 1e-3), abs=1e-3) for share in (0.7, 0.2, 0.1)
    ]
    assert opinions.of_levels(made(), VALUE, options, lambda said: [""]) == options, "no model, nothing said"


def test_a_locality_may_stand_for_another_level_where_the_model_says_so() -> None:
    reading = kinds(level={"": 0.0, "provincial": 0.9, "district": 0.1})
    town = Span(0, 2, "PLACE", "p", (("name", "Nyeri"), ("level", "district")))
    assert [o.payload for o in levels.own_options(reading, VALUE, town)] == ["district", "provincial"]
    assert [o.payload for o in levels.own_options(reading, VALUE, None)] == ["", "provincial"]
    assert [o.payload for o in levels.own_options(made(), VALUE, town)] == ["district"]


def test_a_metric_is_as_good_as_it_agrees_with_the_pieces() -> None:
    reading = made(metric={"share": 1.0, "of": 1.0, "poor": 1.0, "homes": 1.0})
    at = TEXT.index("share of")
    right, half, wrong = ((at, at + 19),), ((at, at + 5),), ((0, 7),)
    scores = [
        {f.partition("#")[0]: f.partition("#")[2] for f in features if "#" in f}
        for features in opinions.metric_features(reading, VALUE, [right, half, wrong])
    ]
    assert [float(s["model-f1"]) for s in scores] == [1.0, pytest.approx(0.4), 0.0]
    assert float(scores[1]["model-recall"]) == 0.25 and float(scores[1]["model-precision"]) == 1.0
    assert float(scores[2]["model-behind"]) == 1.0


def test_numbers_of_features_are_weighed() -> None:
    with weigh.fitted({"target": {"model": 2.0, "bias": -1.0}}):
        assert weigh.score("target", ("bias", "model#1.500", "unknown#9")) == pytest.approx(2.0)


def test_confidence_is_the_target_probability_until_it_is_fitted() -> None:
    signs = certainty.signs(0.8, {"year": 0.9, "metric": 0.6}, 1, ("target",), ("lang=en",))
    with weigh.fitted({}):
        assert certainty.confidence(signs, 0.8) == 0.8 and not certainty.is_auto(0.99)
    with weigh.fitted({"confidence": {"metric": 1.0}, "threshold": {"auto": 0.6}}):
        sure = certainty.confidence(signs, 0.8)
        assert (
            sure == pytest.approx(0.6, abs=1e-3) and certainty.is_auto(0.61) and not certainty.is_auto(0.59)
        )
