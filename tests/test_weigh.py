"""Choices by weights: the best option, the safest option, the logistic function."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract import lexicon
from policyextract.assemble.weigh import Option, choose, consensus, probability, score, weights

UNKNOWN = "no such decision"  # has no weights, so that all options weigh the same
DECISIONS = ("change", "level", "locality", "metric", "per", "target", "target-again", "year")


def same(one: object, other: object) -> float:
    return float(one == other)


def ranked(decision: str) -> list[str]:
    """The features of a decision, the heaviest first."""
    table = weights(decision)
    return sorted(table, key=lambda name: -table[name])


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_has_weights_that_are_numbers(decision: str) -> None:
    assert set(lexicon.table("", "weights")) >= set(DECISIONS)
    assert all(math.isfinite(value) for value in weights(decision).values())
    assert len(weights(decision)) > 1


def test_an_unknown_decision_has_no_weights() -> None:
    assert weights(UNKNOWN) == {}
    assert score(UNKNOWN, ["bias", "scope=clause-before"]) == 0.0


def test_a_score_is_the_sum_of_the_weights_of_known_features() -> None:
    heavy, *_, light = ranked("year")
    table = weights("year")
    assert score("year", [heavy, light, "no such feature"]) == pytest.approx(table[heavy] + table[light])
    assert score("year", []) == 0.0


def test_without_weights_options_are_equally_likely_and_the_first_is_chosen() -> None:
    options = [Option(name, (name,)) for name in ("one", "two", "three", "four")]
    best, share = choose(UNKNOWN, options)
    assert (best.payload, share) == ("one", pytest.approx(0.25))


def test_an_only_option_is_certain() -> None:
    assert choose("year", [Option(None, ("none",))]) == (Option(None, ("none",)), 1.0)


def test_no_option_is_no_choice() -> None:
    with pytest.raises(ValueError):
        choose(UNKNOWN, [])


@pytest.mark.parametrize("decision", DECISIONS)
def test_the_heaviest_option_is_chosen_wherever_it_stands(decision: str) -> None:
    heavy, *_, light = ranked(decision)
    options = [Option("light", (light,)), Option("heavy", (heavy,))]
    for order in (options, options[::-1]):
        best, share = choose(decision, order)
        assert best.payload == "heavy"
        assert 0.5 < share <= 1.0


def test_the_share_of_a_choice_is_that_of_a_softmax() -> None:
    heavy, *_, light = ranked("per")
    gap = weights("per")[heavy] - weights("per")[light]
    _, share = choose("per", [Option(1, (heavy,)), Option(2, (light,))])
    assert share == pytest.approx(probability(gap))


def test_consensus_prefers_what_most_options_say() -> None:
    options = [Option("odd", ()), Option("fibre lines", ()), Option("fibre lines", ())]
    assert choose(UNKNOWN, options)[0].payload == "odd"
    assert consensus(UNKNOWN, options, same)[0].payload == "fibre lines"


def test_consensus_takes_the_stretch_in_the_midst() -> None:
    words = [{"homes"}, {"homes", "with"}, {"homes", "with", "fibre"}]
    options = [Option(w, ()) for w in words]
    assert consensus(UNKNOWN, options, lambda a, b: len(a & b) / len(a | b))[0].payload == words[1]


def test_consensus_asks_no_option_that_is_unlikely() -> None:
    table, names = weights("year"), ranked("year")
    heavy, light = names[0], names[-1]
    assert table[heavy] - table[light] > 4  # a share under one in fifty
    options = [Option("sure", (heavy,)), *[Option("odd", (light,))] * 200]
    assert consensus("year", options, same)[0].payload == "sure"


def test_consensus_of_one_is_that_one() -> None:
    assert consensus(UNKNOWN, [Option("only", ())], same) == (Option("only", ()), 1.0)


def test_probability_knows_its_midst_and_its_ends() -> None:
    assert probability(0.0) == 0.5
    assert 0 < probability(-1e308) < 1e-12
    assert 1 - 1e-12 < probability(1e308) <= 1
    assert probability(math.inf) == probability(30.0)
    assert probability(-math.inf) == probability(-30.0)


logits = st.floats(-1e6, 1e6, allow_nan=False)


@settings(deadline=None, derandomize=True)
@given(logits, logits)
def test_probability_rises_and_is_symmetric(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 < probability(low) <= probability(high) < 1 + 1e-15
    assert probability(one) + probability(-one) == pytest.approx(1.0)


FEATURES = [*ranked("level")[:20], *ranked("level")[-20:], "no such feature"]
OPTIONS = st.lists(st.lists(st.sampled_from(FEATURES), max_size=5).map(tuple), min_size=1, max_size=6).map(
    lambda rows: [Option(i, features) for i, features in enumerate(rows)]
)


@settings(deadline=None, derandomize=True)
@given(OPTIONS)
def test_a_choice_is_one_of_the_options_with_the_largest_score(options: list[Option]) -> None:
    best, share = choose("level", options)
    assert best in options
    assert score("level", best.features) == max(score("level", o.features) for o in options)
    assert 1 / len(options) - 1e-9 <= share <= 1.0


@settings(deadline=None, derandomize=True)
@given(OPTIONS, st.randoms(use_true_random=False))
def test_the_order_of_the_options_decides_nothing_but_ties(options: list[Option], random) -> None:
    shuffled = list(options)
    random.shuffle(shuffled)
    (one, share), (other, again) = choose("level", options), choose("level", shuffled)
    assert score("level", one.features) == score("level", other.features)
    assert share == pytest.approx(again)


@settings(deadline=None, derandomize=True)
@given(OPTIONS)
def test_a_feature_that_all_share_changes_no_share(options: list[Option]) -> None:
    more = [Option(o.payload, (*o.features, FEATURES[0])) for o in options]
    assert choose("level", more)[1] == pytest.approx(choose("level", options)[1])


@settings(deadline=None, derandomize=True)
@given(OPTIONS)
def test_where_no_two_options_agree_consensus_is_the_likeliest(options: list[Option]) -> None:
    found, agreement = consensus("level", options, same)
    assert 0 <= agreement <= 1 + 1e-9
    assert score("level", found.features) == pytest.approx(
        score("level", choose("level", options)[0].features)
    )
