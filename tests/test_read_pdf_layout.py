"""PDF layout: columns with footnotes, rows and tables over pages, turned pages, and two ways to read that agree."""

from __future__ import annotations

import threading
import time
import zlib
from collections import Counter
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from test_hostile_files import BOX, CATALOG, FONT, PAGE, PAGES, pdf, shown, stream
from typeset import Setter, typeset

from policyextract.read import limits, read
from policyextract.read.pdf import _careful, _quick
from policyextract.read.pdf_risk import is_bounded

CORPUS = Path(__file__).parents[1] / "corpus"
NOTES = {
    "en": ["Decision No. 12 of the committee of 4 May 2021.", "As counted in the survey of 2019, in which 45 percent took part, says the bureau in its yearbook."],
    "vi": ["Nghị quyết số 12-NQ/TU ngày 04 tháng 5 năm 2021 của Ban Chấp hành Đảng bộ tỉnh.", "Theo số liệu của Cục Thống kê."],
}  # fmt: skip
HEAD = [["TT", "Chỉ tiêu", "Đơn vị", "Mục tiêu", "", ""], ["", "", "", "2025", "2028", "2030"]]
SPANS = [
    ("SPAN", (0, 0), (0, 1)),
    ("SPAN", (1, 0), (1, 1)),
    ("SPAN", (2, 0), (2, 1)),
    ("SPAN", (3, 0), (5, 0)),
]
SHARES = (0.07, 0.5, 0.1, 0.11, 0.11, 0.11)


def lines(path: Path) -> list[str]:
    return [line for line in read(path).text.split("\n") if line]


