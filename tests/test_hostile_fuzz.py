"""A short run of ``scripts/fuzz_readers.py``; the long one is run by hand, see docs/hostile-input.md."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import fuzz_readers


@pytest.mark.parametrize("kind", fuzz_readers.KINDS)
def test_damaged_files_end_in_documents_or_failures(kind: str) -> None:
    logging.disable(logging.CRITICAL)
    try:
        tally = fuzz_readers.fuzz(kind, 100, seed=11, limit=20)
    finally:
        logging.disable(logging.NOTSET)
    assert tally.inputs == 100
    assert tally.documents > 5
    assert not tally.wrong


def test_the_same_seed_gives_the_same_files() -> None:
    import random

    def some(seed: int) -> list[bytes]:
        stream = fuzz_readers.inputs("html", random.Random(seed))
        return [next(stream) for _ in range(20)]

    assert some(1) == some(1) != some(2)
