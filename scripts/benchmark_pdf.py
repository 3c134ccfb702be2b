"""Pages a second of the PDF reader and of pdfplumber's ``extract_text`` alone over the same files, as a Markdown table.

    python scripts/benchmark_pdf.py --rounds 3

The files are made from texts of corpus/ by the typesetter of the tests: news in one column, gazettes in two columns with
footnotes, and annexes of ruled tables. Each tool runs in a process of its own on the same core, in turns; the best round
of each counts. The reader does more than ``extract_text``: words, columns, tables, paragraphs, running heads and notes.
The last line reads one PDF of many pages and prints how far resident memory grew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]
NOTES = ("Decision No. 12 of the committee of 4 May 2021.", "As counted by the statistical office in 2019.")
KINDS = ("news, one column", "gazette, two columns with notes", "annex, ruled tables")


def main() -> None:
    """Make the files, measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each tool reads each kind")
    parser.add_argument("--pages", type=int, default=5_000, help="pages of the PDF whose memory is measured")
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one[0], Path(given.one[1]))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| pages | pdfplumber, pages a second | policyextract, pages a second | ratio |")
        print("| --- | ---: | ---: | ---: |")
        for kind in KINDS:
            row(kind, make(kind, folder / str(KINDS.index(kind))), given.rounds)
        one = folder / "long"
        many(one, given.pages)
        few = folder / "short"
        many(few, given.pages // 50)
        long, short = apart("ours", one), apart("ours", few)
        print(
            f"\nOne PDF of {long['pages']:,.0f} pages: {long['pages'] / long['seconds']:.0f} pages a second, "
            f"{long['peak']:.0f} MiB at most; of {short['pages']:,.0f} pages: {short['peak']:.0f} MiB."
        )


def row(kind: str, folder: Path, rounds: int) -> None:
    """Measure one kind and print its line."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for tool in ("pdfplumber", "ours"):
            found = apart(tool, folder)
            best[tool] = max(best.get(tool, 0.0), found["pages"] / found["seconds"])
    ratio = best["ours"] / best["pdfplumber"]
    print(f"| {kind} | {best['pdfplumber']:.1f} | {best['ours']:.1f} | {ratio:.1f} |", flush=True)


def apart(tool: str, folder: Path) -> dict[str, float]:
    """What a process of its own measures."""
    call = [sys.executable, __file__, "--one", tool, str(folder)]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(tool: str, folder: Path) -> dict[str, float]:
    """Pages, seconds of processor time and peak memory in MiB of one tool over the PDFs of a folder, on one core."""
    import resource

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    read = read_ours if tool == "ours" else read_plumber
    paths = sorted(folder.glob("*.pdf"))
    read(paths[0])  # loads what the tool needs
    began = time.process_time()
    pages = sum(map(read, paths))
    seconds = time.process_time() - began
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {"pages": pages, "seconds": seconds, "peak": peak}


def read_ours(path: Path) -> int:
    """The number of pages that the reader of this package read."""
    from policyextract.read.pdf import read_pdf

    return len(read_pdf(path.read_bytes()).pages)


def read_plumber(path: Path) -> int:
    """The number of pages whose text pdfplumber extracted."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            page.extract_text()
            page.close()
        return len(pdf.pages)


def make(kind: str, folder: Path) -> Path:
    """A folder with PDFs of one kind."""
    from typeset import Setter, typeset

    folder.mkdir()
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus").rglob("*.txt"))]
    if kind == KINDS[0]:
        for number, text in enumerate(texts[:: len(texts) // 40]):
            typeset(text, folder / f"{number}.pdf", head="Daily news")
    elif kind == KINDS[1]:
        for number in range(20):
            text = "\n".join(islice(cycle(texts), 7 * number, 7 * number + 7))
            typeset(text, folder / f"{number}.pdf", notes=NOTES, columns=2, size=9, head="Official gazette")
    else:
        heads = [["No.", "Indicator", "Unit", "Target", "", ""], ["", "", "", "2025", "2028", "2030"]]
        spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (1, 1)), ("SPAN", (2, 0), (2, 1)), ("SPAN", (3, 0), (5, 0))]  # fmt: skip
        for number in range(10):
            setter = Setter(folder / f"{number}.pdf", head="Annex")
            name = (
                "Share of communes whose health stations have the equipment named in list {} of the ministry"
            )
            rows = [[str(n), name.format(n), "%", str(n), str(n + 10), str(n + 20)] for n in range(1, 70)]
            widths = [setter.width * share for share in (0.07, 0.5, 0.1, 0.11, 0.11, 0.11)]
            setter.table(heads + rows, spans, widths, repeat=2)
            setter.save()
    return folder


def many(folder: Path, pages: int) -> None:
    """A folder with one PDF of so many pages."""
    from typeset import Setter

    folder.mkdir()
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus").rglob("*.txt"))]
    setter = Setter(folder / "a.pdf", head="Budget")
    for line in cycle(
        line for text in texts for line in text.split("\n") if line.strip() and " | " not in line
    ):
        if setter.number > pages:
            break
        setter.paragraph(line)
    setter.save()


if __name__ == "__main__":
    main()
