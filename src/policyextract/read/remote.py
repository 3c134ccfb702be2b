"""A file of the corpus, wherever it lies, as a path that the readers open."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from policyextract.errors import ReadError
from policyextract.read.limits import LARGEST_FILE
from policyextract.read.reader import SUPPORTED
from policyextract.storage import Remote, reason

__all__ = ["Copies", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the corpus and the name by which results call it."""

    name: str
    place: Path | Remote

    @property
    def many(self) -> bool:
        """Whether it holds many documents."""
        return self.suffix == ".jsonl"

    @property
    def suffix(self) -> str:
        """What its name ends in, in small letters."""
        of = self.place if isinstance(self.place, Path) else PurePosixPath(self.place.path)
        return of.suffix.lower()

    @property
    def taken(self) -> bool:
        """Whether its content is had: of other systems not that of files which no reader takes, or too large ones."""
        if isinstance(self.place, Path):
            return True
        size = self.place.size
        return self.suffix in SUPPORTED and (self.many or size is None or size <= LARGEST_FILE)


class Copies:
    """A folder of this machine for copies of files of other systems, which go with it at the latest."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def path(self, source: Source) -> Path:
        """The path of a file, or of a copy of it that keeps its suffix; raises ReadError if it cannot be had.

        Of a file whose content is not taken there is no copy, or one of its size alone.
        """
        if isinstance(source.place, Path):
            return source.place
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="policyextract-", ignore_cleanup_errors=True)
        self._count += 1
        copy = Path(self._folder.name) / f"{self._count}{source.suffix}"
        if not source.taken:
            if source.suffix in SUPPORTED:
                copy.touch()
                os.truncate(copy, source.place.size or 0)
            return copy
        try:
            source.place.fetch(copy)
        except OSError as error:
            copy.unlink(missing_ok=True)
            raise ReadError(f"the file could not be opened: {reason(error)}") from None
        return copy

    def drop(self, path: Path) -> None:
        """Remove a copy; a path that is none stays."""
        if self._folder is not None and path.parent == Path(self._folder.name):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove all copies."""
        if self._folder is not None:
            self._folder.cleanup()
