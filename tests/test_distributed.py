"""A Ray cluster of several nodes writes the dataset of the local engine, whatever dies; skipped without Ray."""

from __future__ import annotations

import csv
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_workers import FOLDER, TEXT, misbehaves

from policyextract.errors import PolicyExtractError
from policyextract.pipeline import Limits, Run, extract, extract_corpus
from policyextract.pipeline.kept import NAME
from policyextract.types import Document, Target

pytest.importorskip("ray", reason="Ray is not installed: pip install 'policyextract[ray]'")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="clusters of Ray run on Linux and macOS")
ROOT = Path(__file__).parents[1]
SAMPLE = sorted((ROOT / "corpus").glob("*/*.txt"))[::40]


def reads(document: Document) -> list[Target]:
    """Targets by the patterns, but for documents whose names say otherwise."""
    return misbehaves(document) or extract(document, model=None)


def slowly(document: Document) -> list[Target]:
    """The same with a pause, and a word in the log of who read it."""
    time.sleep(0.2)
    return reads(document)


def cluster_environment(folder: Path) -> dict[str, str]:
    """What the processes of a cluster must know: where the functions above are, and where they note what they did."""
    path = os.pathsep.join((str(ROOT / "tests"), str(ROOT / "src")))
    settings = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_memory_monitor_refresh_ms": "0"}
    return {**settings, "PYTHONPATH": path, FOLDER: str(folder)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    before = dict(os.environ)
    yield tmp_path_factory.mktemp("log")
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[Any]:
    """Three nodes of one core; those with documents to read may go."""
    os.environ.update(cluster_environment(folder))
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
    made = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    for _ in range(2):
        made.add_node(**node)
    yield made
    made.shutdown()


@pytest.fixture
def log(folder: Path) -> Path:
    (folder / "log").unlink(missing_ok=True)
    return folder / "log"


def corpus(folder: Path, *names: str) -> Path:
    """Documents of the corpus, some in a JSON Lines file, and what fails in each way."""
    texts = folder / "corpus"
    (texts / "more").mkdir(parents=True)
    for path in SAMPLE:
        shutil.copy(path, texts / "more" / path.name)
    lines = [json.dumps({"id": n, "text": f"{TEXT} {n}"}) for n in range(40)]
    (texts / "many.jsonl").write_text("\n".join([*lines, "broken", lines[0]]), encoding="utf-8")
    (texts / "empty.txt").touch()
    (texts / "scan.pdf").write_bytes(b"%PDF-1.4\nbroken")
    (texts / "sheet.xlsx").write_bytes(b"x")
    (texts / "một = \n.txt").write_text(TEXT, encoding="utf-8")
    for name in names:
        (texts / f"{name}.txt").write_text(TEXT, encoding="utf-8")
    return texts


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.name not in ("run.json", NAME)}


def inputs(out: Path) -> list[dict[str, str]]:
    return json.loads((out / "run.json").read_text("utf-8"))["inputs"]


def on_ray(texts: Path, out: Path, cluster: Any, **more: Any) -> Run:
    options = {"extract": reads, "model": None, "version": "1", **more}
    return extract_corpus(texts, out, engine="ray", ray_address=cluster.address, **options)


def test_a_cluster_writes_what_this_machine_writes(cluster: Any, tmp_path: Path, log: Path):
    texts = corpus(tmp_path, "crashes", "killed")
    local = extract_corpus(texts, tmp_path / "a", extract=reads, model=None, version="1", workers=1)
    told: list[tuple[int, int, int]] = []
    ray = on_ray(texts, tmp_path / "b", cluster, progress=lambda *at: told.append(at))
    assert ray.targets > 20
    assert files(tmp_path / "b") == files(tmp_path / "a")
    assert inputs(tmp_path / "b") == inputs(tmp_path / "a")
    assert (ray.documents, ray.targets, ray.failures) == (local.documents, local.targets, local.failures)
    with (tmp_path / "b" / "failures.csv").open(encoding="utf-8-sig", newline="") as rows:
        errors = {row["path"]: row["error"] for row in csv.DictReader(rows)}
    assert errors["killed.txt"] == errors["crashes.txt"] == "InternalError"
    assert told[-1] == (ray.documents and len(inputs(tmp_path / "b")),) * 2 + (ray.documents,)
    log.unlink()
    (texts / "new.txt").write_text(TEXT, encoding="utf-8")
    for name in ("crashes", "killed"):
        (texts / f"{name}.txt").unlink()
    again = on_ray(texts, tmp_path / "b", cluster)
    assert log.read_text("utf-8").split()[0::2] == ["new.txt"]  # nothing else is read again
    assert again.taken_over == ray.documents + 2  # the empty file and the sheet among them


def test_limits_hold_on_a_cluster(cluster: Any, tmp_path: Path, log: Path):
    texts = tmp_path / "corpus"
    texts.mkdir()
    for name in ("a", "sleeps", "z"):
        (texts / f"{name}.txt").write_text(TEXT, encoding="utf-8")
    run = on_ray(texts, tmp_path / "out", cluster, extract=misbehaves, limits=Limits(seconds=10))
    [failure] = run.failures
    assert (run.documents, failure.path, failure.error) == (2, "sleeps.txt", "TimeLimit")
    assert "limit of 10 seconds" in failure.reason


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1:9", "refused"),
        ("nonsense", "an address is host:port"),
        ("ray://127.0.0.1:10001", "is not taken"),
    ],
)
def test_a_wrong_address_is_said_at_once(address: str, why: str, tmp_path: Path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    began = time.monotonic()
    with pytest.raises(PolicyExtractError, match=f"no Ray cluster can be reached at {address}: .*{why}"):
        extract_corpus(tmp_path, tmp_path / "out", engine="ray", ray_address=address, model=None)
    assert time.monotonic() - began < 30
    assert not (tmp_path / "out").exists()


def test_a_node_that_dies_costs_nothing(cluster: Any, tmp_path: Path, log: Path):
    names = [f"text{n:02}" for n in range(60)]
    texts = corpus(tmp_path, *names)
    extract_corpus(texts, tmp_path / "a", extract=reads, model=None, version="1")
    log.unlink()
    node = cluster.add_node(num_cpus=2, object_store_memory=100 * 2**20)

    def kills() -> None:
        while not log.exists() or len(log.read_text("utf-8").splitlines()) < 45:
            time.sleep(0.05)
        cluster.remove_node(node, allow_graceful=False)

    killer = threading.Thread(target=kills, daemon=True)
    killer.start()
    on_ray(texts, tmp_path / "b", cluster, extract=slowly)
    killer.join(10)
    assert not killer.is_alive() and node not in cluster.list_all_nodes()
    assert files(tmp_path / "b") == files(tmp_path / "a")
    assert inputs(tmp_path / "b") == inputs(tmp_path / "a")
