"""Broken files of every kind through the readers: each must end in documents or a failure, and soon.

    python scripts/fuzz_readers.py --inputs 20000 --kinds pdf docx --seed 1

Small real files are made of each kind and then damaged: bits flipped, stretches cut, doubled, overwritten or taken from
another file, and words of the format put in; inside a Word file the XML of its parts, in a page its tags. Prints how many
inputs ended how, the slowest of them, and what went wrong; ends with status 1 if anything did. ``--keep`` names a folder
for the inputs that went wrong.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import logging
import random
import re
import resource
import signal
import sys
import time
import traceback
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from policyextract import errors
from policyextract.read import read_all
from policyextract.types import Document, Failure

KINDS = ("txt", "html", "pdf", "docx", "jsonl")
ENGLISH = """Climate plan of the city of Leeds

Leeds, 14 July 2025 – The council adopted the plan.

I. Targets
1. By 2030, 80 percent of homes will be insulated, at a cost of £3.5 million.
a) Plant 12,000 trees; b) at least 95% of waste is recycled.

Indicator | 2025 | 2030
Share of electric buses (%) | 40 | 100
Trees planted | 1,200 | 12,000
"""
VIETNAMESE = """KẾ HOẠCH
Phát triển kinh tế số tỉnh Quảng Ninh đến năm 2030

Quảng Ninh, ngày 14 tháng 7 năm 2025

