"""The drawings of a page as PDFium tells them, and the straight lines among them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

from policyextract.read.limits import MOST_RULES
from policyextract.read.pdf_page import Rule, Turn
from policyextract.read.pdf_shown import Box, Drawings

_LEAST, _DEEPEST = 4, 8  # figures that make a table; drawings within drawings
_FLAT, _SHORT = 0.5, 1.0  # points: the most by which a line leans, the least that it is long
_CURVE = 6  # segments that a line or a box does not have
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_AS_IT_IS = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def page_rules(pdfium: Any, page: Any, turn: Turn) -> list[Rule]:
    """The level and upright lines of a page; none if they are too few for a table, or as many as on a map."""
    rules: list[Rule] = []
    figures = points = 0
    for path, matrix in _painted(pdfium, page):
        count = pdfium.FPDFPath_CountSegments(path)
        points += count
        if points > 5 * MOST_RULES:
            return []
        for line in _figures(pdfium, path, count, matrix):
            figures += 1
            rules += _straight(line, turn)
    return rules if _LEAST <= figures <= MOST_RULES else []


def page_drawings(pdfium: Any, page: Any, turn: Turn) -> Drawings:
    """The pictures and curves of a page."""
    pictures: list[Box] = []
    curves = 0
    for thing, kind, (a, b, c, d, e, f) in _objects(pdfium, page):
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:  # drawn in the unit square
            across, down = sorted((0, a, c, a + c)), sorted((0, b, d, b + d))
            pictures.append(turn.shown(e + across[0], f + down[0], e + across[-1], f + down[-1]))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            curves += pdfium.FPDFPath_CountSegments(thing) // _CURVE
    return Drawings.of(turn.size, pictures, curves)


def _painted(pdfium: Any, page: Any) -> Iterator[tuple[Any, Matrix]]:
    """The paths of a page that are painted, with what leads from their space to the page's."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    for thing, kind, matrix in _objects(pdfium, page):
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            pdfium.FPDFPath_GetDrawMode(thing, fill, stroke)
            if fill.value or stroke.value:
                yield thing, matrix


def _objects(pdfium: Any, page: Any) -> Iterator[tuple[Any, int, Matrix]]:
    """The paths and pictures of a page, those in its forms too, with what leads from their space to the page's."""
    objects = (
        (pdfium.FPDFPage_GetObject(page, index), _AS_IT_IS, 1)
        for index in range(pdfium.FPDFPage_CountObjects(page))
    )
    todo: list[Iterator[tuple[Any, Matrix, int]]] = [objects]
    drawn = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE)
    while todo:
        item = next(todo[-1], None)
        if item is None:
            todo.pop()
            continue
        thing, outer, depth = item
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind in drawn:
            yield thing, kind, _matrix(pdfium, thing, outer)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            todo.append(_inside(pdfium, thing, _matrix(pdfium, thing, outer), depth + 1))


def _inside(pdfium: Any, form: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix, int]]:
    for index in range(pdfium.FPDFFormObj_CountObjects(form)):
        yield pdfium.FPDFFormObj_GetObject(form, index), matrix, depth


def _matrix(pdfium: Any, thing: Any, outer: Matrix) -> Matrix:
    own = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(thing, own):
        return outer
    a, b, c, d, e, f = outer
    return (
        own.a * a + own.b * c, own.a * b + own.b * d,
        own.c * a + own.d * c, own.c * b + own.d * d,
        own.e * a + own.f * c + e, own.e * b + own.f * d + f,
    )  # fmt: skip


def _figures(pdfium: Any, path: Any, count: int, matrix: Matrix) -> Iterator[list[tuple[Point, Point]]]:
    """The straight lines of each figure that is drawn without lifting the pen."""
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    lines: list[tuple[Point, Point]] = []
    start = last = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = x.value * a + y.value * c + e, x.value * b + y.value * d + f
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if lines:
                yield lines
            start, lines = point, []
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            lines.append((last, point))
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment) and point != start:
            lines.append((point, start))
            last = start
    if lines:
        yield lines


def _straight(lines: list[tuple[Point, Point]], turn: Turn) -> Iterator[Rule]:
    """Those of ``lines`` that are level or upright."""
    for (x0, y0), (x1, y1) in lines:
        left, top, right, bottom = turn.shown(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        if bottom - top < _FLAT and right - left >= _SHORT:
            yield Rule(left, (top + bottom) / 2, right, (top + bottom) / 2)
        elif right - left < _FLAT and bottom - top >= _SHORT:
            yield Rule((left + right) / 2, top, (left + right) / 2, bottom)
