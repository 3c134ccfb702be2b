"""Files of other systems (S3, HTTP, memory, …), named by URL: the one place that uses fsspec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from policyextract.errors import PolicyExtractError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["Remote", "is_url", "place", "reason", "remote", "shown"]

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_USER = re.compile(r"(?<=://)[^/@]*+@")
_OWN = frozenset({"file", "local"})  # what names a path of this machine
# Stores of objects: none has folders, and to make one may make a bucket out of a slip of the pen.
_FLAT = frozenset("s3 s3a gs gcs az abfs abfss adl oss oci".split())
_EXTRAS = {"s3": "s3", "s3a": "s3"}


@dataclass(frozen=True, slots=True)
class Remote:
    """A file or folder of another system, ``size`` in bytes where it is known; it may be sent to other processes."""

    system: AbstractFileSystem
    path: str
    size: int | None = None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.path).name

    def beside(self, name: str) -> Remote:
        """The file of that name in it; slashes part folders."""
        return Remote(self.system, f"{self.path.rstrip('/')}/{name}")

    def exists(self) -> bool:
        """Whether there is a file or folder; raises PolicyExtractError if the system cannot be asked."""
        with _told(self):
            return bool(self.system.exists(self.path))

    def found(self) -> list[Remote]:
        """All files under it with their sizes, itself if it is a file, in any order; raises PolicyExtractError."""
        with _told(self):
            self.system.invalidate_cache()
            entries = self.system.find(self.path, detail=True)
            return [
                Remote(self.system, path, entry.get("size"))
                for path, entry in entries.items()
                if entry.get("type") != "directory" and not path.endswith("/")
            ]

    def fetch(self, file: Path) -> None:
        """Copy its content to a file of this machine; raises OSError if there is none, or it breaks off."""
        try:
            with self.system.open(self.path, "rb") as source, file.open("wb") as target:
                _copy(source, target)
        except OSError:
            raise
        except Exception as error:  # the errors of a store are of its own library
            raise OSError(reason(error)) from error

    def make(self) -> None:
        """Make the folder, where the system has folders; raises PolicyExtractError if that is not possible."""
        kinds = self.system.protocol
        if not _FLAT.intersection([kinds] if isinstance(kinds, str) else kinds):
            with _told(self):
                self.system.makedirs(self.path, exist_ok=True)

    def put(self, file: Path) -> None:
        """Give it the content of a file of this machine; raises PolicyExtractError if that is not possible."""
        with _told(self):
            self.system.put_file(str(file), self.path)

    def remove(self) -> None:
        """Remove the file, if there is one; raises PolicyExtractError if that is not possible."""
        with _told(self):
            if self.system.exists(self.path):
                self.system.rm_file(self.path)

    def __str__(self) -> str:
        return shown(str(self.system.unstrip_protocol(self.path)))


def is_url(name: object) -> bool:
    """Whether a name is a URL; what is not is a path.

    >>> is_url("s3://bucket/corpus"), is_url("texts/2024"), is_url("C:/texts")
    (True, False, False)
    """
    return isinstance(name, str) and _URL.match(name) is not None


def place(name: Path | str) -> Path | Remote:
    """The path, or the file of another system, that a path or URL names; raises PolicyExtractError.

    >>> place("file:///srv/texts").as_posix(), place("memory://texts/a.txt").path
    ('/srv/texts', '/texts/a.txt')
    """
    if not isinstance(name, str) or (found := _URL.match(name)) is None:
        return Path(name)
    if found[1].lower() not in _OWN:
        return remote(name)
    from fsspec.implementations.local import LocalFileSystem

    return Path(LocalFileSystem._strip_protocol(name))


def remote(url: str) -> Remote:
    """What a URL names; raises PolicyExtractError where there is no such kind of URL, or its package is missing."""
    import fsspec

    kind = url.partition("://")[0].lower()
    try:
        system, path = fsspec.url_to_fs(url)
    except ImportError as error:
        extra = _EXTRAS.get(kind)
        how = f"pip install 'policyextract[{extra}]'" if extra else reason(error)
        raise PolicyExtractError(
            f"{shown(url)}: what reads {kind}:// is not installed on this machine; {how}"
        ) from error
    except Exception as error:
        raise PolicyExtractError(f"{shown(url)} cannot be used: {reason(error)}") from error
    return Remote(system, path)


def shown(url: str) -> str:
    """A URL without the name and password that may stand in it.

    >>> shown("ftp://ann:secret@example.org/texts")
    'ftp://example.org/texts'
    """
    return _USER.sub("", url)


def reason(error: BaseException) -> str:
    """What an error of a store says, on one line.

    >>> reason(FileNotFoundError(2, "No such file or directory", "a.txt"))
    'No such file or directory'
    """
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _USER.sub("", " ".join(said.split())[:200]) or type(error).__name__


def _copy(source: Any, target: BinaryIO) -> None:
    while piece := source.read(2**20):
        target.write(piece)


@contextmanager
def _told(where: Remote) -> Iterator[None]:
    """What goes wrong in here is an error that names the URL."""
    try:
        yield
    except Exception as error:
        kind = "" if isinstance(error, OSError) else f"{type(error).__name__}: "
        raise PolicyExtractError(
            f"{where} cannot be reached: {kind}{reason(error)}; see that the URL is right and that this machine has the "
            "credentials for it"
        ) from error
