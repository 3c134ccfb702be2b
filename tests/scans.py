"""Scans of documents: pages of a PDF as pictures, turned and soiled as scanners and their users do it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

GRADES = ("clean", "rotated", "noised")
Change = Callable[[Image.Image, random.Random], Image.Image]
Resampling, Transpose = Image.Resampling, Image.Transpose


def scan(pdf: Path, path: Path, *, grade: str = "clean", seed: int = 0, dpi: int = 300) -> None:
    """Write the pages of ``pdf`` as a PDF of pictures in one of GRADES."""
    rng = random.Random(f"{seed} {grade} {pdf.stem}")
    pages = [_CHANGES[grade](page, rng) for page in pictures(pdf, dpi)]
    wrap(pages, path, dpi)


def pictures(pdf: Path, dpi: int = 300) -> list[Image.Image]:
    """The pages of a PDF in shades of grey."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]


def wrap(pages: list[Image.Image], path: Path, dpi: int = 300, quality: int = 75) -> None:
    """A PDF of nothing but the pictures, packed as JPEG."""
    first, *others = pages
    first.save(path, "PDF", resolution=dpi, save_all=True, append_images=others, quality=quality)


def tilt(page: Image.Image, degrees: float) -> Image.Image:
    """The page laid askew on the glass, by ``degrees`` to the left."""
    return page.rotate(degrees, Resampling.BICUBIC, fillcolor=255)


def turn(page: Image.Image, quarters: int) -> Image.Image:
    """The page turned to the left by so many quarters."""
    turns = (None, Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270)
    how = turns[quarters % 4]
    return page if how is None else page.transpose(how)


def soil(page: Image.Image, rng: random.Random) -> Image.Image:
    """The page through an old copier: grey and uneven paper, blurred letters, grain, specks and a dark edge."""
    noise = np.random.default_rng(rng.randrange(2**32))
    height, width = page.height, page.width
    shades = np.asarray(page.filter(ImageFilter.GaussianBlur(1.0)), dtype=np.float32)
    slope = np.linspace(0, 1, width, dtype=np.float32)[None, :] * rng.uniform(-25, 25)
    shades = 45 + shades * (180 / 255) + slope + noise.normal(0, 14, shades.shape).astype(np.float32)
    for dark in (True, False):
        specks = noise.random(shades.shape) < 0.0015
        shades[specks] = 30 if dark else 235
    for _ in range(60):  # dirt of a few pixels
        y, x, size = rng.randrange(height - 9), rng.randrange(width - 9), rng.randrange(2, 7)
        shades[y : y + size, x : x + size] = 50
    shades[:, : rng.randrange(5, 40)] = 25  # the lid was not shut
    return Image.fromarray(shades.clip(0, 255).astype(np.uint8))


def _clean(page: Image.Image, rng: random.Random) -> Image.Image:
    return page


def _rotated(page: Image.Image, rng: random.Random) -> Image.Image:
    """Askew by one to two degrees, and every second page by a quarter or a half as well."""
    askew = tilt(page, rng.choice((-1, 1)) * rng.uniform(1, 2))
    return turn(askew, rng.choice((0, 0, 0, 1, 2, 3)))


def _noised(page: Image.Image, rng: random.Random) -> Image.Image:
    return soil(tilt(page, rng.uniform(-0.6, 0.6)), rng)


_CHANGES: dict[str, Change] = {"clean": _clean, "rotated": _rotated, "noised": _noised}
