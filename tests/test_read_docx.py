"""Word files: numbering, tables, tracked changes and what cannot be read."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from policyextract.errors import DamagedFileError, EmptyFileError, EncryptedFileError, UnsupportedFileError
from policyextract.read import read

PROSE = "By 2030 the council will have planted trees in all of the streets of the city."


def save(document: Any, tmp_path: Path) -> Path:
    path = tmp_path / "a.docx"
    document.save(str(path))
    return path


def lines(path: Path) -> list[str]:
    return [line for line in read(path).text.split("\n") if line]


def add_xml(document: Any, xml: str) -> None:
    document.element.body.insert(-1, parse_xml(xml.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))


def test_tracked_changes_links_and_breaks(tmp_path: Path) -> None:
    document = docx.Document()
    add_xml(
        document,
        "<w:p><w:r><w:t xml:space='preserve'>All of </w:t></w:r><w:del><w:r><w:delText>90%</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>the 100%</w:t></w:r></w:ins><w:hyperlink><w:r><w:t xml:space='preserve'> of homes</w:t></w:r>"
        "</w:hyperlink><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:br/><w:t>by</w:t><w:tab/>"
        "<w:t>20</w:t></w:r><w:r><w:t>30</w:t></w:r></w:p>",
    )
    assert lines(save(document, tmp_path)) == ["All of the 100% of homes", "by 2030"]


def test_automatic_numbers_are_written(tmp_path: Path) -> None:
    document = docx.Document()
    root = document.part.numbering_part.element
    levels = (("decimal", "Article %1."), ("decimal", "%1.%2."), ("lowerLetter", "%3)"), ("bullet", "-"))
    xml = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (kind, text) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{xml}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level, text in ((0, "Scope"), (1, "one"), (2, "alpha"), (2, "beta"), (1, "two"), (2, "gamma"), (0, "Goals"),
                        (1, "three"), (3, "dash")):  # fmt: skip
        add_xml(
            document,
            f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr></w:pPr>'
            f"<w:r><w:t>{text}</w:t></w:r></w:p>",
        )
    document.add_paragraph(PROSE, style="List Number")
    document.add_paragraph(PROSE, style="List Bullet")
    assert lines(save(document, tmp_path)) == [
        "Article 1. Scope", "1.1. one", "a) alpha", "b) beta", "1.2. two", "a) gamma", "Article 2. Goals",
        "2.1. three", "- dash", f"1. {PROSE}", f"• {PROSE}",
    ]  # fmt: skip


def test_tables_with_merged_cells(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(PROSE)
    table = document.add_table(rows=4, cols=4)
    texts = (("No.", "Indicator", "Target", ""), ("", "", "2025", "2030"), ("I", "Economy", "", ""),
             ("1", "Digital\neconomy", "20%", "30%"))  # fmt: skip
    for row, values in zip(table.rows, texts, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(1, 1))
    table.cell(0, 2).merge(table.cell(0, 3))
    assert read(save(document, tmp_path)).text == (
        f"{PROSE}\n\nNo. | Indicator | Target 2025 | Target 2030\nI | Economy | |\n1 | Digital economy | 20% | 30%\n"
    )


def test_letterhead_is_read_side_by_side(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text = "ỦY BAN NHÂN DÂN\nTỈNH HƯNG YÊN"
    table.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    table.cell(1, 0).text = "Số: 12/KH-UBND"
    table.cell(1, 1).text = "Hưng Yên, ngày 08 tháng 12 năm 2021"
    document.add_paragraph("KẾ HOẠCH")
    document.add_paragraph("Chuyển đổi số giai đoạn 2021-2025")
    found = read(save(document, tmp_path))
    assert [line for line in found.text.split("\n") if line] == [
        "ỦY BAN NHÂN DÂN", "TỈNH HƯNG YÊN", "Số: 12/KH-UBND", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc", "Hưng Yên, ngày 08 tháng 12 năm 2021", "KẾ HOẠCH",
        "Chuyển đổi số giai đoạn 2021-2025",
    ]  # fmt: skip
    assert (found.lang, found.date) == ("vi", dt.date(2021, 12, 8))
    assert found.title == "Chuyển đổi số giai đoạn 2021-2025"


def test_properties_stand_in_for_what_the_text_leaves_out(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(PROSE)
    assert read(save(document, tmp_path)).date is None
    document.core_properties.comments = ""
    document.core_properties.modified = dt.datetime(2025, 3, 4, 5, 6)
    document.core_properties.title = "council trees"
    found = read(save(document, tmp_path))
    assert (found.date, found.title) == (dt.date(2025, 3, 4), "council trees")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(80_000_000))
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    docx.Document().save(str(path))
    whole = path.read_bytes()
    for data, error, words in (
        (whole, EmptyFileError, "no text"),
        (whole[: len(whole) // 2], DamagedFileError, "cut off"),
        (ole, UnsupportedFileError, "old Word"),
        (ole + "EncryptedPackage".encode("utf-16-le"), EncryptedFileError, "password"),
        (bomb.getvalue(), DamagedFileError, "unpacks"),
        (other.getvalue(), DamagedFileError, "damaged"),
        (b"just text", DamagedFileError, "archive"),
    ):
        path.write_bytes(data)
        with pytest.raises(error, match=words):
            read(path)
