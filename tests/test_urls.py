"""A corpus and a dataset may be named by URL; results are those of folders of this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from policyextract.errors import DatasetError, PolicyExtractError, ReadError
from policyextract.pipeline import Run, extract, extract_corpus
from policyextract.pipeline.kept import NAME
from policyextract.read import find_files, find_remote
from policyextract.storage import Remote, is_url, place, remote, shown
from policyextract.types import Document, Target

SENTENCE = "HAI DUONG - By 2025, at least {} per cent of work records will be processed online, it said."
READ: list[str] = []


def extracts(document: Document) -> list[Target]:
    READ.append(document.path)
    return extract(document, model=None)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where datasets for URLs are made; and an empty store in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    fsspec.filesystem("memory").store.clear()
    fsspec.filesystem("memory").pseudo_dirs[:] = [""]
    return tmp_path / "cache" / "policyextract"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Documents, what lies beside them, and what fails."""
    root = tmp_path / "texts"
    files = {
        "a.txt": SENTENCE.format(90),
        "b/c.md": SENTENCE.format(91),
        "b/page.html": f"<html><body><p>{SENTENCE.format(92)}</p></body></html>",
        "b/page_files/advert.html": SENTENCE.format(1),
        "b-b/một.txt": SENTENCE.format(93),
        "many.jsonl": "\n".join(json.dumps({"id": n, "text": SENTENCE.format(n)}) for n in range(50, 60))
        + "\nno",
        "empty.txt": "",
        "scan.pdf": "%PDF-1.4\nbroken",
        "sheet.xlsx": "x",
        ".hidden/d.txt": SENTENCE.format(1),
        "notes.json": "{}",
        "Thumbs.db": "x",
        "old/targets.jsonl": "{}",
        "old/run.json": "{}",
        "old/datapackage.json": "{}",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def put(folder: Path, url: str) -> None:
    system, path = fsspec.url_to_fs(url)
    for file in folder.rglob("*"):
        if file.is_file():
            system.pipe_file(f"{path}/{file.relative_to(folder).as_posix()}", file.read_bytes())


def files(url: str) -> dict[str, bytes]:
    system, path = fsspec.url_to_fs(url)
    system.invalidate_cache()
    found = {name.rpartition("/")[2]: system.cat_file(name) for name in system.find(path)}
    return {name: content for name, content in found.items() if name not in ("run.json", NAME)}


def inputs(url: str) -> dict[str, str]:
    """Checksums by path; the sheet has none where it is not copied, as nothing reads it."""
    with fsspec.open(f"{url}/run.json", "rt", encoding="utf-8") as file:
        return {
            one["path"]: one["sha256"] for one in json.load(file)["inputs"] if one["path"] != "sheet.xlsx"
        }


def run(corpus: str | Path, out: str | Path | None, **more: Any) -> tuple[Run, list[str]]:
    READ.clear()
    return extract_corpus(corpus, out, extract=extracts, model=None, version="1", **more), list(READ)


def test_what_is_a_url():
    assert [is_url(name) for name in ("s3://b/c", "file:///c", "C:\\texts", "texts", "a://b")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert place("texts") == Path("texts")
    assert place("file:///srv/a b.txt") == Path("/srv/a b.txt")
    assert isinstance(place("memory://texts"), Remote)
    assert shown("sftp://ann:secret@host/texts") == "sftp://host/texts"


def test_the_same_files_are_documents_wherever_they_lie(texts: Path):
    put(texts, "memory://texts")
    here = [path.relative_to(texts).as_posix() for path in find_files(texts)]
    there = find_remote(remote("memory://texts"))
    assert [name for name, _ in there] == here
    assert "b/page_files/advert.html" not in here and "old/targets.jsonl" not in here and len(here) == 8
    assert [name for name, _ in find_remote(remote("memory://texts/b/c.md"))] == ["c.md"]


@pytest.mark.parametrize("workers", [None, 2])
def test_a_run_from_url_to_url(texts: Path, tmp_path: Path, workers: int | None, cache: Path):
    put(texts, "memory://texts")
    run(texts, tmp_path / "out")
    first, _ = run("memory://texts", "memory://sets/out", workers=workers)
    assert files("memory://sets/out") == files(str(tmp_path / "out"))
    assert inputs("memory://sets/out") == inputs(str(tmp_path / "out"))
    assert first.targets == len(first.load()) == 14
    assert str(first.out) == "memory:///sets/out"
    assert list(cache.iterdir()) == []  # what was made here is gone


def test_file_urls_are_paths(texts: Path, tmp_path: Path):
    run(texts, tmp_path / "a")
    run(texts.as_uri(), (tmp_path / "b").as_uri())
    assert files(str(tmp_path / "b")) == files(str(tmp_path / "a"))


def test_a_dataset_at_a_url_is_taken_over(texts: Path, cache: Path):
    run(texts, "memory://out")
    before = files("memory://out")
    again, read = run(texts, "memory://out")
    assert (read, again.taken_over, files("memory://out")) == ([], 16, before)
    (texts / "a.txt").write_text(SENTENCE.format(11), encoding="utf-8")
    assert run(texts, "memory://out")[1] == ["a.txt"]


def test_a_run_that_could_not_be_copied_goes_on(texts: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    run(texts, "memory://out")
    (texts / "a.txt").write_text(SENTENCE.format(11), encoding="utf-8")
    system = type(fsspec.filesystem("memory"))
    true = system.put_file

    def breaks_off(self: Any, here: str, there: str, *rest: Any, **more: Any) -> None:
        if there.endswith("targets.csv"):
            raise ConnectionError("the line is dead")
        true(self, here, there, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(system, "put_file", breaks_off)
        with pytest.raises(DatasetError, match="the line is dead.*same command goes on from here"):
            run(texts, "memory://out")
    left = files("memory://out")
    assert "targets.jsonl" not in left and "documents.jsonl" in left  # nobody takes it for a whole dataset
    done, read = run(texts, "memory://out")
    assert (read, done.taken_over) == ([], 16)
    assert done.load()[0].number == 11


def test_what_cannot_be_had_is_said(texts: Path, tmp_path: Path):
    with pytest.raises(ReadError, match="memory:///none does not exist"):
        run("memory://none", None)
    with pytest.raises(PolicyExtractError, match="nothing://a cannot be used: Protocol not known"):
        run("nothing://a", None)
    put(texts, "memory://texts")
    with pytest.raises(DatasetError, match="would replace the documents"):
        run("memory://texts/b", "memory://texts")
    with pytest.raises(PolicyExtractError, match="in the memory of this process"):
        run("memory://texts", tmp_path / "out", engine="ray")
    assert not (tmp_path / "out").exists()
    assert "policyextract[s3]" in without("s3fs", "s3://bucket/texts", "-o", "out")
    said = without("ray", str(texts), "-o", str(tmp_path / "out"), "--engine", "ray")
    assert "the engine ray is not installed" in said and "pip install 'policyextract[ray]'" in said


def without(package: str, *options: str) -> str:
    """What the command says on a machine that lacks a package."""
    code = f"import sys; sys.modules[{package!r}] = None; from policyextract.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "extract", "--no-model", *options],
        env=os.environ, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.startswith("policyextract: ") and done.stderr.count("\n") == 1
    return done.stderr


def test_a_file_that_is_too_large_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in ("reader", "remote"):  # as a name, policyextract.read is a function
        monkeypatch.setattr(sys.modules[f"policyextract.read.{module}"], "LARGEST_FILE", 10_000)
    huge = remote("memory://texts/huge.pdf")
    fsspec.filesystem("memory").pipe_file(huge.path, b"%PDF-1.4")
    whole = Remote(huge.system, huge.path, 1_500_000_000)
    monkeypatch.setattr(Remote, "found", lambda self: [whole])
    [failure] = run("memory://texts", None)[0].failures
    assert failure.error == "UnsupportedFileError" and "1,500 MB" in failure.reason


def test_files_that_vanish_are_failures(texts: Path, monkeypatch: pytest.MonkeyPatch):
    put(texts, "memory://texts")
    true = Remote.found

    def vanishing(self: Remote) -> list[Remote]:
        found = true(self)
        fsspec.filesystem("memory").rm_file("/texts/a.txt")
        return found

    monkeypatch.setattr(Remote, "found", vanishing)
    failures = {failure.path: failure for failure in run("memory://texts", None)[0].failures}
    assert failures["a.txt"].error == "ReadError" and "could not be opened" in failures["a.txt"].reason


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket of a server on this machine that speaks S3."""
    pytest.importorskip("s3fs", reason="s3fs is not installed: pip install '.[test]'")
    pytest.importorskip("moto.server", reason="moto is not installed: pip install '.[test]'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = dict(os.environ)
    os.environ.update(environment)
    call = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        fsspec.filesystem("s3").mkdir("bucket")
        yield "s3://bucket"
    finally:
        server.terminate()
        server.wait()
        os.environ.clear()
        os.environ.update(before)


def test_from_s3_to_s3(bucket: str, texts: Path, tmp_path: Path):
    put(texts, f"{bucket}/texts")
    run(texts, tmp_path / "out")
    done, _ = run(f"{bucket}/texts", f"{bucket}/out", workers=2)
    assert files(f"{bucket}/out") == files(str(tmp_path / "out"))
    assert inputs(f"{bucket}/out") == inputs(str(tmp_path / "out"))
    again, read = run(f"{bucket}/texts", f"{bucket}/out")
    # The sheet, which nothing reads, is not even copied: it has no checksum by which its failure could be kept.
    assert (read, again.taken_over, len(done.load())) == ([], 15, 14)
    with pytest.raises(DatasetError, match="could not be copied.*s3://no-such-bucket/out"):
        run(texts, "s3://no-such-bucket/out")
    assert not fsspec.filesystem("s3").exists("no-such-bucket")  # a slip of the pen makes no bucket


def test_from_s3_by_ray(bucket: str, texts: Path, tmp_path: Path):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'policyextract[ray]'")
    put(texts, f"{bucket}/texts")
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    extract_corpus(texts, tmp_path / "out", model=None)
    extract_corpus(f"{bucket}/texts", f"{bucket}/by-ray", model=None, engine="ray", workers=1)
    assert files(f"{bucket}/by-ray") == files(str(tmp_path / "out"))
    assert inputs(f"{bucket}/by-ray") == inputs(str(tmp_path / "out"))
