"""Names of documents → names of files that every system takes, no two alike."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_ILLEGAL = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]|[\ud800-\udfff]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.I)
_LONGEST = 200  # bytes of a name, of the 255 that most systems take
_JSON_LINES = ".jsonl#"


@dataclass(frozen=True, slots=True)
class GoldFile:
    """Where the gold of a document stands: its text and its JSON, in POSIX form below the folder of gold.

    ``doc`` is its name in the JSON, relative to the JSON's folder; ``named`` says that the text goes by another.
    """

    doc: str
    text: str
    json: str
    named: bool


def gold_files(docs: Iterable[str]) -> dict[str, GoldFile]:
    """The files of documents by their names; a text file keeps its name, ``plan.pdf`` becomes ``plan.pdf.txt``."""
    found: dict[str, GoldFile] = {}
    taken: set[str] = set()
    # Those that keep their names come first, so that no other takes one of them.
    for doc in sorted(docs, key=lambda doc: not doc.endswith(".txt")):
        folder, name = _split(doc)
        stem = name.removesuffix(".txt")
        safe = _safe(stem)
        home = "/".join(_safe(part) for part in folder.split("/")) if folder else ""
        plain = home == folder and (f"{folder}/{name}" if folder else name) == doc
        stands = f"{home}/{safe}" if home else safe
        if safe != stem or not plain or _key(stands) in taken:
            digest = hashlib.sha256(doc.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            stands = f"{stands}~{digest}"
        taken.add(_key(stands))
        in_json = name if plain else doc
        if not plain:  # the name is relative to the folder of the JSON, and that folder is not to be had
            stands = stands.replace("/", "~")
        named = stands.rsplit("/", 1)[-1] + ".txt" != in_json
        found[doc] = GoldFile(in_json, f"{stands}.txt", f"{stands}.json", named)
    return found


def _split(doc: str) -> tuple[str, str]:
    """Folder and name of a document; the id of a line may hold slashes, which part no folders."""
    path, mark, key = doc.partition(_JSON_LINES)
    folder, _, name = path.rpartition("/")
    return folder, f"{name}{mark}{key}"


def _safe(name: str) -> str:
    """The name without what some system refuses."""
    safe = _ILLEGAL.sub("_", name).rstrip(". ").lstrip(" ")
    if safe.startswith("."):  # hidden, or a way out of the folder
        safe = f"_{safe[1:]}"
    if _RESERVED.match(safe):
        safe = f"_{safe}"
    while len(safe.encode()) > _LONGEST:
        safe = safe[:-1]
    return safe or "_"


def _key(name: str) -> str:
    """Equal for names that some system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
