"""Writes each command's --help into docs/cli.md, between the fences that open with its call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from policyextract.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
_BLOCK = re.compile(
    r"(?P<open>```console\n\$ (?P<call>policyextract[ a-z]*) --help\n).*?(?P<close>```\n)", re.S
)
_WIDTH = 88


def main() -> None:
    """Rewrite the page in place."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def filled(page: str) -> str:
    """The page with the help of today in its blocks."""
    helps = help_texts()
    return _BLOCK.sub(lambda m: f"{m['open']}{helps[m['call']]}{m['close']}", page)


def help_texts() -> dict[str, str]:
    """The help of the program, of each group and each command, by its call, without colour and of a fixed width."""
    return dict(_helps(typer.main.get_command(app), "policyextract", None))


def _helps(command: Any, call: str, parent: Any) -> Iterator[tuple[str, str]]:
    yield call, _help(command, parent)
    commands = getattr(command, "commands", {})
    if commands:
        context = command.make_context(call.rsplit(maxsplit=1)[-1], [], parent=parent, resilient_parsing=True)
        for name, one in commands.items():
            yield from _helps(one, f"{call} {name}", context)


def _help(command: Any, parent: Any) -> str:
    context = command.context_class(
        command,
        info_name="policyextract" if parent is None else command.name,
        parent=parent,
        terminal_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines()) + "\n"


if __name__ == "__main__":
    main()
