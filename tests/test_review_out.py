"""What comes out of a review: the final dataset, gold, and how far reviewers agree."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from formats import as_docx, as_pdf
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reviewing import FIRST, SECOND, write
from typer.testing import CliRunner

from policyextract import dataset
from policyextract.cli import app
from policyextract.errors import DatasetError
from policyextract.evaluate import evaluate, load_gold
from policyextract.pipeline import extract_corpus
from policyextract.review import GUIDELINE, Desk
from policyextract.review.agreement import agreement, agreements, as_dict, cohens_kappa, report
from policyextract.review.filenames import gold_files
from policyextract.review.final import REVIEWED, write_final
from policyextract.review.gold import MARKER, write_gold
from policyextract.types import Target

NEW = {"doc": "b.txt", "value": "Vietnam", "number": "1", "unit": "count", "metric": "countries"}
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def ids(desk: Desk, doc: str = "") -> list[str]:
    return [row.target.target_id for row in desk.rows if row.target.doc.startswith(doc)]


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output


def guideline(target: Target) -> dict[str, Any]:
    return {name: getattr(target, name) for name in GUIDELINE}


# --- dataset ---------------------------------------------------------------------------------------------


def reviewed(desk: Desk) -> list[str]:
    """One row of each status, by two reviewers; gives the ids in order of the dataset."""
    first, second, third, *others = ids(desk)
    desk.record("An", "accept", first)
    desk.record("=An", "edit", second, fields={"year": 2031})
    desk.record("An", "reject", third)
    desk.record("An", "accept", others[0])
    desk.record("Bình", "reject", others[0])
    desk.record("Bình", "add", row=NEW)
    return ids(desk)


def test_the_final_dataset_holds_what_was_decided(desk: Desk, out: Path, tmp_path: Path):
    names = reviewed(desk)
    code, said = run("dataset", out, "-o", tmp_path / "final")
    assert code == 1
    assert "rows       3 (1 accepted, 1 edited, 1 added)" in said
    assert f"left out   {len(names) - 5} undecided, 1 rejected, 1 conflict" in said
    assert re.search(r"in conflict:\n  t\w{16}  \S+  '.*': accept by An, reject by Bình\n", said)
    final = dataset.load(tmp_path / "final")
    states = [row.state for row in desk.rows if row.state.final is not None]
    assert [guideline(t) for t in final] == [guideline(s.final) for s in states if s.final]
    assert [t.target_id for t in final] == [s.final.target_id for s in states if s.final]
    assert final[1].year == 2031
    assert not any(e.field == "year" for e in final[1].evidence)
    assert any(e.field == "metric" for e in final[1].evidence)


def test_the_columns_say_who_and_when_in_every_format(desk: Desk, out: Path, tmp_path: Path):
    import pyarrow.parquet as pq
    from frictionless import Package

    reviewed(desk)
    final = tmp_path / "final"
    write_final(desk, out, final, with_undecided=True)
    lines = [json.loads(line) for line in (final / "targets.jsonl").read_text("utf-8").splitlines()]
    assert [(line["reviewer"], bool(line["reviewed_at"])) for line in lines[:2]] == [
        ("An", True),
        ("=An", True),
    ]
    assert all(UTC.fullmatch(line["reviewed_at"]) for line in lines if line["reviewer"])
    undecided = [line for line in lines if line["reviewer"] is None]
    assert undecided and all(line["reviewed_at"] is None for line in undecided)
    assert pq.read_table(final / "targets.parquet").to_pylist() == lines
    cells = dataset.frame(final / "targets.csv")
    assert list(cells.columns[-2:]) == [column.name for column in REVIEWED]
    assert list(cells["reviewer"]) == [
        "'=An" if n == "=An" else n or "" for n in (x["reviewer"] for x in lines)
    ]
    for name in ("targets.jsonl", "targets.csv", "targets.parquet", ""):
        assert [t.target_id for t in dataset.load(final / name)] == [line["target_id"] for line in lines]
    package = Package(str(final / "datapackage.json"))
    assert package.validate().valid, package.validate().flatten(["fieldName", "type", "note"])
    assert [f.name for f in package.get_resource("targets").schema.fields][-2:] == ["reviewer", "reviewed_at"]


def test_a_finished_review_exits_0_and_is_evaluated(desk: Desk, out: Path, tmp_path: Path):
    for name in ids(desk):
        desk.record("An", "accept", name)
    code, said = run("dataset", out, "-o", tmp_path / "final")
    assert (code, "left out" in said) == (0, False)
    assert run("gold", out, "-o", tmp_path / "gold")[0] == 0
    code, said = run("evaluate", tmp_path / "final", tmp_path / "gold")
    assert code == 0 and "fully right 2" in said
    assert list(dataset.Documents(tmp_path / "final")) == ["a.txt", "b.txt"]


def test_undecided_rows_taken_along_are_no_reason_to_fail(desk: Desk, out: Path, tmp_path: Path):
    assert run("dataset", out, "-o", tmp_path / "f")[0] == 1
    code, said = run("dataset", out, "-o", tmp_path / "f", "--with-undecided")
    assert code == 0 and f"rows       {len(desk.rows)} ({len(desk.rows)} undecided)" in said
    assert dataset.load(tmp_path / "f") == dataset.load(out)
    desk.record("An", "accept", ids(desk)[0])
    desk.record("Binh", "reject", ids(desk)[0])
    assert run("dataset", out, "-o", tmp_path / "f", "--with-undecided")[0] == 1


def test_a_moved_value_brings_its_sentence(desk: Desk, out: Path, tmp_path: Path):
    row = desk.row(ids(desk, "a.txt")[0])
    start = FIRST.index("20 per cent")
    desk.record(
        "An", "edit", row.target.target_id, fields={"start": start, "end": start + len("20 per cent")}
    )
    write_final(desk, out, tmp_path / "final")
    [target] = dataset.load(tmp_path / "final")
    assert target.value == "20 per cent"
    assert target.sentence is not None and "digital economy" in target.sentence
    assert (target.target_id, target.page) == (row.target.target_id, 1)


def test_an_extraction_is_never_replaced(desk: Desk, out: Path, tmp_path: Path):
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    write(tmp_path / "other")
    for folder in (out, out / "..", tmp_path / "other"):
        target = out if folder == out / ".." else folder
        with pytest.raises(DatasetError, match="choose another folder"):
            write_final(desk, out, target)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    write_final(desk, out, tmp_path / "final")
    write_final(desk, out, tmp_path / "final")  # its own may be


def test_failures_are_carried_along(tmp_path: Path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.txt").write_text(FIRST, "utf-8")
    (tmp_path / "c" / "=b.rtf").write_text("{\\rtf", "utf-8")
    extract_corpus(tmp_path / "c", tmp_path / "out", model=None)
    with Desk.open(tmp_path / "out") as desk:
        write_final(desk, tmp_path / "out", tmp_path / "final")
    assert (tmp_path / "final" / "failures.csv").read_bytes() == (
        tmp_path / "out" / "failures.csv"
    ).read_bytes()
    run_ = json.loads((tmp_path / "final" / "run.json").read_text("utf-8"))
    assert run_["counts"] == {"documents": 1, "targets": 0, "failures": 1}
    assert run_["extraction"]["counts"]["failures"] == 1


def test_a_row_that_a_new_run_no_longer_finds_is_in_it(out: Path, tmp_path: Path):
    with Desk.open(out) as desk:
        name = next(row.target.target_id for row in desk.rows if row.target.value == "95%")
        desk.record("An", "accept", name)
    write(out, drop=frozenset({"95%"}))
    with Desk.open(out) as desk:
        write_final(desk, out, tmp_path / "final")
    assert [(t.target_id, t.value) for t in dataset.load(tmp_path / "final")] == [(name, "95%")]


# --- gold ------------------------------------------------------------------------------------------------


def corpus(folder: Path) -> Path:
    """Documents of every kind, at depth, with names that some systems refuse."""
    sentence = "By 2030, at least 70% of communes in Vietnam will have fibre."
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("\ufeff" + FIRST, "utf-8")
    (folder / "sub" / "A.TXT").write_bytes(SECOND.replace("\n", "\r\n").encode("utf-16"))
    (folder / "sub" / "deep" / "k:ế?.txt").write_text("\n\n\t🙂 " + sentence, "utf-8")
    (folder / "plan.md").write_text(f"# Plan\n\n{sentence}\n", "utf-8")
    (folder / "p.html").write_text(f"<html><body><h1>Plan</h1><p>{sentence} 🙂</p></body></html>", "utf-8")
    as_pdf(f"Plan\n\n{sentence}\n", folder / "p.pdf")
    as_docx(f"Plan\n\n{sentence}\n", folder / "p.docx")
    lines = [
        {"id": key, "text": f"🙂\n{sentence} Ngày mai."} | more
        for key, more in (
            ("1", {}),
            ("x//../../1", {}),
            ("Ã", {"lang": "vi"}),
            ("ã", {}),
            ("b.txt", {}),
            ("con", {}),
        )
    ]
    (folder / "sub" / "l.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed")
    run_ = extract_corpus(corpus(folder / "c"), folder / "out", model=None)
    assert not run_.failures and run_.documents == 13
    with Desk.open(folder / "out") as desk:
        for n, name in enumerate(ids(desk)):
            fields = {"year": 2031} if n % 3 == 0 else {}
            desk.record("An", "edit" if fields else "accept", name, fields=fields)
    return folder


def test_gold_is_exactly_what_was_decided(mixed: Path, tmp_path: Path):
    with Desk.open(mixed / "out") as desk:
        written = write_gold(desk, tmp_path / "gold")
        assert (written.documents, written.missing, written.unread) == (13, (), ())
        gold = load_gold(tmp_path / "gold")
        assert set(gold) == set(desk.documents)
        for doc, rows in gold.items():
            decided = [row.state.final for row in desk.rows if row.target.doc == doc]
            assert [guideline(row) for row in rows] == [guideline(row) for row in decided if row]
            assert {row.doc for row in rows} == {doc}
            assert gold.texts[doc] == desk.document(doc).text
            assert gold.langs[doc] == desk.document(doc).lang
    scores = evaluate(dataset.load(mixed / "out"), gold)
    assert (scores.unscored, scores.total.found.f1) == (frozenset(), 1.0)
    assert scores.total.strict.f1 < 1
    assert run("evaluate", mixed / "out", tmp_path / "gold")[0] == 0


def test_train_reads_the_same_texts(mixed: Path, tmp_path: Path):
    trainer = pytest.importorskip("policyextract.training.targets", exc_type=ImportError)
    with Desk.open(mixed / "out") as desk:
        write_gold(desk, tmp_path / "gold")
        found = trainer.documents_of(tmp_path / "gold", load_gold(tmp_path / "gold"))
        assert len(found) == 13
        for document, rows in found:
            assert (document.text, document.lang) == (
                desk.document(document.path).text,
                desk.document(document.path).lang,
            )
            assert all(document.text[row.start : row.end] == row.value for row in rows)


def test_the_files_stay_in_the_folder_and_are_legal(mixed: Path, tmp_path: Path):
    with Desk.open(mixed / "out") as desk:
        write_gold(desk, tmp_path / "in" / "gold")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["gold"]
    files = [
        p.relative_to(tmp_path / "in" / "gold").as_posix()
        for p in (tmp_path / "in").rglob("*")
        if p.is_file()
    ]
    assert len(files) == 2 * 13 + 1 == len({file.casefold() for file in files})
    assert not [file for file in files if re.search(r'[<>:"|?*\\]', file)]
    assert {"a.txt", "a.json", "p.pdf.txt", "p.pdf.json", "plan.md.txt", "sub/l.jsonl#1.txt"} <= set(files)
    content = json.loads((tmp_path / "in" / "gold" / "a.json").read_text("utf-8"))
    assert list(content) == ["doc", "lang", "targets"]  # the guideline's, to the letter
    assert list(content["targets"][0]) == list(GUIDELINE)
    content = json.loads((tmp_path / "in" / "gold" / "p.pdf.json").read_text("utf-8"))
    assert (content["doc"], content["text"]) == ("p.pdf", "p.pdf.txt")


def test_only_finished_documents_are_gold(desk: Desk, out: Path, tmp_path: Path):
    for name in ids(desk, "b.txt"):
        desk.record("An", "reject", name)
    first, second, *_ = ids(desk, "a.txt")
    desk.record("An", "accept", first)
    desk.record("An", "accept", second)
    desk.record("Binh", "reject", second)
    code, said = run("gold", out, "-o", tmp_path / "gold")
    assert code == 1
    assert f"a.txt: {len(ids(desk, 'a.txt')) - 2} undecided, 1 in conflict" in said
    assert dict(load_gold(tmp_path / "gold")) == {"b.txt": []}
    code, _ = run("gold", out, "-o", tmp_path / "gold", "--all-documents")
    assert code == 1
    gold = load_gold(tmp_path / "gold")
    assert [row.value for row in gold["a.txt"]] == [desk.row(first).target.value]


def test_a_document_without_rows_is_no_gold_unless_asked_for(tmp_path: Path):
    write(tmp_path / "out", {"a.txt": FIRST, "n.txt": "The province has set out its plan for the town.\n"})
    with Desk.open(tmp_path / "out") as desk:
        for name in ids(desk):
            desk.record("An", "accept", name)
    code, said = run("gold", tmp_path / "out", "-o", tmp_path / "gold")
    assert code == 0 and "no rows    1 documents, not taken" in said
    assert list(load_gold(tmp_path / "gold")) == ["a.txt"]
    run("gold", tmp_path / "out", "-o", tmp_path / "gold", "--all-documents")
    assert load_gold(tmp_path / "gold")["n.txt"] == []


def test_gold_again_replaces_its_own_files_and_no_others(desk: Desk, out: Path, tmp_path: Path):
    folder = tmp_path / "gold"
    for name in ids(desk):
        desk.record("An", "accept", name)
    folder.mkdir()
    (folder / "split.json").write_text("{}", "utf-8")
    write_gold(desk, folder)
    desk.record("An", "edit", ids(desk, "a.txt")[0], fields={"year": 2031})
    desk.record("Binh", "reject", ids(desk, "b.txt")[0])
    write_gold(desk, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "a.txt", MARKER, "split.json"]
    assert load_gold(folder)["a.txt"][0].year == 2031
    (folder / "a.json").write_text((folder / "a.json").read_text("utf-8").replace("2031", "2032"), "utf-8")
    with pytest.raises(DatasetError, match=r"a\.json was changed since"):
        write_gold(desk, folder)
    assert "2032" in (folder / "a.json").read_text("utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text("mine", "utf-8")
    with pytest.raises(DatasetError, match=r"a\.txt is in the way"):
        write_gold(desk, tmp_path / "other")
    assert (tmp_path / "other" / "a.txt").read_text("utf-8") == "mine"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".policyextract")]


@pytest.mark.parametrize("text", ["%PDF-", "a\rb", "\x00", "e\u0302"])
def test_a_text_that_no_file_can_give_back_is_named(text: str, desk: Desk, tmp_path: Path):
    """A reader would refuse it, or count its offsets otherwise."""
    from policyextract.types import Document

    document = Document(f"{text} By 2030, 95% of wards in Hanoi will have fibre.", "a.txt", "en")
    dataset.save([], [], tmp_path / "o", run={}, documents=[document])
    with Desk.open(tmp_path / "o") as opened:
        row = {"value": "95%", "number": 95, "unit": "percent", "metric": "wards with fibre"}
        opened.record("An", "add", row={"doc": "a.txt", **row})
        written = write_gold(opened, tmp_path / "gold")
    assert (written.documents, [one.doc for one in written.missing]) == (0, ["a.txt"])
    assert "text" in written.missing[0].reason


@pytest.mark.parametrize("text", ["../a.txt", "sub/a.txt", "", 3])
def test_gold_names_no_text_elsewhere(text: object, tmp_path: Path):
    content = {"doc": "a.pdf", "lang": "en", "text": text, "targets": []}
    (tmp_path / "a.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(DatasetError, match="text must be the name of a file beside it"):
        load_gold(tmp_path)


_NAMES = st.text(
    st.sampled_from('abAB./\\#:?*"<>|~ \t\x00é🙂ß…\ud800') | st.characters(), min_size=1, max_size=30
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_NAMES | _NAMES.map(lambda n: f"f.jsonl#{n}") | _NAMES.map("{}.txt".format), unique=True))
@example(
    ["con.txt", "../../x.txt", "/etc/x.txt", "..", "a.pdf", "a.pdf.txt", "A.PDF", "x" * 300, "a/../b.txt"]
)
@example(["a:b/c.txt", "a?b/c.txt", "f.jsonl#x.txt", "f.jsonl#x"])
def test_names_of_gold_files_are_legal_and_unique(docs: list[str]):
    files = gold_files(docs)
    assert list(files) == sorted(docs, key=lambda doc: not doc.endswith(".txt"))
    paths = [path for file in files.values() for path in (file.text, file.json)]
    assert len({path.casefold() for path in paths}) == len(paths)
    for path in paths:
        parts = path.split("/")
        assert all(part and part[0] != "." and part[-1] not in ". " for part in parts)
        assert all(
            not re.search(r'[<>:"|?*\\\x00-\x1f]', part) and len(part.encode()) < 255 for part in parts
        )
    for doc, file in files.items():
        folder = file.json.rpartition("/")[0]
        assert (f"{folder}/{file.doc}" if folder else file.doc) == doc
        assert file.named == (file.text.rpartition("/")[2] != file.doc)


# --- agreement -------------------------------------------------------------------------------------------


def test_kappa_of_textbook_examples():
    """Both are worked through in the literature on kappa, to the figures given here."""
    grants = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohens_kappa(grants) == pytest.approx(0.4)
    # Equal agreement of 60 in 100, but other margins: 0.1304 and 0.2593.
    one = [(1, 1)] * 45 + [(1, 0)] * 15 + [(0, 1)] * 25 + [(0, 0)] * 15
    other = [(1, 1)] * 25 + [(1, 0)] * 35 + [(0, 1)] * 5 + [(0, 0)] * 35
    assert cohens_kappa(one) == pytest.approx(0.1304, abs=5e-5)
    assert cohens_kappa(other) == pytest.approx(0.2593, abs=5e-5)
    # Three categories: p_o 0.70, p_e 0.41 of the margins 0.6/0.3/0.1 and 0.5/0.3/0.2.
    table = {("a", "a"): 44, ("a", "b"): 7, ("a", "c"): 9, ("b", "a"): 5, ("b", "b"): 20, ("b", "c"): 5}
    table |= {("c", "a"): 1, ("c", "b"): 3, ("c", "c"): 6}
    assert cohens_kappa(pair for pair, n in table.items() for _ in range(n)) == pytest.approx(0.29 / 0.59)


_ANSWERS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=30)


@given(_ANSWERS)
def test_kappa_is_symmetric_at_most_one_and_one_for_full_agreement(pairs: list[tuple[str, str]]):
    kappa = cohens_kappa(pairs)
    assert kappa == cohens_kappa((b, a) for a, b in pairs)
    assert kappa is None or -1 <= kappa <= 1
    equal = [(a, a) for a, _ in pairs]
    assert cohens_kappa(equal) == (1 if len(set(equal)) > 1 else None)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Forty rows in eight documents, decided by two people who differ now and then."""
    out = tmp_path_factory.mktemp("judged") / "out"
    write(out, {f"{n}.txt": FIRST + SECOND for n in range(8)})
    desk = Desk.open(out)
    for n, name in enumerate(ids(desk)):
        desk.record("An", "reject" if n % 5 == 0 else "accept", name)
        if n % 7 == 0:
            desk.record("Binh", "edit", name, fields={"year": 2040, "level": "national", "optional": True})
        else:
            desk.record("Binh", "reject" if n % 4 == 0 else "accept", name)
    desk.record("An", "add", row={**NEW, "doc": "0.txt"})
    return desk


