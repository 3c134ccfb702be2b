"""Processes that die, hang or eat memory: one document each, and nothing else is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from policyextract.errors import ModelError, PolicyExtractError
from policyextract.pipeline import Limits, Run, Task, extract_corpus, outcomes
from policyextract.types import Document, Target

ROOT = Path(__file__).parents[1]
TEXT = (
    "By 2025, at least 90 per cent of work records in Hai Duong will be processed online, the province said."
)
FOLDER = "POLICYEXTRACT_TEST_FOLDER"  # in the environment: where the functions below note what they did
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the functions below use signals")


def misbehaves(document: Document) -> list[Target]:
    """What a document's name says."""
    with (Path(os.environ[FOLDER]) / "log").open("a", encoding="utf-8") as log:
        log.write(f"{document.path} {os.getpid()}\n")
    name = document.path.rpartition("#")[2]
    if name.startswith("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("crashes"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("leaves"):
        sys.exit(3)
    if name.startswith("sleeps"):
        time.sleep(600)
    if name.startswith("runs away"):  # holds the interpreter's lock all the while
        sum(range(10**12))
    if name.startswith("eats"):
        eaten = []
        while True:
            eaten.append(bytearray(b"x" * 2**22))
            time.sleep(0.002)
    if name.startswith("slow"):
        time.sleep(0.05)
    return []


def sends_what_cannot_be_sent(document: Document) -> list[Target]:
    return [lambda: document] if "bad" in document.path else []  # type: ignore[list-item]


def dies_once(document: Document) -> list[Target]:
    """Dies at the second document it reads, whichever that is."""
    if "SEEN" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
    os.environ["SEEN"] = document.path
    return []


def is_missing() -> None:
    raise ModelError("the model is gone")


def dies_at_once() -> None:
    os._exit(1)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    before = set(psutil.Process().children())
    yield tmp_path
    left = set(psutil.Process().children()) - before  # a zombie is a child, too
    assert [child for child in left if "resource_tracker" not in " ".join(child.cmdline())] == []


def corpus(folder: Path, *names: str) -> Path:
    (folder / "corpus").mkdir()
    for name in names:
        (folder / "corpus" / f"{name}.txt").write_text(TEXT, encoding="utf-8")
    return folder / "corpus"


def read_at_all(folder: Path) -> list[str]:
    return [line.split(".txt ")[0] for line in (folder / "log").read_text("utf-8").splitlines()]


def failures(run: Run) -> dict[str, tuple[str, str]]:
    assert len({failure.path for failure in run.failures}) == len(run.failures)
    return {failure.path.removesuffix(".txt"): (failure.error, failure.reason) for failure in run.failures}


@pytest.mark.parametrize("workers", [1, 3])
def test_each_process_that_dies_costs_its_document_and_no_other(workers: int, folder: Path):
    good = [*"abcdefghij", "y", "z"]
    texts = corpus(folder, *good, "crashes7", "killed0", "killed3", "killed99", "leaves9")
    run = extract_corpus(texts, folder / "out", workers=workers, extract=misbehaves)
    assert run.documents == 12
    found = failures(run)
    assert list(found) == ["crashes7", "killed0", "killed3", "killed99", "leaves9"]
    assert {error for error, _ in found.values()} == {"InternalError"}
    assert "want of memory" in found["killed0"][1] and "fewer --workers" in found["killed0"][1]
    assert "crashed (SIGSEGV)" in found["crashes7"][1]
    assert "exit code 3" in found["leaves9"][1]
    counts = {name: read_at_all(folder).count(name) for name in (*good, *found)}
    assert all(counts[name] == 1 for name in good)
    assert all(1 <= counts[name] <= 2 for name in found)  # again only where the process was not new


def test_lines_of_a_json_lines_file_are_lost_one_by_one(folder: Path):
    lines = (f'{{"id": "{name}", "text": "{TEXT}"}}' for name in ("a", "killed", "b", "leaves", "c"))
    texts = corpus(folder)
    (texts / "many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    run = extract_corpus(texts, workers=2, extract=misbehaves)
    assert (run.documents, [failure.path for failure in run.failures]) == (
        3,
        ["many.jsonl#killed", "many.jsonl#leaves"],
    )


@pytest.mark.parametrize("name", ["sleeps", "runs away"])
def test_a_document_that_takes_too_long_is_given_up(name: str, folder: Path):
    texts = corpus(folder, "a", "b", name, "z")
    began = time.monotonic()
    run = extract_corpus(texts, workers=2, extract=misbehaves, limits=Limits(seconds=2))
    assert time.monotonic() - began < 60
    error, reason = failures(run)[name]
    assert run.documents == 3
    assert error == "TimeLimit"
    assert "limit of 2 seconds" in reason and "--timeout" in reason
    assert read_at_all(folder).count(name) == 1


def test_a_document_that_eats_memory_is_given_up(folder: Path):
    texts = corpus(folder, "a", "b", "eats", "z")
    run = extract_corpus(texts, workers=1, extract=misbehaves, limits=Limits(mib=400))
    error, reason = failures(run)["eats"]
    assert run.documents == 3
    assert error == "MemoryLimit"
    assert "limit of 400 MiB" in reason and "--memory" in reason


def test_a_limit_below_what_a_process_needs_is_said_at_once(folder: Path):
    with pytest.raises(PolicyExtractError, match=r"limit of 10 MiB is less than .* allow at least \d+ MiB"):
        extract_corpus(
            corpus(folder, "a"), folder / "out", workers=1, extract=misbehaves, limits=Limits(mib=10)
        )
    assert not (folder / "out").exists()


def test_a_fault_of_what_was_read_before_does_not_cost_a_document(folder: Path):
    run = extract_corpus(corpus(folder, *"abcdef"), workers=1, extract=dies_once)
    assert (run.documents, run.failures) == (6, ())


def test_what_cannot_be_sent_back_is_a_failure(folder: Path):
    run = extract_corpus(corpus(folder, "a", "bad", "c"), workers=1, extract=sends_what_cannot_be_sent)
    assert run.documents == 2
    [(error, reason)] = failures(run).values()
    assert error == "InternalError" and "lambda" in reason


def test_results_come_in_order_whatever_the_time_they_take(folder: Path):
    names = [f"{'slow' if number % 3 else 'fast'}{number:02}" for number in range(30)]
    tasks = [Task(name, Document(TEXT, name, "en")) for name in names]
    found = [outcome.file for outcome in outcomes(tasks, workers=3, extract=misbehaves)]
    assert found == names
    done: list[str] = []
    list(outcomes(tasks, workers=3, extract=misbehaves, done=lambda task, _: done.append(task.name)))
    assert sorted(done) == sorted(names)


def test_what_a_process_cannot_be_prepared_for_is_one_error():
    tasks = [Task("a", Document(TEXT, "a", "en"))]
    with pytest.raises(ModelError, match="the model is gone"):
        list(outcomes(tasks, workers=2, prepare=is_missing))
    with pytest.raises(PolicyExtractError, match="end before they have begun"):
        list(outcomes(tasks, workers=2, prepare=dies_at_once))


def test_a_damaged_model_leaves_no_folder(folder: Path):
    texts = corpus(folder, "a")
    (folder / "model").mkdir()
    (folder / "model" / "model.onnx").write_bytes(b"no network")
    for workers in (None, 1):
        with pytest.raises(ModelError):
            extract_corpus(texts, folder / "out", model=folder / "model", workers=workers)
        assert not (folder / "out").exists()


def test_no_process_is_started_before_there_is_work(folder: Path):
    texts = corpus(folder, "a", "b")
    for _ in range(2):
        run = extract_corpus(texts, folder / "out", workers=2, extract=misbehaves, version="1")
    assert run.taken_over == 2
    assert len(read_at_all(folder)) == 2


SCRIPT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # even where the tests run in the background
import sys
sys.path.insert(0, {tests!r})
from test_workers import misbehaves
from policyextract.pipeline import extract_corpus
if __name__ == "__main__":
    try:
        extract_corpus({corpus!r}, {out!r}, workers=2, extract=misbehaves, version="1", model=None)
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


@pytest.mark.parametrize("name", ["sleeps", "runs away"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_no_process_and_what_it_read(
    how: signal.Signals, name: str, folder: Path
):
    texts = corpus(folder, "a", "b", name)
    script = folder / "script.py"
    values = {"tests": str(ROOT / "tests"), "corpus": str(texts), "out": str(folder / "out")}
    script.write_text(SCRIPT.format(**values), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    run = subprocess.Popen(
        (sys.executable, str(script)), env=environment, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not (folder / "log").exists() or len(read_at_all(folder)) < 3:
        time.sleep(0.01)
    time.sleep(0.2)
    children = psutil.Process(run.pid).children(recursive=True)
    began = time.monotonic()
    if how == signal.SIGINT:
        os.killpg(run.pid, how)  # as a terminal does: to all of the group
    else:
        run.send_signal(how)
    said, complained = run.communicate(timeout=60)
    _, alive = psutil.wait_procs(children, 20)
    assert time.monotonic() - began < 30
    assert (alive, complained) == ([], "")
    if how == signal.SIGINT:
        assert said == "stopped\n"
        assert [path.name for path in (folder / "out").iterdir()] == [".policyextract-cache.sqlite"]
    (texts / f"{name}.txt").unlink()
    again = extract_corpus(texts, folder / "out", extract=misbehaves, version="1", model=None)
    assert (again.documents, again.taken_over) == (2, 2)
    assert not (folder / "out" / ".policyextract-run").exists()
