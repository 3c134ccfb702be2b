"""Which files of a folder are documents."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from policyextract.read.reader import SUPPORTED
from policyextract.storage import Remote

# What lies beside a corpus without being part of it.
_BESIDE_ENDINGS = (
    ".json .csv .tsv .parquet .xml .yaml .yml .toml .ini .cfg .log .lock .py .ipynb .sh .r .sql .db "
    ".sqlite .css .js .map .ico .svg .gif .webp .woff .woff2 .ttf .tmp .part .crdownload .bak .swp "
    ".lnk .url .sha256 .md5"
)
_BESIDE = frozenset(_BESIDE_ENDINGS.split())
_NAMES = frozenset({"thumbs.db", "desktop.ini", "license", "licence", "makefile", "notice", "manifest"})
_DATASET = frozenset({"targets.jsonl", "run.json", "datapackage.json"})


def find_files(root: Path) -> list[Path]:
    """Every file under ``root`` that ``read_all`` should be asked to read, sorted by path.

    Hidden files and folders, links that lead out of ``root``, and what usually lies beside a corpus
    (.json, .csv and the like) are left out, and so are the targets of an earlier run; a file of an unknown
    type and a folder that cannot be opened stay, so that they are reported.
    """
    root = Path(root)
    if root.is_file():
        return [root]
    real = root.resolve()
    found: list[Path] = []
    closed: list[Path] = []
    for folder, folders, names in os.walk(root, onerror=lambda error: closed.append(Path(error.filename))):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _enters(name, _pages(here, name)))
        written = {"targets.jsonl"} if _DATASET.issubset(names) else set[str]()
        found += [here / name for name in names if name not in written and _is_candidate(here / name, real)]
    return sorted(found + closed, key=lambda path: path.relative_to(root).parts)


def find_remote(root: Remote) -> list[tuple[str, Remote]]:
    """The same of a folder of another system: each file with its path below ``root``, sorted by that.

    Raises PolicyExtractError if the system cannot be asked.
    """
    base = f"{root.path.rstrip('/')}/"
    listed = root.found()
    if any(file.path == root.path for file in listed):
        return [(root.name, root)]
    below = {file.path.removeprefix(base): file for file in listed if file.path.startswith(base)}
    folders: dict[str, set[str]] = {}
    for path in below:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, set()).add(name)
    found = [(path, file) for path, file in below.items() if _is_document(path, folders)]
    return sorted(found, key=lambda one: PurePosixPath(one[0]).parts)


def _is_document(path: str, folders: dict[str, set[str]]) -> bool:
    """Whether to read a file of another system, by the names of those beside it."""
    folder, _, name = path.rpartition("/")
    above = ""
    for part in folder.split("/") if folder else ():
        if not _enters(part, folders.get(above, ())):
            return False
        above = f"{above}/{part}" if above else part
    return _is_named_so(name) and not (name == "targets.jsonl" and folders[folder] >= _DATASET)


def _pages(folder: Path, name: str) -> list[str]:
    """The pages beside a folder, of those that may have been saved with it."""
    page = name.removesuffix("_files")
    pages = (f"{page}.html", f"{page}.htm") if page != name else ()
    return [page for page in pages if (folder / page).exists()]


def _enters(name: str, beside: Collection[str]) -> bool:
    """Whether to look into a folder: not if hidden, nor if a browser saved it beside a page."""
    page = name.removesuffix("_files")
    saved = page != name and (f"{page}.html" in beside or f"{page}.htm" in beside)
    return not name.startswith((".", "__pycache__", "__MACOSX")) and not saved


def _is_named_so(name: str) -> bool:
    """Whether a file of this name may be a document."""
    name = name.lower()
    hidden = name.startswith((".", "~$")) or name.endswith("~")
    return not hidden and name not in _NAMES and PurePosixPath(name).suffix not in _BESIDE


def _is_candidate(path: Path, root: Path) -> bool:
    suffix = path.suffix.lower()
    if not _is_named_so(path.name):
        return False
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            return False
    except (RuntimeError, OSError):  # links in a circle
        return suffix in SUPPORTED
    if path.is_file():
        return True
    # one that cannot be opened, or a link to itself, is reported; a pipe or a device is no file and would never end
    return suffix in SUPPORTED and not path.exists()