1. Đến năm 2030, kinh tế số chiếm 30% GRDP; tỷ lệ hộ nghèo giảm còn 1,5%.
- Trên 90% xã đạt chuẩn nông thôn mới.
"""
WORDS: dict[str, tuple[bytes, ...]] = {
    "txt": (
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xfe\xff",
        "\u202e".encode(),
        "\u200b".encode(),
        b"\xed\xa0\x80",
        "\u0301\u0323".encode() * 60,
        b"9" * 5_000,
        b"\r",
        b"|" * 50,
        b"%PDF-",
        b"\xc3",
        b"\x1b[2J",
    ),
    "html": (
        b"<div>" * 40,
        b"</div>" * 9,
        b"<table><tr><td colspan=99999 rowspan=99999>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"&#xD800;",
        b"&#0;",
        b"&#x110000;",
        b"&amp",
        b"<script>",
        b"<style>",
        b"<plaintext>",
        b"<svg>",
        b"<math>",
        b"<pre>",
        b"<ol start=99999999999999999999><li>",
        b"<meta charset=utf-7>",
        b"<meta charset=utf-16>",
        b"<li>",
        b"<sup>1</sup>",
        b"<body hidden>",
        b"<p style='display:none'>",
        b"\x00",
        b"<template>",
        b"<noscript>",
        b"<?xml version='1.0' encoding='zz'?>",
        b"<!DOCTYPE x [<!ENTITY a 'aa'>]>&a;",
    ),
    "pdf": (
        b"1 0 R",
        b"2 0 R",
        b"3 0 R",
        b"5 0 R",
        b"/Kids [3 0 R]",
        b"/Parent 2 0 R",
        b"/Length 99999999",
        b"/Filter",
        b"[",
        b"]",
        b"<<",
        b">>",
        b"stream\n",
        b"endstream",
        b"endobj",
        b"xref\n",
        b"trailer",
        b"startxref\n0\n",
        b"/W [0 99999999 500]",
        b"/Prev 0",
        b"-1",
        b"99999999999999",
        b"1e400",
        b"(",
        b")",
        b"<",
        b">",
        b"/MediaBox",
        b"/Encrypt 1 0 R",
        b"BT",
        b"ET",
        b"Tj",
        b"Do",
        b"cm",
        b"/FlateDecode",
        b"/Rotate 90",
        b"nan",
        b"null",
    ),
    "docx": (b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"),
    "xml": (
        b"<w:p>",
        b"</w:p>",
        b"<w:tbl>",
        b"<w:tr>",
        b"<w:tc>",
        b"<w:gridSpan w:val='99999999'/>",
        b"&amp;",
        b"&#xD800;",
        b"<w:txbxContent>",
        b"<w:sdt>",
        b"<w:ins>",
        b"<w:del>",
        b"<w:numId w:val='1'/>",
        b"<w:ilvl w:val='-1'/>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"&a;",
        b"xmlns:w='x'",
        b"<w:t>",
        b"w:val='" + b"9" * 5_000 + b"'",
        b"<w:vMerge/>",
        b"<mc:Fallback>",
        b"<w:start w:val='99999999999'/>",
        b"\x00",
        b"]]>",
        b"<?x?>",
    ),
    "jsonl": (
        b'{"id": 1, "text": ""}',
        b"\n",
        b"[" * 3_000,
        b"9" * 5_000,
        b'"\\ud800"',
        b'"text": null',
        b"NaN",
        b"1e999",
        b'"id": {}',
        b'"date": "9999-99-99"',
        b'"lang": "vi"',
        b"\\u0000",
        b'\\"',
        b"}",
        b"{",
    ),
}
VALUES = (
    "",
    "0",
    "-1",
    "1",
    "999",
    "99999999999",
    "9" * 5_000,
    "1.5",
    "none",
    "bullet",
    "%1.%2.%9",
    "²",
    "restart",
    "x/y",
)


class HungError(BaseException):
    """An input took longer than its limit; no reader may catch this."""


@dataclass(slots=True)
class Tally:
    """What the inputs of one kind came to."""

    kind: str
    inputs: int = 0
    documents: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)
    seconds: float = 0.0


def seeds(kind: str) -> list[bytes]:
    """Small whole files of one kind."""
    if kind == "txt":
        return [
            ENGLISH.encode(),
            VIETNAMESE.encode(),
            VIETNAMESE.encode("utf-16"),
            ENGLISH.encode("utf-16-le"),
            VIETNAMESE.encode("cp1258", "replace"),
            ENGLISH.replace("–", "-").encode("cp1252"),
        ]
    if kind == "html":
        return [page(ENGLISH), page(VIETNAMESE)]
    if kind == "jsonl":
        lines = [
            {"id": n, "text": text, "date": "2025-07-14"} for n, text in enumerate((ENGLISH, VIETNAMESE))
        ]
        return [
            "\n".join(json.dumps(line, ensure_ascii=flag) for line in lines).encode()
            for flag in (True, False)
        ]
    return {"pdf": _pdfs, "docx": _words}[kind]()


def page(text: str) -> bytes:
    """A small web page with a menu, a table, a list and what a script would hide."""
    head, *rest = text.split("\n\n")
    body = "".join(f"<p>{part}</p>" for part in rest)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{head} | News</title>
<meta property="article:published_time" content="2025-07-14T08:00:00+07:00"><script>var a = 1;</script></head>
<body><nav class="menu"><ul><li><a href="/">Home</a></li></ul></nav><article><h1>{head}</h1>{body}
<table border="1"><caption>Aims</caption><tr><th rowspan="2">Aim</th><th colspan="2">Year</th></tr>
<tr><th>2025</th><th>2030</th></tr><tr><td>Area (km<sup>2</sup>)</td><td>4</td><td>5<sup>1</sup></td></tr></table>
<ol start="2" type="a"><li>one<li><p>two</p></ol><div hidden>shown by a script</div></article></body></html>""".encode()


def _pdfs() -> list[bytes]:
    """Two small PDF files: one plain inside, one packed and with a ruled table."""
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

    plain, packed = io.BytesIO(), io.BytesIO()
    canvas = Canvas(plain, pageCompression=0)
    for number in range(2):
        for y, line in enumerate(ENGLISH.split("\n")):
            canvas.drawString(70, 780 - 14 * y, line)
        canvas.drawString(300, 30, f"Page {number + 1}")
        canvas.showPage()
    canvas.save()
    style = getSampleStyleSheet()["Normal"]
    rows = [["Aim", "2025", "2030"], ["Homes", "40", "80"], ["Trees", "1,200", "12,000"]]
    parts: list[Flowable] = [Paragraph(part, style) for part in ENGLISH.split("\n\n")]
    SimpleDocTemplate(packed).build(
        [*parts, Table(rows, style=[("GRID", (0, 0), (-1, -1), 1, colors.black)])]
    )
    return [plain.getvalue(), packed.getvalue()]


