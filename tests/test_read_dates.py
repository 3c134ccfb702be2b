"""The dates of publication that texts state."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

from policyextract.read import read
from policyextract.read.dateline import find_date
from policyextract.types import Lang

HERE = Path(__file__).parent
TEXTS = sorted((HERE.parent / "corpus").glob("*/*.txt"))
ROWS = [
    line.split("\t") for line in (HERE / "tables/read_dates.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


@pytest.mark.parametrize(("lang", "expected", "text", "reason"), ROWS, ids=[row[3] for row in ROWS])
def test_table(lang: Lang, expected: str, text: str, reason: str) -> None:
    found = find_date(text.replace("\\n", "\n"), lang)
    assert found == (dt.date.fromisoformat(expected) if expected else None), reason


def test_most_corpus_texts_have_a_plausible_date() -> None:
    documents = [read(path) for path in TEXTS]
    dates = [document.date for document in documents if document.date]
    assert len(dates) >= 0.8 * len(documents)
    assert all(dt.date(2018, 1, 1) <= date <= dt.date(2026, 12, 31) for date in dates)


def test_a_document_takes_about_a_millisecond() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TEXTS]
    start = time.perf_counter()
    for text in texts:
        find_date(text, "en")
    assert (time.perf_counter() - start) / len(texts) < 0.005
