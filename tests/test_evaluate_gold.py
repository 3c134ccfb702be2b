"""Gold files are read as the guideline has them, and a file that breaks it is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyextract.errors import DatasetError
from policyextract.evaluate import Gold, evaluate, load_gold

CORPUS = Path(__file__).parents[1] / "corpus"
TEXT = "By 2030, at least 80% of households."
ROW: dict[str, Any] = {
    "value": "at least 80%",
    "start": 9,
    "end": 21,
    "metric": "households",
    "number": 80,
    "number_high": None,
    "unit": "percent",
    "comparator": ">=",
    "change": None,
    "per": None,
    "level": None,
    "level_explicit": False,
    "year": 2030,
    "year_start": None,
    "year_kind": "by",
    "locality": None,
    "optional": False,
}


def written(folder: Path, row: dict[str, Any], **changes: Any) -> Path:
    """A folder with a document and its gold, a row of which is changed."""
    (folder / "en").mkdir(exist_ok=True)
    (folder / "en" / "a.txt").write_text(TEXT, encoding="utf-8")
    targets = [{k: v for k, v in (ROW | row).items() if v is not ...}]
    content = {"doc": "a.txt", "lang": "en", "genre": "plan", "targets": targets} | changes
    content = {k: v for k, v in content.items() if v is not ...}
    (folder / "en" / "a.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_corpus():
    gold = load_gold(CORPUS)
    assert len(gold) == len(list(CORPUS.glob("*/*.txt")))
    assert list(gold) == sorted(gold)
    assert gold.langs["vi/" + sorted(CORPUS.glob("vi/*.txt"))[0].name] == "vi"
    for name, rows in gold.items():
        assert (CORPUS / name).read_text("utf-8") == gold.texts[name]
        assert all(row.doc == name for row in rows)
        assert all(gold.texts[name][row.start : row.end] == row.value for row in rows)
    assert evaluate(gold, gold).fully_right == len(gold)


def test_parts_and_languages():
    split = json.loads((CORPUS / "split.json").read_text("utf-8"))
    dev = load_gold(CORPUS, split=CORPUS / "split.json", part="dev")
    assert {name.removesuffix(".txt") for name in dev} == set(split["dev"])
    english = load_gold(CORPUS, split=CORPUS / "split.json", part="dev", lang="en")
    assert set(english) == {name for name in dev if name.startswith("en/")}
    below = load_gold(CORPUS / "en", split=CORPUS / "split.json", part="dev")
    assert {f"en/{name}" for name in below} == set(english)
    assert set(english.texts) == set(english.langs) == set(english)
    with pytest.raises(DatasetError, match=r"has no part 'test'; it has train, dev"):
        load_gold(CORPUS, split=CORPUS / "split.json", part="test")
    with pytest.raises(DatasetError, match="language 'vi'"):
        load_gold(CORPUS / "en", lang="vi")


def test_one_row(tmp_path: Path):
    [(name, [row])] = load_gold(written(tmp_path, {"year": 2030.0})).items()
    assert (name, row.doc, row.number, row.locality, row.optional) == (
        "en/a.txt",
        "en/a.txt",
        80,
        None,
        False,
    )
    assert (type(row.number), type(row.year)) == (float, int)
    assert list(load_gold(tmp_path / "en" / "a.json")) == ["a.txt"]
    assert list(load_gold(tmp_path / "en")) == ["a.txt"]


def test_a_document_without_targets_and_without_text(tmp_path: Path):
    written(tmp_path, {}, targets=[])
    (tmp_path / "en" / "a.txt").unlink()
    gold = load_gold(tmp_path)
    assert (gold, gold.texts) == ({"en/a.txt": []}, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": 10}, "the text at 10:21 is 't least 80%', not 'at least 80%'"),
        ({"start": 21}, "enclose no text"),
        ({"start": 9.5}, "start is 9.5, not a whole number"),
        ({"number": "80"}, "number is '80', not a number"),
        ({"number": True}, "number is True"),
        ({"year": 2030.5}, "year is 2030.5, not a whole number"),
        ({"unit": "%"}, "unit is '%', not one of percent, count"),
        ({"comparator": None}, "comparator is None, not one of =, >="),
        ({"level": "county"}, "level is 'county'"),
        ({"level_explicit": None}, "level_explicit is None, not true or false"),
        ({"locality": 3}, "locality is 3, not text"),
        ({"metric": ..., "per": ...}, "lacks metric, per"),
    ],
)
def test_a_broken_row_is_named(change: dict[str, Any], message: str, tmp_path: Path):
    with pytest.raises(DatasetError) as error:
        load_gold(written(tmp_path, change))
    assert str(error.value).startswith(f"{tmp_path / 'en' / 'a.json'}, target 1")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lang": "fr"}, "lang must be one of"),
        ({"lang": ...}, "lacks lang"),
        ({"doc": 3}, "doc must be"),
        ({"targets": {}}, "targets must be a list"),
        ({"targets": [3]}, "target 1 is 3, not an object"),
    ],
)
def test_a_broken_file_is_named(change: dict[str, Any], message: str, tmp_path: Path):
    with pytest.raises(DatasetError, match=message):
        load_gold(written(tmp_path, {}, **change))


def test_other_json_is_passed_over_unless_asked_for(tmp_path: Path):
    written(tmp_path, {})
    (tmp_path / "split.json").write_text('{"dev": ["en/a"]}', encoding="utf-8")
    assert list(load_gold(tmp_path)) == ["en/a.txt"]
    with pytest.raises(DatasetError, match="is no gold file: it lacks doc, lang, targets"):
        load_gold(tmp_path / "split.json")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"broken.json cannot be read as JSON"):
        load_gold(tmp_path)


def test_nothing_there(tmp_path: Path):
    with pytest.raises(DatasetError, match="holds no gold file"):
        load_gold(tmp_path)
    with pytest.raises(DatasetError, match="does not exist"):
        load_gold(tmp_path / "nowhere")


def test_two_files_for_one_document(tmp_path: Path):
    written(tmp_path, {})
    (tmp_path / "en" / "b.json").write_bytes((tmp_path / "en" / "a.json").read_bytes())
    with pytest.raises(DatasetError, match="two files name the same document"):
        load_gold(tmp_path)


def test_gold_is_a_mapping():
    gold = Gold({"a": []}, langs={"a": "vi"}, texts={"a": "x"})
    assert gold.only(["a", "b"]) == gold == {"a": []}
    assert gold.only(["b"]).texts == {}
