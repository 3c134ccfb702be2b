"""Tokens and numbers in the conventions of both languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract import lexicon
from policyextract.errors import LexiconError
from policyextract.types import Lang

LANGS = st.sampled_from(["en", "vi"])


@pytest.mark.parametrize(
    ("lang", "text", "norms", "reason"),
    [
        ("en", "At 7.5 per cent", ("at", "7.5", "per cent"), "a unit of two words is one token"),
        ("en", "80% of homes", ("80", "%", "of", "homes"), "a glued percent sign is parted"),
        ("en", "VND4.6 billion", ("vnd", "4.6", "billion"), "a glued currency is parted"),
        ("en", "US$5", ("us$", "5"), "US$ is one sign"),
        ("en", "the G20 and CO2", ("the", "g20", "and", "co2"), "a code is one token"),
        ("en", "a 5G network", ("a", "5g", "network"), "a generation of networks is one token"),
        ("en", "12\u00a0000 homes", ("12\u00a0000", "homes"), "a hard blank between thousands"),
        ("en", "twenty-one homes", ("twenty - one", "homes"), "tens and units are one number"),
        ("en", "one hundred and five", ("one hundred and five",), "and inside a number"),
        ("en", "five and ten", ("five", "and", "ten"), "and between two numbers"),
        ("en", "five ten", ("five", "ten"), "two small words in a row are two numbers"),
        ("en", "the city's plan", ("the", "city", "'s", "plan"), "a possessive"),
        ("en", "a\n\n\nb", ("a", "\n", "b"), "line ends are one token"),
        ("vi", "7,5 phần trăm", ("7,5", "phần trăm"), "a unit of two words"),
        ("vi", "hai mươi lăm xã", ("hai mươi lăm", "xã"), "number words are one token"),
        ("vi", "một trăm linh năm hộ", ("một trăm linh năm", "hộ"), "linh joins the units"),
        ("vi", "1,5 nghìn tỷ đồng", ("1,5", "nghìn tỷ", "đồng"), "two scale words"),
    ],
)
def test_tokens(lang: Lang, text: str, norms: tuple[str, ...], reason: str) -> None:
    assert lexicon.tokenise(text, lang).norms == norms, reason


@pytest.mark.parametrize(
    ("lang", "norm", "number", "reason"),
    [
        ("en", "1,200", 1200, "thousands comma"),
        ("en", "1,234,567", 1234567, "two thousands commas"),
        ("en", "1.200", 1.2, "a decimal point, whatever follows"),
        ("en", "1,234.5", 1234.5, "both marks"),
        ("en", "1.234,5", 1234.5, "the last mark is the decimal one"),
        ("en", "1.234.567", 1234567, "a mark that comes twice is no decimal one"),
        ("en", "2,77,688", 277688, "Indian grouping"),
        ("en", "7,5", 7.5, "a decimal comma in an English text"),
        ("en", "12\u00a0000", 12000, "hard blank"),
        ("en", "2025", 2025, "no mark"),
        ("en", "0.05", 0.05, "less than one"),
        ("en", "twelve", 12, "a word"),
        ("en", "twenty - one", 21, "tens and units"),
        ("en", "one hundred and five", 105, "hundreds"),
        ("en", "seven thousand two hundred", 7200, "thousands and hundreds"),
        ("en", "hundred", None, "a scale without a number"),
        ("en", "homes", None, "a word that is no number"),
        ("en", "9" * 30, None, "too large to mean anything"),
        ("vi", "1.200", 1200, "thousands point"),
        ("vi", "1.234.567", 1234567, "two thousands points"),
        ("vi", "7,5", 7.5, "decimal comma"),
        ("vi", "1.234,5", 1234.5, "both marks"),
        ("vi", "1,234.5", 1234.5, "the last mark is the decimal one"),
        ("vi", "42.02", 42.02, "a decimal point in a Vietnamese text"),
        ("vi", "0,05", 0.05, "less than one"),
        ("vi", "mười hai", 12, "ten and units"),
        ("vi", "hai mươi mốt", 21, "mốt after a ten is one"),
        ("vi", "hai mươi lăm", 25, "lăm after a ten is five"),
        ("vi", "ba trăm", 300, "hundreds"),
        ("vi", "một trăm linh năm", 105, "linh joins the units"),
        ("vi", "hai nghìn ba trăm", 2300, "thousands and hundreds"),
        ("vi", "xã", None, "a word that is no number"),
    ],
)
def test_numbers(lang: Lang, norm: str, number: float | None, reason: str) -> None:
    assert lexicon.parse_number(norm, lang) == number, reason


@pytest.mark.parametrize(
    ("norm", "expected"),
    [("1949", False), ("1950", True), ("2030", True), ("2099", True), ("2100", False), ("2,025", False)],
)
def test_years(norm: str, expected: bool) -> None:
    assert lexicon.is_year(norm) is expected


@pytest.mark.parametrize(
    ("lang", "norm", "expected", "reason"),
    [
        ("en", "12", True, "figures"),
        ("en", "twelve", True, "a word"),
        ("en", "a", False, "the article alone"),
        ("vi", "năm", False, "alone it is the year, not five"),
        ("vi", "một", False, "alone it is the article"),
        ("vi", "hai", True, "a word"),
    ],
)
def test_what_is_a_number(lang: Lang, norm: str, expected: bool, reason: str) -> None:
    assert lexicon.is_number(norm, lang) is expected, reason


def test_tables_are_read_or_named() -> None:
    assert "%" in lexicon.word_sets("en", "words")["PCT"]
    with pytest.raises(LexiconError, match=r"data/en/nothing\.json cannot be read.*reinstall"):
        lexicon.table("en", "nothing")


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 10**15))
def test_grouped_figures_are_read_back(number: int) -> None:
    grouped = f"{number:,}"
    assert lexicon.parse_number(grouped, "en") == number
    assert lexicon.parse_number(grouped.replace(",", "."), "vi") == number
    assert lexicon.parse_number(str(number), "vi") == number


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.integers(0, 99))
def test_decimals_are_read_back(whole: int, hundredths: int) -> None:
    expected = float(f"{whole}.{hundredths:02d}")
    english = f"{whole:,}.{hundredths:02d}"
    assert lexicon.parse_number(english, "en") == expected
    assert lexicon.parse_number(english.translate({44: 46, 46: 44}), "vi") == expected


SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
DIGITS = "không một hai ba bốn năm sáu bảy tám chín".split()


def english(number: int) -> str:
    """A number from 1 to 999,999 in words."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10 - 2] + (f"-{SMALL[number % 10]}" if number % 10 else "")
    size, word, join = (100, "hundred", " and ") if number < 1000 else (1000, "thousand", " ")
    rest = number % size
    return f"{english(number // size)} {word}" + (f"{join}{english(rest)}" if rest else "")


