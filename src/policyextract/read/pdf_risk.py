"""Whether the work of reading a PDF is bounded, judged from its bytes alone and without following anything.

PDFium unpacks a stream to a gigabyte and draws a form as often as it is named, forms within forms too. A file that
may lead to more than the limits allow is left to the careful reader, which counts as it goes.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from policyextract.read.limits import LARGEST_STREAM, MOST_DRAWN

_STREAM = re.compile(rb"(?<!end)stream\r?\n?")
_HEAD = 8_000  # bytes before a stream in which its dictionary is looked for
_LENGTH = re.compile(rb"/Length\s{0,9}(\d{1,12}+)(?!\s{1,9}\d{1,9}\s{1,9}R)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_PACKED = 1_040  # bytes that one byte unpacks to at most
_RUNS = re.compile(rb"/(?:LZW|LZWDecode|RunLengthDecode|RL)\b")
_ELSEWHERE = re.compile(rb"/F(?:ilter)?\s{0,9}\d")  # filters that are named in another place
_FLATE, _PRINTED = re.compile(rb"/Fl(?:ateDecode)?\b"), re.compile(rb"/A(?:SCII)?(?:85|Hex)")
_FORM = re.compile(rb"/Subtype\s{0,9}/Form\b")
_PICTURE = re.compile(rb"/Subtype\s{0,9}/(?:Image|Type1C|CIDFontType0C|OpenType)\b|/Length1\b")
_DRAWN = re.compile(rb"\bDo\b")
_CHUNK = 100_000
_MOST_WORK = 1_000_000_000  # bytes of drawing, where forms count as often as they may be drawn


@dataclass(frozen=True, slots=True)
class _Stream:
    """A stream in a file: its dictionary, where it begins, and its length if that is certain."""

    head: bytes
    start: int
    length: int | None


def is_bounded(data: bytes) -> bool:
    """Whether no stream may unpack beyond the limits, and no form may be drawn more often than they allow."""
    has_forms = False
    streams: list[_Stream] = []
    for stream in _streams(data):
        if stream is None or not _is_small(data, stream):
            return False
        has_forms = has_forms or _FORM.search(stream.head) is not None
        streams.append(stream)
    return not has_forms or _is_drawn_little(data, streams)


def _streams(data: bytes) -> Iterator[_Stream | None]:
    """The streams of a file; None for one whose dictionary is not found."""
    for found in _STREAM.finditer(data):
        start = max(0, found.start() - _HEAD)
        begin = data.rfind(b"obj", start, found.start())
        if begin < 0:
            yield None
            continue
        head = _ESCAPED.sub(lambda pair: bytes([int(pair[1], 16)]), data[begin : found.start()])
        lengths = _LENGTH.findall(head)
        length = int(lengths[0]) if len(lengths) == 1 == head.count(b"/Length") else None
        if length is not None:
            end = data[found.end() + length : found.end() + length + 12]
            length = length if end.lstrip().startswith(b"endstream") else None
        yield _Stream(head, found.end(), length)


def _is_small(data: bytes, stream: _Stream) -> bool:
    """Whether a stream surely unpacks to no more than a stream may."""
    most = LARGEST_STREAM // _MOST_PACKED
    size = len(data) - stream.start if stream.length is None else stream.length
    if _is_folded(stream.head):
        return size * _MOST_PACKED * _MOST_PACKED <= LARGEST_STREAM
    if size <= most:
        return True
    if _PRINTED.search(stream.head):
        return not _FLATE.search(stream.head) or 0 <= data.find(b">", stream.start) - stream.start <= most
    return sum(map(len, _unpacked(data, stream.start))) <= LARGEST_STREAM


def _is_folded(head: bytes) -> bool:
    """Whether a stream may be packed more than once, or in a way that packs tighter than Flate."""
    return len(_FLATE.findall(head)) + 2 * len(_RUNS.findall(head)) + 2 * len(_ELSEWHERE.findall(head)) > 1


def _unpacked(data: bytes, start: int) -> Iterator[bytes]:
    """What the stream at ``start`` unpacks to, a little beyond the limit at most; nothing if it is not packed."""
    unpacker, size = zlib.decompressobj(), 0
    while start < len(data) and not unpacker.eof and size <= LARGEST_STREAM:
        packed = data[start : start + _CHUNK]
        start += len(packed)
        while packed and size <= LARGEST_STREAM:
            try:
                part = unpacker.decompress(packed, 10 * _CHUNK)
            except zlib.error:
                return
            packed = unpacker.unconsumed_tail
            size += len(part)
            yield part


def _content(data: bytes, stream: _Stream) -> bytes | None:
    """What a stream holds; None if it is packed in an unusual way."""
    if _is_folded(stream.head):
        return None
    start = stream.start
    if _PRINTED.search(stream.head):
        try:
            data = base64.a85decode(data[start : data.find(b"~>", start)].translate(None, b"\0 \t\r\n\f"))
        except ValueError:
            return None
        start = 0
    if _FLATE.search(stream.head):
        return b"".join(_unpacked(data, start))
    return data[start : start + (len(data) if stream.length is None else stream.length)]


def _is_drawn_little(data: bytes, streams: list[_Stream]) -> bool:
    """Whether the forms and what draws them come to little work, however they are nested."""
    drawn = pages = largest = 0
    times = 1
    for stream in streams:
        if _PICTURE.search(stream.head):
            continue
        content = _content(data, stream)
        if content is None:
            return False
        count = len(_DRAWN.findall(content))
        if _FORM.search(stream.head):
            largest = max(largest, len(content))
            times *= 1 + count
        else:
            pages += len(content)
            drawn += count
        if drawn * times > MOST_DRAWN or pages + drawn * times * largest > _MOST_WORK:
            return False
    return True