def test_a_reviewer_agrees_with_themself(judged: Desk):
    langs = dict.fromkeys(judged.documents, "en")
    own = agreement(judged.rows, "Binh", "Binh", langs)
    assert (own.kappa, own.interval) == (1.0, (1.0, 1.0))
    assert (own.scores.total.found.f1, own.scores.total.strict.f1) == (1.0, 1.0)
    assert all(field.share == 1 and field.kappa in (1, None) for field in own.fields)


def test_agreement_is_symmetric(judged: Desk):
    langs = dict.fromkeys(judged.documents, "en")
    one, other = agreement(judged.rows, "An", "Binh", langs), agreement(judged.rows, "Binh", "An", langs)
    a, b, c, d = one.table
    assert other.table == (a, c, b, d)
    assert (one.kappa, one.interval, one.fields) == (other.kappa, other.interval, other.fields)
    for measure in ("found", "strict"):
        left, right = getattr(one.scores.total, measure), getattr(other.scores.total, measure)
        assert (left.tp, left.fp, left.fn) == (right.tp, right.fn, right.fp)
    assert one.alone == other.alone[::-1] == (1, 0)


def test_the_figures_of_two_reviewers(judged: Desk):
    [found] = agreements(judged)
    rows = len(ids(judged)) - 1
    assert (found.one, found.other, found.rows, found.documents) == ("An", "Binh", rows, 8)
    assert found.enough and found.kappa is not None and found.interval is not None
    low, high = found.interval
    assert -1 <= low < found.kappa < high < 1
    both = [row for row in judged.rows if all(v.row for v in row.state.verdicts.values())][:-1]
    year = next(field for field in found.fields if field.field == "year")
    assert (year.rows, year.kappa) == (found.table[0], None)
    assert 0 < year.equal < year.rows <= len(both) + 1
    level = next(field for field in found.fields if field.field == "level")
    assert level.kappa is not None and 0 < level.kappa < 1
    assert found.scores.total.strict.f1 < found.scores.total.found.f1 < 1
    said = report(found)
    assert f"An and Binh: {rows} rows judged by both, in 8 documents" in said
    assert "too little" not in said and "added alone        An 1" in said
    assert json.loads(json.dumps(as_dict(found), allow_nan=False))["accept_reject"]["kappa"] == found.kappa


