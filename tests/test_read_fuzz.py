"""Damaged files of each format: a document or a reason, never a crash."""

from __future__ import annotations

import json
import logging
import unicodedata
from bisect import bisect_right
from pathlib import Path

import formats
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract import errors
from policyextract.read import read_all
from policyextract.types import Document

CORPUS = Path(__file__).parents[1] / "corpus"
TEXT = (CORPUS / "en/en-vn-04.txt").read_text(encoding="utf-8")
SUFFIXES = (".txt", ".md", ".html", ".pdf", ".docx", ".jsonl")
REASONS = {name for name in vars(errors) if name.endswith("Error")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whole")
    paths = {suffix: folder / f"a{suffix}" for suffix in SUFFIXES}
    formats.as_html(TEXT, paths[".html"])
    formats.as_pdf(TEXT, paths[".pdf"])
    formats.as_docx(TEXT, paths[".docx"])
    for suffix in (".txt", ".md"):
        paths[suffix].write_text(TEXT, encoding="utf-8")
    lines = [json.dumps({"id": n, "text": part}) for n, part in enumerate(TEXT.split("\n\n"))]
    paths[".jsonl"].write_text("\n".join(lines), encoding="utf-8")
    return paths


def damage(data: bytes, choices: list[tuple[int, int, int]]) -> bytes:
    """``data`` with stretches overwritten, cut out, doubled, or all behind them lost."""
    for kind, place, size in choices:
        start = place % max(len(data), 1)
        stop = min(start + size % 400 + 1, len(data))
        if kind == 0:
            data = data[:start] + bytes((place * n) % 256 for n in range(stop - start)) + data[stop:]
        elif kind == 1:
            data = data[:start] + data[stop:]
        elif kind == 2:
            data = data[:stop] + data[start:stop] * 2 + data[stop:]
        elif kind == 3:
            data = data[:start]
        else:
            data = data[:start] + bytes(stop - start) + data[stop:]
    return data


def check(path: Path) -> None:
    for result in read_all(path, name="x"):
        assert result.path.startswith("x")
        if isinstance(result, Document):
            assert result.text.strip()
            assert unicodedata.is_normalized("NFC", result.text)
            assert "\r" not in result.text
            assert result.pages[0] == 0
            assert list(result.pages) == sorted(result.pages)
            assert result.pages[-1] <= len(result.text)
            assert bisect_right(result.pages, 0) >= 1
        else:
            assert result.error in REASONS
            assert len(result.reason) > 10


CHOICES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 10**7), st.integers(0, 10**4)), min_size=1, max_size=4
)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(choices=CHOICES)
def test_damaged_files(whole: dict[str, Path], suffix: str, choices: list[tuple[int, int, int]]) -> None:
    path = whole[suffix].parent / f"damaged{suffix}"
    path.write_bytes(damage(whole[suffix].read_bytes(), choices))
    check(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(data=st.binary(max_size=300))
def test_random_bytes(whole: dict[str, Path], suffix: str, data: bytes) -> None:
    path = whole[suffix].parent / f"random{suffix}"
    start = {".pdf": b"%PDF-1.7\n", ".html": b"<html><p>", ".docx": b"PK\x03\x04"}.get(suffix, b"")
    path.write_bytes(start + data)
    check(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("right", SUFFIXES)
def test_wrong_endings(
    whole: dict[str, Path], right: str, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = whole[right].parent / f"wrong{suffix}"
    path.write_bytes(whole[right].read_bytes())
    check(path)
    assert capsys.readouterr() == ("", "")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.text(max_size=200))
def test_any_text_is_read_to_the_character(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    text = unicodedata.normalize(
        "NFC", f"The plan of the city is to grow by 2030. {text} The end of the plan."
    )
    path.write_text(text.replace("\r", "").removeprefix("\ufeff"), encoding="utf-8", newline="")
    for result in read_all(path):
        if isinstance(result, Document):
            assert result.text == text.replace("\r", "").removeprefix("\ufeff")
        else:
            assert result.error in ("DamagedFileError", "LanguageError")


def test_readers_log_nothing(whole: dict[str, Path], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for path in whole.values():
            check(path)
    assert not caplog.records
