"""The streams of a PDF, unpacked within bounds."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pdfminer.lzw import LZWDecoder
from pdfminer.pdftypes import (
    LITERALS_DCT_DECODE,
    LITERALS_FLATE_DECODE,
    LITERALS_LZW_DECODE,
    LITERALS_RUNLENGTH_DECODE,
    PDFStream,
)

from policyextract.errors import DamagedFileError
from policyextract.read.limits import (
    LARGEST_STREAM,
    LARGEST_STREAMS,
    MOST_DRAWN,
    MOST_FILTERS,
    megabytes,
)

_CHUNK = 1_000_000
_CODES = 4_096  # of LZW, which have 12 bits


@dataclass(slots=True)
class Budget:
    """What the streams of one PDF have unpacked to so far."""

    unpacked: int = 0


class Stream(PDFStream):
    """A stream that counts how often it is drawn and how much it unpacks to; DamagedFileError if that is too much.

    pdfminer unpacks it whole, and takes the square of its size if it is damaged.
    """

    def __init__(self, stream: PDFStream, budget: Budget) -> None:
        super().__init__(stream.attrs, stream.rawdata or b"", stream.decipher)
        self._budget = budget
        self._used = 0

    def get_data(self) -> bytes:  # noqa: D102
        self._used += 1
        if self._used > MOST_DRAWN:
            raise DamagedFileError(
                f"the PDF draws one of its parts more than {MOST_DRAWN:,} times; print it to a new PDF"
            )
        return super().get_data()

    def decode(self) -> None:  # noqa: D102
        data = self.rawdata or b""
        if self.decipher and self.objid is not None and self.genno is not None:
            data = self.decipher(self.objid, self.genno, data, self.attrs)
        filters = self.get_filters()
        if len(filters) > MOST_FILTERS:
            raise DamagedFileError(
                f"a part of the PDF is packed {len(filters)} times over; print it to a new PDF"
            )
        for name, params in filters:
            data = _step(name, params, data)
        self._budget.unpacked += len(data)
        if self._budget.unpacked > LARGEST_STREAMS:
            raise DamagedFileError(
                f"the parts of the PDF unpack to more than {megabytes(LARGEST_STREAMS)}; split it"
            )
        self.data, self.rawdata = data, None


def _step(name: Any, params: Any, data: bytes) -> bytes:
    """What one filter makes of the data; that which only makes it smaller is left to pdfminer."""
    unpack = next((unpack for names, unpack in _UNPACK if name in names), None)
    if unpack is None:
        return PDFStream({"Filter": name, "DecodeParms": params or {}}, data).get_data()
    data = unpack(data)
    if not params or "Predictor" not in params:
        return data
    # pdfminer hands on pictures as they are, and then undoes the prediction
    return PDFStream({"Filter": LITERALS_DCT_DECODE[0], "DecodeParms": params}, data).get_data()


def _joined(parts: Iterable[bytes]) -> bytes:
    """The parts in one, as long as they are not too much."""
    found: list[bytes] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > LARGEST_STREAM:
            raise DamagedFileError(
                f"a part of the PDF unpacks to more than {megabytes(LARGEST_STREAM)}, which no text does; "
                "it is not read"
            )
        found.append(part)
    return b"".join(found)


def _inflated(data: bytes) -> bytes:
    """What Flate holds, all that there is if it is cut off, nothing if it is damaged; its checksum is not looked at."""
    if len(data) < 2 or data[0] & 15 != 8 or data[1] & 32 or int.from_bytes(data[:2], "big") % 31:
        return b""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)

    def parts(left: bytes) -> Iterable[bytes]:
        while left and not unpacker.eof:
            yield unpacker.decompress(left, _CHUNK)
            left = unpacker.unconsumed_tail
        yield unpacker.flush() if unpacker.eof else b""

    try:
        return _joined(parts(data[2:]))
    except zlib.error:
        return b""


class _Lzw(LZWDecoder):
    """A decoder whose table ends where no code reaches, for it is looked through at each code."""

    def feed(self, code: int) -> bytes:
        found = super().feed(code)
        del self.table[_CODES:]
        return found


def _unlzw(data: bytes) -> bytes:
    return _joined(_Lzw(io.BytesIO(data)).run())


def _run_lengths(data: bytes) -> bytes:
    """Runs of one byte, and bytes as they stand, up to the mark of the end."""

    def parts() -> Iterable[bytes]:
        at = 0
        while at < len(data) and (length := data[at]) != 128:
            copied = length + 1 if length < 128 else 1
            part = data[at + 1 : at + 1 + copied]
            yield part if length < 128 else part * (257 - length)
            at += 1 + copied

    return _joined(parts())


_UNPACK: tuple[tuple[tuple[Any, ...], Callable[[bytes], bytes]], ...] = (
    (LITERALS_FLATE_DECODE, _inflated),
    (LITERALS_LZW_DECODE, _unlzw),
    (LITERALS_RUNLENGTH_DECODE, _run_lengths),
)
