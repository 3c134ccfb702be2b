"""Training the reading model: it learns, goes on after a kill, and what it writes is what extract takes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra 'train' is not installed")

import numpy as np
from tokenizers import Tokenizer

from policyextract import extract
from policyextract.errors import TrainingError
from policyextract.evaluate.gold import Gold, load_gold
from policyextract.ner import load_model
from policyextract.ner.pointers import FIELDS, split
from policyextract.training import reader, targets
from policyextract.training.examples import Example

ROOT = Path(__file__).parents[1]
ENCODER = ROOT / "models" / "encoder"
NAMES = ["en/en-vn-04.txt", "en/en-dx-01.txt", "vi/vi-bao-15.txt", "vi/vi-bao-12.txt"]
TEXT = "By 2030, at least 80% of households in Vietnam will have a fibre connection."


@pytest.fixture(scope="module")
def documents() -> list[targets.Annotated]:
    return targets.documents_of(ROOT / "corpus", load_gold(ROOT / "corpus").only(NAMES))


@pytest.fixture(scope="module")
def data(documents: list[targets.Annotated]) -> list[Example]:
    return targets.windows_of(documents, Tokenizer.from_file(str(ENCODER / "tokenizer.json")))


def test_the_loss_falls_and_a_run_that_was_killed_ends_as_if_it_had_not_been(
    data: list[Example], tmp_path: Path
) -> None:
    import torch

    def run(state: Path, until: int | None = None) -> tuple[object, list[float]]:
        losses: list[float] = []

        def report(step: int, parts: dict[str, float]) -> None:
            losses.append(sum(reader.SHARES[name] * value for name, value in parts.items()))
            if step == until:
                raise KeyboardInterrupt

        torch.manual_seed(0)
        model = reader.begin(ENCODER)
        try:
            reader.fine_tune(model, data, steps=8, seed=1, batch=2, state=state, save_every=3, report=report)
        except KeyboardInterrupt:
            assert until is not None
        return model, losses

    whole, losses = run(tmp_path / "a")
    assert np.mean(losses[-2:]) < 0.7 * np.mean(losses[:2])
    run(tmp_path / "b", until=5)
    resumed, rest = run(tmp_path / "b")
    assert len(rest) == 5, "it goes on after the third step, the last that was saved"
    assert rest == pytest.approx(losses[3:], rel=1e-3)
    one, other = (dict(m.named_parameters())["classifier.weight"] for m in (whole, resumed))
    assert torch.allclose(one, other, atol=1e-4)


def test_the_loss_and_the_reading_use_the_same_scores(data: list[Example]) -> None:
    import torch

    told = torch.randn(len(data[0].ids), len(reader.outputs()))
    marks = [truth.mark for truth in data[0].truths]
    _, joint = split(told.numpy(), marks)
    assert joint.shape == (len(marks), len(FIELDS), len(data[0].ids))
    assert np.allclose(reader._joint(told, marks).numpy(), joint, atol=1e-4)


def test_train_writes_a_model_that_extract_takes(tmp_path: Path) -> None:
    gold = tmp_path / "gold"
    for name in NAMES:
        for path in (ROOT / "corpus" / name, (ROOT / "corpus" / name).with_suffix(".json")):
            (gold / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, gold / name.rpartition("/")[0])
    call = [sys.executable, "-m", "policyextract", "train", str(gold), "-o", str(tmp_path / "mine")]
    done = subprocess.run(
        [*call, "--passes", "0.5", "--copies", "1", "--hold", "4"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"--model {tmp_path / 'mine'}" in done.stdout and "target" in done.stdout
    record = json.loads((tmp_path / "mine" / "training.json").read_text(encoding="utf-8"))
    assert (record["documents"], record["originals"], record["scored_on"]) == (12, 3, 1)
    assert not (tmp_path / "mine" / "state").exists()
    assert extract(TEXT, model=tmp_path / "mine")
    # The checkpoint it was made from says the same, but for the eight bits.
    checkpoint = tmp_path / "mine" / "checkpoint"
    for name in ("tokenizer.json", "weights.json"):
        shutil.copy(tmp_path / "mine" / name, checkpoint)
    ids = np.arange(100, 140, dtype=np.int64)[None]
    exported, plain = (
        load_model(folder).run(ids, np.ones_like(ids)) for folder in (tmp_path / "mine", checkpoint)
    )
    assert np.abs(exported - plain).mean() < 0.1 * np.abs(plain).mean()
    # It can go on learning from there.
    learned = targets.documents_of(ROOT / "corpus", load_gold(ROOT / "corpus").only(NAMES[:1]))
    losses: list[float] = []
    targets.train(
        checkpoint, learned, [], tmp_path / "on", targets.Options(passes=1, rate=0.0),
        report=lambda step, steps, parts: losses.append(parts["metric"]),
    )  # fmt: skip
    on = json.loads((tmp_path / "on" / "training.json").read_text(encoding="utf-8"))
    assert (on["base"], on["before"]["base"]) == ("checkpoint", "encoder")
    again = load_model(_with_weights(tmp_path / "on", tmp_path / "mine"))
    assert np.allclose(again.run(ids, np.ones_like(ids)), exported, atol=1e-3), (
        "a rate of nothing changes nothing"
    )


def test_a_base_with_fewer_outputs_keeps_those_it_has(tmp_path: Path) -> None:
    """As a model has that was trained before it was asked about levels."""
    import torch

    model = reader.begin(ENCODER)
    names = [name for name in reader.outputs() if not name.startswith("level-")]
    kept = [reader.outputs().index(name) for name in names]
    with torch.no_grad():
        fewer = torch.nn.Linear(model.classifier.in_features, len(names))
        fewer.weight.copy_(model.classifier.weight[kept])
        fewer.bias.copy_(torch.arange(len(names)))
    before = fewer.weight.clone()
    model.classifier, model.config.num_labels = fewer, len(names)
    model.config.id2label, model.config.label2id = dict(enumerate(names)), {n: i for i, n in enumerate(names)}
    model.save_pretrained(tmp_path)
    again = reader.begin(tmp_path).classifier
    assert again.out_features == len(reader.outputs())
    assert torch.equal(again.weight[kept], before) and again.bias[kept].tolist() == list(range(len(names)))


def _with_weights(model: Path, other: Path) -> Path:
    shutil.copy(other / "weights.json", model)
    return model


def test_what_cannot_be_learned_from_is_refused(documents: list[targets.Annotated], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no gold"):
        targets.documents_of(tmp_path, Gold())
    missing = Gold({"a.txt": []}, langs={"a.txt": "en"})
    with pytest.raises(TrainingError, match=r"a\.txt cannot be read"):
        targets.documents_of(tmp_path, missing)
    empty = [(document, []) for document, _ in documents]
    with pytest.raises(TrainingError, match="nothing to learn"):
        targets.train(ENCODER, empty, [], tmp_path / "out", targets.Options())
    with pytest.raises(TrainingError, match="no checkpoint with a tokenizer"):
        targets.train(tmp_path, documents, [], tmp_path / "out", targets.Options())