def paragraphs(name: str) -> list[str]:
    text = (CORPUS / f"{name}.txt").read_text("utf-8")
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("columns, size", [(1, 16), (2, 11)])
@pytest.mark.parametrize("name", ["vi/vi-xw-09", "vi/vi-zd-10", "vi/vi-xl-12", "en/en-vn-17"])
def test_columns_and_footnotes_do_not_break_the_text(
    name: str, columns: int, size: float, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    text = (CORPUS / f"{name}.txt").read_text("utf-8")
    notes = NOTES[name[:2]]
    typeset(text, path, notes=notes, columns=columns, size=size, head="Công báo – OFFICIAL GAZETTE")
    found, expected = lines(path), paragraphs(name)
    added = Counter(found) - Counter(expected)
    assert not Counter(expected) - Counter(found)
    assert added
    assert all(line.split(" ", 1)[1] in notes for line in added)
    assert [line for line in found if line not in added] == expected


def test_a_sentence_and_a_list_go_on_over_pages_past_footnotes(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    setter = Setter(path, size=12, head="Plan of the county")
    word = (
        "By 2030^ the share of homes with clean water is to reach 80%^ in each of the communes of the county,"
    )
    whole = " ".join([word, *[word.replace("^", "")] * 30]) + " and 90% by 2035."
    items = [f"{n}) plant {n},000 trees along the roads of commune {n} and keep 9 of 10 alive until 2030;" for n in range(1, 40)]  # fmt: skip
    for item in items[:25]:
        setter.paragraph(item)
    setter.paragraph(whole, NOTES["en"])
    for item in items[25:]:
        setter.paragraph(item)
    setter.save()
    document = read(path)
    notes = [f"{n} {note}" for n, note in enumerate(NOTES["en"], 1)]
    assert [line for line in document.text.split("\n") if line] == [
        *items[:25],
        whole.replace("^", ""),
        *notes,
        *items[25:],
    ]
    assert 1 < len(document.pages) < 5
    assert document.text.index(whole[-30:]) > document.pages[1]


def test_marks_of_notes_go_and_powers_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    text = canvas.beginText(70, 700)
    for part, raised in (
        ("The city adds 300 m", ""), (" of park and 20 km", "2"), (" of woods by 2030", "2"), (", says the mayor", "12"),
    ):  # fmt: skip
        if raised:
            text.setFont("Helvetica", 6)
            text.setRise(4)
            text.textOut(raised)
            text.setRise(0)
        text.setFont("Helvetica", 11)
        text.textOut(part)
    canvas.drawText(text)
    canvas.save()
    assert lines(path) == ["The city adds 300 m2 of park and 20 km2 of woods by 2030, says the mayor"]


@pytest.mark.parametrize("repeat", [0, 2])
@pytest.mark.parametrize("wide", [False, True])
def test_a_table_of_indicators_goes_on_over_pages(repeat: int, wide: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    setter = Setter(path, size=11, wide=wide, head="CÔNG BÁO/Số 123")
    name = "Tỷ lệ trạm y tế xã có đủ trang thiết bị khám chữa bệnh theo danh mục số {} của Bộ Y tế ban hành"
    rows = [[str(n), name.format(n), "%", str(50 + n), str(60 + n), str(70 + n)] for n in range(1, 40)]
    setter.table(HEAD + rows, SPANS, [setter.width * share for share in SHARES], repeat)
    setter.save()
    assert lines(path) == [
        "TT | Chỉ tiêu | Đơn vị | Mục tiêu 2025 | Mục tiêu 2028 | Mục tiêu 2030",
        *(" | ".join(row) for row in rows),
    ]


def test_a_row_that_a_page_cuts_is_put_together(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    setter = Setter(path, size=11)
    name = "share of stations that have all the equipment for the care of children and mothers " * 6
    rows = [[str(n), f"{name}number {n}", "%", str(50 + n), str(60 + n), str(70 + n)] for n in range(1, 20)]
    setter.table(HEAD + rows, SPANS, [setter.width * share for share in SHARES], 2, cut=1)
    setter.save()
    document = read(path)
    assert len(document.pages) > 2
    assert [line for line in document.text.split("\n") if line][1:] == [" | ".join(row) for row in rows]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_pages_that_are_turned(quarters: int, tmp_path: Path) -> None:
    """The page is drawn turned one way and shown turned the other."""
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(600, 600))
    canvas.translate(300, 300)
    canvas.rotate(90 * quarters)
    canvas.translate(-300, -300)
    for row in range(6):
        canvas.drawString(
            60, 500 - 14 * row, f"{row + 1}. The town will plant {row + 3} trees in street {row}."
        )
    canvas.grid([60, 200, 340], [100, 130, 160])
    for x, y, text in ((70, 140, "Trees"), (210, 140, "2030"), (70, 110, "Oaks"), (210, 110, "75%")):
        canvas.drawString(x, y, text)
    canvas.setPageRotation(90 * quarters)
    canvas.save()
    data = path.read_bytes()
    assert _quick(data).text == _careful(data).text  # type: ignore[union-attr]
    assert lines(path)[0] == "1. The town will plant 3 trees in street 0."
    assert lines(path)[-2:] == ["Trees | 2030", "Oaks | 75%"]


@pytest.mark.parametrize("name", ["vi/vi-vb-04", "en/en-nat-07", "en/en-dx-17"])
def test_both_ways_to_read_agree(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    typeset((CORPUS / f"{name}.txt").read_text("utf-8"), path, notes=NOTES[name[:2]], columns=2, size=11)
    data = path.read_bytes()
    quick, careful = _quick(data), _careful(data)
    assert quick is not None
    assert (quick.text, quick.pages, quick.date) == (careful.text, careful.pages, careful.date)


def test_letters_as_they_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    setter = Setter(path, size=12)
    setter.paragraph(
        "The ﬁrst o\u0302\u0301 of 80% of co\xadoperatives, a\u0302\u0323 and Vie\u0323\u0302t Nam, all by 2030."
    )
    setter.save()
    assert lines(path) == ["The first ố of 80% of cooperatives, ậ and Việt Nam, all by 2030."]


def test_files_without_bounds_are_left_to_the_careful_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    page = stream(shown("By 2030 the town will plant 900 trees."))
    plain = pdf(CATALOG, PAGES, PAGE, page, FONT, stream(b"q Q", BOX), path=path).read_bytes()
    assert is_bounded(plain)
    bomb = zlib.compress(bytes(limits.LARGEST_STREAM + 1), 1)
    hidden = stream(bomb, b"/Filter /#46lateDecode")
    assert not is_bounded(pdf(CATALOG, PAGES, PAGE, hidden, FONT, stream(b""), path=path).read_bytes())
    twice = stream(zlib.compress(bomb, 9), b"/Filter [/FlateDecode /FlateDecode]")
    assert not is_bounded(pdf(CATALOG, PAGES, PAGE, twice, FONT, stream(b""), path=path).read_bytes())
    forms = [stream(b"/X Do " * 40, BOX) for _ in range(4)]
    assert not is_bounded(pdf(CATALOG, PAGES, PAGE, stream(b"/X Do"), FONT, *forms, path=path).read_bytes())


def test_threads_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    typeset((CORPUS / "en/en-nat-07.txt").read_text("utf-8"), path)
    expected = read(path).text
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.extend(read(path).text for _ in range(5))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 20


def test_a_page_of_many_equal_marks_is_read_in_time(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    marks = b"".join(
        b"BT /F 4 Tf 1 0 0 1 %d %d Tm (the) Tj ET\n" % (n % 590, n // 590 * 5) for n in range(20_000)
    )
    content = stream(marks + shown("By 2030 the town will plant 900 trees."))
    began = time.process_time()
    read(pdf(CATALOG, PAGES, PAGE, content, FONT, stream(b""), path=path))
    assert time.process_time() - began < 10
