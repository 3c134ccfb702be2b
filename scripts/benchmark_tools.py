"""What other tools take for a folder of texts, with the same number of processes: quantulum3, and spaCy's tokeniser alone.

    python scripts/benchmark_tools.py quantulum3 FOLDER WORKERS

Needs nothing but the tool itself, so that it can run in a virtual environment that holds only the tool. Prints one line
of JSON: ``seconds`` from the start of the processes to the last document, ``found`` quantities or tokens, ``version``.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

_TOOLS = {"quantulum3": "quantulum3", "tokeniser": "spacy"}
_use: Callable[[str], Any] = len


def main() -> None:
    """Measure the tool named on the command line."""
    tool, folder, workers = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    files = sorted(folder.iterdir())
    began = time.monotonic()
    with get_context("spawn").Pool(workers, load, (tool,)) as pool:
        found = sum(pool.imap_unordered(read, files, chunksize=4))
    seconds = time.monotonic() - began
    print(json.dumps({"seconds": seconds, "found": found, "version": version(_TOOLS[tool])}))


def load(tool: str) -> None:
    """Get a process ready, as far as a tool can be before it reads its first text."""
    global _use  # noqa: PLW0603 - the one thing that a process of a pool keeps
    warnings.filterwarnings("ignore")
    if tool == "quantulum3":
        from quantulum3 import parser  # type: ignore[import-not-found,unused-ignore]

        _use = parser.parse
        parser.parse("80 % of 12 km")
    else:
        import spacy

        _use = partial(_tokens, spacy.blank("en").tokenizer)


def _tokens(tokeniser: Callable[[str], Any], text: str) -> Any:
    return tokeniser(text)


def read(file: Path) -> int:
    """How much the tool finds in one file."""
    return len(_use(file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
