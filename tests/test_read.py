"""Plain text, JSON Lines, folders and the doors of the package ``read``."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import pytest

from policyextract.errors import (
    DamagedFileError,
    EmptyFileError,
    LanguageError,
    ReadError,
    UnsupportedFileError,
)
from policyextract.read import find_files, read, read_all
from policyextract.read.plain import decode
from policyextract.types import Document, Failure

CORPUS = Path(__file__).parents[1] / "corpus"
TEXTS = sorted([*CORPUS.glob("en/*.txt"), *CORPUS.glob("vi/*.txt")])
ENGLISH = "By 2030 the council will plant 4,500 trees – “more than ever”, at a cost of £3 million."
VIETNAMESE = "Đến năm 2025, tỉnh phấn đấu 80% hộ nghèo được hỗ trợ; tỷ lệ che phủ rừng đạt 42%."


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def as_1258(text: str) -> bytes:
    """``text`` in Windows-1258, which writes most tone marks as characters of their own."""
    out = b""
    for char in text:
        spread = unicodedata.normalize("NFD", char)
        tones = "".join(mark for mark in spread if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(mark for mark in spread if mark not in tones))
        try:
            out += char.encode("cp1258")
        except UnicodeEncodeError:
            out += (base + tones).encode("cp1258", "replace")
    return out


def test_corpus_texts_are_read_to_the_character() -> None:
    for path in TEXTS:
        document = read(path)
        assert document.text == path.read_bytes().decode(), path
        assert document.lang == path.parent.name, path
        assert document.pages == (0,)
        assert document.title


@pytest.mark.parametrize(
    "text", [f"\n\n  {ENGLISH}  \n\n", f"\t{VIETNAMESE}\n \n", f"{ENGLISH}\u2028\x0c\xa0 \n"]
)
def test_blanks_at_both_ends_stay(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path / "a.txt", text)).text == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [ENGLISH, VIETNAMESE])
def test_unicode_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    assert read(write(tmp_path / "a.txt", text.encode(encoding))).text == text


def test_line_ends_and_marks_become_one_form(tmp_path: Path) -> None:
    spread = unicodedata.normalize("NFD", f"{VIETNAMESE}\r\n{VIETNAMESE}\r{VIETNAMESE}")
    assert read(write(tmp_path / "a.md", spread)).text == "\n".join([VIETNAMESE] * 3)


@pytest.mark.parametrize("length", [20, 40, 80, 100_000])
def test_windows_1258_is_told_from_1252(length: int) -> None:
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")[:length]
        if path.parent.name == "vi":
            data = as_1258(text)
            assert decode(data) == unicodedata.normalize("NFC", data.decode("cp1258")), path
        else:
            data = text.encode("cp1252", "replace")
            if re.search(r"[^\W\d_]\?|\?[^\W\d_]", data.decode("cp1252")) and "?" not in text:
                continue  # letters that the code page does not have: nobody wrote this text in it
            assert decode(data) == data.decode("cp1252"), path


@pytest.mark.parametrize("text", ["São Paulo, Perú", "Così è però", "naïve façade", "£5 – “x”"])
def test_western_words_stay_western(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", EmptyFileError, "empty"),
        (b" \n\t\n", EmptyFileError, "empty"),
        (b"\xef\xbb\xbf", EmptyFileError, "blanks"),
        (b"abc\x00def", DamagedFileError, "binary"),
        (bytes(range(256)) * 40, DamagedFileError, "binary"),
        (b"%PDF-1.7 x", DamagedFileError, "PDF"),
        (b"PK\x03\x04 x", DamagedFileError, "zip"),
        (VIETNAMESE.encode()[:20] + b"\xff" + VIETNAMESE.encode()[20:], DamagedFileError, "UTF-8"),
        (ENGLISH.encode("utf-16")[:-1], DamagedFileError, "breaks off"),
        (
            "Le gouvernement a adopté un plan qui prévoit de raccorder tous les foyers à la fibre.",
            LanguageError,
            "French",
        ),
        ("คณะรัฐมนตรีอนุมัติแผนแม่บทเพื่อให้ทุกครัวเรือนเข้าถึงอินเทอร์เน็ต", LanguageError, "Thai"),
    ],
)
def test_what_is_no_text_says_why(
    tmp_path: Path, content: bytes | str, error: type[ReadError], words: str
) -> None:
    path = write(tmp_path / "a.txt", content)
    with pytest.raises(error, match=words):
        read(path)
    [failure] = read_all(path, name="folder/a.txt")
    assert isinstance(failure, Failure)
    assert (failure.path, failure.error) == ("folder/a.txt", error.__name__)
    assert words in failure.reason


@pytest.mark.parametrize("name", ["a.doc", "a.xlsx", "a.jpg", "a.zip", "a.xyz", "noending", "a.jsonl"])
def test_unknown_types_say_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsupportedFileError, match=r"read|use read_all"):
        read(write(tmp_path / name, "text"))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="could not be opened"):
        read(tmp_path / "none.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(UnsupportedFileError, match="folder"):
        read(tmp_path / "folder.txt")


def test_language_of_short_mixed_and_unmarked_texts(tmp_path: Path) -> None:
    cases = {
        "GRDP 8%": "en",
        "x": "en",
        "Tỷ lệ 80%": "vi",
        "TT | Chỉ tiêu | Đơn vị | 2025": "vi",
        "Kinh te so chiem 20% GRDP den nam 2025": "vi",
        "Nguyễn Văn Anh and Trần Đình Thắng said Đà Nẵng will invest": "en",
        f"{ENGLISH} {VIETNAMESE} {VIETNAMESE} {VIETNAMESE}": "vi",
        f"{ENGLISH} {ENGLISH} {ENGLISH} Chỉ tiêu năm 2025.": "en",
    }
    for text, lang in cases.items():
        assert read(write(tmp_path / "a.txt", text)).lang == lang, text


def test_vietnamese_without_marks_is_vietnamese(tmp_path: Path) -> None:
    for path in TEXTS:
        if path.parent.name == "vi":
            spread = unicodedata.normalize(
                "NFD", path.read_text(encoding="utf-8").replace("đ", "d").replace("Đ", "D")
            )
            bare = "".join(char for char in spread if not unicodedata.combining(char))
            assert read(write(tmp_path / "a.txt", bare)).lang == "vi", path


def test_json_lines(tmp_path: Path) -> None:
    records = [
        {"id": "a", "text": f"  {ENGLISH}\r\n", "title": "T", "date": "2025-07-14T08:00:00Z"},
        {"id": 7, "text": unicodedata.normalize("NFD", VIETNAMESE), "lang": "vi-VN"},
        {"id": "a", "text": ENGLISH},
        {"id": "c"},
        {"text": ENGLISH},
        {"id": "e", "text": " "},
        {"id": "f", "text": ENGLISH, "lang": "fr"},
        {"id": "g", "text": ENGLISH, "date": "14/07/2025"},
        [1],
        {"id": "h", "text": "\ud800"},
    ]
    lines = [json.dumps(record) for record in records]
    path = write(tmp_path / "a.jsonl", "\ufeff" + "\r\n".join([*lines[:2], "", "{broken", *lines[2:]]) + "\n")
    first, second, *failures = read_all(path, name="x/a.jsonl")
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (first.path, first.text, first.title) == ("x/a.jsonl#a", f"  {ENGLISH}\n", "T")
    assert first.date == dt.date(2025, 7, 14)
    assert (second.path, second.text, second.lang) == ("x/a.jsonl#7", VIETNAMESE, "vi")
    assert [failure.path for failure in failures] == [
        f"x/a.jsonl#line{n}" for n in (4, 5, 6, 7, 8, 9, 10, 11, 12)
    ]
    assert all(isinstance(failure, Failure) and failure.reason.startswith("line ") for failure in failures)


def test_find_files(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "corpus"
    for name in (
        "b/2.txt", "b/10.HTML", "a.pdf", "c.docx", "d.jsonl", "e.md", "f.htm", "scan.jpg", "old.doc", "noending",
        "gold.json", "table.csv", "run.py", ".hidden.txt", ".git/x.txt", "~$c.docx", "page.html",
        "page_files/logo.png", "Thumbs.db", "b/__pycache__/x.txt",
    ):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write(root / name, "x")
    outside.mkdir()
    write(outside / "secret.txt", "x")
    (root / "link.txt").symlink_to(outside / "secret.txt")
    (root / "linked").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "inner.txt").symlink_to(root / "e.md")
    found = [path.relative_to(root).as_posix() for path in find_files(root)]
    assert found == [
        "a.pdf", "b/10.HTML", "b/2.txt", "c.docx", "d.jsonl", "e.md", "f.htm", "inner.txt", "noending", "old.doc",
        "page.html", "scan.jpg",
    ]  # fmt: skip
    assert find_files(root / "e.md") == [root / "e.md"]


NOBODY = 65534


def test_a_folder_that_cannot_be_opened_is_reported() -> None:
    with (
        tempfile.TemporaryDirectory() as name
    ):  # not below the folder of pytest, which only its owner may enter
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir(mode=0)
        write(folder / "a.txt", "x")
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        if root:  # who may open every folder
            os.seteuid(NOBODY)
        try:
            found = find_files(folder)
        finally:
            if root:
                os.seteuid(0)
            (folder / "closed").chmod(0o700)
        assert found == [folder / "a.txt", folder / "closed"]


def test_the_dataset_of_an_earlier_run_is_no_document(tmp_path: Path) -> None:
    for name in ("out/targets.jsonl", "out/run.json", "out/datapackage.json", "more/targets.jsonl", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, "x")
    found = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path)]
    assert found == ["a.txt", "more/targets.jsonl"]


def test_import_is_quick_and_heavy_packages_wait() -> None:
    code = (
        "import sys, policyextract.read; "
        "print([m for m in ('pdfplumber','trafilatura','docx','lxml','py3langid','numpy','charset_normalizer') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
