"""The reading model: what it sees, how its outputs are put together, how it is loaded."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from policyextract.errors import ModelError
from policyextract.evaluate.gold import load_gold
from policyextract.ner import Pieces, Window, load_model, windows
from policyextract.ner.pointers import (
    FIELDS,
    KINDS,
    OUTPUTS,
    WIDTH,
    kinds_at,
    outputs,
    rotation,
    split,
    turned,
)
from policyextract.pipeline import extract, extract_corpus, reading_model, shipped_folder
from policyextract.segment import segment
from policyextract.types import Document, Target

ROOT = Path(__file__).parents[1]
MODEL = shipped_folder()
TOKENIZER = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
TEXT = """PEOPLE'S COMMITTEE OF HUE CITY
Hue, March 4, 2024

II. TARGETS BY 2030
1. Digital government
- 90 percent of records are handled online, up from 61 percent in 2023;
- 80 percent of dossiers at the district level are handled online.
"""


def seen(text: str, values: list[str], size: int = 768) -> tuple[list[Window], Pieces]:
    spans = [(text.index(value), text.index(value) + len(value)) for value in values]
    pieces = Pieces.of(text, TOKENIZER)
    return windows(pieces, segment(Document(text, "x.txt", "en")), spans, size=size), pieces


def shown(window: Window) -> str:
    return TOKENIZER.decode(window.ids, skip_special_tokens=False)


def test_a_short_document_is_one_window_with_a_mark_before_every_value() -> None:
    [window], _ = seen(TEXT, ["90 percent", "61 percent", "80 percent"])
    marked = TEXT
    for value in ("90 percent", "61 percent", "80 percent"):
        marked = marked.replace(" " + value, "[unused0] " + value)
    assert shown(window) == "[CLS]" + marked + "[SEP]"
    assert window.values == [0, 1, 2]


def test_a_long_document_is_read_under_its_top_and_heads() -> None:
    filler = "".join(f"- Item {i} speaks of nothing that matters here or there;\n" for i in range(60))
    long = TEXT.replace("- 80 percent", filler + "- 80 percent") + filler
    found, _ = seen(long, ["90 percent", "80 percent"], size=256)
    assert [w.values for w in found] == [[0], [1]]
    last = shown(found[-1])
    assert last.startswith("[CLS]PEOPLE'S COMMITTEE OF HUE CITY") and "TARGETS BY 2030" in last
    assert "[unused0] 80 percent of dossiers" in last and "90 percent" not in last


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_every_value_is_read_once_and_windows_keep_their_size(data: st.DataObject) -> None:
    text = data.draw(st.text(st.sampled_from("ab 12,.%\nđạ-;:•IV"), min_size=1, max_size=1500))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=40)))
    values = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if text[a:b].strip()]
    size = data.draw(st.integers(256, 600))
    pieces = Pieces.of(text, TOKENIZER)
    found = windows(pieces, segment(Document(text, "x.txt", "vi")), values, size=size)
    assert [n for w in found for n in w.values] == list(range(len(values)))
    for window in found:
        assert len(window.ids) == len(window.origin) <= size
        known = [at for at in window.origin if at >= 0]
        assert known == sorted(set(known)), "pieces stand in order and no piece is seen twice"
        for number, mark in zip(window.values, window.marks, strict=True):
            assert window.ids[mark] == pieces.mark
            following = next(at for at in window.origin[mark + 1 :] if at >= 0)
            assert following == pieces.within(*values[number])[0]


def test_a_tokenizer_without_the_special_pieces_is_refused() -> None:
    from tokenizers import models

    with pytest.raises(ModelError, match="CLS"):
        Pieces.of("a", Tokenizer(models.BPE()))


def test_outputs_are_named_and_split_by_value_and_field() -> None:
    assert len(outputs()) == OUTPUTS == len(set(outputs()))
    told = np.zeros((5, OUTPUTS), dtype=np.float32)
    told[1, 0] = 3.0
    year = FIELDS.index("year")
    told[1, 1 + year * WIDTH] = told[4, 1 + (len(FIELDS) + year) * WIDTH] = 6.0
    told[:, 1 + 2 * len(FIELDS) * WIDTH + year] = -1.0
    where = kinds_at()
    assert where["level"].stop == OUTPUTS == len(outputs())
    assert [outputs()[where[name]][0] for name in KINDS] == [
        "unit-percent", "comparator-=", "change-none", "per-none", "level-none"
    ]  # fmt: skip
    logits, joint = split(told, [1, 2])
    assert logits.tolist() == [3.0, 0.0] and joint.shape == (2, len(FIELDS), 5)
    # The first number turns by one radian a position: three positions apart, cos 3.
    assert joint[0, year, 4] == pytest.approx(36 * np.cos(3.0) / WIDTH**0.5 - 1, abs=1e-4)
    assert joint[1, year].tolist() == [-1.0] * 5


def test_turning_depends_on_the_distance_alone() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 1, len(FIELDS), WIDTH)).astype(np.float32)
    cosine, sine = rotation(50)

    def product(i: int, j: int) -> float:
        one = turned(a, cosine[[i]], sine[[i]])
        other = turned(b, cosine[[j]], sine[[j]])
        return float((one * other).sum())

    assert product(3, 10) == pytest.approx(product(30, 37), abs=1e-3)
    assert product(3, 10) != pytest.approx(product(3, 30), abs=1e-1)


def test_the_shipped_model_tells_a_target_from_a_fact_and_points_at_its_year() -> None:
    text = (
        "Quang Nam plans for 2030\n\nBy 2030, at least 85 percent of records in Quang Nam will be settled online. "
        "In 2023, 61 percent of records in Quang Nam were settled online.\n"
    )
    document = Document(text, "x.txt", "en")
    model = reading_model("shipped")
    assert model is not None
    from policyextract.assemble import values
    from policyextract.patterns import find

    segments, spans = segment(document), find(document)
    told = model.read(document, segments, values(document, segments, spans))
    target = told[text.index("at least 85"), text.index("85 percent") + len("85 percent")]
    fact = told[text.index("61 percent"), text.index("61 percent") + len("61 percent")]
    assert target.target > 0 > fact.target
    at = text.index("2030, at")
    assert (
        target.shares["year"][target.pieces(at, at + 4)].sum()
        + target.shares["year"][target.pieces(text.index("2030"), text.index("2030") + 4)].sum()
        > 0.5
    )
    word = text.index("records in Quang Nam will")
    assert target.shares["metric"][target.pieces(word, word + 7)].min() > 0.5
    assert float(target.shares["year"].sum()) + target.nothing["year"] == pytest.approx(1, abs=0.05)


def copy_of(folder: Path) -> Path:
    shutil.copytree(MODEL, folder)
    return folder


def test_a_missing_or_damaged_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model\.onnx.*--no-model"):
        load_model(tmp_path)
    for name, words in (
        ("model.onnx", "damaged"),
        ("tokenizer.json", "damaged"),
        ("weights.json", "damaged"),
    ):
        folder = copy_of(tmp_path / name)
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ModelError, match=words):
            load_model(folder)
    folder = copy_of(tmp_path / "other")
    (folder / "weights.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="no weights"):
        load_model(folder)
    with pytest.raises(ModelError, match="--no-model"):
        reading_model(str(tmp_path / "nowhere"))


def test_a_run_with_a_damaged_model_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT, encoding="utf-8")
    folder = copy_of(tmp_path / "model")
    (folder / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError):
        extract_corpus(tmp_path / "texts", tmp_path / "out", model=str(folder))
    assert not (tmp_path / "out").exists()


def test_sources_say_what_the_model_agrees_with_and_without_it_nothing_is_said_of_it() -> None:
    with_model, without = extract(TEXT), extract(TEXT, model=None)
    assert with_model and without
    assert any("model:target" in t.source for t in with_model)
    assert not any(s.startswith("model") for t in without for s in t.source)
    assert all(s.startswith("model:") or s for t in with_model for s in t.source)


def test_a_folder_and_its_name_give_the_same_rows(tmp_path: Path) -> None:
    assert extract(TEXT, model=copy_of(tmp_path / "mine")) == extract(TEXT)


def test_a_very_long_text_is_read_to_its_end() -> None:
    filler = "The committee met on Monday and heard reports on many matters of the week. " * 400
    text = f"Plan of Hue for 2030\n\n{filler}\nBy 2030, 80 percent of communes in Hue will have fibre.\n"
    assert any(t.value == "80 percent" for t in extract(text))


def rows_of(name: str) -> tuple[Document, list[Target]]:
    from policyextract.read import read

    gold = load_gold(ROOT / "corpus").only([name])
    return read(ROOT / "corpus" / name, name=name), gold[name]


def test_gold_becomes_examples_with_marks_fields_and_doubt() -> None:
    pytest.importorskip("torch", reason="the extra 'train' is not installed")
    from policyextract.training.examples import NOTHING, examples

    for name in ("en/en-vn-04.txt", "en/en-dx-01.txt", "vi/vi-bao-15.txt"):
        document, rows = rows_of(name)
        found = list(examples(document, rows, TOKENIZER))
        truths = [t for e in found for t in e.truths]
        for row in rows:
            assert row.start is not None and row.end is not None
            own = [t for t in truths if t.start < row.end and row.start < t.end]
            assert row.optional or any(t.target for t in own), row.value
        targets = [t for t in truths if t.target]
        assert sum("metric" in t.fields for t in targets) > 0.8 * len(targets)
        assert sum(t.fields.get("year", [NOTHING]) != [NOTHING] for t in targets) > 0.7 * len(targets)
        assert all(not t.fields for t in truths if t.target is False)
    document, rows = rows_of("en/en-vn-04.txt")
    maybe = [dataclasses.replace(row, optional=True) for row in rows]
    assert {t.target for e in examples(document, maybe, TOKENIZER) for t in e.truths} == {None, False}


def test_counts_by_value_and_by_what_is_pointed_at() -> None:
    pytest.importorskip("torch", reason="the extra 'train' is not installed")
    from policyextract.training.examples import Example, Truth
    from policyextract.training.reader import counts

    one = Truth(0, 2, 1, True, {"metric": [3, 4], "year": [2], "level": [0]})
    fact = Truth(5, 7, 5, False, {})
    example = Example("a", list(range(7)), [one, fact])
    joint = np.full((2, len(FIELDS), 7), -5.0, dtype=np.float32)
    metric, level, year, _ = range(4)
    joint[0, metric, 3:5] = joint[0, year, 2] = joint[0, level, 0] = 5.0
    right = counts([example], [(np.array([2.0, -2.0]), joint)])
    assert right["target"].f1 == right["metric"].f1 == right["year"].f1 == 1.0
    joint[0, year, 6] = joint[0, level, 6] = 9.0
    joint[0, metric, 4] = -1.0
    wrong = counts([example], [(np.array([-2.0, 2.0]), joint)])
    assert (wrong["target"].tp, wrong["target"].fp, wrong["target"].fn) == (0, 1, 1)
    assert (wrong["metric"].tp, wrong["metric"].fn) == (1, 1)
    assert (wrong["year"].fp, wrong["year"].fn) == (1, 1) and (wrong["level"].fp, wrong["level"].fn) == (1, 0)


def test_windows_that_are_read_together_are_read_as_if_alone() -> None:
    model = load_model(shipped_folder())
    ids = np.array([[30, 40, 50, 60], [70, 80, 90, 0]], dtype=np.int64)
    mask = np.array([[1, 1, 1, 1], [1, 1, 1, 0]], dtype=np.int64)
    together = model.run(ids, mask)
    assert together.shape == (2, 4, OUTPUTS)
    assert np.array_equal(together[0], model.run(ids[:1], mask[:1])[0])
