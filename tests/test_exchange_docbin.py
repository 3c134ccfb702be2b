"""Rows as spaCy's DocBin and back, read by spaCy itself."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from nasty import Case, cases, renamed, spans
from reviewing import FIRST, SECOND, write
from spacy.tokens import Doc, DocBin
from typer.testing import CliRunner

from policyextract import dataset, exchange
from policyextract.cli import app
from policyextract.errors import ReviewError
from policyextract.exchange.docbin import doc_of
from policyextract.review import GUIDELINE, Desk
from policyextract.types import Document, Target


def docs_of(desk: Desk, folder: Path, lang: str = "xx") -> list[Doc]:
    exchange.export_tasks(desk, folder / "c.spacy", "docbin", force=True)
    return list(DocBin().from_disk(folder / "c.spacy").get_docs(spacy.blank(lang).vocab))


def back(desk: Desk, folder: Path, docs: list[Doc], reviewer: str = "An") -> exchange.Imported:
    DocBin(docs=docs, store_user_data=True).to_disk(folder / "back.spacy")
    return exchange.import_tasks(desk, folder / "back.spacy", "docbin", reviewer)


def spans_in(doc: Doc, group: str) -> list[tuple[str, int, int, str]]:
    return [(span.id_, span.start_char, span.end_char, span.text) for span in doc.spans[group]]


def expected(targets: list[Target], text: str, group: str) -> list[tuple[str, int, int, str]]:
    if group == "targets":
        return [(t.target_id, t.start, t.end, t.value) for t in targets]
    read = [(t.target_id, e) for t in targets for e in t.evidence if e.field == group]
    return [(name, e.start, e.end, text[e.start : e.end]) for name, e in read]


@settings(deadline=None, max_examples=25)
@given(cases(), cases())
def test_any_row_of_any_text_comes_back_as_it_was(one: Case, other: Case):
    other = renamed(other, "sub/b.txt")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        dataset.save(
            [*one.targets, *other.targets], [], out, run={}, documents=[one.document, other.document]
        )
        with Desk.open(out) as desk:
            docs = docs_of(desk, out)
            for doc, case in zip(docs, (one, other), strict=True):
                assert doc.text == case.document.text
                for group in ("targets", "metric", "level", "year", "locality"):
                    assert spans_in(doc, group) == expected(case.targets, doc.text, group)
            found = back(desk, out, docs)
            rows = [*one.targets, *other.targets]
            assert set(found.decisions) <= {"accept"} and found.saved == len(rows)
            assert [row.state.final for row in desk.rows] == rows
        # Into an extraction of the same texts that found nothing: the same rows, by the same names.
        dataset.save([], [], Path(name) / "bare", run={}, documents=[one.document, other.document])
        with Desk.open(Path(name) / "bare") as desk:
            if all(map(_stable, rows)):
                exchange.import_tasks(desk, out / "back.spacy", "docbin", "An")
                added = [row.target for row in desk.rows]
                assert {(row.doc, *_guideline(row)) for row in added} == {
                    (t.doc, *_guideline(t)) for t in rows
                }
                assert {row.target_id for row in added} <= {row.target_id for row in rows}


def _guideline(target: Target) -> tuple[Any, ...]:
    return tuple(getattr(target, name) for name in GUIDELINE)


def _stable(row: Target) -> bool:
    """Whether a reviewer could enter the row just so: no blanks around a text, and none that is empty."""
    import unicodedata

    texts = [row.metric, *([] if row.locality is None else [row.locality])]
    return (
        all(t == unicodedata.normalize("NFC", t).strip() for t in texts)
        and row.locality != ""
        and row.end > row.start
    )


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_span_drawn_anywhere_is_kept(data: st.DataObject):
    """In the middle of a token, over a blank, from a combining mark on."""
    document = data.draw(cases()).document
    drawn = data.draw(st.lists(spans(document.text), min_size=1, max_size=6))
    targets = [
        replace(ROW, value=document.text[a:b], start=a, end=b, target_id=f"t{n}")
        for n, (a, b) in enumerate(drawn)
    ]
    doc = doc_of(document, targets)
    assert doc.text == document.text
    assert spans_in(doc, "targets") == expected(targets, document.text, "targets")


ROW = Target(
    "a.txt", "x", 0, 1, 1.0, None, "count", "=", None, None, "m", None, False, None, None, None, None
)


def test_tokens_are_those_of_spacy_but_for_the_cuts():
    text = "By 2030, at least 80%of households in Hai Duong's towns."
    start = text.index("80%")
    assert "80%of" in [token.text for token in spacy.blank("en")(text)]
    doc = doc_of(Document(text, "a.txt", "en"), [replace(ROW, value="80%", start=start, end=start + 3)])
    assert [token.text for token in doc][5:8] == ["80%", "of", "households"]
    plain = [token.text for token in spacy.blank("en")(text)]
    assert [token.text for token in doc if token.text not in ("80%", "of")] == [
        t for t in plain if t != "80%of"
    ]


def test_spacy_learns_from_it(desk: Desk, tmp_path: Path):
    """The check of ``spacy debug data`` that matters: a span categoriser finds labels and aligned spans."""
    from spacy.training import Example

    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("spancat", config={"spans_key": "targets"})
    docs = docs_of(desk, tmp_path, "en")
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
    nlp.initialize(lambda: examples)
    assert pipe.labels == ("target",)
    losses = nlp.update(examples)
    assert losses["spancat"] > 0
    aligned = [len(one.get_aligned_spans_y2x(one.reference.spans["targets"])) for one in examples]
    assert sum(aligned) == len(desk.rows)


def test_the_rows_stand_beside_their_spans(desk: Desk, tmp_path: Path):
    for doc in docs_of(desk, tmp_path):
        about = json.loads(doc.user_data["policyextract"])
        rows = [row.target for row in desk.rows if row.target.doc == about["doc"]]
        assert [dataset.from_row(row, "x") for row in about["rows"].values()] == rows
        assert {span.label_ for span in doc.spans["targets"]} == {"target"}
        assert all(
            {span.label_ for span in doc.spans[f]} <= {f} for f in ("metric", "level", "year", "locality")
        )


def test_changed_spans_and_rows_become_events(desk: Desk, tmp_path: Path):
    docs = docs_of(desk, tmp_path)
    doc = docs[0]
    first, second, third, *_ = list(doc.spans["targets"])
    about = json.loads(doc.user_data["policyextract"])
    about["rows"][second.id_]["year"] = 2031
    about["rows"]["mine"] = {**about["rows"][first.id_], "metric": "economies", "year": 2044}
    doc.user_data["policyextract"] = json.dumps(about)
    at = FIRST.index("digital economy")
    new = doc.char_span(at, at + 15, label="target", span_id="mine")
    moved = doc.char_span(
        first.start_char + len("at least "), first.end_char, label="target", span_id=first.id_
    )
    doc.spans["targets"] = [moved, second, new, *list(doc.spans["targets"])[3:]]
    found = back(desk, tmp_path, docs)
    assert dict(found.decisions) == {"edit": 2, "reject": 1, "add": 1, "accept": len(desk.rows) - 4}
    finals = {name: desk.row(name).state.final for name in (first.id_, second.id_)}
    assert [(t.value, t.year) for t in finals.values() if t] == [("90 per cent", 2025), (second.text, 2031)]
    assert desk.row(third.id_).state.status == "rejected"
    [added] = [row.target for row in desk.rows if row.state.status == "added"]
    assert (added.value, added.metric, added.year) == ("digital economy", "economies", 2044)
    assert back(desk, tmp_path, docs).saved == 0


def test_a_span_without_a_row_is_refused(desk: Desk, tmp_path: Path):
    docs = docs_of(desk, tmp_path)
    docs[0].spans["targets"] = [*docs[0].spans["targets"], docs[0][0:1]]
    with pytest.raises(ReviewError, match=r"Doc 1 \(a\.txt\): the span 'HAI' at 0 has no row of its own"):
        back(desk, tmp_path, docs)
    assert list(desk.store.events()) == []


def test_other_files_and_other_texts_are_told_apart(out: Path, tmp_path: Path):
    with Desk.open(out) as desk:
        docs = docs_of(desk, tmp_path)
        (tmp_path / "x.spacy").write_bytes(b"no DocBin")
        with pytest.raises(ReviewError, match=r"x\.spacy: this is no DocBin of spaCy"):
            exchange.import_tasks(desk, tmp_path / "x.spacy", "docbin", "An")
        plain = spacy.blank("xx")("By 2030")
        assert "Doc 1 was not made by export-tasks" in back(desk, tmp_path, [plain]).skipped[0]
    write(out, {"a.txt": "New: " + FIRST, "b.txt": SECOND})
    with Desk.open(out) as desk:
        found = back(desk, tmp_path, docs)
        assert [one.split(";")[0] for one in found.skipped] == [
            "Doc 1: the text of a.txt has changed since it was exported"
        ]
        assert found.decisions.total() == sum(row.target.doc == "b.txt" for row in desk.rows)


def test_on_the_command_line(out: Path, tmp_path: Path):
    file = tmp_path / "c.spacy"
    result = CliRunner().invoke(app, ["export-tasks", str(out), "-o", str(file)])
    assert result.exit_code == 0 and "written to" in result.output and not (tmp_path / "c.xml").exists()
    result = CliRunner().invoke(
        app, ["import-tasks", str(out), str(file), "--reviewer", "An", "--format", "docbin"]
    )
    rows = len(dataset.load(out))
    assert result.exit_code == 0 and f"decisions  {rows} ({rows} accept)\nnew        {rows}" in result.output
