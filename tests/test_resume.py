"""A run goes on where another was stopped, and reads again only what has changed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from policyextract.errors import DatasetError
from policyextract.pipeline import Outcome, Run, Task, extract, extract_corpus
from policyextract.pipeline.kept import NAME, Kept
from policyextract.pipeline.version import version_of
from policyextract.types import Document, Failure, Target

ROOT = Path(__file__).parents[1]
SENTENCE = "HAI DUONG - By 2025, at least {} per cent of work records will be processed online, it said."
KILLS = int(os.environ.get("POLICYEXTRACT_KILLS", "4"))
READ: list[str] = []  # the documents that were read, in order


def extracts(document: Document) -> list[Target]:
    READ.append(document.path)
    if "bad" in document.path:
        raise ZeroDivisionError("no luck")
    return extract(document, model=None)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for n, name in enumerate(("a", "b", "c")):
        (folder / f"{name}.txt").write_text(SENTENCE.format(90 + n), encoding="utf-8")
    lines({"x": 80, "y": 81}, folder)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.4\nbroken")
    return folder


def lines(texts: dict[str, int], folder: Path) -> None:
    rows = [json.dumps({"id": key, "text": SENTENCE.format(n)}) for key, n in texts.items()]
    (folder / "many.jsonl").write_text("\n".join(rows), encoding="utf-8")


def run(corpus: Path, version: str = "1", fresh: bool = False) -> tuple[Run, list[str]]:
    """A run, and the documents that it read."""
    READ.clear()
    found = extract_corpus(corpus, corpus.parent / "out", extract=extracts, version=version, fresh=fresh)
    return found, list(READ)


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.name not in ("run.json", NAME)}


def rows(out: Path) -> dict[str, str]:
    with closing(sqlite3.connect(out / NAME)) as base:
        return dict(base.execute("SELECT path, content FROM documents"))


ALL = ["a.txt", "b.txt", "c.txt", "many.jsonl#x", "many.jsonl#y"]


def test_what_has_not_changed_is_not_read_again(corpus: Path):
    out = corpus.parent / "out"
    first, read = run(corpus)
    assert (read, first.taken_over) == (ALL, 0)
    before = files(out)
    again, read = run(corpus)
    assert (read, again.taken_over) == (
        [],
        6,
    )  # the empty file among them, but the damaged one is tried again
    assert files(out) == before
    assert (again.documents, again.targets, again.failures) == (
        first.documents,
        first.targets,
        first.failures,
    )
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["reading"] == {"read": 1, "taken_over": 6}


def test_what_has_changed_is(corpus: Path):
    run(corpus)
    (corpus / "b.txt").write_text(SENTENCE.format(55), encoding="utf-8")
    lines({"x": 80, "y": 44, "z": 33}, corpus)
    (corpus / "c.txt").rename(corpus / "d.txt")
    changed, read = run(corpus)
    assert read == ["b.txt", "d.txt", "many.jsonl#y", "many.jsonl#z"]
    assert [target.number for target in changed.load()] == [90, 55, 92, 80, 44, 33]
    assert "c.txt" not in rows(corpus.parent / "out")
    before = files(corpus.parent / "out")
    shutil.rmtree(corpus.parent / "out")
    run(corpus)
    assert files(corpus.parent / "out") == before


def test_another_version_or_fresh_reads_all(corpus: Path):
    run(corpus)
    assert run(corpus, version="2")[1] == ALL
    assert run(corpus, version="2")[1] == []
    assert run(corpus, version="2", fresh=True)[1] == ALL
    assert run(corpus, version="2")[1] == []


def test_an_unforeseen_error_is_tried_again(corpus: Path):
    (corpus / "bad.txt").write_text(SENTENCE.format(1), encoding="utf-8")
    for _ in range(2):
        found, read = run(corpus)
        assert "bad.txt" in read
        assert [failure.path for failure in found.failures] == ["bad.txt", "empty.txt", "scan.pdf"]


def test_without_a_version_nothing_is_kept_of_ones_own_extraction(corpus: Path):
    for _ in range(2):
        READ.clear()
        extract_corpus(corpus, corpus.parent / "out", extract=extracts)
        assert READ == ALL
    assert not (corpus.parent / "out" / NAME).exists()


def test_the_cache_does_not_grow(tmp_path: Path):
    names = [f"{n}" for n in range(100)]
    sizes = []
    for round in range(4):
        with Kept(tmp_path, f"{round}") as kept:
            for name in names if round < 3 else names[:2]:
                task = Task(name, tmp_path, f"{round}")
                assert kept.answer(task) == task
                kept.keep(task, Outcome(name, document=Document(f"{round}" * 50_000, name, "en")))
            kept.forget_others()
        assert [path.name for path in tmp_path.iterdir()] == [NAME]
        sizes.append((tmp_path / NAME).stat().st_size)
    assert max(sizes) < 1.1 * sizes[0]
    assert sizes[3] < 0.1 * sizes[0]


@pytest.mark.parametrize("damage", ["noise", "text", "half", "page", "other", "row", "column"])
def test_a_damaged_cache_is_not_trusted(damage: str, corpus: Path):
    out = corpus.parent / "out"
    run(corpus)
    before, cache = files(out), out / NAME
    content = cache.read_bytes()
    expected = ALL
    if damage == "noise":
        cache.write_bytes(os.urandom(5000))
    elif damage == "text":
        cache.write_text("what is this?", encoding="utf-8")
    elif damage == "half":
        cache.write_bytes(content[: len(content) // 2])
    elif damage == "page":
        cache.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    elif damage == "other":
        cache.unlink()
        with closing(sqlite3.connect(cache)) as base:
            base.execute("CREATE TABLE documents (path)")
    elif damage == "row":
        cache.write_bytes(content.replace(b"least 91 per", b"least 19 per"))
        expected = ["b.txt"]
    elif damage == "column":
        with closing(sqlite3.connect(cache)) as base, base:
            base.execute("UPDATE documents SET targets = '[]' WHERE path = 'c.txt'")
        expected = ["c.txt"]
    _, read = run(corpus)
    assert read == expected
    assert files(out) == before
    assert run(corpus)[1] == []


def test_every_bit_of_the_cache_may_be_wrong(corpus: Path):
    """Whatever byte is changed, the dataset is the right one."""
    out = corpus.parent / "out"
    run(corpus)
    before, content = files(out), (out / NAME).read_bytes()
    for place in range(0, len(content), len(content) // 40):
        (out / NAME).write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        run(corpus)
        assert files(out) == before, place


def test_a_cache_of_another_make_is_not_used(corpus: Path):
    """Another version's columns, and views that never end."""
    out = corpus.parent / "out"
    run(corpus)
    before = files(out)
    endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
    for made in (
        "CREATE TABLE documents (path TEXT PRIMARY KEY, targets TEXT)",
        f"CREATE VIEW documents AS {endless}",
    ):
        (out / NAME).unlink()
        with closing(sqlite3.connect(out / NAME)) as base:
            base.execute(made)
            base.commit()
        assert run(corpus)[1] == ALL
        assert files(out) == before
        assert run(corpus)[1] == []


