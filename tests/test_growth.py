"""Large documents take time in proportion to their size: twice the values, rows or places, about twice the time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from policyextract.pipeline import extract
from policyextract.types import Document, Lang

MOST = 6.0  # times as long for four times the text: 4 in proportion, 16 squared
_SYLLABLES = [f"{one}{two}" for one in "bdfgklmnprstvz" for two in "aeiou"]


def name(number: int) -> str:
    """A made-up name, another for each number."""
    digits = [number // 70**place % 70 for place in range(3)]
    return "".join(_SYLLABLES[digit] for digit in digits).capitalize()


def repeated(text: str, more: str, size: int) -> str:
    return text + "".join(more.format(n, n % 100, name(n)) for n in range(size))


CASES: dict[str, tuple[Lang, Callable[[int], str], int]] = {
    "values": ("en", lambda n: repeated("The plan. ", "By 2030, {1} percent of homes. ", n), 120),
    "a line without full stops": (
        "en", lambda n: repeated("The plan of the city is ", "{1} percent of homes by 2030 and ", n), 120,
    ),
    "list": ("en", lambda n: repeated("By 2030 the city will:\n", "- insulate {1} percent of homes;\n", n), 100),
    "places": ("en", lambda n: repeated("The plan. ", "By 2030 {2} district has {1} percent. ", n), 100),
    "short lines": ("en", lambda n: repeated("The aims\n", "homes of row {0}\n", n), 1_500),
    "table": ("vi", lambda n: repeated("Chỉ tiêu | 2025 | 2030\n", "Tỷ lệ hộ nghèo {0} (%) | {1} | 5\n", n), 80),
    "lines of values": ("vi", lambda n: repeated("Mục tiêu\n", "{1}% hộ dân năm 2030\n", n), 120),
    "districts": ("vi", lambda n: repeated("Kế hoạch. ", "Năm 2030, huyện {2} có {1}% hộ. ", n), 100),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_time_is_in_proportion_to_size(case: str) -> None:
    lang, text, size = CASES[case]

    def seconds(times: int) -> float:
        document = Document(text(size * times), "x", lang)
        began = time.process_time()
        extract(document, model=None)
        return time.process_time() - began

    seconds(1)
    # A slow moment of the machine does not come twice.
    assert any(seconds(4) / seconds(1) < MOST for _ in range(3))


def test_counting_and_pairing_look_at_each_mention_a_fixed_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a decision looks at does not grow with the document: calls are counted, so no clock is needed."""
    from policyextract.types import Span

    looked = 0
    real = Span.attr

    def attr(self: Span, key: str) -> str | None:
        nonlocal looked
        looked += 1
        return real(self, key)

    monkeypatch.setattr(Span, "attr", attr)
    for case in ("places", "lines of values", "districts"):
        lang, text, _ = CASES[case]
        counts = []
        for size in (40, 160):
            looked = 0
            extract(Document(text(size), "x", lang), model=None)
            counts.append(looked)
        assert counts[1] < 5 * counts[0], case
