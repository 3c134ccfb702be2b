"""A small dataset to review, and a desk to review it at; some tests have an ``out`` of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reviewing import write

from policyextract.review import Desk


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write(tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def desk(out: Path) -> Iterator[Desk]:
    with Desk.open(out) as opened:
        yield opened