def test_text_that_damage_made_bytes_is_read_anew(corpus: Path):
    run(corpus)
    with closing(sqlite3.connect(corpus.parent / "out" / NAME)) as base:
        base.execute("UPDATE documents SET targets = CAST(targets AS BLOB) WHERE path = 'b.txt'")
        base.commit()
    assert run(corpus)[1] == ["b.txt"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
@pytest.mark.parametrize("ending", ["", "-wal", "-journal"])
def test_a_link_in_the_place_of_the_cache_is_not_followed(ending: str, corpus: Path, tmp_path: Path):
    out, other = corpus.parent / "out", tmp_path / "diary"
    other.write_text("not a database", encoding="utf-8")
    out.mkdir()
    (out / (NAME + ending)).symlink_to(other)
    assert run(corpus)[1] == ALL
    assert other.read_text(encoding="utf-8") == "not a database"
    assert run(corpus)[1] == []


def test_nothing_is_left_of_a_document_that_is_gone(corpus: Path):
    (corpus / "c.txt").write_text("The heron of Hai Duong keeps 77 nests.", encoding="utf-8")
    run(corpus)
    cache = corpus.parent / "out" / NAME
    assert b"heron" in cache.read_bytes()
    (corpus / "c.txt").unlink()
    run(corpus)
    assert b"heron" not in cache.read_bytes()


def test_a_second_run_into_the_same_folder_is_told(corpus: Path, tmp_path: Path):
    out = tmp_path / "out"
    with Kept(out, "1") as kept:
        kept.keep(
            Task("a", Document("text", "a", "en"), "0"), Outcome("a", document=Document("text", "a", "en"))
        )
        with pytest.raises(DatasetError, match=r"another run is writing to .*out; wait"):
            run(corpus)
        call = (
            sys.executable,
            "-m",
            "policyextract",
            "extract",
            "--no-model",
            str(corpus),
            "--out",
            str(out),
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr.startswith("policyextract: another run is writing to")
    assert run(corpus)[1] == ALL


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path):
    targets = tuple(
        extract("Đến năm 2030, tỷ lệ hộ ở tỉnh Hưng Yên sử dụng Internet đạt trên 90,5%.", model=None)
    )
    assert targets
    outcomes = (
        Outcome("a", targets, document=Document("x\n\u2028\x00\U0001f600", "a", "vi", "T", None, (0, 2))),
        Outcome("b", failure=Failure("b", "NoTextError", "why “not”")),
        Outcome("c", document=Document("half \ud800 of it", "c", "en", None)),
    )
    with Kept(tmp_path, "1") as kept:
        for outcome in outcomes:
            kept.keep(Task(outcome.file, tmp_path, "0"), outcome)
    with Kept(tmp_path, "1") as kept:
        for outcome in outcomes:
            assert kept.answer(Task(outcome.file, tmp_path, "0")).source == outcome
            assert kept.answer(Task(outcome.file, tmp_path, "1")).source == tmp_path
    with Kept(tmp_path, "2") as kept:
        assert kept.answer(Task("a", tmp_path, "0")).source == tmp_path


def test_the_version_names_code_and_model(tmp_path: Path):
    model = shutil.copytree(ROOT / "models" / "targets", tmp_path / "model")
    assert version_of(None) == version_of(None) != version_of(model)
    before = version_of(model)
    (model / "MODEL_CARD.md").write_text("another card", encoding="utf-8")
    assert version_of(model) == before
    (model / "weights.json").write_text("{}", encoding="utf-8")
    assert version_of(model) != before


def test_a_file_that_changes_while_it_is_read_is_not_kept(corpus: Path):
    def meddles(document: Document) -> list[Target]:
        if document.path == "b.txt":
            (corpus / "b.txt").write_text(SENTENCE.format(12), encoding="utf-8")
        return extracts(document)

    content = (corpus / "b.txt").read_bytes()
    extract_corpus(corpus, corpus.parent / "out", extract=meddles, version="1")
    (corpus / "b.txt").write_bytes(content)
    assert run(corpus)[1] == ["b.txt"]


def kill_resume() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill_resume", ROOT / "scripts" / "kill_resume.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kill_resume"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_a_killed_run_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """POLICYEXTRACT_KILLS=50 kills more of them; scripts/kill_resume.py kills the real program."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    killing = kill_resume()
    corpus = killing.a_corpus(tmp_path / "texts", 12)
    program = killing.quick_program(tmp_path)
    rounds = killing.kill_and_resume(program, corpus, tmp_path, KILLS, seed=time.time_ns())
    assert len(rounds) == KILLS
    assert [one for one in rounds if one.wrong is not None] == []
