"""Scans: pages that are pictures, turned, soiled, mixed with pages of text, hostile, and what is kept of the reading."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import formats
import pypdfium2
import pytest
import scans
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from policyextract.dataset.documents import Documents
from policyextract.errors import NoTextError, ReadError
from policyextract.pipeline import extract, extract_corpus
from policyextract.read import Ocr, find_ocr, read
from policyextract.read.limits import MOST_PIXELS
from policyextract.read.pdf import _careful, _quick
from policyextract.types import Document

OCR = find_ocr()
EASY = find_ocr("eng") if "eng" in OCR.languages.split("+") and OCR.program else OCR  # takes half the time
needs_tesseract = pytest.mark.skipif(OCR.missing is not None, reason=OCR.missing or "")

ENGLISH = """Climate plan of the city of Leeds

Leeds, 14 July 2025 – The council adopted the plan after a debate of seven hours, with the votes of all of its groups and against the advice of the chamber of commerce.

By 2030, at least 85% of households in Leeds will be connected to the district heating network, and the number of electric buses is to rise to 1,200 by 2028.
"""
VIETNAMESE = """Nghị quyết về phát triển kinh tế số tỉnh Quảng Ninh

Quảng Ninh, ngày 14 tháng 7 năm 2025

Đến năm 2030, tỷ lệ hộ gia đình ở tỉnh Quảng Ninh sử dụng Internet băng rộng cáp quang đạt trên 90%, kinh tế số chiếm tối thiểu 35% GRDP của tỉnh.
"""
TABLE = """Targets of the province of Quang Ninh by 2030

