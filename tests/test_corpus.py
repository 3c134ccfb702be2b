"""The documents and gold of corpus/: grounded, of the guideline's values, split without overlap."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import get_args

import pytest

from policyextract.types import Change, Comparator, Level, Unit, YearKind

CORPUS = Path(__file__).parent.parent / "corpus"
SPLIT = json.loads((CORPUS / "split.json").read_text(encoding="utf-8"))
NAMES = sorted({*SPLIT["train"], *SPLIT["dev"]})
ALLOWED = {
    "unit": {*get_args(Unit)},
    "comparator": {*get_args(Comparator)},
    "change": {*get_args(Change), None},
    "per": {"year", None},
    "level": {*get_args(Level), None},
    "year_kind": {*get_args(YearKind), None},
}


@pytest.mark.parametrize("name", NAMES)
def test_gold_is_grounded_and_of_known_values(name: str) -> None:
    text = (CORPUS / f"{name}.txt").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    gold = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    assert gold["doc"] == f"{name.rpartition('/')[2]}.txt"
    for row in gold["targets"]:
        assert text[row["start"] : row["end"]] == row["value"]
        assert isinstance(row["number"], int | float)
        for field, values in ALLOWED.items():
            assert row[field] in values, (row["value"], field)


def test_split_is_of_all_documents_and_parts_do_not_meet() -> None:
    found = {p.relative_to(CORPUS).with_suffix("").as_posix() for p in CORPUS.rglob("*.txt")}
    assert found == {*NAMES}
    assert not {*SPLIT["train"]} & {*SPLIT["dev"]}
