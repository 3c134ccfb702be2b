"""Bytes of a plain text file → text: encoding, byte order mark, line ends and NFC."""

from __future__ import annotations

import codecs
import re

from policyextract.errors import DamagedFileError, EmptyFileError
from policyextract.read.limits import nfc
from policyextract.read.raw import Raw
from policyextract.read.syllable import is_syllable, is_unmarked_syllable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a zip file, perhaps .docx",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"{\\rtf": "a Rich Text file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
# Bytes that Windows-1252 and Windows-1258 read differently.
_DIFFERING = frozenset(b"\xc3\xcc\xd0\xd2\xd5\xdd\xde\xe3\xec\xf0\xf2\xf5\xfd\xfe")
_SAMPLE = 200_000  # bytes by which an encoding is told; every known one is tried on them
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u0323])*")


def read_plain(data: bytes) -> Raw:
    """A text or Markdown file as it stands; raises EmptyFileError or DamagedFileError."""
    return Raw(decode(data))


def decode(data: bytes) -> str:
    """Text of ``data``: NFC, ``\\n`` line ends, no byte order mark.

    Raises EmptyFileError if nothing but blanks is there, DamagedFileError if the bytes are no text.
    """
    if not data.strip():
        raise EmptyFileError("the file is empty")
    check_magic(data)
    text = _decode_bytes(data).replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text or len(_CONTROL.findall(text)) > len(text) // 50:
        raise DamagedFileError("the file holds binary data, not text; check that it was saved as text")
    if not text.strip():
        raise EmptyFileError("the file holds only blanks")
    return nfc(text)


def check_magic(data: bytes) -> None:
    """Raises DamagedFileError if the first bytes are those of another kind of file."""
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise DamagedFileError(f"the name says text, but the content is {what}; rename the file")


def wide_encoding(data: bytes) -> str | None:
    """The UTF-16 or UTF-32 that the start of a file is in, None for anything else."""
    found = next((name for bom, name in _BOMS if data.startswith(bom)), None) or _wide(data)
    return None if found == "utf-8" else found


def _decode_bytes(data: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None) or _wide(data)
    try:
        return data.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if encoding:
            raise DamagedFileError(
                f"the text breaks off or is broken: {error.reason} in {encoding}"
            ) from None
        return _decode_legacy(data, error)


def _wide(data: bytes) -> str | None:
    """The UTF-16 flavour of bytes without a mark: every other byte of blanks and Latin letters is NUL."""
    sample = data[:20_000]
    if len(data) % 2 or b"\x00" not in sample:
        return None
    half = len(sample) // 2
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[start::2].count(0) > half * 0.3 and sample[1 - start :: 2].count(0) < half * 0.02:
            return encoding
    return None


def _decode_legacy(data: bytes, error: UnicodeDecodeError) -> str:
    """Text in a Windows encoding, told apart by whether the words are Vietnamese syllables."""
    pairs = _UTF8_PAIR.findall(data)
    high = len(_HIGH.findall(data))
    if len(pairs) >= 3 and sum(map(len, pairs)) > 0.8 * high:
        reason = f"the text is UTF-8 with a broken character at byte {error.start}; save it again as UTF-8"
        raise DamagedFileError(reason)
    if b"\x00" in data:
        raise DamagedFileError("the file holds binary data, not text; check that it was saved as text")
    vietnamese = _try(data, "cp1258")
    if vietnamese is not None and _is_vietnamese(vietnamese):
        return vietnamese
    western = _try(data, "cp1252")
    letters = sum(byte >= 0xC0 for byte in data)
    if western is not None and letters < 0.4 * len(data):
        return western
    return _guess(data)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_vietnamese(text: str) -> bool:
    """Whether the words that only Windows-1258 spells so are mostly Vietnamese syllables."""
    good = bad = 0
    for word in set(_WORD.findall(text)):
        if word.isascii() or not _DIFFERING.intersection(word.encode("cp1258")):
            continue
        if is_syllable(word):
            good += 1
        else:
            bad += 1
    if good == bad > 0:  # a short text, perhaps cut in a word: the plain words decide
        words = _WORD.findall(text)
        return sum(is_syllable(w) or is_unmarked_syllable(w) for w in words) * 2 > len(words)
    return good > bad


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    text = None if best is None else _try(data, best.encoding)
    if text is None:
        raise DamagedFileError("the encoding could not be recognised; save the file as UTF-8")
    return text
