"""Whatever the text, extraction ends, and every row points at what it says."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from policyextract.pipeline import extract
from policyextract.types import Document, Target

CORPUS = Path(__file__).parents[1] / "corpus"


def _lines(lang: str) -> list[str]:
    return [
        line
        for path in sorted((CORPUS / lang).glob("*.txt"))[::9]
        for line in path.read_text("utf-8").split("\n")
    ]


_LINES = {lang: _lines(lang) for lang in ("en", "vi")}
_NUMBERS = (
    *"0 100% 1.200 7,5% 99999999999999999999999 1/0 3/4 ½ ٣٤% Ⅳ 1e309 -5% 2025".split(),
    *"2021-2025 12,3,4.5 % %%% 0,0 1–".split(),
    *(
        "1.5 to 2 times",
        "50 %",
        "1 200",
        "half",
        "two thirds",
        "một nửa",
        "hai phần ba",
        "triệu",
        "tỷ đồng",
        "VND",
    ),
    *("ten thousand million billion", "nine in ten", "top 20", "1st", "100,000,000.00.00", "10-5 percent"),
)
_DIRT = (
    *(
        "\u00a0",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\u0301",
        "\t",
        "\n\n",
        "\n",
        "\x1f",
        "\x00",
        "\u202e",
        "\U0001f600",
    ),
    *(" | ", "• ", "“", "”", "’", "…", "«", ";", ":", "()", "- ", "a)", "Điều 1.", "İ", "ß", "ﬁ", "𝟗𝟎%"),
    *("a\u0323\u0302", "allthe", "supply10 percent", "by2030"),
)
_dirt = st.one_of(st.sampled_from(_NUMBERS), st.sampled_from(_DIRT), st.text(max_size=12))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Lines of real documents, cut anywhere and mixed with numbers and dirt, in one or both languages."""
    lang = draw(st.sampled_from(("en", "vi")))
    lines = st.sampled_from(_LINES[lang]) | st.sampled_from(_LINES["en"] + _LINES["vi"])
    part = st.one_of(lines, lines, st.builds(_cut, lines, st.integers(0, 200)), _dirt)
    parts = draw(st.lists(part, max_size=14))
    text = draw(st.sampled_from(("\n", " ", ""))).join(parts)
    date = draw(st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
    title = draw(st.none() | st.sampled_from(_LINES[lang]))
    pages = (0, *sorted(draw(st.sets(st.integers(1, max(1, len(text))), max_size=3))))
    return Document(unicodedata.normalize("NFC", text), "a.txt", lang, title, date, pages)


def _cut(line: str, at: int) -> str:
    return line[at % (len(line) + 1) :]


@given(documents())
@settings(deadline=None, max_examples=150)
@example(Document("", "a.txt", "en"))
@example(Document("\n \n", "a.txt", "vi"))
@example(Document("100%", "a.txt", "en"))
@example(Document("By 2025: | 100% | half |\n| 2 | 3 |", "a.txt", "en"))
def test_every_row_is_grounded(document: Document):
    targets = extract(document)
    for target in targets:
        _check(document, target)
    assert targets == extract(document)
    assert [t.start for t in targets] == sorted(t.start for t in targets)


def _check(document: Document, target: Target) -> None:
    assert 0 <= target.start < target.end <= len(document.text)
    assert document.text[target.start : target.end] == target.value
    assert math.isfinite(target.number)
    assert target.number_high is None or math.isfinite(target.number_high)
    assert all(0 <= e.start < e.end <= len(document.text) for e in target.evidence)
    assert target.confidence is not None and 0 <= target.confidence <= 1
    assert target.page is not None and 1 <= target.page <= len(document.pages)
    assert target.year is None or 1900 <= target.year <= 2200
    assert target.doc == document.path
    assert target.target_id


@given(st.text(max_size=400), st.sampled_from(("en", "vi")))
@settings(deadline=None, max_examples=100)
def test_any_text_at_all(text: str, lang):
    document = Document(unicodedata.normalize("NFC", text), "a.txt", lang)
    for target in extract(document):
        _check(document, target)


def test_two_equal_mentions_in_one_sentence_are_two_rows():
    """Known trouble of neighbouring tools: the second mention is merged into the first or loses its place."""
    text = "By 2030, 80% of wards in Hanoi will have a clinic and 80% of communes will have a library."
    found = [(t.start, t.value) for t in extract(Document(text, "a.txt", "en")) if t.number == 80]
    assert found == [(9, "80%"), (54, "80%")]


def test_offsets_survive_leading_blank_lines():
    text = "\n\n  \n By 2030, 80% of wards in Hanoi will have a clinic."
    [target] = extract(Document(text, "a.txt", "en"))
    assert text[target.start : target.end] == "80%"
