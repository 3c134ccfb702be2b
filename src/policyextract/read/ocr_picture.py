"""Pictures of pages: how they are drawn within bounds, turned upright, straightened and cleaned."""

from __future__ import annotations

from math import radians, sqrt, tan
from typing import TYPE_CHECKING, Any

import numpy as np

from policyextract.read.limits import LARGEST_PICTURE, MOST_PIXELS
from policyextract.read.ocr_tesseract import DPI

if TYPE_CHECKING:
    import numpy.typing as npt
    from PIL.Image import Image

_STEEPEST, _STEP, _FINE = 6.0, 0.5, 0.05  # degrees of skew that are tried
_SMALL = 4  # pixels of a picture to one of the reduced one in which skew is measured
_MOST_INK = 60_000  # dark points that are looked at
_MARGIN, _RULE = 0.04, 0.4  # share of the page left out at each side, and dark share of a row that is no text
_DARKEST, _FAINT = (
    0.05,
    40,
)  # percent of the points that a few words take up; shades between paper and writing
_IMAGE = 3  # FPDF_PAGEOBJ_IMAGE
_SPECK = 3  # pixels in width of what is taken for dust


def drawn(page: Any) -> Image | None:
    """A pypdfium2 page in shades of grey, at 300 pixels an inch or less if it is large; None if it holds too much."""
    width, height = (max(float(side), 1.0) for side in page.get_size())
    pixels = 0
    for item in page.get_objects(filter=[_IMAGE]):
        across, down = item.get_px_size()
        pixels += across * down
        if pixels > LARGEST_PICTURE:
            return None
    scale = min(DPI / 72, sqrt(MOST_PIXELS / (width * height)), 30_000 / max(width, height))
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    try:
        picture: Image = bitmap.to_pil().convert("L").copy()
        return picture
    finally:
        bitmap.close()


def straight(picture: Image) -> Image:
    """The picture with its lines of text level, if need be turned by a quarter to the left.

    Nothing tells whether it then stands upon its head.
    """
    from PIL.Image import Resampling

    ink = _ink(picture)
    level, upright = _skew(ink[0], ink[1])
    turned_level, sideways = _skew(ink[1], -ink[0])
    if sideways > 1.2 * upright:
        picture, level = quarters(picture, 1), turned_level
    if abs(level) >= _FINE:
        picture = picture.rotate(level, Resampling.BICUBIC, fillcolor=_paper(picture))
    return picture


def is_blank(picture: Image) -> bool:
    """Whether nothing stands on the page, such as the back of a sheet."""
    dark, paper = np.percentile(np.asarray(picture.reduce(_SMALL)), (_DARKEST, 70))
    return bool(paper - dark < _FAINT)


def dusted(picture: Image) -> Image:
    """The picture without specks."""
    from PIL.ImageFilter import MedianFilter

    return picture.filter(MedianFilter(_SPECK))


def quarters(picture: Image, count: int) -> Image:
    """The picture turned to the left by so many quarters."""
    from PIL.Image import Transpose

    turns = (None, Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270)
    turn = turns[count % 4]
    return picture if turn is None else picture.transpose(turn)


def _paper(picture: Image) -> int:
    """The shade of the paper."""
    return int(np.percentile(np.asarray(picture.reduce(8)), 80))


def _ink(picture: Image) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Where the dark points of the reduced picture are, across and down."""
    small = np.asarray(picture.reduce(_SMALL), dtype=np.float32)
    high, wide = (int(side * _MARGIN) for side in small.shape)
    small = small[high : small.shape[0] - high, wide : small.shape[1] - wide]
    dark, paper = np.percentile(small, (_DARKEST, 70))
    ink = small < (dark + paper) / 2
    for axis in (0, 1):  # edges of the paper and rules, which may lie otherwise than the text
        ink &= ink.mean(axis=axis, keepdims=True) < _RULE
    down, across = np.nonzero(ink)
    step = max(1, len(down) // _MOST_INK)
    return across[::step].astype(np.float32), down[::step].astype(np.float32)


def _skew(across: npt.NDArray[np.float32], down: npt.NDArray[np.float32]) -> tuple[float, float]:
    """The angle by which to turn, to the left, in degrees, for the rows to be level, and how clearly they part then."""
    if len(across) < 20:
        return 0.0, 0.0

    def clear(angle: float) -> float:
        rows = down + across * tan(radians(-angle))
        counts = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
        return float((np.diff(counts) ** 2).sum())

    best = max(np.arange(-_STEEPEST, _STEEPEST + _STEP, _STEP), key=clear)
    best = max(np.arange(best - _STEP, best + _STEP, _FINE), key=clear)
    return float(best), clear(float(best))
