"""Whether pictures of pages can be read on this machine, and with what: Tesseract and its languages."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from policyextract.errors import ReadError

__all__ = ["APT", "DOUBTFUL", "LANGUAGES", "Ocr", "find_ocr"]

LANGUAGES = "vie+eng"
DOUBTFUL = 0.8  # confidence of a page below which words are often wrong, see docs/ocr.md
APT = "apt install tesseract-ocr tesseract-ocr-eng tesseract-ocr-vie"
_INSTALL = f"install Tesseract (Debian: {APT})"
_NAME = re.compile(r"[A-Za-z]\w{1,40}")
_FOLDER = re.compile(r'languages in "([^"\n]{1,1000})"')
_ASKED = 30.0  # seconds that Tesseract has to tell its version


@dataclass(frozen=True, slots=True)
class Ocr:
    """How pictures of pages are read: Tesseract's languages, as ``vie+eng``, and the program.

    ``version`` changes with whatever results depend on. Without ``program`` it cannot be done, and ``missing`` says why
    and what to do.
    """

    languages: str = LANGUAGES
    program: str | None = None
    version: str = ""
    missing: str | None = None


def find_ocr(languages: str | None = None) -> Ocr:
    """OCR by the Tesseract of this machine, in ``languages`` or in those of Vietnamese and English that it has.

    Raises ReadError if it lacks a language that was asked for; if it is not there at all, ``missing`` says so.
    """
    program = shutil.which("tesseract")
    if program is None:
        return Ocr(missing=f"Tesseract, which reads pictures of pages, is not installed; {_INSTALL}")
    listed, version = _said(program, "--list-langs"), _said(program, "--version").partition("\n")[0]
    known = {line.strip() for line in listed.splitlines() if _NAME.fullmatch(line.strip())}
    wanted = (languages or LANGUAGES).split("+")
    lacking = [name for name in wanted if name not in known]
    if languages is not None and lacking:
        raise ReadError(
            f"Tesseract has no language {lacking[0]!r} here; install it (Debian: apt install "
            f"tesseract-ocr-{lacking[0].replace('_', '-')}) or choose of {', '.join(sorted(known - {'osd'})) or 'none'}"
        )
    chosen = [name for name in wanted if name in known]
    if not chosen:
        return Ocr(missing=f"Tesseract has neither English nor Vietnamese here; {_INSTALL}")
    folder = _FOLDER.search(listed)
    data = "" if folder is None else " ".join(_checksum(Path(folder[1]), name) for name in chosen)
    return Ocr("+".join(chosen), program, f"{version} {'+'.join(chosen)} {data}".strip())


def _said(program: str, option: str) -> str:
    """What Tesseract says when asked; nothing if it does not run."""
    try:
        done = subprocess.run([program, option], capture_output=True, timeout=_ASKED, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _checksum(folder: Path, language: str) -> str:
    """The start of the checksum of what Tesseract learned of a language; empty if it cannot be read."""
    try:
        with (folder / f"{language}.traineddata").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError:
        return ""
