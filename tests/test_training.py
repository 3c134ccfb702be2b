"""Training of the encoder, end to end on a toy: tokenizer, packing, masks, loop, checkpoints, export, probe."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import re
import signal
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyextract.errors import TrainingError
from policyextract.evaluate.gold import load_gold
from policyextract.types import Target

torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")

from tokenizers import Tokenizer  # noqa: E402

from policyextract.training import pretrain as loop  # noqa: E402
from policyextract.training import probe  # noqa: E402
from policyextract.training.alignment import align  # noqa: E402
from policyextract.training.embeddings import vectors  # noqa: E402
from policyextract.training.export import plot, take_up, write_model  # noqa: E402
from policyextract.training.objectives import Masker, Objective, build  # noqa: E402
from policyextract.training.packing import Pools, pack  # noqa: E402
from policyextract.training.settings import Settings, load_settings  # noqa: E402
from policyextract.training.text import focus, read_shards  # noqa: E402
from policyextract.training.tokenizer import SPECIAL, balanced, save, train  # noqa: E402

ROOT = Path(__file__).parents[1]
ENCODER = ROOT / "models" / "encoder"
SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 64,
}
TOY = Settings(
    architecture="ModernBertForMaskedLM",
    model=SMALL | {"global_attn_every_n_layers": 1},
    window=32,
    batch=16,
    micro_batch=8,
    learning_rate=1e-2,
    pieces=16 * 32 * 12,
    checkpoint_minutes=0.0,
    evaluate_minutes=0.0,
    evaluate_windows=8,
)
RTD = dataclasses.replace(
    TOY,
    architecture="ElectraForPreTraining",
    objective="rtd",
    model=SMALL | {"embedding_size": 32},
    generator={"hidden_size": 16, "intermediate_size": 24},
)


def sentences(language: str, count: int) -> list[str]:
    """Plain sentences that a toy can learn: their words follow from each other."""
    random = np.random.default_rng(len(language) + count)
    parts = {
        "en": (("Hanoi", "Kenya"), "aims to reach {} percent of households by 20{}."),
        "vi": (("Hà Nội", "Nghệ An"), "phấn đấu đạt {}% số hộ vào năm 20{}."),
    }
    places, rest = parts[language]
    return [
        f"{places[random.integers(2)]} {rest.format(random.integers(10, 99), random.integers(25, 35))}"
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of raw text: a packed shard and a plain one."""
    folder = tmp_path_factory.mktemp("text")
    for language in ("en", "vi"):
        lines = [
            json.dumps({"text": "\n".join(sentences(language, 8 + i))}, ensure_ascii=False)
            for i in range(150)
        ]
        (folder / f"{language}_toy.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tokenizer(text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy's tokenizer, as saved."""
    folder = tmp_path_factory.mktemp("tokenizer")
    save(train(balanced(text, 10**6), 400, progress=False), folder)
    return folder / "tokenizer.json"


@pytest.fixture(scope="module")
def pools(text: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Pools:
    """The toy's windows."""
    return pack(tokenizer, [text], tmp_path_factory.mktemp("packed"), window=TOY.window)


def start(settings_: Settings, tokenizer: Path) -> tuple[Objective, Masker]:
    loaded = Tokenizer.from_file(str(tokenizer))
    objective = build(settings_, loaded)
    return objective, Masker(loaded, settings_.mask, always_mask=objective.always_mask)


# The tokenizer


def shipped() -> Tokenizer:
    return Tokenizer.from_file(str(ENCODER / "tokenizer.json"))


def test_a_number_is_read_digit_by_digit_and_marks_stay_apart() -> None:
    tokens = shipped().encode("đạt 7,5% và 1.200 hộ", add_special_tokens=False).tokens
    assert tokens[tokens.index("Ġ7") :][:9] == ["Ġ7", ",", "5", "%", "ĠvÃł", "Ġ1", ".", "2", "0"]


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_no_text_is_unknown_and_offsets_are_exact(written: str) -> None:
    encoded = shipped().encode(written, add_special_tokens=False)
    assert "[UNK]" not in encoded.tokens or "[UNK]" in written
    for start_, end in encoded.offsets:
        assert 0 <= start_ <= end <= len(written)
    covered = {i for start_, end in encoded.offsets for i in range(start_, end)}
    for i, character in enumerate(written):
        # A mark that NFC joins to the letter before it is covered with that letter or not at all.
        if not character.isspace() and not unicodedata.combining(character) and character.isascii():
            assert i in covered


def test_offsets_of_words_leave_the_blank_out() -> None:
    written = "Hà Nội: 95 % số xã\nđạt chuẩn"
    encoded = shipped().encode(written, add_special_tokens=False)
    pieces = [written[s:e] for s, e in encoded.offsets]
    assert "".join(pieces) == written.replace(" ", "")
    assert [t for t, p in zip(encoded.tokens, pieces, strict=True) if p.isdigit()] == ["Ġ9", "5"]


def test_decomposed_vietnamese_gives_the_same_pieces_with_offsets_into_the_text_as_given() -> None:
    composed, decomposed = "Nghệ An", unicodedata.normalize("NFD", "Nghệ An")
    one, other = (shipped().encode(x, add_special_tokens=False) for x in (composed, decomposed))
    assert one.ids == other.ids
    assert decomposed[slice(*other.offsets[-1])] == "An"


def test_autotokenizer_and_tokenizers_agree() -> None:
    from transformers import AutoTokenizer

    written = "By 2030, 90 per cent of records at the provincial level. Đến năm 2030, 90% hồ sơ cấp tỉnh."
    assert AutoTokenizer.from_pretrained(ENCODER)(written)["input_ids"] == shipped().encode(written).ids


# Text and windows


def test_shards_are_read_with_their_language_and_about_a_hundredth_is_held_out(text: Path) -> None:
    documents = list(read_shards(text, held_out_share=0.1))
    assert {d.language for d in documents} == {"en", "vi"}
    assert 0.03 < sum(d.held_out for d in documents) / len(documents) < 0.2
    assert documents == list(read_shards(text, held_out_share=0.1))


def test_a_folder_without_shards_or_with_a_broken_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no text"):
        list(read_shards(tmp_path))
    (tmp_path / "en_x.jsonl").write_text('{"text": "a"}\n{"txt": 1}\n', encoding="utf-8")
    with pytest.raises(TrainingError, match=r"en_x\.jsonl, line 2"):
        list(read_shards(tmp_path))


def test_focus_keeps_quantities_and_dated_places_with_the_sentence_before() -> None:
    places = re.compile("Kenya")
    written = "A rule. It says more. By then 80 percent must have it. Nothing.\nIn 2030 Kenya votes.\nIn 2030 we vote."
    assert focus(written, places) == [
        "It says more. By then 80 percent must have it.",
        "In 2030 Kenya votes.",
    ]


def test_windows_hold_every_piece_once_and_in_order(text: Path, tokenizer: Path, pools: Pools) -> None:
    loaded = Tokenizer.from_file(str(tokenizer))
    separator = loaded.token_to_id("[SEP]")
    wanted: list[int] = []
    for document in read_shards(text):
        if document.language == "vi" and not document.held_out:
            wanted += [*loaded.encode(document.text, add_special_tokens=False).ids, separator]
    packed = pools["train", "vi"]
    assert set(packed[:, 0]) == {loaded.token_to_id("[CLS]")} and set(packed[:, -1]) == {separator}
    assert packed[:, 1:-1].ravel().tolist() == wanted[: packed[:, 1:-1].size]
    assert len(wanted) - packed[:, 1:-1].size < TOY.window


def test_windows_are_kept_and_made_anew_when_the_text_changes(
    text: Path, tokenizer: Path, tmp_path: Path
) -> None:
    first = len(pack(tokenizer, [text], tmp_path, window=32)["train", "en"])
    stamp = (tmp_path / "train.en.u16").stat().st_mtime_ns
    pack(tokenizer, [text], tmp_path, window=32)
    assert (tmp_path / "train.en.u16").stat().st_mtime_ns == stamp
    assert len(pack(tokenizer, [text], tmp_path, window=16)["train", "en"]) > first


def test_whole_words_and_numbers_are_hidden(pools: Pools, tokenizer: Path) -> None:
    loaded = Tokenizer.from_file(str(tokenizer))
    masker = Masker(loaded, 0.3)
    pieces = pools["train", "vi"][:50].astype(np.int64)
    batch = masker(pieces, [1, 2])
    words, hidden = masker.words(pieces), batch.hidden.numpy()
    special = np.isin(pieces, [loaded.token_to_id(s) for s in SPECIAL])
    for word in np.unique(words):
        own = hidden[(words == word) & ~special]
        assert own.all() or not own.any()
    assert 0.25 < hidden[~special].mean() < 0.35
    assert not hidden[special].any()
    assert torch.equal(batch.true, torch.from_numpy(pieces))
    kept = ~batch.hidden
    assert torch.equal(batch.pieces[kept], batch.true[kept])
    assert torch.equal(masker(pieces, [1, 2]).pieces, batch.pieces)
    assert not torch.equal(masker(pieces, [1, 3]).pieces, batch.pieces)


def test_every_window_comes_once_before_any_comes_twice(pools: Pools) -> None:
    batches = loop.Batches(pools, dataclasses.replace(TOY, focus=0.0))
    windows = pools["train", "en"]
    laps = len(windows) // (TOY.batch // 2)
    seen = [tuple(row) for step in range(laps) for row in batches[step][: TOY.batch // 2].tolist()]
    count = {tuple(row): 0 for row in windows.tolist()}
    for row in seen:
        count[row] += 1
    repeated = {tuple(row): windows.tolist().count(row) for row in windows.tolist()}
    assert all(times <= repeated[row] for row, times in count.items())


# The loop


@pytest.mark.parametrize("toy", [TOY, RTD], ids=["mlm", "rtd"])
def test_the_loss_falls(toy: Settings, pools: Pools, tokenizer: Path, tmp_path: Path) -> None:
    toy = dataclasses.replace(toy, pieces=16 * 32 * 40)
    objective, masker = start(toy, tokenizer)
    losses: list[float] = []
    progress = loop.pretrain(
        objective, pools, masker, toy, tmp_path, report=lambda _, loss: losses.append(loss)
    )
    assert progress.step == len(losses) == 40 and progress.pieces == toy.pieces
    assert np.mean(losses[-5:]) < 0.85 * np.mean(losses[:5])
    with (tmp_path / "log.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [int(row["step"]) for row in rows] == list(range(1, 41))
    assert float(rows[-1]["held_out_vi"]) < float(rows[0]["held_out_vi"])
    plot(tmp_path / "log.csv", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


class KilledError(Exception):
    """Stands for a kill: nothing after it runs."""


def weights(objective: Objective) -> dict[str, Any]:
    return {name: value.clone() for name, value in objective.module.state_dict().items()}


@pytest.mark.parametrize("toy", [TOY, RTD], ids=["mlm", "rtd"])
def test_a_killed_run_goes_on_and_ends_as_an_undisturbed_one(
    toy: Settings, pools: Pools, tokenizer: Path, tmp_path: Path
) -> None:
    whole, masker = start(toy, tokenizer)
    loop.pretrain(whole, pools, masker, toy, tmp_path / "whole")

    def kill(progress: loop.Progress, loss: float) -> None:
        if progress.step == 7:
            raise KilledError

    broken, masker = start(toy, tokenizer)
    with pytest.raises(KilledError):
        loop.pretrain(broken, pools, masker, toy, tmp_path / "broken", report=kill)
    resumed, masker = start(dataclasses.replace(toy, seed=1), tokenizer)
    progress = loop.pretrain(resumed, pools, masker, toy, tmp_path / "broken")
    assert progress.pieces == toy.pieces
    for name, value in weights(whole).items():
        assert torch.allclose(value, weights(resumed)[name], atol=1e-5), name
    steps = (tmp_path / "broken" / "log.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [int(line.split(",")[0]) for line in steps] == list(range(1, 13))


def test_a_stop_signal_ends_the_run_after_the_step_with_a_checkpoint(
    pools: Pools, tokenizer: Path, tmp_path: Path
) -> None:
    toy = dataclasses.replace(TOY, checkpoint_minutes=60.0)
    objective, masker = start(toy, tokenizer)

    def stop(progress: loop.Progress, loss: float) -> None:
        if progress.step == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    assert loop.pretrain(objective, pools, masker, toy, tmp_path, report=stop).step == 3
    fresh, _ = start(toy, tokenizer)
    assert loop.restore(fresh, toy, tmp_path).step == 3
    assert all(torch.equal(value, weights(fresh)[name]) for name, value in weights(objective).items())


def test_a_checkpoint_of_another_model_is_refused(pools: Pools, tokenizer: Path, tmp_path: Path) -> None:
    objective, masker = start(TOY, tokenizer)
    with pytest.raises(TrainingError, match="no checkpoint"):
        loop.restore(objective, TOY, tmp_path)
    loop.pretrain(objective, pools, masker, dataclasses.replace(TOY, pieces=1), tmp_path)
    wider = dataclasses.replace(TOY, model=TOY.model | {"hidden_size": 64})
    with pytest.raises(TrainingError, match="another size"):
        loop.restore(start(wider, tokenizer)[0], wider, tmp_path)
    with pytest.raises(TrainingError, match="another model"):
        loop.restore(start(RTD, tokenizer)[0], RTD, tmp_path)


def test_a_kill_while_the_checkpoint_is_swapped_leaves_the_old_one(
    pools: Pools, tokenizer: Path, tmp_path: Path
) -> None:
    objective, masker = start(TOY, tokenizer)
    loop.pretrain(objective, pools, masker, dataclasses.replace(TOY, pieces=1), tmp_path)
    (tmp_path / "checkpoint").rename(tmp_path / "checkpoint.old")
    assert loop.restore(start(TOY, tokenizer)[0], TOY, tmp_path).step == 1


def test_the_rate_rises_stays_and_falls() -> None:
    given_ = dataclasses.replace(TOY, warmup=0.1, decay=0.5, learning_rate=1.0)
    assert [loop.scheduled(x, given_) for x in (0.0, 0.05, 0.1, 0.5, 0.75, 1.0)] == [0, 0.5, 1, 1, 0.5, 0]


def test_counted_vectors_put_words_of_a_kind_together(pools: Pools, tokenizer: Path) -> None:
    loaded = Tokenizer.from_file(str(tokenizer))
    table = vectors(pools, loaded.get_vocab_size(), 16, scale=0.02, seed=0)
    assert table.shape == (loaded.get_vocab_size(), 16) and table.std() == pytest.approx(0.02, rel=0.1)
    digits = [loaded.token_to_id(str(digit)) for digit in range(5)]
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    alike = unit[digits] @ unit[digits].T
    assert alike.mean() > (unit[digits] @ unit.T).mean()


# Settings


def test_settings_are_read_and_their_mistakes_named(tmp_path: Path) -> None:
    shipped_settings = load_settings(ROOT / "scripts" / "pretrain_encoder.toml", minutes=3.0)
    assert shipped_settings.minutes == 3.0 and shipped_settings.window >= 256
    file = tmp_path / "x.toml"
    for content, message in (
        ("architecture = 1 2", "x.toml"),
        ("lr = 1\narchitecture = 'A'\n[model]", "unknown setting 'lr'"),
        ("architecture = 'A'", "model"),
    ):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(TrainingError, match=message):
            load_settings(file)


def test_an_unknown_class_or_a_wrong_objective_is_refused(tokenizer: Path) -> None:
    with pytest.raises(TrainingError, match="no masked language model"):
        start(dataclasses.replace(TOY, architecture="NoSuchForMaskedLM"), tokenizer)
    with pytest.raises(TrainingError, match="ElectraForPreTraining"):
        start(dataclasses.replace(TOY, objective="rtd"), tokenizer)


# Export


def test_the_exported_model_loads_without_our_code_and_can_be_a_start(
    pools: Pools, tokenizer: Path, tmp_path: Path
) -> None:
    from transformers import AutoModel, AutoModelForMaskedLM

    objective, _ = start(TOY, tokenizer)
    write_model(objective.model(), tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".safetensors"]
    assert AutoModel.from_pretrained(tmp_path).dtype == torch.float16
    ids = torch.tensor([[2, 30, 31, 3]])
    loaded = AutoModelForMaskedLM.from_pretrained(tmp_path, dtype=torch.float32).eval()
    told, own = loaded(ids).logits, objective.module.eval()(ids).logits
    assert torch.allclose(told, own, atol=1e-2)
    other, _ = start(dataclasses.replace(TOY, seed=9), tokenizer)
    take_up(other.module, tmp_path)
    assert torch.allclose(other.module.eval()(ids).logits, told, atol=1e-4)
    with pytest.raises(TrainingError, match="another model"):
        take_up(start(RTD, tokenizer)[0].model(), tmp_path)
    with pytest.raises(TrainingError, match="no model"):
        take_up(other.module, tmp_path / "nothing")


# Alignment of gold and the probe


def row(text_: str, value: str, **fields: Any) -> Target:
    at = text_.index(value)
    blank = {field.name: None for field in dataclasses.fields(Target)}
    return Target(
        **blank | {"value": value, "start": at, "end": at + len(value), "level_explicit": False} | fields
    )


def test_fields_are_aligned_with_the_text() -> None:
    written = (
        "By 2025 the share in Ha Giang was 70 percent. By 2030, Hue will have 90 percent of records "
        "at the provincial level handled online, and 80 percent of dossiers by 2031."
    )
    target = row(
        written, "90 percent", metric="records handled online", level="provincial", level_explicit=True,
        year=2030, locality="Hue",
    )  # fmt: skip
    found = align(written, target, "en")
    assert [written[s:e] for s, e in found.metric] == ["records", "handled online"]
    assert [written[s:e] for spans in (found.value, found.year, found.locality) for s, e in spans] == [
        "90 percent", "2030", "Hue",
    ]  # fmt: skip
    assert [written[s:e] for s, e in found.level] == ["provincial"]


def test_a_metric_in_two_parts_around_the_value_stays_in_two() -> None:
    written = "Số hóa 100% hồ sơ; số hóa 50% tài liệu."
    found = align(written, row(written, "50%", metric="số hóa tài liệu"), "vi")
    assert [written[s:e] for s, e in found.metric] == ["số hóa", "tài liệu"] and found.metric[0][0] > 10


def test_what_the_text_does_not_say_has_no_span() -> None:
    written = "Next year 90 percent must have it."
    found = align(
        written, row(written, "90 percent", metric="pupils reached", year=2031, locality="Mars"), "en"
    )
    assert (found.metric, found.year, found.locality, found.level) == ((), (), (), ())


def test_windows_of_the_probe_hold_the_whole_document_and_give_its_spans_back() -> None:
    gold = load_gold(ROOT / "corpus", split=ROOT / "corpus" / "split.json", part="dev")
    gold = gold.only(list(gold)[:4] + list(gold)[-4:])
    made = list(probe.windows(gold, shipped(), 128))
    assert max(len(window.ids) for window in made) <= 128
    for document in gold:
        text_ = gold.texts[document]
        own = [window for window in made if window.document == document]
        ids = [i for window in own for i in window.ids[1:-1]]
        assert ids == shipped().encode(text_, add_special_tokens=False).ids
        wanted = probe.labelled(text_, gold, document)
        given_back = {span for window in own for span in probe._spans(window.labels, window.offsets)}
        whole = {span for span in given_back if span in wanted}
        # A span that starts or ends inside a piece, or is cut by a window's end, comes back otherwise.
        assert len(whole) >= 0.9 * len(wanted)


def test_the_probe_learns_from_either_start(pools: Pools, tokenizer: Path, tmp_path: Path) -> None:
    objective, _ = start(TOY, tokenizer)
    write_model(objective.model(), tmp_path)
    gold = load_gold(ROOT / "corpus", split=ROOT / "corpus" / "split.json", part="dev")
    richest = max(gold, key=lambda name: len(gold[name]))
    made = list(probe.windows(gold.only([richest]), Tokenizer.from_file(str(tokenizer)), 64))
    for pretrained in (True, False):
        model = probe.fine_tune(
            tmp_path, made, pretrained=pretrained, steps=150, seed=0, batch=8, learning_rate=1e-2
        )
        counts = probe.score(model, made)
        total = sum((c for own in counts.values() for c in own.values()), start=probe.Counts())
        assert total.f1 > 0.2
        assert set(counts) == {richest}


# What ships


def test_the_shipped_encoder_loads_and_keeps_its_limits() -> None:
    from transformers import AutoModel

    model = AutoModel.from_pretrained(ENCODER, dtype=torch.float32).eval()
    size = sum(weight.numel() for weight in model.parameters())
    assert 10e6 <= size <= 25e6
    assert model.config.max_position_embeddings >= 256
    files = [path for path in ENCODER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 45e6
    assert max(path.stat().st_size for path in files) < 16e6
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md", ".png", ".csv"}
    ids = torch.tensor([shipped().encode("By 2030, 90 per cent of records.").ids])
    with torch.no_grad():
        assert torch.isfinite(model(ids).last_hidden_state).all()


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (
            "The ministry wants 90 [MASK] of households to have clean water by 2030.",
            {" percent", " per", "%"},
        ),
        ("Phấn đấu đến [MASK] 2030, tỷ lệ hộ nghèo giảm còn dưới 2%.", {" năm"}),
        ("Đến năm 2030, tỷ lệ hộ nghèo [MASK] còn dưới 2%.", {" giảm", " chỉ"}),
    ],
)
def test_the_shipped_encoder_fills_a_gap_with_a_word_that_fits(written: str, wanted: set[str]) -> None:
    from transformers import AutoModelForMaskedLM

    tokenizer_ = shipped()
    model = AutoModelForMaskedLM.from_pretrained(ENCODER, dtype=torch.float32).eval()
    encoded = tokenizer_.encode(written)
    with torch.no_grad():
        logits = model(torch.tensor([encoded.ids])).logits[
            0, encoded.ids.index(tokenizer_.token_to_id("[MASK]"))
        ]
    best = [tokenizer_.decode([i]) for i in logits.topk(10).indices.tolist()]
    assert wanted & set(best), best