def _words() -> list[bytes]:
    """A small Word file with headings, numbering and a table."""
    import docx

    document = docx.Document()
    for part in ENGLISH.split("\n"):
        document.add_paragraph(part)
    document.add_paragraph("a list", style="List Number")
    document.add_paragraph("a point", style="List Bullet")
    table = document.add_table(rows=3, cols=3)
    for row in table.rows:
        for cell in row.cells:
            cell.text = "80%"
    table.cell(0, 0).merge(table.cell(0, 1))
    out = io.BytesIO()
    document.save(out)
    return [out.getvalue()]


def damaged(data: bytes, words: tuple[bytes, ...], others: list[bytes], dice: random.Random) -> bytes:
    """``data`` after one to six kinds of damage."""
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        start = dice.randrange(len(data) + 1)
        stop = min(len(data), start + int(dice.paretovariate(0.7)))
        kind = dice.randrange(8)
        if kind == 0 and data:
            at = min(start, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:start] + data[stop:]
        elif kind == 2:
            data = data[:stop] + data[start:stop] * dice.choice((1, 2, 20)) + data[stop:]
        elif kind == 3:
            data = data[:start] + dice.randbytes(min(stop - start, 40)) + data[stop:]
        elif kind == 4 and dice.random() < 0.3:
            data = data[:start]
        elif kind == 5:
            other = dice.choice(others)
            at = dice.randrange(len(other) + 1)
            data = data[:start] + other[at : at + dice.randrange(1, 400)] + data[stop:]
        else:
            data = data[:start] + dice.choice(words) + data[start:]
    return data


def damaged_tags(data: bytes, dice: random.Random) -> bytes:
    """A page or an XML part after whole tags were lost, doubled, moved or nested many times."""
    parts = re.split(rb"(<[^<>]*>)", data)
    for _ in range(dice.choice((1, 2, 4, 10))):
        at = dice.randrange(len(parts))
        kind = dice.randrange(5)
        if kind == 0:
            parts[at] = b""
        elif kind == 1:
            parts[at] *= dice.choice((2, 30, 400))
        elif kind == 2:
            parts.insert(at, parts[dice.randrange(len(parts))])
        elif kind == 3:
            other = dice.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        else:
            end = min(len(parts), at + dice.randrange(1, 30))
            parts[at:at] = parts[at:end] * dice.choice((1, 5, 30))
    return b"".join(parts)


def damaged_tree(data: bytes, dice: random.Random) -> bytes:
    """An XML part, still well formed, after elements were lost, doubled, moved or nested or their values changed."""
    from lxml import etree

    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return data
    for _ in range(dice.choice((1, 3, 10, 30))):
        elements = list(root.iter("*"))
        one, other = dice.choice(elements), dice.choice(elements)
        kind, parent = dice.randrange(6), one.getparent()
        if kind == 0 and parent is not None:
            parent.remove(one)
        elif kind == 1 and len(elements) < 20_000:
            other.extend([copy.deepcopy(one) for _ in range(dice.choice((1, 5, 60)))])
        elif kind == 2 and one not in other.iterancestors() and one is not other:
            other.append(one)
        elif kind == 3 and one.attrib:
            one.set(dice.choice(list(one.attrib)), dice.choice(VALUES))
        elif kind == 4:
            one.tag = other.tag
        elif len(etree.tostring(one)) < 2_000:
            inner = one
            for _ in range(dice.choice((2, 60))):
                inner.append(copy.deepcopy(one))
                inner = inner[-1]
                if len(etree.tostring(root)) > 300_000:
                    break
    return bytes(etree.tostring(root))


