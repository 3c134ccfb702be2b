"""Places found, told apart and named; the jurisdiction of a document."""

from __future__ import annotations

import csv
import datetime as dt
import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract import places
from policyextract.errors import LexiconError
from policyextract.places import tables
from policyextract.places.fold import key
from policyextract.places.gazetteer import load
from policyextract.types import Lang

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus"


def table(name: str) -> list[dict[str, str]]:
    with (HERE / "tables" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", table("places.csv"), ids=lambda row: row["id"])
def test_table_of_places(row: dict[str, str]) -> None:
    lang: Lang = row["lang"]  # type: ignore[assignment]
    date = dt.date.fromisoformat(row["date"]) if row["date"] else None
    mentions = places.resolve(places.find(row["text"], lang), date, row["text"])
    found = ";".join(f"{m.name}/{m.level}/{m.code or ''}" for m in mentions)
    assert found == row["expected"], row["reason"]


@pytest.mark.parametrize("row", table("homes.csv"), ids=lambda row: row["id"])
def test_table_of_homes(row: dict[str, str]) -> None:
    lang: Lang = row["lang"]  # type: ignore[assignment]
    text = row["text"]
    mention = places.home(text, None, places.resolve(places.find(text, lang), None, text), lang)
    assert mention is not None
    assert (mention.name, mention.level) == (row["name"], row["level"]), row["reason"]


def test_title_outside_the_text_counts() -> None:
    text = "The province will reach 90 percent. Hung Yen and Thai Binh did well."
    mentions = places.resolve(places.find(text, "en"))
    mention = places.home(text, "Thai Binh sets targets", mentions, "en")
    assert mention is not None
    assert mention.name == "Thai Binh"


def test_type_word_is_part_of_the_span() -> None:
    text = "Plans of Kisumu County."
    (mention,) = places.resolve(places.find(text, "en"))
    assert text[mention.start : mention.end] == "Kisumu County"
    assert (mention.surface, mention.typed, mention.scheme) == ("Kisumu", "county", "ISO 3166-2")
    assert mention.parents == ("ISO:KE",)


def test_nation_is_implied_by_provinces() -> None:
    text = "Hung Yen, Nghe An and Son La reported results."
    mention = places.nation(places.resolve(places.find(text, "en")), "en")
    assert mention is not None
    assert (mention.name, mention.start, mention.end, mention.how) == ("Vietnam", 0, 0, "implied")


def test_no_places_no_home() -> None:
    assert places.find("", "en") == []
    assert places.home("", None, [], "en") is None
    assert places.nation([], "en") is None


NAMES = st.sampled_from(
    ["Hai Phong", "xã Tân Tiến", "HÀ NỘI", "U.S.", "Of", "TP.HCM", "Kyiv", "12", "District 1", "\n", "–"]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(NAMES, st.text(max_size=12)), max_size=12), st.sampled_from(["en", "vi"]))
def test_mentions_lie_in_the_text_in_order(parts: list[str], lang: Lang) -> None:
    text = " ".join(parts)
    found = places.find(text, lang)
    for m in found:
        assert 0 <= m.start < m.end <= len(text)
        assert m.surface in text[m.start : m.end]
    for one, two in pairwise(found):
        assert one.end <= two.start
    resolved = places.resolve(found, None, text)
    assert {(m.start, m.end) for m in resolved} <= {(m.start, m.end) for m in found}
    assert resolved == places.resolve(found, None, text)
    places.home(text, None, resolved, lang)


def test_find_is_quick() -> None:
    text = ("Hai Phong and Leicester will reach 90 percent by 2030, the Ministry said in Boise. " * 100)[
        :8000
    ]
    places.find(text, "en")
    best = min(_seconds(text) for _ in range(5))
    assert best < 0.1  # about 0.006 alone on the machine


def _seconds(text: str) -> float:
    start = time.perf_counter()
    places.resolve(places.find(text, "en"))
    return time.perf_counter() - start


def test_gold_localities_are_found_and_homes_are_right() -> None:
    named = rows = right = documents = 0
    for gold_file in sorted(CORPUS.glob("[ev][ni]/*.json")):
        text = gold_file.with_suffix(".txt").read_text(encoding="utf-8")
        lang: Lang = "vi" if gold_file.parent.name == "vi" else "en"
        gold = [t for t in json.loads(gold_file.read_text(encoding="utf-8"))["targets"] if not t["optional"]]
        localities = [key(t["locality"]) for t in gold if t["locality"]]
        if not localities:
            continue
        mentions = places.resolve(places.find(text, lang), None, text)
        home = places.home(text, None, mentions, lang)
        nation = places.nation(mentions, lang)
        names = {key(m.name) for m in (*mentions, home, nation) if m is not None}
        named += sum(locality in names for locality in localities)
        rows += len(localities)
        most = max(localities.count(locality) for locality in localities)
        right += home is not None and localities.count(key(home.name)) == most
        documents += 1
    assert named / rows > 0.955, (named, rows)
    assert right / documents > 0.88, (right, documents)  # many documents speak of several places


def test_every_alias_and_adjective_names_a_place() -> None:
    gazetteer = load()
    ids = [row["id"] for row in tables.read_table("aliases.csv")]
    ids += ["ISO:" + row["id"] for row in tables.read_table("demonyms.csv")]
    assert [i for i in ids if gazetteer.place(i) is None] == []


def test_missing_table_is_an_error() -> None:
    with pytest.raises(LexiconError):
        tables.read_table("no_such_table.csv")
