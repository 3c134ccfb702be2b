"""Document → segments: sentences, items, headings and table rows, each with the heads it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from policyextract import lexicon, tabular
from policyextract.types import Document, Lang, Segment, SegmentKind

_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"[-–—•●▪◦*+·>»✓]{1,2}\s+(?=\S)")
# What follows a decimal that opens a line as a figure, not as the number of an item.
_MEASURES = (
    r"(?:per ?cent|percentage|pct|%|million|billion|trillion|thousand|lakh|crore|times|points|kg|tonnes|tons|km|ha\b|[mg]w"
    r"|hectares|acres|dollars|euros|phần trăm|điểm|triệu|tỷ|tỉ|nghìn|ngàn|lần|tấn|mét|héc)"
)
# Enumerators by the shape that tells their depth; the order decides between "i)" and "a)".
_ENUMERATORS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("roman", re.compile(r"(?:[IVX]{1,5}|[A-H])[.)/]\s*(?=[^\W\d_]{2})|(?:[IVX]{1,5})\s*[-–]\s+")),
    ("decimal", re.compile(rf"\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}\.?\s+(?=\D)(?!{_MEASURES})", re.I)),
    ("number", re.compile(r"\(?\d{1,2}[.)/]\s*(?=[^\d\s])")),
    ("letter", re.compile(r"\(?(?:[a-zđ]|dd|aa|bb)[.)]\s*(?=\S)")),
    ("small-roman", re.compile(r"\(?[ivx]{1,4}[.)]\s+")),
)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)")
_LATIN = [chr(code) for code in range(0xC0, 0x1F00)]
_LOWER = "a-z" + "".join(ch for ch in _LATIN if ch.islower())
_UPPER = "A-Z" + "".join(ch for ch in _LATIN if ch.isupper())
# A full stop ends a sentence before a blank or, in glued web text, before a capital and a small letter.
_STOP = re.compile(
    rf"(?<=[.!?…])[\"”’')\]]*(?=\s+[\"“‘'(\[]?[^\s\d{_LOWER}]|\s+\d|\s*$)"
    rf"|(?<=[{_LOWER}0-9%][.!?])(?=[{_UPPER}][{_LOWER}])"
    rf"|(?<=[.!?][\"”])(?=\s*[{_UPPER}“\"])"
)
_HEADING_WORDS = 16
_RUNNING = 60  # a line with running text has more characters
# "HAI PHONG, April 8, 2026 – The city …", "Kon Tum (VNA) - …": place, day, agency, a dash, the first sentence.
_DATELINE = re.compile(
    rf"(([{_UPPER}(][^!?:;\n]{{1,80}}?)\s?(?:\s[–—-]{{1,2}}|--))\s+(?=[\"“‘(]?(?:[{_UPPER}]|(?<!\d\s[–—-]\s)\d))"
)
_RUN_IN = re.compile(r"([^\W\d_a-zà-ỹ][^\d.:;!?\n]{1,48}?)(?:[.:]|\s[–—-])\s(?=\S)")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    marker: str
    body: int
    gap: bool


def segment(document: Document) -> list[Segment]:
    """Segments of the text in order; every character that is not blank lies in one.

    A segment's ``heads`` are the segments it stands under, outermost first: headings, numbered
    clauses and list heads; for a table row the header row and the title above the table.
    """
    return list(_segments(_lines(document.text, document.lang), document.lang))


def _lines(text: str, lang: Lang) -> list[_Line]:
    lines: list[_Line] = []
    last = 0
    for match in _LINE.finditer(text):
        raw = match.group()
        start = match.start() + len(raw) - len(raw.lstrip())
        end = match.start() + len(raw.rstrip())
        if start >= end:
            continue
        marker, body = _marker(text[start:end], lang)
        gap = text.count("\n", last, start) > 1
        lines.append(_Line(start, end, text[start:end], marker, start + body, gap))
        last = end
    return lines


@cache
def _named(lang: Lang) -> re.Pattern[str]:
    return re.compile("|".join(lexicon.table(lang, "segments")["markers"]), re.I)


def _marker(text: str, lang: Lang) -> tuple[str, int]:
    """The kind of a line's enumerator ("" for none) and where the line's own words begin."""
    if named := _named(lang).match(text):
        return text.split(maxsplit=1)[0].lower(), named.end()
    if bullet := _BULLET.match(text):
        return bullet.group().strip(), bullet.end()
    for name, pattern in _ENUMERATORS:
        if found := pattern.match(text):
            if name == "decimal":
                name = f"decimal{found.group().strip('. ').count('.')}"
            return name, found.end()
    return "", 0


@dataclass(frozen=True, slots=True)
class _Row:
    """A line's part in a table: what parts its cells, and the number of its header's line, if any."""

    separator: str
    header: int | None


def _tables(lines: list[_Line]) -> dict[int, _Row]:
    """The lines that are table rows or header rows, by number."""
    separators = _separators(lines)
    rows = _aligned(lines, separators)
    header: int | None = None
    known: dict[tuple[str, int], int] = {}  # a sub-heading may part a table from its header row
    for i, separator in enumerate(separators):
        if not separator:
            header = None
            continue
        shape = separator, len(tabular.cells(lines[i].text, separator))
        adjacent = any(_alike(lines, separators, i, j) for j in (i + 1, i + 2) if j < len(lines))
        if not _has_figures(lines[i], separator) and (
            header is None or not _alike(lines, separators, header, i)
        ):
            if not adjacent:
                header = None  # bars in a line of their own: a menu, a caption
                continue
            header = known[shape] = i
            rows[i] = _Row(separator, None)
            continue
        if header is None or not _alike(lines, separators, header, i):
            header = known.get(shape)
        rows[i] = _Row(separator, header)
    return rows


def _alike(lines: list[_Line], separators: list[str], one: int, other: int) -> bool:
    """Whether two lines can stand in one table: the same separator, as many cells give or take one."""
    separator = separators[one]
    counts = [len(tabular.cells(lines[i].text, separator)) for i in (one, other)] if separator else [0, 9]
    return separators[other] == separator and abs(counts[0] - counts[1]) <= 1


def _has_figures(line: _Line, separator: str) -> bool:
    """Whether a cell of the line holds a figure that is no year."""
    texts = (line.text[a:b].strip() for a, b in tabular.cells(line.text, separator))
    return any(
        re.match(r"[<>≥≤~]?\s?\d", t) and not re.match(r"(19|20)\d\d\b", t) for t in texts if len(t) < 30
    )


def _aligned(lines: list[_Line], separators: list[str]) -> dict[int, _Row]:
    """Tables whose cells are parted by single blanks, as copied from a PDF: figures under a row of years."""
    rows: dict[int, _Row] = {}
    for i, line in enumerate(lines):
        count = 0 if separators[i] or i in rows else tabular.year_columns(line.text)
        found: list[int] = []
        for j in range(i + 1, len(lines) if count else 0):
            if separators[j]:
                break
            if tabular.has_columns(lines[j].text, count):
                found.append(j)
            elif re.search(r"\d", lines[j].text) or len(lines[j].text.split()) > _HEADING_WORDS:
                break
        if len(found) > 1:
            rows[i] = _Row(tabular.ALIGNED, None)
            rows.update((j, _Row(tabular.ALIGNED, i)) for j in found)
    return rows


def _separators(lines: list[_Line]) -> list[str]:
    """What parts the cells of each line, "" for a line that is no table row.

    Bars, tabs and wide gaps show a row by themselves; semicolons only where neighbouring lines have as many.
    """
    found = [tabular.separator_of(line.text) for line in lines]
    semicolons = [line.text.count(";") if len(line.text) < 300 else 0 for line in lines]
    for i, count in enumerate(semicolons):
        if found[i] or count < 2 or _cellular(lines[i].text) is False:
            continue
        near = [j for j in (i - 1, i + 1) if 0 <= j < len(lines)]
        if any(semicolons[j] == count and not lines[j].gap | (j == i + 1 and lines[j].gap) for j in near):
            found[i] = ";"
    for i, count in enumerate(semicolons):  # the column heads, longer than cells, perhaps above a sub-heading
        below = [j for j in (i + 1, i + 2) if j < len(lines) and found[j] == ";"]
        if not found[i] and count >= 2 and below and semicolons[below[0]] == count:
            found[i] = ";" if lines[i].text[-1] not in ";.," else ""
    return found


def _cellular(text: str) -> bool:
    """Whether the pieces between semicolons are cells, not clauses: mostly short."""
    pieces = text.split(";")
    return sum(len(p) <= 24 for p in pieces) >= len(pieces) - 1


def _is_heading(line: _Line, following: _Line | None) -> bool:
    """A short line without a full stop, standing alone or above running text."""
    words = line.text.split()
    if not words or len(words) > _HEADING_WORDS or line.text[-1] in ".;,!":
        return False
    if line.text[-1] in "?”" and any(_STOP.finditer(line.text, 0, len(line.text) - 2)):
        return False  # several sentences, the last one a question
    if line.text[-1] == ":" or line.text.isupper():
        return True
    if line.marker.startswith(("roman", "number", "decimal", "letter")) and not re.search(
        r"\d", line.text[2:]
    ):
        return len(words) <= 10 and following is not None and following.marker != line.marker
    return not line.marker and (following is None or following.gap or len(following.text) > len(line.text))


def _segments(lines: list[_Line], lang: Lang) -> Iterator[Segment]:
    stack: list[tuple[str, Segment]] = []
    tables = _tables(lines)
    headers: dict[int, Segment] = {}
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        if (table := tables.get(index)) is not None:
            row = _row(line, index, table, stack, headers)
            headers[index] = row
            yield row
            continue
        heading = _is_heading(line, following)
        _close(stack, line, heading)
        heads = tuple(segment for _, segment in stack)
        parts = list(_sentences(line, lang))
        kind: SegmentKind = "heading" if heading else "item" if line.marker else "sentence"
        first: Segment | None = None
        if not heading and (cut := _dateline(line)):
            yield Segment(line.start, line.start + cut[0], "dateline", heads, index, line.start)
            line = replace(
                line, start=line.start + cut[1], body=line.start + cut[1], text=line.text[cut[1] :]
            )
            parts = list(_sentences(line, lang))
        run_in = None if heading else _run_in(line, parts, index, heads)
        for start, end in parts:
            own = (*heads, run_in) if run_in is not None and start > run_in.start else heads
            piece = Segment(start, end, kind, own, index, max(start, min(line.body, end)))
            first = first or piece
            yield piece
        if first is not None and (heading or line.marker or line.text.endswith(":")):
            depth = line.marker or ("title" if heading and line.text[-1] != ":" else "lead")
            # the whole line is the head: a year may stand in its second sentence
            stack.append((depth, replace(first, end=line.end)))


def _dateline(line: _Line) -> tuple[int, int] | None:
    """Where the dateline that opens a line ends, and where its first sentence begins; None without one."""
    found = None if line.marker or len(line.text) < _RUNNING else _DATELINE.match(line.text)
    if found is None:
        return None
    words = re.findall(r"[^\W_]+", found.group(2))
    named = [w for w in words if not w[0].islower() or len(w) <= 4 or w.lower() in ("ngày", "tháng")]
    marked = re.search(r"[,(]|[A-ZĐ]{3}", found.group(2))
    return (found.end(1), found.end()) if marked and len(named) == len(words) else None


def _run_in(
    line: _Line, parts: list[tuple[int, int]], index: int, heads: tuple[Segment, ...]
) -> Segment | None:
    """The head of a paragraph that stands in its first line: "COLOMBIA. …", "Sindh: …", "Water – …"."""
    found = _RUN_IN.match(line.text, line.body - line.start)
    if found is None or len(parts) < 2 or len(found.group(1).split()) > 5:
        return None
    return Segment(line.start, line.start + found.end(1), "heading", heads, index, line.body)


def _row(
    line: _Line, index: int, table: _Row, stack: list[tuple[str, Segment]], headers: dict[int, Segment]
) -> Segment:
    heads = tuple(segment for _, segment in stack)
    if table.header is None and not _has_figures(line, table.separator):
        return Segment(line.start, line.end, "header", heads, index, line.start, table.separator)
    if table.header is not None:
        heads = (*heads, headers[table.header])
    return Segment(line.start, line.end, "row", heads, index, line.start, table.separator)


def _close(stack: list[tuple[str, Segment]], line: _Line, heading: bool) -> None:
    """Leave the heads that a line with this marker does not stand under."""
    depths = [depth for depth, _ in stack]
    if line.marker:
        if line.marker in depths:
            del stack[depths.index(line.marker) :]
        elif line.marker.startswith("roman"):
            del stack[_first(depths, lambda d: d.startswith(("number", "decimal", "letter"))) :]
        return
    if heading and line.text[-1:] != ":":
        keep = _first(
            depths, lambda d: d in ("title", "lead") or not d.startswith(("roman", "điều", "article"))
        )
        del stack[keep:]
    elif "lead" in depths and not heading:
        if depths[-1] != "lead" or len(line.text.split()) > _HEADING_WORDS:
            del stack[depths.index("lead") :]  # the list is over; a short line may still be one of it
    elif not heading and depths and depths[-1] not in ("title",) and len(line.text.split()) > _HEADING_WORDS:
        # running text after a list: the list is over, its numbered clause is not
        while stack and stack[-1][0] in ("letter", "-", "+", "•", "*", "–"):
            stack.pop()


def _first(depths: list[str], test: object) -> int:
    return next((i for i, d in enumerate(depths) if test(d)), len(depths))  # type: ignore[operator]


def _sentences(line: _Line, lang: Lang) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of a line."""
    abbreviations = lexicon.table(lang, "segments")["abbreviations"]
    start = 0
    for stop in _STOP.finditer(line.text, line.body - line.start):
        end = stop.end()
        if end <= line.body - line.start:
            continue  # the full stop of "Article 2."
        word = re.split(r"[\s(]", line.text[start:end].rstrip(".!?…\"”’')]"))[-1].lower()
        if line.text[end - 1 : end] == "." and (
            word in abbreviations or _initial(word, line.text[start:end])
        ):
            continue
        if line.text[start:end].strip():
            yield _trim(line, start, end)
        start = end
    if line.text[start:].strip():
        yield _trim(line, start, len(line.text))


def _initial(word: str, text: str) -> bool:
    return len(word) == 1 and word.isalpha() and text.rstrip(".")[-1:].isupper()


def _trim(line: _Line, start: int, end: int) -> tuple[int, int]:
    piece = line.text[start:end]
    start += len(piece) - len(piece.lstrip())
    return line.start + start, line.start + start + len(piece.strip())
