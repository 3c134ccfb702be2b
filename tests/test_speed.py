"""What is left out for speed changes nothing: gates, what is remembered, what is counted at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from policyextract import lexicon
from policyextract.assemble.ground import ground_of, part_of
from policyextract.assemble.reading import Reading
from policyextract.patterns import find, values, years
from policyextract.patterns.gate import Gate
from policyextract.patterns.grammar import Grammar
from policyextract.segment import segment
from policyextract.types import Document, Lang

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
TEXTS = sorted((ROOT / "corpus").rglob("*.txt"))[::25]


def whole(grammar: Grammar, norms: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """What spaCy's Matcher finds in all tokens at once, without gate or memory."""
    found = sorted(grammar._matcher(Doc(grammar.vocab, words=list(norms))), key=lambda m: (m[1], -m[2]))
    return [
        (first, last, grammar._rules[int(grammar.vocab.strings[key])]["id"]) for key, first, last in found
    ]


def gated(grammar: Grammar, norms: tuple[str, ...]) -> list[tuple[int, int, str]]:
    return [(m.first, m.last, m.id) for m in grammar.match(norms)]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_the_gate_lets_every_match_through(path: Path) -> None:
    lang: Lang = "vi" if path.name.startswith("vi") else "en"
    norms = lexicon.tokenise(path.read_text(encoding="utf-8"), lang).norms
    for module in (values, years):
        assert gated(module.grammar(lang), norms) == whole(module.grammar(lang), norms)


WORDS = st.sampled_from(["a", "b", "c", "7", "x", "\n", "zz"])
PARTS = st.sampled_from(["a", "b", "a?", "b?", "c+", "b*", "NUM", "NUM?", "LOW", "LOW+", "LOW?"])
PATTERNS = st.lists(st.lists(PARTS, min_size=1, max_size=4), min_size=1, max_size=4)


@given(PATTERNS, st.lists(WORDS, min_size=1, max_size=14))
@settings(max_examples=150, deadline=None)
def test_the_gate_holds_for_any_patterns(patterns: list[list[str]], words: list[str]) -> None:
    rules = [{"id": str(i), "pattern": " ".join(parts)} for i, parts in enumerate(patterns)]
    grammar = Grammar("en", rules, {"LOW": ["a", "x"]})
    assert sorted(gated(grammar, tuple(words))) == sorted(whole(grammar, tuple(words)))
    assert gated(grammar, tuple(words)) == gated(grammar, tuple(words))  # as well when it remembers


def test_most_of_an_article_is_kept_from_the_matcher() -> None:
    norms = lexicon.tokenise(TEXTS[0].read_text(encoding="utf-8"), "en").norms
    let = sum(last - first for first, last, _ in values.grammar("en")._gate.runs(norms))
    assert 0 < let < len(norms) / 2


def test_what_the_gate_remembers_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from policyextract.patterns import gate

    monkeypatch.setattr(gate, "_MOST", 5)
    small = Gate([["NUM", "b"]], {"NUM": str.isdigit})
    assert [run[:2] for n in range(30) for run in small.runs([str(n), "b"])] == [(0, 2)] * 30
    assert len(small._kinds) <= 5


def test_parts_are_counted_as_they_would_be_word_by_word() -> None:
    text = (
        "By 2030, the ministry will bring 80 per cent of rural households, and all schools, online in Hanoi."
    )
    document = Document(text, "x.txt", "en")
    reading = Reading.of(document, segment(document), find(document))
    table = lexicon.table("en", "metric")
    part = part_of(reading, 0, len(text))
    words = reading.words(0, len(text))
    assert (part.first, part.last) == (0, len(words))
    assert part.commas == text.count(",")
    assert part.content == sum(w not in table["stop"] and w[0].isalpha() for w in words)
    assert part.agents == sum(w in table["agents"] for w in words) > 0
    assert part.values == len(reading.within("VALUE", 0, len(text)))
    assert ground_of(reading) is ground_of(reading)
    assert "ground" not in reading.added([]).memo  # other spans, other ground


@pytest.mark.parametrize("words", [(), ("rise",), ("reduce", "by", "half"), ("an", "increase", "of")])
def test_lists_found_at_once_are_those_found_one_by_one(words: tuple[str, ...]) -> None:
    listed = lexicon.phrases("en", "changes")
    assert lexicon.named_among("en", "changes", words) == [n for n, p in listed.items() if p.among(words)]


def test_the_bars_of_the_benchmark_are_told_from_its_runs() -> None:
    from benchmark_page import Measured, bars, page, tables

    runs = [
        Measured("policyextract", 100, 2, 10.0, 900.0),
        Measured("policyextract", 100, 1, 16.0, 500.0),
        Measured("policyextract --no-model", 100, 2, 2.0, 800.0),
        Measured("quantulum3 0.10.0", 100, 2, 26.0),
        Measured("spaCy's tokeniser 3.8.18", 100, 2, 0.5),
        Measured("policyextract --no-model", 1_000, 2, 9.0, 800.0, short=True),
        Measured("policyextract --no-model", 100_000, 2, 800.0, 1_000.0, short=True),
    ]
    found = {result.what: (round(result.ratio, 2), result.met) for result in bars(runs, 100, 2)}
    assert found == {
        "with the model, times quantulum3": (2.6, False),
        "patterns only, times quantulum3": (13.0, True),
        "spaCy's tokeniser alone, times patterns only": (4.0, False),
        "2 processes, times one, with the model": (1.6, False),
        "memory of 100,000 documents, times that of 1,000": (1.25, False),
    }
    made = tables("2 cores", runs, bars(runs, 100, 2))
    once = page("# Speed\n\nBefore.\n\n<!-- benchmark -->\nold\n<!-- /benchmark -->\n\nAfter.\n", made)
    assert "old" not in once
    assert once.startswith("# Speed\n\nBefore.") and once.endswith("After.\n")
    assert page(once, made) == once
