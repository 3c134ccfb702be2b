"""A picture of a page → words with boxes and confidences, by Tesseract in a process with limits of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policyextract.read.limits import OCR_BYTES, OCR_PATIENCE, OCR_SECONDS
from policyextract.read.ocr import Ocr
from policyextract.read.pdf_page import Word
from policyextract.read.raw import tidy

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 300
POINT = 72 / DPI  # a pixel in points
_UNSURE, _LIKELY = 20, 60  # of 100: words under the first are specks, signs without letters need the second
_BELOW = 0.22  # share of the height of a line that is below its base
_BOX = re.compile(r"bbox (-?\d+) (-?\d+) (-?\d+) (-?\d+)")
_BASE = re.compile(r"baseline (-?[\d.]+) (-?[\d.]+)")
_SIZE = re.compile(r"x_size ([\d.]+)")
_SURE = re.compile(r"x_wconf (\d+)")
_STROKES = frozenset("|¦_~`'´‘’\\")
_BULLETS = frozenset("•·*«»¢©®°●■▪")  # what Tesseract takes a bullet for
_LINES = frozenset({"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a page: words with boxes in points at 300 pixels an inch, and how sure, from 0 to 1."""

    words: tuple[Word, ...] = ()
    confidence: float = 0.0

    @property
    def letters(self) -> int:
        """How many letters and digits were read."""
        return sum(sum(map(str.isalnum, word.text)) for word in self.words)


def see(picture: Image, ocr: Ocr) -> Seen:
    """What Tesseract reads of an upright picture; nothing if it fails or takes too long."""
    return _seen(_run(picture, ocr)) if ocr.program is not None else Seen()


def _run(picture: Image, ocr: Ocr) -> bytes:
    """Tesseract's hOCR, empty if it fails; the process is bounded in time and memory, and dies with this one."""
    image = b"P5 %d %d 255\n" % picture.size + picture.tobytes()
    command = [
        str(ocr.program),
        "stdin",
        "stdout",
        "-l",
        ocr.languages,
        "--psm",
        "3",
        "--dpi",
        str(DPI),
        "hocr",
    ]
    keeper = shutil.which("setpriv") if sys.platform == "linux" else None
    if keeper is not None:
        command = [keeper, "--pdeathsig", "KILL", "--", *command]
    env = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # a worker a core: threads would only wait for each other
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
        ) as process:
            try:
                _bound(process.pid)
                said, _ = process.communicate(image, OCR_PATIENCE)
            except BaseException:
                process.kill()
                raise
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return said if process.returncode == 0 else b""


def _bound(pid: int) -> None:
    """Limit the processor time and address space of a process, where the system can."""
    if sys.platform == "linux":
        import resource

        try:
            resource.prlimit(pid, resource.RLIMIT_CPU, (OCR_SECONDS, OCR_SECONDS))
            resource.prlimit(pid, resource.RLIMIT_AS, (OCR_BYTES, OCR_BYTES))
        except (ProcessLookupError, ValueError, PermissionError):  # it is done, or has less by its own limits
            return


def _seen(hocr: bytes) -> Seen:
    if not hocr:
        return Seen()
    from lxml import etree

    parser = etree.XMLParser(recover=True, no_network=True, resolve_entities=False, load_dtd=False)
    root = etree.fromstring(hocr, parser)
    if root is None:
        return Seen()
    lines = [line for line in root.iter("{*}span") if line.get("class") in _LINES]
    found = [pair for line in lines for pair in _words(line)]
    weights = [(sum(map(str.isalnum, word.text)), sure) for word, sure in found]
    letters = sum(count for count, _ in weights)
    confidence = sum(count * sure for count, sure in weights) / (100 * letters) if letters else 0.0
    sizes = _steady({word.size: 0 for word, _ in found} | _counted([word for word, _ in found]))
    words = tuple(_sized(word, sizes[word.size]) for word, _ in found)
    return Seen(words, round(confidence, 3))


def _words(line: Any) -> Iterator[tuple[Word, int]]:
    """The words of a line upon its base, all of its height, each with its confidence of 100."""
    title = line.get("title") or ""
    box, base, size = _BOX.search(title), _BASE.search(title), _SIZE.search(title)
    if box is None:
        return
    left, top, _, bottom = map(int, box.groups())
    slope, shift = (float(base[1]), float(base[2])) if base is not None else (0.0, 0.0)
    height = float(size[1]) if size is not None else float(bottom - top)
    spans = [word for word in line.iter("{*}span") if word is not line]
    for word in spans:
        title = word.get("title") or ""
        sure, place = _SURE.search(title), _BOX.search(title)
        text = tidy("".join(word.itertext()))
        if sure is None or place is None or not text:
            continue
        if word is spans[0] and len(spans) > 1 and text in _BULLETS:
            text = "•"
        elif not _is_word(text, int(sure[1])):
            continue
        x0, y0, x1, y1 = map(int, place.groups())
        if x1 <= x0 or height <= 0 or (len(text) > 3 and y1 - y0 > x1 - x0):  # text that stands upright
            continue
        foot = bottom + shift + slope * ((x0 + x1) / 2 - left)
        size_ = height * POINT
        yield (
            Word(text, x0 * POINT, x1 * POINT, foot * POINT - size_, foot * POINT, size_, False),
            int(sure[1]),
        )


def _is_word(text: str, sure: int) -> bool:
    """Whether a word was written; strokes alone are rules and edges of paper."""
    if any(map(str.isalnum, text)):
        return sure >= _UNSURE
    return sure >= _LIKELY and not set(text) <= _STROKES


def _counted(words: list[Word]) -> dict[float, int]:
    """How many letters are of each size."""
    sizes: dict[float, int] = {}
    for word in words:
        sizes[word.size] = sizes.get(word.size, 0) + len(word.text)
    return sizes


def _steady(sizes: dict[float, int]) -> dict[float, float]:
    """For each measured size of letters the usual one near it: a line's is measured by the letters it happens to have."""
    steady: dict[float, float] = {}
    for size in sorted(sizes, key=lambda size: -sizes[size]):
        near = [usual for usual in steady.values() if abs(usual - size) < 0.18 * usual]
        steady[size] = min(near, key=lambda usual: abs(usual - size)) if near else size
    return steady


def _sized(word: Word, size: float) -> Word:
    """The word with letters of ``size`` upon the same base, which was its ``bottom``."""
    bottom = word.bottom + _BELOW * size
    return Word(word.text, word.x0, word.x1, bottom - size, bottom, size, word.bold)
