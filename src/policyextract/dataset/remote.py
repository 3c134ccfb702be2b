"""A dataset that is to lie on another system: written to a folder of this machine, then copied there."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from policyextract.dataset.load import load
from policyextract.dataset.write import unwritable
from policyextract.errors import DatasetError, PolicyExtractError
from policyextract.storage import Remote
from policyextract.types import Target

__all__ = ["load_remote", "staged"]

_LAST = ("targets.jsonl", "run.json")  # whoever finds these finds all


@contextmanager
def staged(out: Remote, beside: str) -> Iterator[Path]:
    """A folder for a dataset, which is copied to ``out`` at the end and removed.

    It is the same folder each time, and stays if an error rises, so that what is in it can be used again. ``beside``
    is a file that is copied to and fro with the dataset. Raises DatasetError if ``out`` cannot be read or written.
    """
    folder = _folder(out)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (folder / beside).exists() and out.beside(beside).exists():
            folder.mkdir(exist_ok=True)
            with suppress(OSError):  # it saves time, no more
                out.beside(beside).fetch(folder / beside)
    except OSError as error:
        raise unwritable(folder, error) from error
    except PolicyExtractError as error:
        raise DatasetError(f"no dataset can be written: {error}") from error
    yield folder
    try:
        _put(folder, out)
    except PolicyExtractError as error:
        raise DatasetError(
            f"the dataset could not be copied: {error}. The same command goes on from here"
        ) from error
    shutil.rmtree(folder, ignore_errors=True)


def load_remote(out: Remote) -> list[Target]:
    """The targets of a dataset on another system; raises DatasetError if they cannot be read."""
    with tempfile.TemporaryDirectory(prefix="policyextract-") as folder:
        try:
            out.beside("targets.jsonl").fetch(Path(folder) / "targets.jsonl")
        except OSError as error:
            raise DatasetError(f"{out}/targets.jsonl cannot be read: {error}") from error
        return load(folder)


def _put(folder: Path, out: Remote) -> None:
    """Copy all files, those last by which a dataset is known; an older dataset loses them first."""
    names = [path.name for path in folder.iterdir() if path.is_file() and path.name not in _LAST]
    for name in reversed(_LAST):
        out.beside(name).remove()
    out.make()
    for name in (*sorted(names), *_LAST):
        out.beside(name).put(folder / name)


def _folder(out: Remote) -> Path:
    """Where the dataset is made: among the caches of the user, by the name of where it will stand."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    name = hashlib.sha256(str(out).encode("utf-8", "surrogateescape")).hexdigest()[:20]
    return Path(home) / "policyextract" / name
