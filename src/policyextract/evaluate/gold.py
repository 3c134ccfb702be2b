"""Gold files (section 5 of the annotation guideline) → targets by document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from policyextract.errors import DatasetError
from policyextract.types import Change, Comparator, Lang, Level, Target, Unit, YearKind

_STRINGS: dict[str, tuple[str, ...] | None] = {
    "value": None,
    "metric": None,
    "unit": get_args(Unit),
    "comparator": get_args(Comparator),
}
_STRINGS_OR_NULL: dict[str, tuple[str, ...] | None] = {
    "change": get_args(Change),
    "per": ("year",),
    "level": get_args(Level),
    "year_kind": get_args(YearKind),
    "locality": None,
}
_NUMBERS = ("start", "end", "number")
_NUMBERS_OR_NULL = ("number_high", "year", "year_start")
_WHOLE = frozenset({"start", "end", "year", "year_start"})
_FLAGS = ("level_explicit", "optional")


class Gold(dict[str, list[Target]]):
    """Gold targets by document, with the language and, where it stands beside the gold, the text of each.

    ``files`` names, relative to the folder of gold, the text files of documents that go by another name.
    """

    def __init__(
        self,
        targets: Mapping[str, list[Target]] | Iterable[tuple[str, list[Target]]] = (),
        *,
        langs: Mapping[str, Lang] | None = None,
        texts: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(targets)
        self.langs: dict[str, Lang] = dict(langs or {})
        self.texts: dict[str, str] = dict(texts or {})
        self.files: dict[str, str] = dict(files or {})

    def only(self, documents: Iterable[str]) -> Gold:
        """The gold of some of the documents."""
        names = [name for name in documents if name in self]
        return Gold(
            {name: self[name] for name in names},
            langs={name: self.langs[name] for name in names if name in self.langs},
            texts={name: self.texts[name] for name in names if name in self.texts},
            files={name: self.files[name] for name in names if name in self.files},
        )


def load_gold(
    path: Path | str, *, split: Path | None = None, part: str | None = None, lang: Lang | None = None
) -> Gold:
    """Gold of every document under a folder, by its path relative to the folder, or of one gold file.

    With ``split``, a JSON file of lists of documents without suffix, only those of its ``part`` are kept;
    with ``lang`` only documents in that language. JSON files that are no gold are passed over.

    Raises DatasetError, naming the file and the row, if a file breaks the guideline or nothing is left.
    """
    path = Path(path)
    if not path.exists():
        raise DatasetError(f"{path} does not exist; name a gold file or a folder of gold files")
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    gold = Gold()
    for file in files:
        content = _read(file)
        if not _is_gold(content, file, alone=not path.is_dir()):
            continue
        folder = file.parent.relative_to(path).as_posix() if path.is_dir() else "."
        _add(gold, "" if folder == "." else f"{folder}/", content, file)
    if not gold:
        raise DatasetError(f"{path} holds no gold file")
    if split is not None:
        gold = gold.only(_in_part(gold, split, part))
    if lang is not None:
        gold = gold.only([name for name in gold if gold.langs[name] == lang])
    if not gold:
        raise DatasetError(f"{path} holds no gold for part {part!r} and language {lang!r}; check --split")
    return gold


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{file} cannot be read as JSON: {error}") from error


def _is_gold(content: Any, file: Path, *, alone: bool) -> bool:
    """Whether a JSON file is gold; raises DatasetError if it is damaged, or if it is asked for ``alone``."""
    keys = content.keys() & {"doc", "lang", "targets"} if isinstance(content, dict) else set()
    if keys >= {"doc", "targets"} or alone:
        if missing := {"doc", "lang", "targets"} - keys:
            raise DatasetError(f"{file} is no gold file: it lacks {', '.join(sorted(missing))}")
        if not isinstance(content["doc"], str) or not content["doc"]:
            raise DatasetError(f"{file}: doc must be the document's file name, not {content['doc']!r}")
        text = content.get("text", "x.txt")
        if not isinstance(text, str) or Path(text).name != text or not text:
            raise DatasetError(f"{file}: text must be the name of a file beside it, not {text!r}")
        if content["lang"] not in get_args(Lang):
            raise DatasetError(f"{file}: lang must be one of {get_args(Lang)}, not {content['lang']!r}")
        if not isinstance(content["targets"], list):
            raise DatasetError(f"{file}: targets must be a list")
        return True
    return False


def _add(gold: Gold, folder: str, content: dict[str, Any], file: Path) -> None:
    name = f"{folder}{content['doc']}"
    if name in gold:
        raise DatasetError(f"{file}: {name} has gold already; two files name the same document")
    beside = file.parent / content.get("text", content["doc"])
    if "text" in content:
        gold.files[name] = f"{folder}{content['text']}"
    text = beside.read_text(encoding="utf-8-sig") if beside.suffix == ".txt" and beside.is_file() else None
    gold[name] = [_target(name, row, n, text, file) for n, row in enumerate(content["targets"], 1)]
    gold.langs[name] = content["lang"]
    if text is not None:
        gold.texts[name] = text


def _target(name: str, row: Any, n: int, text: str | None, file: Path) -> Target:
    where = f"{file}, target {n}"
    if not isinstance(row, dict):
        raise DatasetError(f"{where} is {row!r}, not an object")
    known = (*_STRINGS, *_STRINGS_OR_NULL, *_NUMBERS, *_NUMBERS_OR_NULL, *_FLAGS)
    if missing := [key for key in known if key not in row and key != "optional"]:
        raise DatasetError(f"{where} lacks {', '.join(missing)}")
    _check(row, where)
    if not 0 <= row["start"] < row["end"]:
        raise DatasetError(f"{where}: start {row['start']} and end {row['end']} enclose no text")
    if text is not None and text[row["start"] : row["end"]] != row["value"]:
        found = text[row["start"] : row["end"]]
        raise DatasetError(
            f"{where}: the text at {row['start']}:{row['end']} is {found!r}, not {row['value']!r}"
        )
    given: dict[str, Any] = {key: row[key] for key in known if key in row}
    given |= {key: int(given[key]) for key in _WHOLE if given[key] is not None}
    given |= {key: float(given[key]) for key in ("number", "number_high") if given[key] is not None}
    return Target(doc=name, **given)


def _check(row: dict[str, Any], where: str) -> None:
    """Raises DatasetError unless every field has its type and, where the guideline lists them, its values."""
    for key, allowed in (_STRINGS | _STRINGS_OR_NULL).items():
        value = row[key]
        if value is None and key in _STRINGS_OR_NULL:
            continue
        if (
            not isinstance(value, str)
            or (key == "value" and not value)
            or (allowed is not None and value not in allowed)
        ):
            wanted = f"one of {', '.join(allowed)}" if allowed else "text"
            raise DatasetError(f"{where}: {key} is {value!r}, not {wanted}")
    for key in (*_NUMBERS, *_NUMBERS_OR_NULL):
        value = row[key]
        if value is None and key in _NUMBERS_OR_NULL:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or (key in _WHOLE and value % 1):
            raise DatasetError(f"{where}: {key} is {value!r}, not a {'whole ' * (key in _WHOLE)}number")
    for key in _FLAGS:
        if not isinstance(row.get(key, False), bool):
            raise DatasetError(f"{where}: {key} is {row[key]!r}, not true or false")


def _in_part(gold: Gold, split: Path, part: str | None) -> list[str]:
    """Documents of one part of a split, whose names are without suffix and relative to the whole corpus.

    A gold folder below the corpus (``corpus/en``) or a single file goes by the end of the name.
    """
    parts = _read(split)
    if not isinstance(parts, dict) or part not in parts:
        known = ", ".join(parts) if isinstance(parts, dict) else "none"
        raise DatasetError(f"{split} has no part {part!r}; it has {known}")
    names = set(parts[part])
    ends = {name.rsplit("/", 1)[-1] for name in names}
    stems = {name: Path(name).with_suffix("").as_posix() for name in gold}
    return [name for name, stem in stems.items() if stem in names or ("/" not in stem and stem in ends)]