Indicator | Unit | Target by 2030
Share of households with a broadband connection at home | % | 95
Share of rural residents that are supplied with clean water | % | 85
Number of communes that meet the standards of new rural areas | commune | 98
"""


def printed(text: str, path: Path) -> Path:
    formats.as_pdf(text, path)
    return path


def scanned(
    text: str, tmp_path: Path, change: Callable[[Image.Image], Image.Image] = lambda page: page
) -> Path:
    path = tmp_path / "scan.pdf"
    scans.wrap([change(page) for page in scans.pictures(printed(text, tmp_path / "text.pdf"))], path)
    return path


def joined(path: Path, *parts: Path) -> Path:
    with pypdfium2.PdfDocument.new() as whole:
        for part in parts:
            with pypdfium2.PdfDocument(part) as pages:
                whole.import_pages(pages)
        whole.save(path)
    return path


def values(document: Document) -> list[str]:
    return [target.value for target in extract(document, model=None)]


@needs_tesseract
@pytest.mark.parametrize(
    "change",
    [
        lambda page: scans.turn(scans.tilt(page, 1.5), 1),  # upright it would stand upon its head
        lambda page: scans.soil(scans.tilt(page, -2), random.Random(1)),
    ],
    ids=["askew and sideways", "soiled"],
)
def test_a_scan_says_what_the_text_says(change: Callable[[Image.Image], Image.Image], tmp_path: Path) -> None:
    document = read(scanned(VIETNAMESE, tmp_path, change), ocr=OCR)
    assert document.lang == "vi"
    assert values(document) == ["đạt trên 90%", "tối thiểu 35%"]
    assert "\nĐến năm 2030, tỷ lệ hộ gia đình ở tỉnh Quảng Ninh sử dụng" in document.text  # in one paragraph
    assert unicodedata.is_normalized("NFC", document.text)
    assert "Page 1" not in document.text
    [sure] = document.ocr
    assert sure is not None and 0.85 < sure <= 1


@needs_tesseract
def test_only_pages_without_text_are_read_by_ocr(tmp_path: Path) -> None:
    text, scan = printed(ENGLISH, tmp_path / "a.pdf"), scanned(ENGLISH.replace("85%", "77%"), tmp_path)
    other = printed(ENGLISH.replace("85%", "66%"), tmp_path / "b.pdf")
    mixed = joined(tmp_path / "mixed.pdf", text, scan, other)
    document = read(mixed, ocr=EASY)
    first, second, third = document.ocr
    assert first is None and third is None and second is not None
    _, start, end = document.pages
    assert document.text[start:end].startswith("Climate plan") and "77%" in document.text[start:end]
    targets = extract(document, model=None)
    assert [target.page for target in targets if "ocr" in target.source] == [2, 2]
    sure = {t.page: t.confidence for t in targets if t.value.endswith("%")}
    assert sure[1] is not None and sure[2] is not None and sure[2] < sure[1]
    assert not any(target.auto_accept for target in targets if target.page == 2)


@needs_tesseract
def test_a_ruled_table_of_a_scan_is_a_table(tmp_path: Path) -> None:
    document = read(scanned(TABLE, tmp_path, lambda page: scans.tilt(page, 1)), ocr=EASY)
    assert "Share of rural residents that are supplied with clean water | % | 85\n" in document.text


def test_both_readers_take_the_same_pages_for_scans(tmp_path: Path) -> None:
    path, picture = tmp_path / "a.pdf", ImageReader(Image.new("L", (60, 60), 200))
    canvas = Canvas(str(path), pagesize=(600, 600))
    canvas.beginForm("framed")
    canvas.drawImage(picture, 0, 0, 100, 100)
    canvas.endForm()

    def page(text: str, *, wide: float = 0, form: bool = False, curves: int = 0, quarters: int = 0) -> None:
        for row in range(0, len(text), 80):
            canvas.drawString(40, 560 - row / 5, text[row : row + 80])
        if wide:
            canvas.drawImage(picture, 0, 0, wide, wide)
        if form:
            canvas.doForm("framed")
        for number in range(curves):
            canvas.circle(20 + 5 * (number % 50), 300 + 5 * (number // 50), 2)
        canvas.setPageRotation(90 * quarters)
        canvas.showPage()

    page(ENGLISH.replace("\n", " "))
    page("Signed by the office", wide=580)
    page("Signed by the office", wide=580, quarters=1)
    page("12", form=True)
    page("A picture of a mayor", wide=300)
    page("13", curves=150)
    page("")
    canvas.save()
    quick, careful = _quick(path.read_bytes()), _careful(path.read_bytes())
    assert quick is not None  # scans do not make the reading of the other pages slow
    assert quick.ocr == careful.ocr == (None, 0.0, 0.0, 0.0, None, 0.0, None)


def test_without_ocr_the_failure_says_what_to_do(tmp_path: Path) -> None:
    scan = scanned(ENGLISH, tmp_path)
    with pytest.raises(
        NoTextError, match=r"--ocr.*apt install tesseract-ocr tesseract-ocr-eng tesseract-ocr-vie"
    ):
        read(scan)


def test_without_tesseract_the_failure_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    scanned(ENGLISH, tmp_path).rename(tmp_path / "in" / "scan.pdf")
    (tmp_path / "in" / "text.txt").write_text(ENGLISH, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "policyextract",
        "extract",
        "in",
        "-o",
        "out",
        "--ocr",
        "--no-model",
        "-w",
        "1",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "documents  1" in done.stdout
    failure = (tmp_path / "out" / "failures.csv").read_text("utf-8-sig").splitlines()[1]
    assert failure.startswith("scan.pdf,NoTextError,")
    assert "not installed" in failure and "apt install tesseract-ocr" in failure


def test_a_page_that_was_not_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text, scan = printed(ENGLISH, tmp_path / "a.pdf"), scanned(ENGLISH, tmp_path)
    joined(tmp_path / "in" / "mixed.pdf", text, scan)
    run = extract_corpus(tmp_path / "in", tmp_path / "out", model=None)
    assert [(page.doc, page.page, page.confidence) for page in run.doubtful] == [("mixed.pdf", 2, 0.0)]
    assert json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["doubtful_pages"][0]["page"] == 2


@needs_tesseract
def test_scans_that_failed_are_read_again_with_ocr_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    scanned(ENGLISH, tmp_path).rename(tmp_path / "in" / "scan.pdf")
    (tmp_path / "in" / "text.txt").write_text(ENGLISH, encoding="utf-8")
    out = tmp_path / "out"
    first = extract_corpus(tmp_path / "in", out, model=None)
    assert (first.documents, len(first.failures), first.taken_over) == (1, 1, 0)
    second = extract_corpus(tmp_path / "in", out, model=None, ocr=EASY)
    assert (second.documents, len(second.failures), second.taken_over) == (2, 0, 1)
    third = extract_corpus(tmp_path / "in", out, model=None, ocr=EASY)
    assert third.taken_over == 2
    with Documents(out) as documents:
        assert documents["scan.pdf"].ocr[0] and documents["text.txt"].ocr == ()
    assert [target for target in third.load() if "ocr" in target.source]
    newer = Ocr(EASY.languages, EASY.program, "tesseract 9")
    assert extract_corpus(tmp_path / "in", out, model=None, ocr=newer).taken_over == 1


@needs_tesseract
def test_a_language_that_is_not_there() -> None:
    with pytest.raises(ReadError, match="no language 'xyz' here; install it .*tesseract-ocr-xyz"):
        find_ocr("eng+xyz")
    assert find_ocr("eng").languages == "eng"


@needs_tesseract
def test_huge_and_empty_pages(tmp_path: Path) -> None:
    from policyextract.read.ocr_picture import drawn, is_blank

    page = scans.pictures(printed(ENGLISH, tmp_path / "a.pdf"))[0]
    huge, blank = tmp_path / "huge.pdf", tmp_path / "blank.pdf"
    page.resize((1400, 1980)).save(huge, "PDF", resolution=7.2)  # 14,000 by 19,800 points
    with pypdfium2.PdfDocument(huge) as pdf:
        assert pdf[0].get_size()[0] > 13_900
        picture = drawn(pdf[0])
        assert picture is not None and picture.width * picture.height <= MOST_PIXELS * 1.01
    assert values(read(huge, ocr=EASY)) == ["at least 85%", "1,200"]
    Image.new("L", page.size, 250).save(blank, "PDF", resolution=300)
    with pypdfium2.PdfDocument(blank) as pdf:
        picture = drawn(pdf[0])
        assert picture is not None and is_blank(picture)
    both = read(joined(tmp_path / "both.pdf", printed(ENGLISH, tmp_path / "b.pdf"), blank), ocr=EASY)
    assert both.ocr == ()  # the back of a sheet is nothing to be warned about
