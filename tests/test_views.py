"""What the reading model sees: every view holds its value between the marks and points back into the document."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("tokenizers", reason="the extra 'train' is not installed")

from tokenizers import Tokenizer

from policyextract.evaluate.gold import Gold, load_gold
from policyextract.ner import LABELS, Pieces, view
from policyextract.read import read
from policyextract.segment import segment
from policyextract.training.examples import Example, examples
from policyextract.types import Document

ROOT = Path(__file__).parents[1]
TOKENIZER = Tokenizer.from_file(str(ROOT / "models" / "encoder" / "tokenizer.json"))
TEXT = """PEOPLE'S COMMITTEE OF HUE CITY
Hue, March 4, 2024

II. TARGETS BY 2030
1. Digital government
- 90 percent of records are handled online, up from 61 percent in 2023;
- 80 percent of dossiers at the district level are handled online.
"""


def shown(text: str, value: str, size: int = 256) -> tuple[str, Pieces, list[int]]:
    """The view of ``value`` as text, with the pieces and the origins."""
    document = Document(text, "x.txt", "en")
    pieces = Pieces.of(text, TOKENIZER)
    at = text.index(value)
    seen = view(pieces, segment(document), at, at + len(value), size=size)
    return TOKENIZER.decode(seen.ids, skip_special_tokens=False), pieces, seen.origin


def test_a_short_document_is_seen_whole_with_the_value_between_marks() -> None:
    text, _, origin = shown(TEXT, "80 percent")
    assert text == "[CLS][SEP]" + TEXT.replace(" 80 percent", "[unused0] 80 percent[unused1]") + "[SEP]"
    assert sorted(i for i in origin if i >= 0) == [i for i in origin if i >= 0]


def test_a_long_document_is_seen_around_the_value_under_its_top_and_heads() -> None:
    filler = "".join(f"- Item {i} speaks of nothing that matters here or there;\n" for i in range(60))
    long = TEXT.replace("- 90 percent", filler + "- 90 percent") + filler
    text, _, _ = shown(long, "80 percent", size=128)
    assert text.startswith("[CLS]PEOPLE'S COMMITTEE OF HUE CITY") and "TARGETS BY 2030" in text
    assert "1. Digital government" in text and "[unused0] 80 percent[unused1] of dossiers" in text
    assert "Item 0 speaks" not in text.split("[unused0]")[0].rsplit("[SEP]", 1)[-1]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_views_keep_their_size_and_point_back(data: st.DataObject) -> None:
    text = data.draw(st.text(st.sampled_from("ab 12,.%\nđạ-;:•IV"), min_size=1, max_size=400))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    size = data.draw(st.integers(32, 256))
    pieces = Pieces.of(text, TOKENIZER)
    seen = view(pieces, segment(Document(text, "x.txt", "vi")), start, end, size=size)
    assert len(seen.ids) == len(seen.origin) <= size
    assert seen.ids[seen.mark] == TOKENIZER.token_to_id("[unused0]")
    assert all(seen.ids[i] == pieces.ids[at] for i, at in enumerate(seen.origin) if at >= 0)
    known = [at for at in seen.origin if at >= 0]
    assert len(known) == len(set(known)), "no piece is seen twice"


def made(name: str) -> tuple[str, list[Example]]:
    gold = load_gold(ROOT / "corpus").only([name])
    return gold.texts[name], list(examples(read(ROOT / "corpus" / name, name=name), gold, TOKENIZER))


@pytest.mark.parametrize("name", ["en/en-vn-04.txt", "en/en-dx-01.txt", "vi/vi-bao-15.txt"])
def test_every_gold_value_is_an_example_and_its_year_is_labelled(name: str) -> None:
    gold = load_gold(ROOT / "corpus")
    text, found = made(name)
    wanted = [row for row in gold[name] if not row.optional]
    targets = [e for e in found if LABELS.index("TARGET") in e.labels]
    for row in wanted:
        assert row.start is not None and row.end is not None
        own = [e for e in targets if e.start < row.end and row.start < e.end]
        assert own, f"{row.value!r} has no example"
    others = [e for e in found if e not in targets]
    assert others and all(set(e.labels) <= {0, -100} for e in others)
    years = sum(LABELS.index("YEAR") in e.labels for e in targets)
    assert years > 0.7 * len(targets)
    assert all(len(e.labels) == len(e.ids) <= 256 for e in found) and text


def test_an_optional_row_is_no_example() -> None:
    text = "By 2030, 90 percent of communes in Hue have a clinic."
    gold = load_gold(ROOT / "corpus")
    row = next(r for rows in gold.values() for r in rows if r.optional)
    at = text.index("90 percent")
    import dataclasses

    optional = dataclasses.replace(row, value="90 percent", start=at, end=at + 10)
    document = Document(text, "x.txt", "en")
    none = Gold({"x.txt": [optional]}, langs={"x.txt": "en"})
    assert all(e.start != at for e in examples(document, none, TOKENIZER))
    must = Gold({"x.txt": [dataclasses.replace(optional, optional=False)]}, langs={"x.txt": "en"})
    assert any(e.start == at for e in examples(document, must, TOKENIZER))


def test_the_reading_is_counted_by_value_and_by_piece_of_true_targets() -> None:
    pytest.importorskip("torch", reason="the extra 'train' is not installed")
    import numpy as np

    from policyextract.training.reader import counts

    target, metric, year = (LABELS.index(name) for name in ("TARGET", "METRIC", "YEAR"))
    true = Example("a", 0, 1, [2, 21, 30, 31, 3], [-100, target, metric, year, -100], 1)
    fact = Example("a", 5, 6, [2, 21, 30, 31, 3], [-100, 0, 0, 0, -100], 1)

    def told(labels: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.eye(len(LABELS), dtype=np.float32)[labels]

    right = counts([true, fact], [told([0, target, metric, year, 0]), told([0, 0, 0, 0, 0])])
    assert {name: c.f1 for name, c in right.items()} == dict.fromkeys(LABELS[1:], 1.0)
    wrong = counts([true, fact], [told([0, 0, metric, metric, 0]), told([0, target, metric, 0, 0])])
    assert (wrong["TARGET"].tp, wrong["TARGET"].fp, wrong["TARGET"].fn) == (0, 1, 1)
    assert (wrong["METRIC"].tp, wrong["METRIC"].fp, wrong["METRIC"].fn) == (1, 1, 0)
    assert (wrong["YEAR"].tp, wrong["YEAR"].fn) == (0, 1)
