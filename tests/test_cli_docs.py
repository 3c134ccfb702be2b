"""docs/cli.md says what the program says."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import docs_cli  # noqa: E402


def test_help_on_the_page_is_that_of_the_program():
    page = docs_cli.PAGE.read_text(encoding="utf-8")
    assert docs_cli.filled(page) == page, "run `make docs`"


def test_every_command_is_on_the_page():
    page = docs_cli.PAGE.read_text(encoding="utf-8")
    for call in docs_cli.help_texts():
        assert f"$ {call} --help\n" in page