def damaged_parts(data: bytes, dice: random.Random) -> bytes:
    """A Word file of which the XML of one or two parts is damaged, the archive itself whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    often = [name for name in parts if name.endswith(("document.xml", "numbering.xml", "styles.xml"))]
    for _ in range(dice.choice((1, 1, 2))):
        name = dice.choice(often if dice.random() < 0.8 else list(parts))
        if dice.random() < 0.8 and name.endswith(("xml", "rels")):
            parts[name] = damaged_tree(parts[name], dice)
        else:
            parts[name] = damaged(parts[name], WORDS["xml"], list(parts.values()), dice)
    if dice.random() < 0.05:
        del parts[dice.choice(list(parts))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def inputs(kind: str, dice: random.Random) -> Iterator[bytes]:
    """Damaged files of one kind without end."""
    whole = seeds(kind)
    while True:
        data = dice.choice(whole)
        if kind == "docx" and dice.random() < 0.8:
            yield damaged_parts(data, dice)
        elif kind == "html" and dice.random() < 0.5:
            yield damaged_tags(data, dice)
        else:
            yield damaged(data, WORDS[kind], whole, dice)


def fault(result: Document | Failure) -> str | None:
    """What is wrong with a document or failure, None if nothing is."""
    known = {name for name in vars(errors) if name.endswith("Error")}
    if isinstance(result, Failure):
        return (
            None if result.error in known and len(result.reason) > 10 else "a failure without a known error"
        )
    try:
        f"{result.text}{result.title}".encode()
    except UnicodeEncodeError:
        return "text that cannot be written: half of a character"
    if not result.text.strip() or "\r" in result.text or "\x00" in result.text:
        return "text that is empty, has \\r or NUL"
    if not unicodedata.is_normalized("NFC", result.text):
        return "text that is not NFC"
    good = result.pages[0] == 0 and list(result.pages) == sorted(result.pages)
    return None if good and result.pages[-1] <= len(result.text) else "pages that do not rise within the text"


def shape(reason: str) -> str:
    """A reason without what differs from input to input."""
    reason = re.sub(r"^line \d+: ", "", reason)
    reason = re.sub(r"\((\w+Error): .*\)", r"[\1]", reason)
    return re.sub(r"\d+", "0", re.sub(r"\(.*\)|'.*?'|\".*?\"|: .*", "…", reason, flags=re.DOTALL))[:110]


def measure(path: Path, limit: float, tally: Tally) -> str | None:
    """Read one file and count what came of it; returns what went wrong, if anything."""
    began = time.perf_counter()
    wrong = None
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        for result in read_all(path, name="x"):
            tally.documents += isinstance(result, Document)
            if isinstance(result, Failure):
                tally.reasons[f"{result.error}: {shape(result.reason)}"] += 1
            wrong = wrong or fault(result)
    except HungError:
        wrong = f"longer than {limit:g} s"
    except Exception as error:  # the very thing that is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        wrong = f"{type(error).__name__} from {Path(place.filename).name}:{place.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    taken = time.perf_counter() - began
    tally.seconds += taken
    tally.slowest = sorted([*tally.slowest, (round(taken, 3), tally.inputs, wrong or "")], reverse=True)[:3]
    tally.inputs += 1
    return wrong


def fuzz(kind: str, count: int, seed: int, limit: float, keep: Path | None = None) -> Tally:
    """``count`` damaged files of one kind through ``read_all``; the same ``seed`` gives the same files."""
    signal.signal(signal.SIGALRM, _hung)
    tally = Tally(kind)
    stream = inputs(kind, random.Random(f"{kind} {seed}"))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{kind}"
        for _ in range(count):
            data = next(stream)
            path.write_bytes(data)
            wrong = measure(path, limit, tally)
            if wrong is not None:
                tally.wrong[wrong] += 1
                if keep is not None and tally.wrong[wrong] <= 5:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{kind}-{seed}-{tally.inputs - 1}.{kind}").write_bytes(data)
    return tally


def _hung(signum: int, frame: FrameType | None) -> None:
    raise HungError


def report(tally: Tally, write: Callable[[str], object] = print) -> None:
    """The figures of one kind as text."""
    write(f"\n{tally.kind}: {tally.inputs} inputs in {tally.seconds:.0f} s, {tally.documents} documents")
    for reason, count in tally.reasons.most_common():
        write(f"  {count:7} {reason}")
    write("  slowest: " + ", ".join(f"{taken} s (input {number})" for taken, number, _ in tally.slowest))
    for what, count in tally.wrong.most_common():
        write(f"  WRONG {count} x {what}")


def main() -> int:
    """Fuzz the kinds asked for; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description="Broken files of every kind through the readers.")
    parser.add_argument("--inputs", type=int, default=1_000, help="damaged files of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=10.0, help="seconds an input may take")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that went wrong")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    wrong = 0
    for kind in options.kinds:
        tally = fuzz(kind, options.inputs, options.seed, options.limit, options.keep)
        report(tally)
        wrong += sum(tally.wrong.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    print(f"\n{wrong} went wrong; at most {peak:.0f} MB of memory")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
