"""Places that only the model sees: whole names where it points, at every mention, with a level from around them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from policyextract import segment
from policyextract.assemble.proposals import SOURCE, with_proposals
from policyextract.assemble.reading import Reading
from policyextract.assemble.weigh import fitted
from policyextract.types import Document, Span, Told

TEXT = (
    "The ward council met in Bishop Karenby on Monday.\n\n"
    "For Karenby Hill the goal is 40 clinics by 2030. Leeds will have 90. Karenby Hill waits.\n"
)
LEVELS = {"place-level": {"commune&en": 1.0, "beside=same": 4.0}}


def reading(pointed: dict[str, float], *, target: float = 2.0, text: str = TEXT) -> Reading:
    value = Span(text.index("40"), text.index("40") + 2, "VALUE", "v")
    leeds = Span(
        text.index("Leeds"),
        text.index("Leeds") + 5,
        "PLACE",
        "place.name",
        (("name", "Leeds"), ("level", "district")),
    )
    document = Document(text, "x", "en")
    words = list(re.finditer(r" ?\w+", text))
    share = np.array([pointed.get(m.group().strip(), 0.0) for m in words], dtype=np.float32)
    told = Told(
        target, np.array([m.start() for m in words]), np.array([m.end() for m in words]),
        np.ones(len(words), dtype=bool), {"locality": share}, {"locality": 0.1},
    )  # fmt: skip
    found = Reading.of(document, segment.segment(document), sorted([value, leeds], key=lambda s: s.start))
    found.told = {(value.start, value.end): told}
    return found


def proposed(found: Reading) -> list[tuple[str, str | None]]:
    return [
        (found.document.text[s.start : s.end], s.attr("level"))
        for s in found.by_label.get("PLACE", []) if s.source == SOURCE
    ]  # fmt: skip


def test_a_name_that_is_pointed_at_becomes_a_place_at_each_mention() -> None:
    with fitted(LEVELS):
        found = with_proposals(reading({"Hill": 0.6}))
    assert proposed(found) == [("Karenby Hill", "commune"), ("Karenby Hill", "commune")]
    starts = [s.start for s in found.by_label["PLACE"]]
    assert starts == sorted(starts) and found.within("PLACE", 0, len(TEXT)) == found.by_label["PLACE"]


@pytest.mark.parametrize(
    ("pointed", "target"),
    [({"Hill": 0.1}, 2.0), ({"Leeds": 0.9}, 2.0), ({"goal": 0.9}, 2.0), ({"Hill": 0.9}, -5.0)],
    ids=["hardly pointed at", "a known place", "no name", "no target"],
)
def test_nothing_is_proposed(pointed: dict[str, float], target: float) -> None:
    before = reading(pointed, target=target)
    assert with_proposals(before) is before


def test_the_level_is_that_of_the_places_it_is_listed_with() -> None:
    text = "By 2030, Leeds and Karenby will open 40 clinics each.\n"
    with fitted(LEVELS):
        assert proposed(with_proposals(reading({"Karenby": 0.7}, text=text))) == [("Karenby", "district")]


def test_the_word_that_opens_a_sentence_is_no_part_of_a_name() -> None:
    text = "They act for others. For Karenby the goal is 40 clinics. The town of Leeds waits.\n"
    with fitted(LEVELS):
        assert proposed(with_proposals(reading({"Karenby": 0.7}, text=text))) == [("Karenby", "commune")]
