"""Document → segments: sentences, items, headings and table rows, each with the heads it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from policyextract import lexicon
from policyextract.segment.lines import HEADING_WORDS, Line, lines_of
from policyextract.segment.tables import Row, has_figures, tables_of
from policyextract.types import Document, Lang, Segment, SegmentKind

__all__ = ["segment"]

_LATIN = [chr(code) for code in range(0xC0, 0x1F00)]
_LOWER = "a-z" + "".join(ch for ch in _LATIN if ch.islower())
_UPPER = "A-Z" + "".join(ch for ch in _LATIN if ch.isupper())
# A full stop ends a sentence before a blank or, in glued web text, before a capital and a small letter.
_STOP = re.compile(
    rf"[.!?…][\"”’')\]]*(?=\s+[\"“‘'(\[]?[^\s\d{_LOWER}]|\s+\d|\s*$)"
    rf"|(?<=[{_LOWER}0-9%])[.!?](?=[{_UPPER}][{_LOWER}])"
    rf"|(?<=[.!?])[\"”](?=\s*[{_UPPER}“\"])"
)
# What belongs to a value is looked for in its whole sentence, which takes the square of its length. The longest of the
# corpus has 440 characters; what is far longer, such as a text without full stops, is read in parts.
LONGEST_SENTENCE = 2_000
_RUNNING = 60  # a line with running text has more characters
# "HAI PHONG, April 8, 2026 – The city …", "Kon Tum (VNA) - …": place, day, agency, a dash, the first sentence.
_DATELINE = re.compile(
    rf"(([{_UPPER}(][^!?:;\n]{{1,80}}?)\s?(?:\s[–—-]{{1,2}}|--))\s+(?=[\"“‘(]?(?:[{_UPPER}]|(?<!\d\s[–—-]\s)\d))"
)
_RUN_IN = re.compile(r"([^\W\d_a-zà-ỹ][^\d.:;!?\n]{1,48}?)(?:[.:]|\s[–—-])\s(?=\S)")


def segment(document: Document) -> list[Segment]:
    """Segments of the text in order; every character that is not blank lies in one.

    A segment's ``heads`` are the segments it stands under, outermost first: headings, numbered
    clauses and list heads; for a table row the header row and the title above the table.
    """
    return list(_segments(lines_of(document.text, document.lang), document.lang))


def _is_heading(line: Line, following: Line | None) -> bool:
    """A short line without a full stop, standing alone or above running text."""
    words = line.text.split()
    if not words or len(words) > HEADING_WORDS or line.text[-1] in ".;,!":
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


def _segments(lines: list[Line], lang: Lang) -> Iterator[Segment]:
    stack: list[tuple[str, Segment]] = []
    tables = tables_of(lines)
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


def _dateline(line: Line) -> tuple[int, int] | None:
    """Where the dateline that opens a line ends, and where its first sentence begins; None without one."""
    found = None if line.marker or len(line.text) < _RUNNING else _DATELINE.match(line.text)
    if found is None:
        return None
    words = re.findall(r"[^\W_]+", found.group(2))
    named = [w for w in words if not w[0].islower() or len(w) <= 4 or w.lower() in ("ngày", "tháng")]
    marked = re.search(r"[,(]|[A-ZĐ]{3}", found.group(2))
    return (found.end(1), found.end()) if marked and len(named) == len(words) else None


def _run_in(
    line: Line, parts: list[tuple[int, int]], index: int, heads: tuple[Segment, ...]
) -> Segment | None:
    """The head of a paragraph that stands in its first line: "COLOMBIA. …", "Sindh: …", "Water – …"."""
    found = _RUN_IN.match(line.text, line.body - line.start)
    if found is None or len(parts) < 2 or len(found.group(1).split()) > 5:
        return None
    return Segment(line.start, line.start + found.end(1), "heading", heads, index, line.body)


def _row(
    line: Line, index: int, table: Row, stack: list[tuple[str, Segment]], headers: dict[int, Segment]
) -> Segment:
    heads = tuple(segment for _, segment in stack)
    if table.header is None and not has_figures(line, table.separator):
        return Segment(line.start, line.end, "header", heads, index, line.start, table.separator)
    if table.header is not None:
        heads = (*heads, headers[table.header])
    return Segment(line.start, line.end, "row", heads, index, line.start, table.separator)


def _close(stack: list[tuple[str, Segment]], line: Line, heading: bool) -> None:
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
        if depths[-1] != "lead" or len(line.text.split()) > HEADING_WORDS:
            del stack[depths.index("lead") :]  # the list is over; a short line may still be one of it
    elif not heading and depths and depths[-1] not in ("title",) and len(line.text.split()) > HEADING_WORDS:
        # running text after a list: the list is over, its numbered clause is not
        while stack and stack[-1][0] in ("letter", "-", "+", "•", "*", "–"):
            stack.pop()


def _first(depths: list[str], test: object) -> int:
    return next((i for i, d in enumerate(depths) if test(d)), len(depths))  # type: ignore[operator]


def _sentences(line: Line, lang: Lang) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of a line."""
    abbreviations = lexicon.table(lang, "segments")["abbreviations"]
    start = 0
    for stop in _STOP.finditer(line.text, max(0, line.body - line.start - 1)):
        end = stop.end()
        if end <= line.body - line.start:
            continue  # the full stop of "Article 2."
        word = _last_word(line.text[start:end].rstrip(".!?…\"”’')]")).lower()
        if line.text[end - 1 : end] == "." and (
            word in abbreviations or _initial(word, line.text[start:end])
        ):
            continue
        yield from _cut(line, start, end)
        start = end
    yield from _cut(line, start, len(line.text))


def _last_word(text: str) -> str:
    """What stands behind the last blank or parenthesis; "" if the text ends in one."""
    return "" if text[-1:].isspace() else text.rsplit(None, 1)[-1].rsplit("(", 1)[-1] if text else ""


def _cut(line: Line, start: int, end: int) -> Iterator[tuple[int, int]]:
    """One sentence, or its parts if it is longer than any that is written: cut behind a clause, else a word."""
    while end - start > LONGEST_SENTENCE:
        text = line.text[start : start + LONGEST_SENTENCE]
        least = LONGEST_SENTENCE // 2
        ends = (text.rfind(mark, least) + 1 for mark in ";, ")
        stop = start + next((at for at in ends if at), LONGEST_SENTENCE)
        if line.text[start:stop].strip():
            yield _trim(line, start, stop)
        start = stop
    if line.text[start:end].strip():
        yield _trim(line, start, end)


def _initial(word: str, text: str) -> bool:
    return len(word) == 1 and word.isalpha() and text.rstrip(".")[-1:].isupper()


def _trim(line: Line, start: int, end: int) -> tuple[int, int]:
    piece = line.text[start:end]
    start += len(piece) - len(piece.lstrip())
    return line.start + start, line.start + start + len(piece.strip())
