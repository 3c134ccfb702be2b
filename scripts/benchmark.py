"""Documents a second and peak memory over growing corpora, as a Markdown table.

The documents are the seed articles of ../shared where they stand, else those of corpus/, repeated. Every
line of the table is measured in a process of its own, from the start of that process's work to the written
dataset, so it includes loading the tables and starting the workers.
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

ROOT = Path(__file__).parents[1]
SEED = ROOT.parent / "shared" / "corpus" / "seed"
SIZES = (100, 1000, 5000)


def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description="Measure documents a second and peak memory.")
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of documents")
    options.add_argument("--workers", type=int, nargs="+", default=(1, 2), help="numbers of processes")
    options.add_argument("--one", nargs=3, metavar=("CORPUS", "OUT", "WORKERS"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        corpus, out, workers = given.one
        print(json.dumps(measure(Path(corpus), Path(out), int(workers))))
        return
    print(machine(), end="\n\n")
    print(
        "| documents | processes | seconds | documents a second | MiB, main process | MiB, largest worker |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    first, *others = given.sizes
    for size, workers in [*((first, w) for w in given.workers), *((s, max(given.workers)) for s in others)]:
        found = in_process(size, workers)
        seconds, main_, worker = found["seconds"], found["main"], found["worker"] if workers > 1 else 0
        print(
            f"| {size:,} | {workers} | {seconds:.1f} | {size / seconds:.1f} | {main_:.0f} | {worker:.0f} |",
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


def in_process(size: int, workers: int) -> dict[str, float]:
    """What a process of its own measures over ``size`` documents."""
    texts = sorted((SEED if SEED.is_dir() else ROOT / "corpus").rglob("*.txt"))
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, text in enumerate(islice(cycle(texts), size)):
            (corpus / f"{number:05}-{text.name}").write_bytes(text.read_bytes())
        call = [sys.executable, __file__, "--one", str(corpus), f"{folder}/out", str(workers)]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(corpus: Path, out: Path, workers: int) -> dict[str, float]:
    """Seconds and peak memory in MiB of this process and of its largest child."""
    import resource

    from policyextract import extract_corpus

    run = extract_corpus(corpus, out, workers=workers)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    main, worker = (
        resource.getrusage(who).ru_maxrss / unit for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {"seconds": run.seconds, "main": main, "worker": worker}


if __name__ == "__main__":
    main()
