"""The wheel works outside the repository, and the project's files agree with each other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "policyextract"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def python(*call: str, cwd: Path = ROOT, source: Path = ROOT / "src") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(source)}
    return subprocess.run(
        [sys.executable, *call], cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=True
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    options = "--quiet --no-deps --no-build-isolation --no-index --wheel-dir".split()
    call = [sys.executable, "-m", "pip", "wheel", *options, str(out), str(ROOT)]
    subprocess.run(call, check=True, capture_output=True)
    [built] = out.glob("*.whl")
    return built


def test_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path):
    names = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    ours = {
        f"policyextract/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    model = {
        f"policyextract/models/targets/{name}" for name in ("model.onnx", "tokenizer.json", "weights.json")
    }
    assert model <= names
    assert {n for n in names if not n.startswith("policyextract/models/targets/")} == ours
    assert {f"policyextract/{n}" for n in ("py.typed", "data/en/values.json", "data/show/page.html")} <= names


def test_wheel_holds_the_licence_and_the_notices(wheel: Path):
    names = {Path(n).name for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/licenses/" in n}
    assert names == {"LICENSE", "NOTICE-htmx.txt", "NOTICE-places.txt"}


def test_wheel_works_outside_the_repository(wheel: Path, tmp_path: Path):
    """Unpacked where pip would put it, with the repository out of reach."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("By 2030, 80% of communes in Vietnam will have fibre.", "utf-8")
    code = (
        "import sys; import policyextract; print(policyextract.__file__)\n"
        "from policyextract.cli import main; sys.argv = ['policyextract', *sys.argv[1:]]; main()"
    )
    call = ["-c", code, "extract", "texts", "-o", "out", "-w", "1"]
    done = python(*call, cwd=tmp_path, source=tmp_path / "site")
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert "targets    1\n" in done.stdout


def test_versions_agree():
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    assert citation is not None and citation[1] == PROJECT["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", PROJECT["version"])
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_constraints_are_plain_pins_that_cover_every_dependency():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    plain = re.compile(r"([A-Za-z0-9._-]+)==[A-Za-z0-9.]+")
    pins = [plain.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(pins)
    pinned = {_plain(pin[1]) for pin in pins if pin}
    needed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    names = {_plain(re.split(r"[<>=\[ ]", requirement)[0]) for requirement in needed}
    assert names <= pinned


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_public_names():
    import policyextract

    assert set(policyextract.__all__) <= set(dir(policyextract))
    for name in policyextract.__all__:
        assert getattr(policyextract, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        policyextract.nothing  # noqa: B018


def test_functions_are_not_hidden_by_modules_of_the_same_name():
    """``read`` and ``evaluate`` are functions also after everything else was imported."""
    code = (
        "import policyextract, policyextract.pipeline, policyextract.cli\n"
        "from policyextract.read import find_files\n"
        "policyextract.extract('By 2030, 80% of communes in Vietnam will have fibre.')\n"
        "print(type(policyextract.read).__name__, type(policyextract.evaluate).__name__)"
    )
    done = python("-c", code)
    assert done.stdout == "function function\n"


def test_import_is_light():
    code = "import sys, policyextract; print('\\n'.join(sys.modules))"
    done = python("-c", code)
    heavy = set("spacy pandas pyarrow numpy pdfplumber trafilatura docx typer rich lxml".split())
    assert not heavy & set(done.stdout.split())


def test_examples_in_the_readme_run():
    import doctest

    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert results.attempted >= 3
    assert results.failed == 0


@pytest.mark.parametrize("name", ["policyextract", "policyextract.show", "policyextract.lexicon"])
def test_examples_in_docstrings_run(name: str):
    import doctest
    import importlib

    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted >= 1
    assert results.failed == 0


def test_links_in_the_docs_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)} links to {link}"