def vietnamese(number: int) -> str:
    """A number from 1 to 999 in words."""
    if number < 10:
        return DIGITS[number]
    if number < 100:
        ten = "mười" if number < 20 else f"{DIGITS[number // 10]} mươi"
        units = {0: "", 1: "một" if number < 20 else "mốt", 5: "lăm"}.get(number % 10, DIGITS[number % 10])
        return f"{ten} {units}".strip()
    rest = number % 100
    tail = "" if not rest else f" linh {DIGITS[rest]}" if rest < 10 else f" {vietnamese(rest)}"
    return f"{DIGITS[number // 100]} trăm{tail}"


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 999_999))
def test_english_number_words_are_one_token_and_read_back(number: int) -> None:
    tokens = lexicon.tokenise(english(number), "en")
    assert [lexicon.parse_number(norm, "en") for norm in tokens.norms] == [number]


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 999))
def test_vietnamese_number_words_are_one_token_and_read_back(number: int) -> None:
    tokens = lexicon.tokenise(vietnamese(number), "vi")
    assert [lexicon.parse_number(norm, "vi") for norm in tokens.norms] == [number]


WORDS = st.sampled_from(
    ["per cent", "VND4.6", "twenty-one", "hai mươi", "7,5%", "\n\n", "US$", "G20", "İ", "điều", "\u00a0", "½"]
)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=10).map(" ".join), LANGS)
def test_tokens_cover_the_text_in_order(text: str, lang: Lang) -> None:
    tokens = lexicon.tokenise(text, lang)
    assert len(tokens) == len(tokens.norms) == len(tokens.starts) == len(tokens.ends)
    last = 0
    for start, end in zip(tokens.starts, tokens.ends, strict=True):
        assert last <= start < end <= len(text)
        assert not text[last:start].strip()
        last = end
    assert not text[last:].strip()


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=12), LANGS)
def test_no_token_breaks_the_reading_of_numbers(norm: str, lang: Lang) -> None:
    number = lexicon.parse_number(norm, lang)
    assert number is None or 0 <= number < 1e18
