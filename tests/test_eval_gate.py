"""The quality gate: floors that are kept or missed, and the fingerprint of the corpus."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "eval_gate.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("eval_gate", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gate = _load()
FLOORS = {"dev/en": {"found": 0.9, "core": 0.8, "strict": 0.6}, "dev/vi": {"found": 0.85}}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of two documents with their gold, and floors beside them."""
    folder = tmp_path / "corpus"
    (folder / "en").mkdir(parents=True)
    for name, text in (("a", "By 2030, 80 percent."), ("b", "Nothing.")):
        (folder / "en" / f"{name}.txt").write_text(text, encoding="utf-8")
        gold = {"doc": f"{name}.txt", "lang": "en", "targets": []}
        (folder / "en" / f"{name}.json").write_text(json.dumps(gold), encoding="utf-8")
    (folder / "split.json").write_text('{"train": ["en/a.txt"], "dev": ["en/b.txt"]}', encoding="utf-8")
    (folder / "baseline.json").write_text('{"floors": {}}', encoding="utf-8")
    return folder


def test_scores_on_their_floors_are_kept() -> None:
    assert gate.below(FLOORS, FLOORS) == []


def test_a_floor_missed_is_one_line_that_names_part_measure_and_both_numbers() -> None:
    scores = {**FLOORS, "dev/en": {"found": 0.91, "core": 0.75, "strict": 0.6}}
    assert gate.below(scores, FLOORS) == ["dev/en core: 0.7500 is under its floor of 0.8000"]


def test_every_floor_missed_has_its_line() -> None:
    scores = {part: dict.fromkeys(row, 0.0) for part, row in FLOORS.items()}
    assert [line.split(":")[0] for line in gate.below(scores, FLOORS)] == [
        "dev/en found",
        "dev/en core",
        "dev/en strict",
        "dev/vi found",
    ]


@pytest.mark.parametrize(("loss", "kept"), [(0.5, True), (0.9, True), (1.1, False), (5.0, False)])
def test_a_loss_within_the_tolerance_is_kept(loss: float, kept: bool) -> None:
    scores = {"dev/vi": {"found": 0.85 - loss * gate.TOLERANCE}}
    assert (gate.below(scores, FLOORS) == []) is kept


def test_a_part_without_a_floor_is_not_held_to_one() -> None:
    assert gate.below({"seed/en": {"found": 0.0}}, FLOORS) == []


def test_without_scores_or_floors_nothing_is_missed() -> None:
    assert gate.below({}, FLOORS) == gate.below(FLOORS, {}) == []


rates = st.floats(0, 1, allow_nan=False)


@settings(deadline=None, derandomize=True)
@given(rates, rates)
def test_a_line_is_written_exactly_where_the_loss_exceeds_the_tolerance(value: float, floor: float) -> None:
    lines = gate.below({"p": {"found": value}}, {"p": {"found": floor}})
    assert len(lines) == int(value < floor - gate.TOLERANCE)


def test_a_fingerprint_is_a_sha256_that_stays(corpus: Path) -> None:
    first = gate.fingerprint(corpus)
    assert len(first) == 64 and int(first, 16) >= 0
    assert gate.fingerprint(corpus) == first


def test_a_fingerprint_does_not_depend_on_where_the_corpus_stands(corpus: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(corpus, tmp_path / "elsewhere")
    assert gate.fingerprint(copied) == gate.fingerprint(corpus)


@pytest.mark.parametrize("name", ["en/a.txt", "en/b.json", "split.json"])
def test_a_fingerprint_changes_with_a_document_its_gold_or_the_split(corpus: Path, name: str) -> None:
    before = gate.fingerprint(corpus)
    file = corpus / name
    raw = file.read_bytes()
    file.write_bytes(raw + b" ")
    assert gate.fingerprint(corpus) != before
    file.write_bytes(raw)
    assert gate.fingerprint(corpus) == before


def test_a_fingerprint_changes_when_a_file_comes_goes_or_is_renamed(corpus: Path) -> None:
    seen = {gate.fingerprint(corpus)}
    (corpus / "en" / "a.txt").rename(corpus / "en" / "c.txt")
    seen.add(gate.fingerprint(corpus))
    (corpus / "en" / "c.txt").unlink()
    seen.add(gate.fingerprint(corpus))
    (corpus / "en" / "d.txt").write_text("", encoding="utf-8")
    seen.add(gate.fingerprint(corpus))
    assert len(seen) == 4


@pytest.mark.parametrize("name", ["baseline.json", "en/notes.md", "en/.DS_Store"])
def test_floors_and_other_files_are_not_in_the_fingerprint(corpus: Path, name: str) -> None:
    before = gate.fingerprint(corpus)
    (corpus / name).write_text("another", encoding="utf-8")
    assert gate.fingerprint(corpus) == before


def test_the_stored_floors_are_rates_of_the_measures_of_the_gate() -> None:
    stored = json.loads(gate.BASELINE.read_text(encoding="utf-8"))
    assert len(stored["fingerprint"]) == 64
    assert set(stored["floors"]) >= {"train/en", "train/vi", "dev/en", "dev/vi"}
    for row in stored["floors"].values():
        assert set(row) == set(gate.MEASURES)
        assert all(0 < floor <= 1 for floor in row.values())


def test_scores_of_a_corpus_are_rates_by_measure(corpus: Path) -> None:
    scores = gate.measure(corpus, None, None, None)
    assert set(scores) == set(gate.MEASURES)
    assert all(0 <= value <= 1 for value in scores.values())
