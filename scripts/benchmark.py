"""Documents a second, two processes against one, memory over growing corpora, and other tools beside it.

    python scripts/benchmark.py [--quantulum PYTHON] [--write]

The documents are the seed articles of ../shared where they stand, else those of corpus/, repeated. Every run is a process
of its own, measured from its start to the written dataset (other tools: to the last document), so it includes loading the
tables and starting the workers; every tool has the same number of processes. With --write, the tables go into
docs/performance.md and the curve into docs/images/performance.png. It takes half an hour on two cores; --sizes and
--most make it shorter. quantulum3 may stand in an environment of its own: --quantulum names its Python.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmark_page import Measured, bars, curve, page, tables

ROOT = Path(__file__).parents[1]
SEED = ROOT.parent / "shared" / "corpus" / "seed"
SIZES = (100, 1_000, 10_000)
_HEAD = 700  # characters of the short documents by which memory is measured
_PAGE, _PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "images" / "performance.png"


def main() -> None:
    """Measure everything, print the tables, and write them if asked to."""
    given = _options()
    if given.one:
        corpus, out, workers, model = given.one
        print(json.dumps(measure(Path(corpus), Path(out), int(workers), model == "model")))
        return
    runs: list[Measured] = []
    for size in given.sizes:
        for model in (True, False):
            for workers in (1, given.workers) if size == given.compared else (given.workers,):
                if model and size > given.most:
                    continue
                runs.append(ours(size, workers, model=model))
                _say(runs[-1])
    for tool, python in (("quantulum3", given.quantulum), ("tokeniser", sys.executable)):
        if (other := theirs(tool, python, given.compared, given.workers)) is not None:
            runs.append(other)
            _say(other)
    for size in given.memory:
        runs.append(ours(size, given.workers, model=False, short=True))
        _say(runs[-1])
    results = bars(runs, given.compared, given.workers)
    print(tables(machine(), runs, results))
    if given.write:
        curve(runs, _PICTURE)
        _PAGE.write_text(
            page(_PAGE.read_text(encoding="utf-8"), tables(machine(), runs, results)), encoding="utf-8"
        )
    sys.exit(0 if all(result.met for result in results) else 1)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="numbers of documents of the curve"
    )
    options.add_argument(
        "--compared", type=int, help="number of documents on which tools are compared (the second size)"
    )
    options.add_argument("--most", type=int, default=1_000, help="most documents with the model (1,000)")
    options.add_argument("--memory", type=int, nargs="*", default=(1_000, 100_000),
                         help="numbers of short documents whose memory is compared (1,000 and 100,000)")  # fmt: skip
    options.add_argument("--workers", type=int, default=2, help="processes of each tool (2)")
    options.add_argument("--quantulum", default=sys.executable, metavar="PYTHON",
                         help="the Python that has quantulum3[classifier], if it is another one")  # fmt: skip
    options.add_argument("--write", action="store_true", help="write docs/performance.md and its curve")
    options.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = options.parse_args()
    given.compared = given.compared or given.sizes[min(1, len(given.sizes) - 1)]
    return given


def _say(run: Measured) -> None:
    print(
        f"{run.tool}, {run.size:,} documents, {run.workers} processes: {run.seconds:.1f} s",
        file=sys.stderr,
        flush=True,
    )


def machine() -> str:
    """What it is measured on."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    source = "seed articles" if SEED.is_dir() else "documents of corpus/"
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}; {source}, repeated."


def _fill(folder: Path, size: int, *, short: bool) -> None:
    """So many documents: whole, or the beginning of each under a line that no other has."""
    texts = sorted((SEED if SEED.is_dir() else ROOT / "corpus").rglob("*.txt"))
    folder.mkdir()
    for number, text in enumerate(islice(cycle(texts), size)):
        content = text.read_text(encoding="utf-8")
        if short:
            content = f"Report {number} of District{number}, {number / 7:.2f} per cent\n\n{content[:_HEAD]}"
        (folder / f"{number:06}-{text.name}").write_text(content, encoding="utf-8")


def ours(size: int, workers: int, *, model: bool, short: bool = False) -> Measured:
    """What a process of its own measures of policyextract."""
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder) / "corpus", size, short=short)
        kind = "model" if model else "patterns"
        found = _called(
            sys.executable, __file__, "--one", f"{folder}/corpus", f"{folder}/out", str(workers), kind
        )
    name = "policyextract" if model else "policyextract --no-model"
    return Measured(name, size, workers, found["seconds"], found["mib"], short=short)


def theirs(tool: str, python: str, size: int, workers: int) -> Measured | None:
    """What another tool takes; None if that Python does not have it."""
    script = Path(__file__).with_name("benchmark_tools.py")
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder) / "corpus", size, short=False)
        try:
            found = _called(python, str(script), tool, f"{folder}/corpus", str(workers))
        except subprocess.CalledProcessError as error:
            print(f"{tool} is not measured: {error.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            return None
    name = "spaCy's tokeniser" if tool == "tokeniser" else tool
    return Measured(f"{name} {found['version']}", size, workers, found["seconds"])


def _called(*call: str) -> dict[str, Any]:
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(corpus: Path, out: Path, workers: int, model: bool) -> dict[str, float]:
    """Seconds of a run, and peak memory in MiB of this process and of all workers, each taken as large as the largest."""
    import resource

    from policyextract import extract_corpus
    from policyextract.pipeline import SHIPPED

    run = extract_corpus(corpus, out, workers=workers, model=SHIPPED if model else None)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    own, worker = (
        resource.getrusage(who).ru_maxrss / unit for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {"seconds": run.seconds, "mib": own + worker * workers}


if __name__ == "__main__":
    main()
