"""Sentences, items, headings and table rows, and the heads they stand under."""

from __future__ import annotations

from itertools import pairwise

import pytest
from cases import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract.segment import segment
from policyextract.types import Document, Lang, Segment


def read(text: str, lang: Lang = "en") -> list[Segment]:
    return segment(Document(text, "test.txt", lang))


def words(text: str, found: Segment) -> str:
    return text[found.start : found.end]


def outline(text: str, lang: Lang = "en") -> list[tuple[str, str, list[str]]]:
    """Kind and words of each segment, with the words of its heads."""
    return [(s.kind, words(text, s), [words(text, h) for h in s.heads]) for s in read(text, lang)]


@pytest.mark.parametrize("row", cases("segments.csv"))
def test_table_of_sentences(row: dict[str, str]) -> None:
    text = row["text"]
    found = [words(text, s) for s in read(text, row["lang"])]  # type: ignore[arg-type]
    assert found == row["segments"].split("¦")


def test_items_stand_under_the_line_that_leads_them() -> None:
    text = "Goals\n\nBy 2030 the town wants:\n- 80 percent of homes online;\n- 90 percent of schools online."
    head = ["Goals", "By 2030 the town wants:"]
    assert outline(text) == [
        ("heading", "Goals", []),
        ("heading", "By 2030 the town wants:", ["Goals"]),
        ("item", "- 80 percent of homes online;", head),
        ("item", "- 90 percent of schools online.", head),
    ]


@pytest.mark.parametrize("bullet", ["-", "–", "•", "●", "*", "+", "·"])
def test_a_bullet_is_no_part_of_the_body(bullet: str) -> None:
    text = f"{bullet} 80 percent of homes online."
    (item,) = read(text)
    assert (item.kind, text[item.body : item.end]) == ("item", "80 percent of homes online.")


def test_a_minus_glued_to_its_number_is_no_bullet() -> None:
    assert [s.kind for s in read("-5 percent is the change of the year.")] == ["sentence"]


def test_vietnamese_clauses_nest() -> None:
    text = (
        "Điều 1. Mục tiêu\n1. Đến năm 2030:\na) 80% hộ có nước sạch;\nb) 90% hộ có điện.\n"
        "2. Đến năm 2045:\na) 100% hộ có nước sạch.\nĐiều 2. Thực hiện\n1. Sở Y tế chủ trì."
    )
    first, second = ["Điều 1. Mục tiêu", "1. Đến năm 2030:"], ["Điều 1. Mục tiêu", "2. Đến năm 2045:"]
    found = [(text, heads) for _, text, heads in outline(text, "vi")]
    assert found == [
        ("Điều 1. Mục tiêu", []),
        ("1. Đến năm 2030:", first[:1]),
        ("a) 80% hộ có nước sạch;", first),
        ("b) 90% hộ có điện.", first),
        ("2. Đến năm 2045:", first[:1]),
        ("a) 100% hộ có nước sạch.", second),
        ("Điều 2. Thực hiện", []),
        ("1. Sở Y tế chủ trì.", ["Điều 2. Thực hiện"]),
    ]


@pytest.mark.parametrize(
    "marker", ["Điều 5.", "Khoản 2.", "Điểm a)", "Chương II.", "Mục 3.", "Phần thứ nhất:"]
)
def test_vietnamese_markers_are_no_part_of_the_body(marker: str) -> None:
    text = f"{marker} Tỉnh sẽ trồng 300 cây."
    (item,) = read(text, "vi")
    assert (item.kind, text[item.body : item.end].strip()) == ("item", "Tỉnh sẽ trồng 300 cây.")


@pytest.mark.parametrize(
    "marker",
    ["Article 5.", "Clause 2.", "Item 3:", "Section IV.", "§ 7", "1.", "2)", "a)", "(b)", "1.1.", "iv)"],
)
def test_english_markers_are_no_part_of_the_body(marker: str) -> None:
    text = f"{marker} The town will plant 300 trees."
    (item,) = read(text)
    assert (item.kind, text[item.body : item.end].strip()) == ("item", "The town will plant 300 trees.")


@pytest.mark.parametrize("start", ["12,000 trees are the goal.", "2030 is the year."])
def test_a_number_at_the_start_is_no_marker(start: str) -> None:
    (found,) = read(start)
    assert (found.kind, found.body) == ("sentence", 0)


@pytest.mark.parametrize("start", ["2.5 percent is the goal.", "7.5 million trees are the goal."])
def test_a_decimal_at_the_start_is_no_marker(start: str) -> None:
    (found,) = read(start)
    assert (found.kind, found.body) == ("sentence", 0)


def test_articles_and_clauses_nest() -> None:
    text = (
        "Article 1. Goals\nClause 1. By 2030:\na) 80% of homes have water;\nb) 90% of homes have power.\n"
        "Article 2. Means\nThe council pays for it."
    )
    heads = {words: heads for _, words, heads in outline(text)}
    assert heads["b) 90% of homes have power."] == ["Article 1. Goals", "Clause 1. By 2030:"]
    assert heads["Article 2. Means"] == []
    assert heads["The council pays for it."] == ["Article 2. Means"]


