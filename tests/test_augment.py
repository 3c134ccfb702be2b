"""Augmented copies: other years, places and figures, and gold that still says what the text says."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the extra 'train' is not installed")

from policyextract.evaluate.gold import load_gold
from policyextract.places.fold import key
from policyextract.places.gazetteer import load
from policyextract.read import read
from policyextract.training.augment import augmented, cropped, names_of
from policyextract.training.edits import Edit, edited
from policyextract.training.strangers import stranger
from policyextract.types import Document, Lang

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


def test_noughts_stay_noughts() -> None:
    document = Document("By 2030 the fund will reach 34,000 homes and 100 schools.", "x", "en")
    texts = {augmented(document, [], {}, Random(seed), frozenset(["figures"]))[0].text for seed in range(20)}
    assert all(re.search(r"reach \d\d,000 homes and 100 schools", text) for text in texts) and len(texts) > 3


def test_districts_and_communes_change_places_with_their_level() -> None:
    text = "By 2030, 90% of cases at district level and 80% of cases at commune level will go online."
    rows = [
        dataclasses.replace(GOLD[NAMES[0]][0], start=text.index(v), end=text.index(v) + 3, value=v, level=level,
                            level_explicit=True, metric="cases go online", locality=None)
        for v, level in (("90%", "district"), ("80%", "commune"))
    ]  # fmt: skip
    document = Document(text, "x", "en")
    found = {
        (copy.text.split(" level")[0].split()[-1], tuple(row.level for row in moved))
        for seed in range(30)
        for copy, moved in [augmented(document, rows, {}, Random(seed), frozenset(["levels"]))]
    }
    assert found == {("district", ("district", "commune")), ("commune", ("commune", "district"))}


def test_items_change_places_and_take_their_rows_along() -> None:
    text = "By 2030:\n- 90% of schools\n- no fee at all\n- 70 new clinics\n\nEnd."
    rows = [
        dataclasses.replace(GOLD[NAMES[0]][0], start=text.index(v), end=text.index(v) + len(v), value=v)
        for v in ("90%", "70")
    ]
    seen = set()
    for seed in range(20):
        copy, moved = augmented(Document(text, "x", "en"), rows, {}, Random(seed), frozenset(["order"]))
        assert sorted(copy.text.split("\n")) == sorted(text.split("\n"))
        assert [copy.text[row.start : row.end] for row in moved] == [row.value for row in moved]
        seen.add(copy.text)
    assert len(seen) > 2


def test_a_list_that_names_a_year_in_one_item_keeps_its_order() -> None:
    text = "Goals:\n- 90% of schools by 2027\n- 80% of homes\n- 70 new clinics\n"
    assert augmented(Document(text, "x", "en"), [], {}, Random(1), frozenset(["order"]))[0].text == text


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_strangers_are_names_that_the_gazetteer_does_not_hold(lang: Lang) -> None:
    names = {stranger(lang, Random(seed)) for seed in range(60)}
    assert len(names) > 50
    assert not [name for name in names if load().names(key(name))]


def test_an_untidy_copy_says_the_same() -> None:
    document, rows = DOCUMENTS[1], GOLD[NAMES[1]]
    texts = set()
    for seed in range(12):
        copy, moved = augmented(document, rows, {}, Random(seed), frozenset(["dirt"]))
        assert [row.number for row in moved] == [row.number for row in rows]
        assert all(copy.text[row.start : row.end] == row.value for row in moved)
        texts.add(copy.text)
    assert 3 < len(texts) < 12, "some copies are left tidy"


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
