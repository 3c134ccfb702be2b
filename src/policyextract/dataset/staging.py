"""A folder that takes the place of files in another at once, or not at all.

New files are written to a hidden folder beside where they will stand. If the target folder is new, that
folder becomes it by one rename. Else it is first renamed to ``.policyextract-ready``, which is the moment
from which the new files count, and then its files replace the old ones one by one. Whoever finds a folder by
that name, because the process was killed in between, reads from it (``open_current``) and may finish the move
(``settle``). Other files in the target folder stay untouched.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

_PREFIX = ".policyextract-"
READY = f"{_PREFIX}ready"
_ALONE = f"{_PREFIX}run"  # the folder of the one run that holds the lock of ``out``
_TRIES = 3  # between the look at the first place and at the second, the file may move
_STALE = 24 * 3600.0  # seconds after which an unfinished folder is taken for that of a run that died


class Staging:
    """A hidden folder whose files are to stand in ``out``.

    With ``alone`` its name is always the same, and what a run that was killed left in it is removed.
    """

    def __init__(self, out: Path, *, alone: bool = False) -> None:
        """Raises OSError if ``out`` is a file or cannot be written to."""
        self.out = Path(os.path.realpath(out))
        base = self.out if self.out.exists() else self.out.parent
        base.mkdir(parents=True, exist_ok=True)
        if base == self.out:
            settle(self.out)
        _sweep(base)
        self.folder = base / (_ALONE if alone else f"{_PREFIX}{secrets.token_hex(8)}")
        if alone and self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir()

    def commit(self) -> None:
        """Put the files into ``out``; after this the staging folder is gone."""
        for path in self.folder.iterdir():
            _sync(path)
        _sync(self.folder)
        if not self.out.exists():
            try:
                self.folder.rename(self.out)
                _sync(self.out.parent)
                return
            except OSError:
                if not self.out.is_dir():
                    raise
        while True:  # another run may be at the same point
            settle(self.out)
            try:
                self.folder.rename(self.out / READY)
                break
            except OSError:
                if not (self.out / READY).exists():
                    raise
        _sync(self.out)
        settle(self.out)

    def discard(self) -> None:
        """Remove the folder with what was written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def settle(out: Path) -> None:
    """Finish the move of files that are ready, if there are any."""
    ready = out / READY
    if not ready.is_dir():
        return
    for path in sorted(ready.iterdir(), key=lambda path: path.name == "run.json"):
        with suppress(FileNotFoundError):  # another process finishes the same move
            path.replace(out / path.name)
    with suppress(FileNotFoundError):
        ready.rmdir()
    _sync(out)


def open_current(out: Path, name: str) -> IO[str]:
    """Opens the newest complete version of a text file; raises OSError if there is none."""
    return io.TextIOWrapper(open_bytes(out, name), encoding="utf-8-sig", newline="\n")


def open_bytes(out: Path, name: str) -> BinaryIO:
    """Opens the newest complete version of a file; raises OSError if there is none."""
    for _ in range(_TRIES):
        for path in (out / READY / name, out / name):
            with suppress(FileNotFoundError):
                return path.open("rb")
    raise FileNotFoundError(f"{out / name} does not exist")


def _sweep(base: Path) -> None:
    """Remove what runs that were killed left behind."""
    for folder in base.glob(f"{_PREFIX}*"):
        if folder.name == READY or not folder.is_dir():
            continue
        with suppress(OSError):
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if time.time() - newest > _STALE:
                shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk; folders cannot be synced everywhere."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