def test_too_little_in_common_is_said(desk: Desk, out: Path, tmp_path: Path):
    code, said = run("agreement", out)
    assert code == 0 and "agreement needs two reviewers; nobody has reviewed yet" in said
    first, second, *_ = ids(desk)
    desk.record("An", "accept", first)
    assert "so far: An" in run("agreement", out)[1]
    desk.record("Binh", "accept", second)
    desk.record("Chi", "accept", first)
    code, said = run("agreement", out, "--json", tmp_path / "a.json")
    assert code == 0
    assert "An and Binh: 0 rows judged by both, in 0 documents; nothing to compare" in said
    assert "An and Chi: 1 rows judged by both" in said
    assert "too little to tell" in said and "not defined, both gave one answer only" in said
    pairs = json.loads((tmp_path / "a.json").read_text("utf-8"))["pairs"]
    assert [(pair["reviewers"], pair["enough"]) for pair in pairs] == [
        (["An", "Binh"], False),
        (["An", "Chi"], False),
        (["Binh", "Chi"], False),
    ]
    assert pairs[0]["accept_reject"]["kappa"] is None and pairs[0]["f1"]["strict"]["f1"] is None


def test_who_settled_a_conflict_had_seen_the_others(desk: Desk):
    for name in ids(desk):
        desk.record("An", "accept", name)
        desk.record("Binh", "reject", name)
        desk.record("Chi", "accept", name, adjudicates=True)
    assert [(found.one, found.other) for found in agreements(desk)] == [("An", "Binh")]
