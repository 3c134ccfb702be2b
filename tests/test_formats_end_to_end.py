"""The same text as PDF, Word and a news page yields the same targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import formats
import pytest

from policyextract.pipeline import extract
from policyextract.read import read
from policyextract.types import Target

CORPUS = Path(__file__).parents[1] / "corpus"
NAMES = (
    "en/en-dx-02",  # a resolution with articles and lettered items
    "en/en-dx-17",  # a table of indicators
    "en/en-nat-07",  # a national strategy with a table
    "en/en-wn-08",  # news
    "en/en-vn-04",
    "en/en-world-08",
    "vi/vi-02",
    "vi/vi-vb-04",
    "vi/vi-vb-19",
)
WRITERS: dict[str, Callable[[str, Path], None]] = {
    ".pdf": formats.as_pdf,
    ".docx": formats.as_docx,
    ".html": formats.as_html,
}
Row = tuple[object, ...]


@pytest.mark.parametrize("suffix", WRITERS)
def test_targets_do_not_depend_on_the_format(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")  # reportlab's date of creation, else today
    found: Counter[str] = Counter()
    strict: Counter[str] = Counter()
    for name in NAMES:
        document = read(CORPUS / f"{name}.txt")
        path = tmp_path / f"document{suffix}"
        WRITERS[suffix](document.text, path)
        text, file = extract(document), extract(read(path))
        found += _agreement(text, file, _value)
        strict += _agreement(text, file, _row)
    assert found["text"] > 80
    assert _f1(found) >= 0.95
    assert _f1(strict) >= 0.90


def _value(target: Target) -> Row:
    """What makes a row the same target where offsets cannot be compared: number and unit agree."""
    return target.number, target.number_high, target.unit, target.comparator


def _row(target: Target) -> Row:
    return (
        *_value(target),
        target.change,
        target.per,
        target.level,
        target.year,
        target.locality,
        target.metric,
    )


def _agreement(text: list[Target], file: list[Target], key: Callable[[Target], Row]) -> Counter[str]:
    ours, theirs = Counter(map(key, text)), Counter(map(key, file))
    return Counter(text=ours.total(), file=theirs.total(), both=(ours & theirs).total())


def _f1(counts: Counter[str]) -> float:
    return 2 * counts["both"] / (counts["text"] + counts["file"])
