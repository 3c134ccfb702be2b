"""The pipeline: one document, a corpus, and what happens when something goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyextract.dataset import Documents
from policyextract.errors import DatasetError, LanguageError, ReadError
from policyextract.pipeline import Task, document_of, extract, extract_corpus, outcomes
from policyextract.read import read
from policyextract.types import Document, Target

ROOT = Path(__file__).parents[1]

SENTENCE = "HAI DUONG - By 2025, at least 90 per cent of work records will be processed online."
VIETNAMESE = "Đến năm 2030, tỷ lệ hộ gia đình ở tỉnh Hưng Yên sử dụng Internet băng rộng đạt trên 90%."


def fails_on_bad(document: Document) -> list[Target]:
    if "bad" in document.path:
        raise ZeroDivisionError(f"no luck\nwith {document.path}")
    return extract(document)


def dies_on_bad(document: Document) -> list[Target]:
    if "bad" in document.path:
        os._exit(9)
    return extract(document)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.txt").write_text(SENTENCE, encoding="utf-8")
    (folder / "bad.md").write_text(SENTENCE, encoding="utf-8")
    (folder / "deep" / "er" / "c.txt").write_text(VIETNAMESE, encoding="utf-8")
    texts = {"x": SENTENCE, "bad": SENTENCE, "z": VIETNAMESE}
    lines = [{"id": key, "text": text} for key, text in texts.items()]
    (folder / "many.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return folder


def test_targets_are_grounded_ordered_and_named():
    document = document_of(SENTENCE + "\n" + SENTENCE.replace("90", "95"))
    targets = extract(document)
    assert [t.number for t in targets] == [90, 95]
    assert [document.text[t.start : t.end] for t in targets] == [t.value for t in targets]
    assert len({t.target_id for t in targets}) == 2
    assert [t.target_id for t in extract(document)] == [t.target_id for t in targets]


def test_a_string_counts_offsets_in_nfc_with_plain_line_ends():
    raw = unicodedata.normalize("NFD", "Kế hoạch\r\n\r\n" + VIETNAMESE)
    text = unicodedata.normalize("NFC", raw).replace("\r\n", "\n")
    [target] = extract(raw)
    assert text[target.start : target.end] == target.value
    assert target.value.endswith("trên 90%")
    assert (target.year, target.locality) == (2030, "Hưng Yên")


def test_a_string_in_another_language_is_refused():
    with pytest.raises(LanguageError):
        extract("Le gouvernement veut que quatre-vingts pour cent des communes soient reliées à la fibre.")


def test_corpus_in_memory(corpus: Path):
    run = extract_corpus(corpus)
    assert (run.documents, run.targets, run.failures, run.out) == (6, 6, (), None)
    paths = ["a.txt", "bad.md", "deep/er/c.txt", "many.jsonl#x", "many.jsonl#bad", "many.jsonl#z"]
    assert [t.doc for t in run.load()] == paths


def test_one_document_as_corpus(corpus: Path):
    assert [t.doc for t in extract_corpus(corpus / "a.txt").load()] == ["a.txt"]


@pytest.mark.parametrize("workers", [None, 2])
def test_an_unforeseen_error_is_a_failure_and_the_rest_goes_on(corpus: Path, workers: int | None):
    run = extract_corpus(corpus, workers=workers, extract=fails_on_bad)
    assert [t.doc for t in run.load()] == ["a.txt", "deep/er/c.txt", "many.jsonl#x", "many.jsonl#z"]
    assert [f.path for f in run.failures] == ["bad.md", "many.jsonl#bad"]
    assert {f.error for f in run.failures} == {"InternalError"}
    assert run.failures[0].reason.startswith("ZeroDivisionError: no luck with bad.md (in test_pipeline.")
    assert str(corpus) not in run.failures[0].reason


def test_a_process_that_dies_costs_only_its_own_document(corpus: Path):
    run = extract_corpus(corpus, workers=2, extract=dies_on_bad)
    assert [t.doc for t in run.load()] == ["a.txt", "deep/er/c.txt", "many.jsonl#x", "many.jsonl#z"]
    assert [f.path for f in run.failures] == ["bad.md", "many.jsonl#bad"]
    assert {f.error for f in run.failures} == {"InternalError"}


def test_unreadable_files_are_failures(corpus: Path):
    (corpus / "empty.txt").write_bytes(b"")
    (corpus / "no.pdf").write_bytes(b"not a pdf")
    (corpus / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    run = extract_corpus(corpus)
    assert run.documents == 6
    assert {f.path: f.error for f in run.failures} == {
        "empty.txt": "EmptyFileError",
        "no.pdf": "DamagedFileError",
        "old.doc": "UnsupportedFileError",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
@pytest.mark.parametrize("workers", [None, 2])
def test_a_file_name_that_is_no_utf8_costs_nothing(workers: int | None, corpus: Path, tmp_path: Path):
    (corpus / "a.txt").rename(corpus / os.fsdecode(b"caf\xe9.txt"))
    (corpus / os.fsdecode(b"no\xff.pdf")).write_bytes(b"not a pdf")
    run = extract_corpus(corpus, tmp_path / "out", workers=workers)
    assert [failure.path for failure in run.failures] == ["no\\xff.pdf"]
    assert "caf\\xe9.txt" in {target.doc for target in run.load()}


def test_dataset_is_the_same_again_and_with_more_processes(corpus: Path, tmp_path: Path):
    runs = [extract_corpus(corpus, tmp_path / f"out{n or 1}", workers=n) for n in (None, 2)]
    again = extract_corpus(corpus, tmp_path / "out1", fresh=True)
    assert runs[0].load() == runs[1].load() == again.load() == extract_corpus(corpus).load()
    for name in ("targets.jsonl", "targets.csv", "targets.parquet", "documents.jsonl"):
        assert (tmp_path / "out1" / name).read_bytes() == (tmp_path / "out2" / name).read_bytes()


def test_the_dataset_holds_the_documents_that_were_read(corpus: Path, tmp_path: Path):
    (corpus / "empty.txt").write_bytes(b"")
    run = extract_corpus(corpus, tmp_path / "out", extract=fails_on_bad)
    with Documents(tmp_path / "out") as documents:
        assert list(documents) == ["a.txt", "deep/er/c.txt", "many.jsonl#x", "many.jsonl#z"]
        assert documents["a.txt"] == read(corpus / "a.txt")
        for target in run.load():
            assert documents[target.doc].text[target.start : target.end] == target.value


def test_run_json(corpus: Path, tmp_path: Path):
    (corpus / "empty.txt").write_bytes(b"")
    extract_corpus(corpus, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["counts"] == {"files": 5, "documents": 6, "targets": 6, "failures": 1}
    assert record["model"]["name"] == "targets" and len(record["model"]["sha256"]) == 64
    assert record["options"] == {"workers": None, "timeout": None, "memory": None, "ocr": None}
    assert record["reading"] == {"read": 7, "taken_over": 0}
    assert set(record["versions"]) == {"policyextract", "spacy", "python"}
    assert " ".join(i["path"] for i in record["inputs"]) == "a.txt bad.md deep/er/c.txt empty.txt many.jsonl"
    assert all(len(i["sha256"]) == 64 for i in record["inputs"])
    assert record["started"] <= record["finished"]
    assert str(tmp_path) not in json.dumps(record)
    extract_corpus(corpus, tmp_path / "out", model=None)
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["model"] is None


def test_progress_counts_files_and_documents(corpus: Path):
    seen: list[tuple[int, int, int]] = []
    extract_corpus(corpus, progress=lambda *counts: seen.append(counts))
    assert seen == [(1, 4, 1), (2, 4, 2), (3, 4, 3), (4, 4, 4), (4, 4, 5), (4, 4, 6)]


def test_a_dataset_inside_the_corpus_is_not_read(corpus: Path):
    for _ in range(2):
        run = extract_corpus(corpus, corpus / "out")
        assert (run.documents, run.failures) == (6, ())


def test_the_documents_are_never_replaced_by_the_dataset(corpus: Path):
    for out in (corpus, corpus.parent):
        with pytest.raises(DatasetError, match="would replace the documents"):
            extract_corpus(corpus, out)
    assert (corpus / "a.txt").exists()


def test_missing_and_empty_folders_say_so(tmp_path: Path):
    with pytest.raises(ReadError, match="does not exist"):
        extract_corpus(tmp_path / "nowhere")
    with pytest.raises(ReadError, match="nothing to extract"):
        extract_corpus(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("workers", [None, 2])
def test_documents_are_taken_up_only_as_they_are_worked_off(workers: int | None):
    """Memory stays flat because few documents are under way at a time, not the whole corpus."""
    document = document_of(SENTENCE)
    taken = 0

    def tasks() -> Iterator[Task]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield Task(f"{number}.txt", document)

    ahead = []
    for done, _ in enumerate(outcomes(tasks(), workers=workers)):
        ahead.append(taken - done)
    assert len(ahead) == 100
    assert max(ahead) <= 16 * (workers or 0) + 1


def test_the_same_texts_give_the_same_bytes_whatever_the_order_of_sets(tmp_path: Path):
    """Two runs under two seeds of Python's hashes; the documents name several places that no gazetteer holds."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name in ("en/en-yb-04", "en/en-yc-09", "vi/vi-yc-08"):
        shutil.copy(ROOT / "corpus" / f"{name}.txt", corpus)
    found = []
    for seed in ("1", "2", "3"):
        out = tmp_path / seed
        call = [sys.executable, "-m", "policyextract", "extract", str(corpus), "-o", str(out), "-w", "1"]
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")}
        subprocess.run(call, check=True, capture_output=True, env=env)
        found.append((out / "targets.jsonl").read_bytes())
    assert found[0] and found[0] == found[1] == found[2]
