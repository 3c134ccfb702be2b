"""Kills runs at random moments and sees whether the next run makes up for it; prints the figures.

    python scripts/kill_resume.py [--kills 50] [--seed 0] [--quick]

Each round lets `policyextract extract --no-model` begin on a small corpus, into a folder that is new or holds an
older dataset, ends it by SIGKILL at a moment drawn at random, and runs it again. The dataset must then be that of a
run that nobody disturbed, to the byte but for run.json; no process and no file may be left over.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
PROGRAM = (sys.executable, "-m", "policyextract", "extract", "--no-model", "--workers", "2")
CACHE = ".policyextract-cache.sqlite"
GONE = 20.0  # seconds in which the workers of a killed run must be gone

# A program like `policyextract extract` that is quick to start: it takes every number for a target.
QUICK = """
import sys, time
from policyextract.pipeline import extract_corpus
from policyextract.types import Target

def numbers(document):
    time.sleep(0.01)
    return [
        Target(document.path, word, at, at + len(word), float(word), None, "count", "=", None, None, "metric",
               None, False, None, None, None, None)
        for at, word in ((document.text.find(word), word) for word in document.text.split()) if word.isdecimal()
    ]

if __name__ == "__main__":
    corpus, _, out = sys.argv[1:]
    extract_corpus(corpus, out, workers=1, extract=numbers, model=None, version="1")
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What one kill came to: when, what it left, what the next run took over, and what was wrong, if anything."""

    after: float
    moment: str
    taken_over: int
    wrong: str | None


def main() -> None:
    """Run the rounds and print what came of them; exits 1 if any went wrong."""
    options = argparse.ArgumentParser(description="Kill runs at random moments and resume them.")
    options.add_argument("--kills", type=int, default=50, help="how many runs to kill")
    options.add_argument("--documents", type=int, default=12, help="documents in the corpus")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument(
        "--quick", action="store_true", help="kill a program that reads little, in a tenth of the time"
    )
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = a_corpus(Path(folder) / "corpus", given.documents)
        program = quick_program(Path(folder)) if given.quick else PROGRAM
        began = time.monotonic()
        rounds = kill_and_resume(program, corpus, Path(folder), given.kills, given.seed)
    print(f"kills        {len(rounds)}, in {time.monotonic() - began:.0f} s")
    print(
        f"moments      {min(r.after for r in rounds):.2f} to {max(r.after for r in rounds):.2f} s after the start"
    )
    for moment, count in sorted(Counter(r.moment for r in rounds).items()):
        print(f"             {count:3} {moment}")
    over = sorted(r.taken_over for r in rounds)
    print(
        f"taken over   {over[0]} to {over[-1]} of {given.documents} documents, half of the times {over[len(over) // 2]} or more"
    )
    wrong = [r.wrong for r in rounds if r.wrong is not None]
    print(f"wrong        {len(wrong)}", *wrong[:5], sep="\n             ")
    sys.exit(bool(wrong))


def quick_program(folder: Path) -> tuple[str, ...]:
    """The command of the quick program, whose script is put into ``folder``."""
    script = folder / "quick.py"
    script.write_text(QUICK, encoding="utf-8")
    return sys.executable, str(script)


def a_corpus(folder: Path, documents: int) -> Path:
    """A small corpus of two languages and two formats, the lines of a JSON Lines file among them."""
    folder.mkdir(parents=True)
    both = (sorted((CORPUS / lang).glob("*.txt")) for lang in ("en", "vi"))
    texts = [text for pair in zip(*both, strict=False) for text in pair]
    lines = range(documents // 4)
    for text in texts[: documents - len(lines) - 1]:
        shutil.copy(text, folder)
    rows = [{"id": n, "text": texts[-n - 1].read_text(encoding="utf-8")} for n in lines]
    (folder / "lines.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    return folder


def kill_and_resume(program: Sequence[str], corpus: Path, folder: Path, kills: int, seed: int) -> list[Round]:
    """``kills`` rounds; ``program`` is the command to which the corpus, ``--out`` and a folder are added."""
    rng = random.Random(seed)
    right, old = folder / "right", folder / "old"
    before = shutil.copytree(corpus, folder / "before")
    first, *_ = sorted(before.glob("*.txt"))
    first.write_text(first.read_text(encoding="utf-8").replace("20", "19"), encoding="utf-8")
    _run(program, before, old)
    began = time.monotonic()
    _run(program, corpus, right)
    whole = time.monotonic() - began
    rounds: list[Round] = []
    while len(rounds) < kills:
        out = folder / f"out{len(rounds)}"
        if rng.random() < 0.5:
            shutil.copytree(old, out)
            if rng.random() < 0.7:  # with its cache such a run is short
                (out / CACHE).unlink()
        done = _round(program, corpus, out, right, rng.random(), rng.random() * whole)
        shutil.rmtree(out, ignore_errors=True)
        if done is not None:
            rounds.append(done)
    return rounds


def _round(
    program: Sequence[str], corpus: Path, out: Path, right: Path, kind: float, after: float
) -> Round | None:
    """Kill one run and have the next one finish; None if it was done before it could be killed."""
    run = subprocess.Popen(
        (*program, str(corpus), "--out", str(out)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    began = time.monotonic()
    staging = out / ".policyextract-run"
    if kind > 0.4:  # not in the start of the interpreter, but while there is something on the disk
        while run.poll() is None and not staging.exists():
            time.sleep(0.001)
        after *= 0.8
    workers = _children(run.pid)
    if kind > 0.75:  # when the files are finished and put into their place, which takes milliseconds
        awaited = staging / "run.json" if kind > 0.88 else staging / "datapackage.json"
        while run.poll() is None and not awaited.exists():
            pass
        after *= 0.005
    time.sleep(after)
    workers = list({*workers, *_children(run.pid)})
    run.kill()
    ended = time.monotonic() - began
    if run.wait() in (0, 1):
        return None
    moment = _moment(out)
    _, alive = psutil.wait_procs(workers, GONE)
    _run(program, corpus, out)
    taken_over = json.loads((out / "run.json").read_text(encoding="utf-8"))["reading"]["taken_over"]
    wrong = f"{len(alive)} processes were left" if alive else _difference(out, right)
    return Round(ended, moment, taken_over, wrong)


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _moment(out: Path) -> str:
    if (out / ".policyextract-ready").exists():
        return "while the files were put into their place"
    if (out / ".policyextract-run" / "run.json").exists():
        return "while the files were being finished"
    if (out / ".policyextract-run").exists():
        return "while documents were read"
    return "before the first document" if not (out / "run.json").exists() else "before or after all of that"


def _run(program: Sequence[str], corpus: Path, out: Path) -> None:
    call = (*program, str(corpus), "--out", str(out))
    done = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{call} failed:\n{done.stderr}")


def _difference(out: Path, right: Path) -> str | None:
    names = {folder: {path.name for path in folder.iterdir()} for folder in (out, right)}
    if names[out] != names[right]:
        return f"other files: {names[out] ^ names[right]}"
    for name in sorted(names[out] - {"run.json", CACHE}):
        if _sha256(out / name) != _sha256(right / name):
            return f"{name} differs"
    return None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(ROOT / "src"))
    main()
