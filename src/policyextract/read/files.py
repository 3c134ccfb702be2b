"""Which files of a folder are documents."""

from __future__ import annotations

import os
from pathlib import Path

from policyextract.read.reader import SUPPORTED

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
        folders[:] = sorted(name for name in folders if _enters(here, name))
        written = {"targets.jsonl"} if _DATASET.issubset(names) else set[str]()
        found += [here / name for name in names if name not in written and _is_candidate(here / name, real)]
    return sorted(found + closed, key=lambda path: path.relative_to(root).parts)


def _enters(folder: Path, name: str) -> bool:
    """Whether to look into a folder: not if hidden, nor if a browser saved it beside a page."""
    page = name.removesuffix("_files")
    saved = page != name and any((folder / f"{page}{suffix}").exists() for suffix in (".html", ".htm"))
    return not name.startswith((".", "__pycache__", "__MACOSX")) and not saved


def _is_candidate(path: Path, root: Path) -> bool:
    name, suffix = path.name.lower(), path.suffix.lower()
    if name.startswith((".", "~$")) or name.endswith("~") or name in _NAMES or suffix in _BESIDE:
        return False
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        return False
    return path.is_file() or suffix in SUPPORTED
