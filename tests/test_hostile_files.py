"""Files made to break a reader: each is read right or refused with a reason, within bounded time and memory."""

from __future__ import annotations

import io
import json
import os
import resource
import socket
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from policyextract.dataset import Writer
from policyextract.errors import DatasetError
from policyextract.pipeline import extract, extract_corpus
from policyextract.read import find_files, jsonlines, limits, pdf_streams, read_all
from policyextract.read import word as word_reader
from policyextract.segment import LONGEST_SENTENCE, segment
from policyextract.types import Document, Failure

SRC = Path(__file__).parents[1] / "src"
SENTENCE = "By 2030 the council of the city will have insulated 80 percent of the homes. "


def one(path: Path) -> Document | Failure:
    """What a file comes to, in at most ten seconds of processor time."""
    began = time.process_time()
    [result] = read_all(path)
    assert time.process_time() - began < 10
    return result


def refused(path: Path, *words: str) -> str:
    result = one(path)
    assert isinstance(result, Failure), result
    assert all(word in result.reason for word in words), result.reason
    return result.reason


def text_of(path: Path) -> str:
    result = one(path)
    assert isinstance(result, Document), result
    return result.text


def apart(path: Path, megabytes: int, seconds: int = 60) -> list[str]:
    """Reads a file in a process of its own that may take no more memory than said; its results as text."""
    code = (
        "import resource, sys; n = int(sys.argv[2]) << 20; resource.setrlimit(resource.RLIMIT_AS, (n, n));"
        "from policyextract.read import read_all;"
        "[print(type(r).__name__, getattr(r, 'reason', '') or len(r.text)) for r in read_all(sys.argv[1])]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(megabytes)],
        capture_output=True, text=True, timeout=seconds, check=False,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.splitlines()


# --- PDF --------------------------------------------------------------------------------------------------------


def pdf(*objects: bytes, path: Path) -> Path:
    """A PDF with objects numbered from 1, the first of them the catalogue."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    path.write_bytes(out.getvalue())
    return path


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >> /Contents 4 0 R >>"


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), more, data)


def shown(text: str, y: int = 700) -> bytes:
    return b"BT /F 11 Tf 70 %d Td (%s) Tj ET" % (y, text.encode())


BOX = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800]"


def test_a_pdf_that_refers_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    refused(pdf(CATALOG, b"2 0 R", path=path), "circle")
    refused(pdf(CATALOG, b"3 0 R", b"4 0 R", b"3 0 R", path=path), "circle")
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
    loops = b"<< /Type /Pages /Kids [3 0 R 2 0 R 3 0 R] /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    content = stream(shown(SENTENCE[:70]))
    assert text_of(pdf(CATALOG, loops, page, content, FONT, path=path)).count("80 percent") == 1
    labels = b"<< /Type /Catalog /Pages 2 0 R /PageLabels 6 0 R >>"
    circle = b"<< /Kids [6 0 R] >>"
    assert "80 percent" in text_of(pdf(labels, PAGES, page, content, FONT, circle, path=path))


def test_a_pdf_that_draws_itself_without_end(tmp_path: Path) -> None:
    again = stream(b"/X Do", BOX + b" /Resources << /XObject << /X 6 0 R >> >>")
    path = tmp_path / "a.pdf"
    content = stream(b"/X Do " + shown(SENTENCE[:70]))
    assert "80 percent" in text_of(pdf(CATALOG, PAGES, PAGE, content, FONT, again, path=path))


def test_a_pdf_that_draws_a_part_ever_more_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_streams, "MOST_DRAWN", 1_000)
    forms = [
        stream(b"/X Do " * 10, BOX + b" /Resources << /XObject << /X %d 0 R >> >>" % (n + 1))
        for n in range(6, 12)
    ]
    path = pdf(
        CATALOG, PAGES, PAGE, stream(b"/X Do"), FONT, *forms, stream(b"q Q", BOX), path=tmp_path / "a.pdf"
    )
    refused(path, "draws one of its parts more than 1,000 times")


def test_a_pdf_that_unpacks_without_end(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(limits.LARGEST_STREAM + 1_000), 9)
    path = pdf(
        CATALOG,
        PAGES,
        PAGE,
        stream(bomb, b"/Filter /FlateDecode"),
        FONT,
        stream(b""),
        path=tmp_path / "a.pdf",
    )
    assert path.stat().st_size < 500_000
    [line] = apart(path, 1_000)
    assert "unpacks to more than 200 MB" in line


@pytest.mark.parametrize("name", ["FlateDecode", "LZWDecode", "RunLengthDecode"])
def test_each_way_of_packing_within_another_is_bounded(tmp_path: Path, name: str) -> None:
    if name == "RunLengthDecode":
        inner = b"\x81 " * 2_000_000
    elif name == "FlateDecode":
        inner = zlib.compress(bytes(210_000_000), 9)
    else:
        codes = [0, *range(258, 4_090)]  # each stands for one byte more than the one before
        widths = [9] * 254 + [10] * 512 + [11] * 1_024 + [12] * 4_000
        block = "".join(f"{code:0{width}b}" for code, width in zip(codes, widths, strict=False))
        bits = f"{256:09b}" + f"{block}{256:012b}" * 40
        inner = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    packed = stream(zlib.compress(inner), b"/Filter [/FlateDecode /%s]" % name.encode())
    path = pdf(CATALOG, PAGES, PAGE, packed, FONT, stream(b""), path=tmp_path / "a.pdf")
    assert path.stat().st_size < 1_000_000
    [line] = apart(path, 1_500)
    assert "unpacks to more than 200 MB" in line
    often = stream(b"", b"/Filter [%s]" % (b"/FlateDecode " * 9))
    refused(pdf(CATALOG, PAGES, PAGE, often, FONT, stream(b""), path=path), "packed 9 times over")


def test_a_pdf_of_many_parts_that_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_streams, "LARGEST_STREAMS", 1_000_000)
    part = stream(zlib.compress(b"q Q " * 75_000), b"/Filter /FlateDecode")
    page = PAGE.replace(b"/Contents 4 0 R", b"/Contents [4 0 R 7 0 R 8 0 R 9 0 R]")
    path = pdf(CATALOG, PAGES, page, *[part, FONT, stream(b"")], part, part, part, path=tmp_path / "a.pdf")
    refused(path, "the parts of the PDF unpack to more than 1 MB; split it")


def test_damaged_streams_take_no_longer_than_whole_ones(tmp_path: Path) -> None:
    content = shown(SENTENCE[:70]) + shown(SENTENCE[:70], 600) + shown(SENTENCE[:70], 500)
    packed = zlib.compress(content + b" " * 100_000_000, 9)
    path = tmp_path / "a.pdf"
    wrong = packed[:-4] + b"\x00\x00\x00\x00"  # pdfminer would unpack it byte by byte and copy all at each
    page = PAGE.replace(b"/XObject << /X 6 0 R >>", b"")
    read = text_of(pdf(CATALOG, PAGES, page, stream(wrong, b"/Filter /FlateDecode"), FONT, path=path))
    assert read.count("80 percent") == 3


def test_letters_that_are_packed_without_end(tmp_path: Path) -> None:
    """A table of LZW that is never cleared would grow, and be copied, at each of its codes."""
    path = tmp_path / "a.pdf"
    codes = stream(zlib.compress(b"\x80" + b"\x00" * 300_000, 9), b"/Filter [/FlateDecode /LZWDecode]")
    assert isinstance(one(pdf(CATALOG, PAGES, PAGE, codes, FONT, stream(b""), path=path)), Failure)


def test_packed_streams_are_read(tmp_path: Path) -> None:
    content = b"".join(shown(SENTENCE[:70], 700 - 14 * n) for n in range(4))
    page = PAGE.replace(b"/XObject << /X 6 0 R >>", b"")
    runs = b"".join(
        bytes([len(p) - 1]) + p for p in (content[n : n + 100] for n in range(0, len(content), 100))
    )
    columns = 10
    content += b" " * (-len(content) % columns)
    rows = b"".join(b"\x00" + content[n : n + columns] for n in range(0, len(content), columns))
    literal = "".join(f"{256:09b}{byte:09b}" for byte in content) + f"{257:09b}"
    bits = literal.ljust(-(-len(literal) // 8) * 8, "0")
    lzw = int(bits, 2).to_bytes(len(bits) // 8, "big")
    for data, filters in (
        (runs, b"/Filter /RunLengthDecode"),
        (lzw, b"/Filter /LZWDecode"),
        (zlib.compress(rows), b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 10 >>"),
        (zlib.compress(content).hex().encode() + b">", b"/Filter [/ASCIIHexDecode /FlateDecode]"),
        (zlib.compress(content)[:-3], b"/Filter /FlateDecode"),
    ):
        path = pdf(CATALOG, PAGES, page, stream(data, filters), FONT, path=tmp_path / "a.pdf")
        assert text_of(path).count("80 percent") == 4, filters


def test_a_pdf_with_endless_fonts(tmp_path: Path) -> None:
    composite = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [6 0 R] %s >>"
    )
    inner = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (A) /Ordering (B) >> %s >>"
    content = stream(b"BT /F 11 Tf 70 700 Td <00410042> Tj ET")
    path = tmp_path / "a.pdf"
    page = PAGE.replace(b"/XObject << /X 6 0 R >>", b"")
    wide = inner % b"/W [0 2000000000 500]"
    refused(
        pdf(CATALOG, PAGES, page, content, composite % b"", wide, path=path), "more letters than there are"
    )
    letters = stream(
        b"/CMapName /A def begincmap 1 beginbfrange <00000000> <ffffffff> <0041> endbfrange endcmap"
    )
    font = composite % b"/ToUnicode 7 0 R"
    refused(
        pdf(CATALOG, PAGES, page, content, font, inner % b"", letters, path=path),
        "more letters than there are",
    )


def test_a_pdf_as_large_as_a_field(tmp_path: Path) -> None:
    pages = PAGES.replace(b"595 842", b"99999999999 99999999999")
    page = PAGE.replace(b"/XObject << /X 6 0 R >>", b"")
    content = stream(b"".join(shown(SENTENCE[:70], 700 - 14 * n) for n in range(9)))
    assert "80 percent" in text_of(pdf(CATALOG, pages, page, content, FONT, path=tmp_path / "a.pdf"))


def test_a_map_of_a_hundred_thousand_lines_is_read_as_text(tmp_path: Path) -> None:
    page = PAGE.replace(b"/XObject << /X 6 0 R >>", b"")
    lines = b"".join(b"%d %d m %d %d l S\n" % (n % 500, n % 700, n % 490, n % 600) for n in range(8_000))
    content = stream(lines + b"".join(shown(SENTENCE[:70], 700 - 14 * n) for n in range(4)))
    assert "80 percent" in text_of(pdf(CATALOG, PAGES, page, content, FONT, path=tmp_path / "a.pdf"))


def many_pages(count: int, path: Path) -> Path:
    kids = b" ".join(b"%d 0 R" % (5 + 2 * n) for n in range(count))
    pages = b"<< /Type /Pages /Count %d /MediaBox [0 0 595 842] /Kids [%s] >>" % (count, kids)
    objects = [CATALOG, pages, FONT, b"null"]
    for n in range(count):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Resources << /Font << /F 3 0 R >> >> >>"
            % (6 + 2 * n)
        )
        objects.append(stream(shown(f"Page {n + 1}: the city will plant {n + 1} trees by 2030.")))
    return pdf(*objects, path=path)


def test_five_thousand_pages_are_read_in_bounded_memory(tmp_path: Path) -> None:
    [line] = apart(many_pages(5_000, tmp_path / "a.pdf"), 1_500, 300)
    assert line.startswith("Document")
    assert int(line.split()[1]) > 5_000 * 40


def test_too_many_pages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_PAGES", 20)
    refused(many_pages(21, tmp_path / "a.pdf"), "21 pages, more than the 20", "split it")
    assert "plant 20 trees" in text_of(many_pages(20, tmp_path / "a.pdf"))


def test_locked_and_cut_pdfs(tmp_path: Path) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "a.pdf"
    for user, reads in (("secret", False), ("", True)):
        lock = StandardEncryption(user, ownerPassword="owner")
        canvas = Canvas(str(path), encrypt=lock)
        for y in range(4):
            canvas.drawString(70, 700 - 14 * y, SENTENCE[:70])
        canvas.save()
        if reads:
            assert "80 percent" in text_of(path)
        else:
            refused(path, "password")
    whole = many_pages(3, path).read_bytes()
    for share in (0.01, 0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        result = one(path)
        assert isinstance(result, Document) or result.error in ("DamagedFileError", "NoTextError")


# --- Word -------------------------------------------------------------------------------------------------------


def word(path: Path, **parts: bytes) -> Path:
    """A Word file of one paragraph with some of its parts replaced: ``document``, ``styles`` …"""
    document = docx.Document()
    document.add_paragraph(SENTENCE)
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = Path(name).stem
            new.writestr(
                name, parts.pop(stem) if stem in parts and name.startswith("word/") else old.read(name)
            )
        for name, part in parts.items():
            new.writestr(f"word/{name}.xml", part)
    return path


def body(inside: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<w:document {nsdecls("w")}><w:body>{inside}</w:body></w:document>'.encode()


def test_word_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = word(tmp_path / "a.docx", bomb=bytes(300_000_000))
    assert path.stat().st_size < 500_000
    refused(path, "unpacks to 30")
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    for declared in (
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>',
        '<!DOCTYPE x [<!ENTITY a11 SYSTEM "file:///etc/passwd">]>',
    ):
        text = f"<w:p><w:r><w:t>{SENTENCE}&a11;</w:t></w:r></w:p>"
        refused(word(path, document=body(text, declared)), "declares XML entities", "save it again")
    monkeypatch.setattr(word_reader, "LARGEST_XML", 40_000)
    refused(word(path, document=body("<w:p/>" * 9_000)), "more than the", "split it")
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"word/a-rather-long-name-of-a-part-{number}.xml", b"")
    refused(path, "lists more parts")


def test_boxes_within_boxes_are_read_once(tmp_path: Path) -> None:
    text = "<w:p><w:r><w:t>innermost 80%</w:t></w:r></w:p>"
    for depth in range(40):
        text = f"<w:p><w:r><w:t>box {depth} of the city</w:t></w:r><w:r><w:txbxContent>{text}</w:txbxContent></w:r></w:p>"
    read = text_of(word(tmp_path / "a.docx", document=body(text)))
    assert read.count("innermost 80%") == 1
    assert all(read.count(f"box {depth} of") == 1 for depth in range(40))


def test_word_numbers_of_ten_thousand_digits_and_wide_tables(tmp_path: Path) -> None:
    digits = "9" * 10_000
    row = f'<w:tr><w:trPr><w:gridBefore w:val="{digits}"/></w:trPr>' + "".join(
        f'<w:tc><w:tcPr><w:gridSpan w:val="{digits}"/></w:tcPr><w:p><w:r><w:t>cell {n} of homes</w:t></w:r></w:p></w:tc>'
        for n in range(60)
    )
    list_ = f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{digits}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>the point</w:t></w:r></w:p>'
    table = f"<w:tbl>{(row + '</w:tr>') * 60}</w:tbl>"
    read = text_of(word(tmp_path / "a.docx", document=body(list_ + table)))
    assert "the point" in read
    assert read.count("cell 59 of homes") == 60


def test_word_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    deep = "<w:sdt><w:sdtContent>" * 3_000 + "<w:p/>" + "</w:sdtContent></w:sdt>" * 3_000
    refused(word(tmp_path / "a.docx", document=body(deep)), "depth")


def test_a_locked_word_file_and_cut_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    whole = word(path).read_bytes()
    for share in (0.1, 0.5, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        refused(path, "cut off")
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")
    )
    refused(path, "password")


def test_a_paragraph_added_by_hand_is_whole(tmp_path: Path) -> None:
    document = docx.Document()
    document.element.body.insert(
        0, parse_xml(f"<w:p {nsdecls('w')}><w:r><w:t>{SENTENCE * 2_000}</w:t></w:r></w:p>")
    )
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx").count("80 percent") == 2_000


# --- HTML -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li", "blockquote"])
def test_nested_tags_are_read_or_refused_never_cut(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "a.html"
    for depth in (300, 600):
        path.write_text(
            f"<html><body><p>{SENTENCE}</p>{f'<{tag}>' * depth}the deepest words", encoding="utf-8"
        )
        assert "the deepest words" in text_of(path)
    path.write_text(f"<html><body><p>{SENTENCE}</p>{f'<{tag}>' * 100_000}the deepest words", encoding="utf-8")
    refused(path, "nested more than 2,048 deep", "save it")


def test_html_spans_cannot_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    row = (
        "<tr>"
        + "".join(f"<td colspan={'9' * 5_000} rowspan=99999>cell {n} of homes</td>" for n in range(60))
        + "</tr>"
    )
    path.write_text(f"<html><body><p>{SENTENCE}</p><table>{row * 30}</table>", encoding="utf-8")
    [line] = apart(path, 1_500)
    assert line.startswith("Document")
    assert "cell 59 of homes" in text_of(path)


def test_html_of_many_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<p>80" * 60_000, encoding="utf-8")
    assert text_of(path).count("80") == 60_000


def test_html_with_nul_and_halves_of_characters(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<p>{SENTENCE} a&#xD800;b &#0; &#x110000; &#xDFFF;</p>", encoding="utf-8")
    assert text_of(path).encode().count(b"80 percent") == 1
    control = "<table><tr><td>80\x01%<td>90%<tr><td>70%<td>60%</table><ol><li>one\x02 aim&#3;</ol><p>a<b>b\x04</b>\x05c<i></i>\x06</p>"
    path.write_text(f"<p>{SENTENCE * 4}</p>{control}", encoding="utf-8")
    assert "80% | 90%" in text_of(path)
    path.write_bytes(b"<p>" + SENTENCE.encode() + b"a\x00b</p>")
    refused(path, "binary")


# --- text and JSON Lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".txt", ".html"])
def test_200_megabytes_on_one_line_are_refused_by_a_clear_limit(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(SENTENCE.encode() * (1_000_000 // len(SENTENCE) + 1))
    [line] = apart(path, 1_000)
    assert line.startswith("Failure the file has 20")
    assert "read at once; split it" in line


def test_json_lines_are_read_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(50):
            file.write(json.dumps({"id": number, "text": SENTENCE * 25_000}) + "\n")
    assert path.stat().st_size > 90_000_000
    lines = apart(path, 600)
    assert len(lines) == 50
    assert all(line.startswith("Document") for line in lines)
    monkeypatch.setattr(jsonlines, "LARGEST_LINE", 1_000)
    long, short = ({"id": n, "text": SENTENCE * times} for n, times in ((1, 90_000), (2, 1)))
    path.write_text(f"{json.dumps(long)}\n{json.dumps(short)}\n", encoding="utf-8")
    failure, document = read_all(path)
    assert isinstance(failure, Failure)
    assert "longer than the" in failure.reason
    assert isinstance(document, Document)


def test_json_lines_in_other_encodings_and_broken_in_places(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps({"id": 1, "text": f"{SENTENCE} – Đến năm 2030"}, ensure_ascii=False)
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be", "utf-32"):
        path.write_bytes(f"{good}\r\n\r\n".encode(encoding))
        assert "Đến năm" in text_of(path)
    hurt = b'{"id": 2, "text": "the caf\xff\xc3 \xe1\xba\xa1\xe1\xba\xa1\xe1\xba\xa1"}'
    nul, half = (
        json.dumps({"id": n, "text": f"{SENTENCE}{sign}"}).encode()
        for n, sign in ((3, "\x00"), (4, "\ud800"))
    )
    digits = b'{"id": ' + b"9" * 10_000 + b', "text": "x"}'
    nested = b'{"id": 5, "text": ' + b"[" * 100_000
    path.write_bytes(b"\n".join([hurt, good.encode(), nul, half, digits, nested]))
    results = list(read_all(path))
    assert [isinstance(result, Document) for result in results] == [False, True, False, False, False, False]
    reasons = [result.reason for result in results if isinstance(result, Failure)]
    for reason, words in zip(reasons, ("line 1:", "NUL", "surrogate", "line 5:", "line 6:"), strict=True):
        assert words in reason


def test_a_line_of_a_thousand_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        SENTENCE + "Leeds, 14 July 2025 – The council adopted the plan." * 20_000, encoding="utf-8"
    )
    began = time.process_time()
    assert isinstance(one(path), Document)
    assert time.process_time() - began < 2


def test_marks_piled_on_a_letter_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{SENTENCE}{'e' + chr(0x301) + chr(0x323)} {SENTENCE}", encoding="utf-8")
    assert "\u1eb9\u0301" in text_of(path)
    path.write_text(SENTENCE + "e" + "\u0301\u0323" * 200_000, encoding="utf-8")
    refused(path, "200 accents", "at character 78")


def test_right_to_left_and_invisible_signs_stay_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = f"{SENTENCE}\u202e80 percent\u202c of\u200b homes\u200f \u2066by\u2069 2030 \u05d9\u05e2\u05d3. {SENTENCE}"
    path.write_text(text, encoding="utf-8")
    document = one(path)
    assert isinstance(document, Document)
    assert document.text == text
    for target in extract(document, model=None):
        assert document.text[target.start : target.end] == target.value


@pytest.mark.parametrize(
    "number",
    [
        "9" * 10_000,
        "1," * 5_000 + "1",
        "million " * 10_000,
        "one hundred " * 5_000,
        "9." * 5_000,
        "½" * 10_000,
    ],
)
def test_numbers_of_ten_thousand_digits(number: str) -> None:
    began = time.process_time()
    for text in (
        f"{SENTENCE}The city wants {number} percent of homes by 2030.",
        f"{SENTENCE}Plan for {number} years.",
    ):
        for target in extract(text, model=None):
            assert text.replace("\r", "")[target.start : target.end] == target.value
            assert target.number < 1e300
    assert time.process_time() - began < 10


def test_mixed_and_wrong_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    vietnamese = "Đến năm 2030, tỷ lệ hộ nghèo giảm còn 1,5% và 80% xã đạt chuẩn."
    path.write_bytes(vietnamese.encode() + b"\n" + SENTENCE.encode("utf-16-le"))
    refused(path, "binary")
    path.write_bytes(vietnamese.encode() + "\nÉtat – café".encode("cp1252"))
    refused(path, "broken character at byte", "save it again as UTF-8")
    path.write_bytes(vietnamese.encode("utf-16")[:-1])
    refused(path, "breaks off")
    path.write_bytes("\ud800".encode("utf-8", "surrogatepass") + SENTENCE.encode())
    assert one(path) is not None


def test_a_text_without_full_stops_is_read_in_parts() -> None:
    text = SENTENCE + "80 percent of the homes by 2030 and " * 400
    segments = segment(Document(text, "x", "en"))
    assert max(piece.end - piece.start for piece in segments) <= LONGEST_SENTENCE
    covered = {at for piece in segments for at in range(piece.start, piece.end)}
    assert all(char.isspace() or at in covered for at, char in enumerate(text))
    solid = segment(Document("x" * 10_000, "x", "en"))
    assert sum(piece.end - piece.start for piece in solid) == 10_000


# --- files and folders ------------------------------------------------------------------------------------------


def test_links_pipes_and_files_that_vanish(tmp_path: Path) -> None:
    root, outside = tmp_path / "corpus", tmp_path / "outside"
    for folder in (root / "a", outside):
        folder.mkdir(parents=True)
        (folder / "b.txt").write_text(SENTENCE, encoding="utf-8")
    (root / "round.txt").symlink_to(root / "about.txt")
    (root / "about.txt").symlink_to(root / "round.txt")
    (root / "a" / "up").symlink_to(root)
    (root / "out.txt").symlink_to(outside / "b.txt")
    (root / "out").symlink_to(outside)
    (root / "device.txt").symlink_to("/dev/zero")
    os.mkfifo(root / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(root / "socket.txt"))
        names = [path.relative_to(root).as_posix() for path in find_files(root)]
        assert names == ["a/b.txt", "about.txt", "round.txt"]
        refused(root / "about.txt", "could not be opened")
        refused(root / "pipe.txt", "a pipe")
        refused(root / "socket.txt", "a pipe, a socket")
    (root / "a" / "b.txt").unlink()
    refused(root / "a" / "b.txt", "could not be opened")
    refused(Path("a\x00b.txt"), "NUL")


@pytest.mark.skipif(os.geteuid() == 0, reason="may open every file")
def test_a_file_that_may_not_be_opened(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch(mode=0)
    refused(tmp_path / "a.txt", "ermission")


def test_names_that_are_no_text(tmp_path: Path) -> None:
    names = [
        b"a\nb.txt",
        b"\"a',b.txt",
        b"=HYPERLINK(1).txt",
        b"caf\xe9.txt",
        b"\x1b[2J.txt",
        "\u202etxt.exe.txt".encode(),
    ]
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in names:
        (folder / os.fsdecode(name)).write_text(SENTENCE, encoding="utf-8")
    (folder / "-broken;\n.pdf").write_bytes(b"%PDF-")
    run = extract_corpus(folder, tmp_path / "out", model=None)
    assert run.documents == len(names)
    written = {name.decode("utf-8", "backslashreplace") for name in names}
    assert {target.doc for target in run.load()} == written
    [failure] = run.failures
    assert failure.path == "-broken;\n.pdf"


@contextmanager
def disk_of(most: int) -> Iterator[None]:
    """No file may grow beyond ``most`` bytes meanwhile, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("most", [0, 1_000, 50_000, 150_000])
def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path: Path, most: int) -> None:
    document = Document(SENTENCE * 1_000, "a", "en")
    full = pytest.raises(DatasetError, match="cannot be written")
    with disk_of(most), full, Writer(tmp_path / "out") as writer:
        for _ in range(2):
            writer.add((), document=document)
        writer.close()
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_caller_rises_though_the_disk_is_full(tmp_path: Path) -> None:
    with disk_of(1_000), pytest.raises(ZeroDivisionError), Writer(tmp_path / "out") as writer:
        writer.add((), document=Document(SENTENCE * 10, "a", "en"))
        writer.add((), document=Document(SENTENCE * 20, "b", "en"))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_dataset(tmp_path: Path) -> None:
    folder, out = tmp_path / "corpus", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_text(SENTENCE, encoding="utf-8")
    extract_corpus(folder, out, model=None)
    before = {path.name: path.read_bytes() for path in out.glob("[!.]*")}
    (folder / "a.txt").write_text(SENTENCE * 3_000, encoding="utf-8")
    with disk_of(100_000), pytest.raises(DatasetError, match="cannot be written"):
        extract_corpus(folder, out, model=None)
    assert {path.name: path.read_bytes() for path in out.glob("[!.]*")} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_small_disk_that_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk may be mounted here")
    try:
        folder = tmp_path / "corpus"
        folder.mkdir()
        (folder / "a.txt").write_text(SENTENCE * 3_000, encoding="utf-8")
        with pytest.raises(DatasetError, match="cannot be written"):
            extract_corpus(folder, disk / "out", model=None)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_page_that_is_one_large_table_takes_time_in_proportion(tmp_path: Path) -> None:
    """Found by fuzzing: the library that finds the main text takes the square of a table's cells."""
    rows = "".join(f"<tr><td>Xã số {n}</td><td>{n} hộ</td><td>đạt chuẩn</td></tr>" for n in range(12_000))
    page = tmp_path / "table.html"
    lead = "<p>Đến năm 2030, 90% hộ dân của tỉnh có nước sạch và 80% thôn có nhà văn hóa.</p>"
    page.write_text(f"<html><body>{lead}<table>{rows}</table></body></html>", encoding="utf-8")
    began = time.process_time()
    [document] = read_all(page)
    assert time.process_time() - began < 8
    assert isinstance(document, Document)
    assert "90% hộ dân" in document.text and "Xã số 11999 | 11999 hộ | đạt chuẩn" in document.text
