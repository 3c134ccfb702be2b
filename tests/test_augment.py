"""Augmented copies: other years, places and figures, and gold that still says what the text says."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the extra 'train' is not installed")

from policyextract.evaluate.gold import load_gold
from policyextract.read import read
from policyextract.training.augment import Edit, augmented, cropped, edited, names_of
from policyextract.types import Document

CORPUS = Path(__file__).parents[1] / "corpus"
NAMES = ["en/en-vn-04.txt", "en/en-dx-01.txt", "en/en-world-04.txt", "vi/vi-bao-15.txt", "vi/vi-bao-12.txt"]
GOLD = load_gold(CORPUS).only(NAMES)
DOCUMENTS = [read(CORPUS / name, name=name) for name in NAMES]
PLACES = names_of(read(path, name=path.name) for path in sorted(CORPUS.glob("*/*.txt"))[:80])


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_a_copy_keeps_its_rows_on_their_values(document: Document) -> None:
    rows = GOLD[document.path]
    copy, moved = augmented(document, rows, PLACES, Random(3))
    assert copy.text != document.text and len(moved) == len(rows)
    for row, old in zip(moved, rows, strict=True):
        assert row.start is not None and copy.text[row.start : row.end] == row.value
        assert row.value[:1].isdigit() == old.value[:1].isdigit()
        if row.year and old.year and str(old.year) in document.text:
            assert str(row.year) in copy.text
        if row.locality and row.locality != old.locality:
            assert row.locality in copy.text
    shifts = {row.year - old.year for row, old in zip(moved, rows, strict=True) if row.year and old.year}
    assert len(shifts) == 1, "all years move together"


def test_copies_differ_by_their_seed_and_not_from_run_to_run() -> None:
    document, rows = DOCUMENTS[0], GOLD[NAMES[0]]
    texts = [augmented(document, rows, PLACES, Random(seed))[0].text for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_an_excerpt_is_short_and_holds_its_rows(document: Document) -> None:
    held = 0
    for seed in range(30):
        part, rows = cropped(document, GOLD[document.path], Random(seed))
        assert all(line in document.text for line in part.text.split("\n"))
        assert len(part.text.split()) >= 1 and part.text.count("\n") <= document.text.count("\n") + 2
        assert all(part.text[row.start : row.end] == row.value for row in rows)
        held += len(rows)
    assert held > 10


@given(st.data())
def test_what_no_edit_touches_keeps_its_text(data: st.DataObject) -> None:
    text = data.draw(st.text("abc de", min_size=12, max_size=60))
    at = data.draw(st.integers(0, len(text) - 4))
    row = dataclasses.replace(GOLD[NAMES[0]][0], start=at, end=at + 3, value=text[at : at + 3])
    edits = [
        Edit(a, min(b, len(text)), data.draw(st.text("xyz", max_size=5)))
        for a in data.draw(st.lists(st.integers(0, len(text)), max_size=6))
        for b in [a + 2]
        if b <= at or a >= at + 3
    ]
    copy, [moved] = edited(Document(text, "x", "en"), [row], edits)
    assert copy.text[moved.start : moved.end] == row.value == moved.value