def test_numbered_headings_nest() -> None:
    text = (
        "I. GOALS\n1. General\n1.1. Homes\nOf all homes, 80 percent will have water by 2030.\n"
        "1.2. Schools\nEvery school will have water by 2030.\nII. MEANS\n1. Money\nThe council pays for it."
    )
    heads = {words: heads for _, words, heads in outline(text)}
    general = ["I. GOALS", "1. General"]
    assert heads["Of all homes, 80 percent will have water by 2030."] == [*general, "1.1. Homes"]
    assert heads["Every school will have water by 2030."] == [*general, "1.2. Schools"]
    assert heads["The council pays for it."] == ["II. MEANS", "1. Money"]


def test_a_head_is_the_whole_line() -> None:
    text = "1. The plan is new. By 2030 it sets:\na) 80 percent of homes online."
    (head,) = read(text)[-1].heads
    assert words(text, head) == "1. The plan is new. By 2030 it sets:"


def test_running_text_is_no_heading() -> None:
    text = "A short title\nThe town will bring clean water to 90 percent of its homes by the year 2030."
    assert [s.kind for s in read(text)] == ["heading", "sentence"]


def test_a_line_of_sentences_is_no_heading() -> None:
    assert {s.kind for s in read("The plan is new. It is good. Will it work?")} == {"sentence"}


TABLE = "Indicator | Unit | 2025 | 2030\nHomes with water | % | 80 | 95\nSchools online | % | 90 | 100"


@pytest.mark.parametrize(("mark", "separator"), [(" | ", "|"), ("\t", "\t"), ("     ", "   ")])
def test_rows_stand_under_their_header(mark: str, separator: str) -> None:
    text = TABLE.replace(" | ", mark)
    lines = text.split("\n")
    assert outline(text) == [
        ("header", lines[0], []),
        ("row", lines[1], [lines[0]]),
        ("row", lines[2], [lines[0]]),
    ]
    assert {s.separator for s in read(text)} == {separator}


def test_a_table_stands_under_its_title_and_ends_with_running_text() -> None:
    close = "The council has approved these figures and will look at them again in three years from now."
    found = outline(f"Main indicators\n\n{TABLE}\n\n{close}")
    header = TABLE.split("\n", maxsplit=1)[0]
    assert [kind for kind, _, _ in found] == ["heading", "header", "row", "row", "sentence"]
    assert found[2][2] == ["Main indicators", header]
    assert found[4][2] == ["Main indicators"]


def test_two_tables_keep_to_their_own_headers() -> None:
    other = "Crop | Unit | Area\nRice | ha | 300"
    found = outline(
        f"{TABLE}\n\nThe second table lists the crops that the farms of the town will grow.\n\n{other}"
    )
    assert found[-1] == ("row", "Rice | ha | 300", ["Crop | Unit | Area"])


def test_semicolons_part_cells_only_beside_alike_lines() -> None:
    assert [s.separator for s in read("Water; 80; 90\nPower; 85; 95")] == [";", ";"]
    assert [s.separator for s in read("The goals are water; power; roads.")] == [""]


def test_paragraphs_count_lines_with_text() -> None:
    found = read("One is here. Two is here.\n\n\nThree is here.")
    assert [s.paragraph for s in found] == [0, 0, 1]


@pytest.mark.parametrize("text", ["", " ", "\n\n", " \n\t\n\u00a0"])
def test_blank_texts_have_no_segments(text: str) -> None:
    assert read(text) == []


PIECES = st.sampled_from(
    [
        *("Điều 1. Mục tiêu", "1.1. ", "a) ", "- ", "II. GOALS", "By 2030:", "a | b | c", "80 | 90 | 2025"),
        *("x; 1; 2", "It is.The end", "Dr. ", "”", "...", "No. 5", "v.v.", " ", "\u00a0", "\t", "12\t13\t14"),
        *("Indicator 2020 2025 2030", "Homes 70 80 90", "Roads 1 2 3"),
    ]
)
TEXTS = st.lists(
    st.tuples(st.one_of(PIECES, st.text(max_size=10)), st.sampled_from(["\n", "\n\n", " ", ". ", ""])),
    max_size=14,
).map(lambda parts: "".join(a + b for a, b in parts))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(TEXTS, st.sampled_from(["en", "vi"]))
def test_every_character_lies_in_exactly_one_segment(text: str, lang: Lang) -> None:
    found = read(text, lang)
    covered = [i for s in found for i in range(s.start, s.end)]
    assert len(covered) == len(set(covered))
    missed = set(range(len(text))) - set(covered)
    assert not "".join(text[i] for i in missed).strip()
    for one, two in pairwise(found):
        assert one.end <= two.start
    for s in found:
        assert 0 <= s.start <= s.body <= s.end <= len(text)
        assert s.start < s.end
        assert all(head.start < s.start for head in s.heads)
        assert (s.separator != "") == (s.kind in ("row", "header"))
