"""Rules in the picture of a page, of which its tables are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policyextract.read.limits import MOST_RULES
from policyextract.read.pdf_page import Rule

if TYPE_CHECKING:
    import numpy.typing as npt
    from PIL.Image import Image

_SMALL = 2  # pixels of a picture to one of the reduced one in which rules are looked for
_ACROSS, _DOWN = 70, 40  # pixels of that of which the shortest rule has as many: no letter is as wide or high
_FILLED = 0.95  # part of it that is dark
_THICK = 8  # pixels above which it is no rule but a block or the edge of the paper
_SHORT = 1.0  # points by which a rule may end too early


def picture_rules(picture: Image, point: float) -> list[Rule]:
    """The rules in an upright picture if they may make tables; ``point`` is a pixel's size in points."""
    small = np.asarray(picture.reduce(_SMALL), dtype=np.float32)
    dark, paper = np.percentile(small, (0.05, 70))
    ink = small < (dark + 2 * paper) / 3  # rules are thin and become pale as the picture is reduced
    level, upright = _runs(ink, _ACROSS), _runs(ink.T, _DOWN)
    if len(level) < 3 or len(upright) < 3 or len(level) + len(upright) > MOST_RULES:
        return []
    size = point * _SMALL
    return [_level(*box, size) for box in level] + [_turned(_level(*box, size)) for box in upright]


def _runs(ink: npt.NDArray[np.bool_], least: int) -> list[tuple[slice, slice]]:
    """Where dark points run from left to right for ``least`` or more, as slices down and across."""
    from scipy import ndimage

    thick = ndimage.binary_dilation(ink, np.ones((3, 1), dtype=bool))  # a rule a little askew stays one
    if thick.shape[1] < least:
        return []
    sums = np.cumsum(np.pad(thick, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    begins = sums[:, least:] - sums[:, :-least] >= _FILLED * least
    runs = np.zeros_like(thick)
    marks = np.cumsum(
        np.pad(begins, ((0, 0), (0, least))).astype(np.int32)
        - np.pad(begins, ((0, 0), (least, 0))).astype(np.int32),
        axis=1,
    )
    runs |= marks[:, : runs.shape[1]] > 0
    labels, _ = ndimage.label(runs, np.ones((3, 3), dtype=int))
    found = [box for box in ndimage.find_objects(labels) if box is not None]
    return [(down, across) for down, across in found if down.stop - down.start <= _THICK + 2]


def _level(down: slice, across: slice, point: float) -> Rule:
    """A run as a rule upon its middle."""
    middle = (down.start + down.stop) / 2 * point
    return Rule(across.start * point - _SHORT, middle, across.stop * point + _SHORT, middle)


def _turned(rule: Rule) -> Rule:
    """The rule with what is across taken for what is down."""
    return Rule(rule.top, rule.x0, rule.bottom, rule.x1)
