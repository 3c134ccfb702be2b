"""PDF files: paragraphs, running heads, broken words, columns, tables over pages, pages, and what is no text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import font_roboto
import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table

from policyextract.errors import DamagedFileError, EncryptedFileError, NoTextError
from policyextract.read import read

WORDS = (
    "The provincial people's committee has approved a plan under which the digital economy is to account for 20 percent "
    "of gross regional domestic product by 2025 and online services are to be used by 80 percent of all adults in the "
    "towns and by half of those in the mountain districts, the department of information said on Tuesday morning."
)
TOP = 760


@pytest.fixture(autouse=True)
def _fonts() -> None:
    pdfmetrics.registerFont(TTFont("Roboto", font_roboto.Roboto))
    pdfmetrics.registerFont(TTFont("Roboto-Bold", font_roboto.RobotoBold))


def draw(tmp_path: Path, *pages: Callable[[Canvas], None], **options: Any) -> Path:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=A4, **options)
    for page in pages:
        canvas.setFont("Roboto", 11)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return path


def wrap(text: str, width: float, first: float = 0) -> list[str]:
    """Lines of at most ``width`` points, the first shorter by ``first``."""
    lines, line = [], ""
    for word in text.split(" "):
        room = width - (first if not lines else 0)
        if line and pdfmetrics.stringWidth(f"{line} {word}", "Roboto", 11) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def put(canvas: Canvas, lines: list[str], x: float = 70, y: float = TOP, step: float = 14) -> float:
    for line in lines:
        canvas.drawString(x, y, line)
        y -= step
    return y


def paragraphs(path: Path) -> list[str]:
    return [line for line in read(path).text.split("\n") if line]


def test_paragraphs_told_apart_by_indents_alone(tmp_path: Path) -> None:
    texts = [WORDS, WORDS.replace("20", "30"), "Short one.", WORDS.replace("80", "90")]

    def page(canvas: Canvas) -> None:
        y: float = TOP
        for text in texts:
            first, *rest = wrap(text, 450, 25)
            y = put(canvas, rest, 70, put(canvas, [first], 95, y))

    assert paragraphs(draw(tmp_path, page)) == texts


def test_clauses_items_and_headings_start_lines(tmp_path: Path) -> None:
    texts = [
        "CHAPTER II", "Article 5. Targets for the years to come", f"1. {WORDS}", f"a) {WORDS}", "b) Half of them.",
        "- 100% of the communes;", f"– {WORDS}", "Điều 6. Tổ chức thực hiện", "• one", "(iii) three",
    ]  # fmt: skip

    def page(canvas: Canvas) -> None:
        y: float = TOP
        for text in texts:
            y = put(canvas, wrap(text, 450), 70, y)

    assert paragraphs(draw(tmp_path, page)) == texts


def test_figures_that_wrap_to_a_line_start_are_no_clauses(tmp_path: Path) -> None:
    lines = ["The share of the digital economy in the region is to rise from 18 to", "20. Reached by 2025, see Article",
             "5. The rest follows."]  # fmt: skip

    def page(canvas: Canvas) -> None:
        width = max(pdfmetrics.stringWidth(line, "Roboto", 11) for line in lines)
        y = put(canvas, wrap(WORDS, width))
        for line in lines[:2]:
            words = line.split(" ")
            gap = (width - sum(pdfmetrics.stringWidth(word, "Roboto", 11) for word in words)) / (
                len(words) - 1
            )
            x = 70.0
            for word in words:
                canvas.drawString(x, y, word)
                x += pdfmetrics.stringWidth(word, "Roboto", 11) + gap
            y -= 14
        put(canvas, lines[2:], 70, y)

    assert paragraphs(draw(tmp_path, page))[-1] == " ".join(lines)


def test_broken_words_are_joined(tmp_path: Path) -> None:
    lines = [
        "The communes will reduce the number of poor households, and the socio-",
        "economic plan puts the digital transfor-", "mation of the province first in 2026-", "2030 and the transformation",
    ]  # fmt: skip

    def page(canvas: Canvas) -> None:
        y: float = TOP
        for line in lines:
            width = pdfmetrics.stringWidth(line, "Roboto", 11)
            text = canvas.beginText(70, y)
            text.setHorizScale(100 * 380 / width)
            text.textOut(line)
            canvas.drawText(text)
            y -= 14

    assert paragraphs(draw(tmp_path, page)) == [
        "The communes will reduce the number of poor households, and the socio-economic plan puts the digital "
        "transformation of the province first in 2026-2030 and the transformation"
    ]


def test_running_heads_and_page_numbers_go(tmp_path: Path) -> None:
    def page(number: int) -> Callable[[Canvas], None]:
        def paint(canvas: Canvas) -> None:
            canvas.drawString(70, 815, f"Công báo số {100 + number}/2025")
            put(canvas, wrap(WORDS.replace("20 percent", f"{number}7 percent"), 450))
            canvas.drawString(280, 30, f"Trang {number}/3" if number != 2 else "- 2 -")

        return paint

    found = read(draw(tmp_path, page(1), page(2), page(3)))
    expected = [WORDS.replace("20 percent", f"{number}7 percent") for number in (1, 2, 3)]
    assert [line for line in found.text.split("\n") if line] == expected
    assert [found.text[start:][:14] for start in found.pages] == ["The provincial"] * 3


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    lines = wrap(WORDS, 450)
    empty = draw(tmp_path, lambda c: put(c, lines[:2]), lambda _: None, lambda c: put(c, lines[2:]))
    found = read(empty)
    assert found.text == f"{WORDS}\n"
    assert found.pages == (0, found.text.index(lines[2]), found.text.index(lines[2]))


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left, right = (WORDS + " " + WORDS).replace("20", "21"), (WORDS + " " + WORDS).replace("20", "22")

    def page(canvas: Canvas) -> None:
        put(canvas, ["A title that runs over both of the columns of the page without any stop in it"], y=800)
        put(canvas, wrap(left, 215), 70)
        put(canvas, wrap(right, 215), 310)

    assert paragraphs(draw(tmp_path, page))[1:] == [left, right]


def test_letterhead_of_a_vietnamese_act(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        for y, left, right in (
            (800, "ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
            (786, "TỈNH HƯNG YÊN", "Độc lập - Tự do - Hạnh phúc"),
            (760, "Số: 12/KH-UBND", "Hưng Yên, ngày 08 tháng 12 năm 2021"),
        ):
            canvas.drawCentredString(150, y, left)
            canvas.drawCentredString(410, y, right)
        canvas.setFont("Roboto-Bold", 12)
        canvas.drawCentredString(297, 710, "KẾ HOẠCH")
        canvas.drawCentredString(297, 695, "Chuyển đổi số giai đoạn 2021-2025")

    found = read(draw(tmp_path, page))
    assert [line for line in found.text.split("\n") if line] == [
        "ỦY BAN NHÂN DÂN", "TỈNH HƯNG YÊN", "Số: 12/KH-UBND", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc", "Hưng Yên, ngày 08 tháng 12 năm 2021", "KẾ HOẠCH",
        "Chuyển đổi số giai đoạn 2021-2025",
    ]  # fmt: skip
    assert (found.date, found.title) == (dt.date(2021, 12, 8), "Chuyển đổi số giai đoạn 2021-2025")


def test_a_table_over_two_pages(tmp_path: Path) -> None:
    rule = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
    font = ("FONT", (0, 0), (-1, -1), "Roboto", 9)
    head = [["No.", "Indicator", "Target", ""], ["", "", "2025", "2030"]]
    spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (1, 1)), ("SPAN", (2, 0), (3, 0))]

    def page(rows: list[list[str]], before: list[str]) -> Callable[[Canvas], None]:
        def paint(canvas: Canvas) -> None:
            y = put(canvas, before, y=800)
            table = Table(head + rows, colWidths=[40, 200, 80, 80], style=[rule, font, *spans])
            table.wrapOn(canvas, 400, 600)
            table.drawOn(canvas, 70, y - 150)

        return paint

    first = page(
        [["1", "Digital economy,\nshare of GRDP", "20%", "30%"]],
        ["Goals of the plan for the digital economy"],
    )
    second = page([["2", "Homes with fibre", "", "100%"]], [])
    assert paragraphs(draw(tmp_path, first, second)) == [
        "Goals of the plan for the digital economy",
        "No. | Indicator | Target 2025 | Target 2030",
        "1 | Digital economy, share of GRDP | 20% | 30%",
        "2 | Homes with fibre | | 100%",
    ]


def lay(canvas: Canvas, table: list[str], xs: list[float], y: float, step: float = 16) -> None:
    """The cells of each row at ``xs``, the first from its left edge, the others centred; blank if ``~``."""
    for row in table:
        for index, (cell, x) in enumerate(zip(row.split(" | "), xs, strict=False)):
            if cell != "~":
                (canvas.drawString if index == 0 else canvas.drawCentredString)(x, y, cell)
        y -= step


UNRULED = [
    "Indicator | ~ | Target | ~",
    "~ | 2025 | ~ | 2030",
    "I. Water and energy",
    "Share of homes with clean water within half | 60% | ~ | 80%",
    "an hour of walking | ~ | ~ | ~",
    "Homes with power | 75% | ~ | >95%",
    "Clinics that run on the sun | – | ~ | 50%",
]


def test_a_table_without_rules(tmp_path: Path) -> None:
    lines = wrap(WORDS, 450)

    def page(canvas: Canvas) -> None:
        y = put(canvas, lines)
        lay(canvas, UNRULED, [70, 350, 390, 430], y - 20)
        put(canvas, lines, y=500)

    assert paragraphs(draw(tmp_path, page)) == [
        WORDS,
        "Indicator | Target 2025 | Target 2030",
        "I. Water and energy | |",
        "Share of homes with clean water within half an hour of walking | 60% | 80%",
        "Homes with power | 75% | >95%",
        "Clinics that run on the sun | – | 50%",
        WORDS,
    ]


@pytest.mark.parametrize("shift", [0, 6, 12], ids=["top", "middle", "bottom"])
def test_a_table_without_rules_whose_cells_are_wrapped(shift: float, tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lay(canvas, ["Indicator | 2025 | 2030"], [70, 350, 430], 760)
        y = 735
        for first, second, cells in (
            ("Share of homes with clean", "Water from a pipe", "60% | 80%"),
            ("Open fires in kitchens", "", "12% | 5%"),
            ("Share of clinics that run", "on the power of the sun", "3% | 20%"),
        ):
            put(canvas, [first, second], y=y, step=12)
            lay(canvas, [f"~ | {cells}"], [70, 350, 430], y - (shift if second else 0))
            y -= 45 if second else 33

    assert paragraphs(draw(tmp_path, page)) == [
        "Indicator | 2025 | 2030",
        "Share of homes with clean Water from a pipe | 60% | 80%",
        "Open fires in kitchens | 12% | 5%",
        "Share of clinics that run on the power of the sun | 3% | 20%",
    ]


def test_a_table_without_rules_goes_on_over_the_page(tmp_path: Path) -> None:
    def page(*names: str) -> Callable[[Canvas], None]:
        table = ["Indicator | 2025 | 2030", *(f"Share of {name} | 60% | 80%" for name in names)]
        return lambda canvas: lay(canvas, table, [70, 350, 430], 760)

    found = paragraphs(
        draw(tmp_path, page("homes", "schools", "clinics"), page("farms", "all the shops of towns"))
    )
    assert found == [
        "Indicator | 2025 | 2030",
        *(
            f"Share of {name} | 60% | 80%"
            for name in ("homes", "schools", "clinics", "farms", "all the shops of towns")
        ),
    ]


def test_a_list_of_figures_is_no_paragraph(tmp_path: Path) -> None:
    table = ["Growth of the economy | 7.5%", "New jobs in the county | 12,000", "Income a head | 1,900"]
    path = draw(tmp_path, lambda canvas: lay(canvas, table, [70, 430], 760))
    assert paragraphs(path) == table


def test_a_running_head_over_two_columns_goes_from_pages_of_one_column_too(tmp_path: Path) -> None:
    texts = [(WORDS + " " + WORDS).replace("20", str(n)) for n in (21, 22, 23)]

    def foot(canvas: Canvas, number: int) -> None:
        canvas.drawString(70, 25, "Gazette of the county")
        canvas.drawRightString(525, 25, f"{number}/2")

    def first(canvas: Canvas) -> None:
        put(canvas, wrap(texts[0], 215), 70)
        put(canvas, wrap(texts[1], 215), 310)
        foot(canvas, 1)

    def second(canvas: Canvas) -> None:
        put(canvas, wrap(texts[2], 455))
        foot(canvas, 2)

    assert paragraphs(draw(tmp_path, first, second)) == texts


def test_a_table_over_both_columns_parts_them(tmp_path: Path) -> None:
    left, right = (WORDS + " " + WORDS).replace("20", "21"), (WORDS + " " + WORDS).replace("20", "22")

    def page(canvas: Canvas) -> None:
        put(canvas, wrap(left, 215), 70)
        put(canvas, wrap(right, 215), 310)
        rule = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
        table = Table([["Indicator", "2025"], ["Homes", "75%"]], colWidths=[255, 200], style=[rule])
        table.wrapOn(canvas, 455, 100)
        table.drawOn(canvas, 70, 300)
        put(canvas, ["Source: the county"], 70, 250)

    assert paragraphs(draw(tmp_path, page)) == [
        left, right, "Indicator | 2025", "Homes | 75%", "Source: the county",
    ]  # fmt: skip


def test_blanks_under_letters_are_no_blanks(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(70, TOP, "By 2027 the pro")
        x = 70 + pdfmetrics.stringWidth("By 2027 the pro", "Roboto", 11)
        canvas.drawString(x, TOP, " ")
        canvas.drawString(x, TOP, "vincial capital is to have water for 80% of its people")

    assert paragraphs(draw(tmp_path, page)) == [
        "By 2027 the provincial capital is to have water for 80% of its people"
    ]


def test_raised_figures_stay_in_their_line(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(70, TOP)
        text.textOut("A park of 300 m")
        text.setFont("Roboto", 7)
        text.setRise(4)
        text.textOut("2")
        text.setFont("Roboto", 11)
        text.setRise(0)
        text.textOut(" is to open by 2027 in the city")
        canvas.drawText(text)

    assert paragraphs(draw(tmp_path, page)) == ["A park of 300 m2 is to open by 2027 in the city"]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    path = draw(tmp_path, lambda canvas: put(canvas, wrap(WORDS, 450)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(DamagedFileError, match="damaged|no pages"):
        read(path)
    path.write_bytes(b"no pdf at all")
    with pytest.raises(DamagedFileError, match="no PDF"):
        read(path)
    with pytest.raises(EncryptedFileError, match="password"):
        read(draw(tmp_path, lambda canvas: put(canvas, [WORDS]), encrypt=StandardEncryption("secret")))
    with pytest.raises(NoTextError, match="OCR"):
        read(draw(tmp_path, lambda canvas: canvas.rect(50, 50, 400, 600, fill=1)))
    open_to_all = draw(tmp_path, lambda canvas: put(canvas, wrap(WORDS, 450)), encrypt=StandardEncryption(""))
    assert paragraphs(open_to_all) == [WORDS]


def test_the_day_of_the_file_stands_in_for_a_missing_dateline(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setTitle("The provincial plan")
        put(canvas, wrap(WORDS, 450))

    found = read(draw(tmp_path, page, invariant=1))
    assert (found.date, found.title) == (dt.date(2000, 1, 1), "The provincial plan")
