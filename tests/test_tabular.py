"""Rows of tables in running text: their separator, their columns, their cells."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policyextract.tabular import ALIGNED, cells, has_columns, separator_of, year_columns

BAR, TAB, GAP, SEMICOLON = "|", "\t", "   ", ";"
SEPARATORS = (BAR, TAB, GAP, SEMICOLON, ALIGNED)


def texts(line: str, separator: str) -> list[str]:
    return [line[start:end] for start, end in cells(line, separator)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Fibre | % | 80", BAR),
        ("Fibre | 80", ""),
        ("Fibre\t%\t80", TAB),
        ("Fibre\t80", ""),
        ("Fibre   %   80", GAP),
        ("Fibre      %        80", GAP),
        ("Fibre  %  80", ""),  # two blanks are a typing error
        ("   Fibre   80   ", ""),  # blanks at the ends part nothing
        ("Fibre | %   80   90 | 95", BAR),  # bars go before gaps
        ("Fibre; %; 80", ""),  # semicolons show a row only beside another
        ("By 2025, 80 percent of homes will have fibre.", ""),
        ("", ""),
    ],
)
def test_separator_of_a_line_that_shows_by_itself_to_be_a_row(line: str, expected: str) -> None:
    assert separator_of(line) == expected


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("Indicator Unit 2023 2025 2030", 3),
        ("No. Indicator Unit 2023 (actual) 2025 (target) Lead agency", 2),
        ("Chỉ tiêu Đơn vị năm 2023 năm 2025", 2),
        ("Indicator Unit 2021-2025 2026-2030", 2),
        ("Indicator FY 2024 FY 2025", 2),
        ("Indicator Unit 2025", 0),  # one year is no row of years
        ("2023 2025 2030", 0),  # years alone head no label
        ("The plan of 2021 was revised in 2023.", 0),
        ("In 2021, 2023 and 2025, reports are due", 0),
        ("By 2025.", 0),
        ("Indicator 1899 3025", 0),
        ("one two three four five six seven eight nine ten eleven twelve thirteen 2023 2025", 0),
    ],
)
def test_columns_of_years_that_a_header_announces(line: str, count: int) -> None:
    assert year_columns(line) == count


@pytest.mark.parametrize(
    ("line", "count", "expected"),
    [
        ("Households with fibre % 61 80 95", 3, True),
        ("Households with fibre % 61 80 95", 2, False),
        ("1 Households with fibre % 61 80", 2, True),
        ("Households with fibre 61% 80%", 2, True),
        ("Households with fibre at least 61 over 80", 2, True),
        ("Digital firms 1,200 1.500", 2, True),
        ("Growth 9-10 10 – 11", 2, True),
        ("Growth - 10", 2, True),
        ("Tỷ lệ hộ nghèo dưới 2 trên 90", 2, True),
        ("Households with fibre % 61 80 Department of Information", 2, True),
        ("61 80", 2, False),  # no label
        ("No 61 80", 2, False),  # a label has three letters
        ("Households with fibre", 2, False),
        ("By 2025, 80 percent of homes", 2, False),
    ],
)
def test_lines_of_a_label_and_figures(line: str, count: int, expected: bool) -> None:
    assert has_columns(line, count) is expected


@pytest.mark.parametrize(
    ("line", "separator", "expected"),
    [
        ("Fibre | % | 61 | 80", BAR, ["Fibre", "%", "61", "80"]),
        ("| Fibre | 61 |", BAR, ["", "Fibre", "61", ""]),
        ("Fibre || 80", BAR, ["Fibre", "", "80"]),
        ("Fibre\t%\t80", TAB, ["Fibre", "%", "80"]),
        ("Fibre    with us      %   80", GAP, ["Fibre", "with us", "%", "80"]),
        ("Fibre; %; 80", SEMICOLON, ["Fibre", "%", "80"]),
        ("Fibre", BAR, ["Fibre"]),
        ("", BAR, [""]),
        ("Fibre lines % 61 80", ALIGNED, ["Fibre lines %", "61", "80"]),
        ("Fibre lines % 61 80 Post Office", ALIGNED, ["Fibre lines %", "61", "80", "Post Office"]),
        ("Item Unit 2023 (actual) 2025", ALIGNED, ["Item Unit", "2023 (actual)", "2025"]),
        ("Fibre lines", ALIGNED, ["Fibre lines"]),
    ],
)
def test_cells_of_a_row(line: str, separator: str, expected: list[str]) -> None:
    assert texts(line, separator) == expected


def test_header_and_rows_of_an_aligned_table_have_as_many_cells() -> None:
    header, *rows = (
        "Indicator Unit 2023 2025 2030",
        "Households with fibre % 61 80 95",
        "Digital firms firms 420 900 1,500",
    )
    count = year_columns(header)
    assert all(has_columns(row, count) for row in rows)
    assert {len(cells(line, ALIGNED)) for line in (header, *rows)} == {count + 1}


PIECES = st.sampled_from(
    [
        *("|", " | ", "||", "\t", "   ", "     ", "; ", ";", " ", "  ", "-", "–", "…", "%", "(target)"),
        *("Households with fibre", "Chỉ tiêu", "năm 2025", "2023", "2030", "2021-2025", "FY 2024", "1,200"),
        *("61", "80.5", "at least 90", "trên 90%", "9-10", "1st", "2025/26", "(actual)", ".", ","),
    ]
)
LINES = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=14).map("".join)
BLANKED = st.lists(PIECES, max_size=14).map(" ".join)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.one_of(LINES, BLANKED), st.sampled_from(SEPARATORS))
@example("", BAR)
@example("   ", GAP)
@example("| | |", BAR)
@example("2023 2025", ALIGNED)
def test_cells_are_ordered_inside_the_text_and_apart(line: str, separator: str) -> None:
    found = cells(line, separator)
    assert found
    assert all(0 <= start <= end <= len(line) for start, end in found)
    assert all(one[1] <= two[0] for one, two in pairwise(found))


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.one_of(LINES, BLANKED), st.sampled_from(SEPARATORS[:-1]))  # words between years are in no cell
def test_between_cells_stands_nothing_but_blanks_and_the_separator(line: str, separator: str) -> None:
    found = cells(line, separator)
    between = [line[: found[0][0]], *(line[a[1] : b[0]] for a, b in pairwise(found)), line[found[-1][1] :]]
    assert not any(part.strip().strip(separator.strip()).strip() for part in between)


WORDS = st.lists(
    st.text(alphabet="abcdeăđ%1290.", min_size=1, max_size=6), min_size=1, max_size=6
)  # cells without separators


@settings(deadline=None, max_examples=100, derandomize=True)
@given(WORDS, st.sampled_from((" | ", "|", "\t", "    ", "; ")))
def test_joined_cells_come_apart_again(row: list[str], joint: str) -> None:
    separator = GAP if joint == "    " else joint.strip(" ")
    assert texts(joint.join(row), separator) == row


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.one_of(LINES, BLANKED).filter(lambda line: line.strip()))
def test_a_separator_that_is_found_parts_the_line(line: str) -> None:
    separator = separator_of(line)
    assert separator in ("", BAR, TAB, GAP)
    assert not separator or len(cells(line, separator)) >= 2


@settings(deadline=None, max_examples=150, derandomize=True)
@given(BLANKED.filter(lambda line: line.strip()), st.integers(2, 6))
def test_a_line_has_one_number_of_columns(line: str, count: int) -> None:
    line = line.strip()
    assert year_columns(line) in (0, *range(2, 40))
    assert not (has_columns(line, count) and has_columns(line, count + 1))
