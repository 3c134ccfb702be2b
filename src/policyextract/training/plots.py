"""The curve of a reading model's training."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

__all__ = ["losses"]


def losses(log: Path, picture: Path) -> None:
    """Draw the losses of ``log`` (CSV, a line a step), each smoothed and as a part of what it began with."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with log.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    width = max(1, len(rows) // 40)
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for name in rows[0]:
        if name == "step":
            continue
        values = np.array([float(row[name]) for row in rows])
        smooth = np.convolve(values, np.ones(width) / width, "valid")
        axes.plot(np.arange(width, len(values) + 1), smooth / max(1e-9, smooth[0]), label=name)
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel(f"loss, part of the first (mean of {width} steps)")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(picture, dpi=110)
    pyplot.close(figure)
