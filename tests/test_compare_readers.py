"""The comparison of designs counts what both of them say."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra 'train' is not installed")

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import compare_readers

from policyextract.ner.pointers import FIELDS
from policyextract.training import reader
from policyextract.training.examples import Example, Truth


def test_each_part_has_its_score_and_interval() -> None:
    truth = Truth(0, 2, 1, True, {"metric": [2], "level": [3], "year": [3], "locality": [2]}, {"unit": 0})
    held = [Example(f"{n}.txt", [0, 1, 2, 3], [truth]) for n in range(4)]
    joint = np.full((1, len(FIELDS), 4), -9.0, dtype=np.float32)
    for number, name in enumerate(FIELDS):
        joint[0, number, truth.fields[name]] = 9.0
    right, wrong = (np.array([1.0]), joint), (np.array([-1.0]), -joint)
    found = {part: rest for part, *rest in compare_readers.intervals(held, [right] * 4)}
    assert found == {part: [1.0, 1.0, 1.0] for part in reader.JUDGED}
    mixed = {part: f1 for part, f1, *_ in compare_readers.intervals(held, [right, right, wrong, wrong])}
    assert all(0 < f1 < 1 for f1 in mixed.values())
