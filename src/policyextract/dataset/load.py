"""The files of a dataset → targets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policyextract.dataset.cells import value
from policyextract.dataset.columns import TARGETS
from policyextract.dataset.rows import from_row
from policyextract.dataset.staging import open_current
from policyextract.errors import DatasetError
from policyextract.types import Target

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {column.name: column for column in TARGETS}


def load(path: Path | str) -> list[Target]:
    """The targets of a dataset: of its folder, of its targets.jsonl, or of the same rows as CSV or Parquet.

    Raises DatasetError, naming the file, line and column, if it is missing or breaks the schema.
    """
    return list(iterate(path))


def iterate(path: Path | str) -> Iterator[Target]:
    """The targets one by one, as ``load`` gives them."""
    path = Path(path)
    if not path.exists():
        raise DatasetError(f"{path} does not exist; name a folder that extract wrote, or its targets.jsonl")
    if path.is_dir():
        yield from _folder(path)
    elif path.suffix == ".csv":
        yield from _csv(path)
    elif path.suffix == ".parquet":
        yield from _parquet(path)
    else:
        yield from _file(path)


def _folder(folder: Path) -> Iterator[Target]:
    try:
        lines = open_current(folder, "targets.jsonl")
    except FileNotFoundError as error:
        raise DatasetError(f"{folder} holds no targets.jsonl; name a folder that extract wrote") from error
    except OSError as error:
        raise DatasetError(f"{folder / 'targets.jsonl'} cannot be read: {error}") from error
    with lines:
        yield from _json_lines(lines, folder / "targets.jsonl")


def _file(path: Path) -> Iterator[Target]:
    try:
        lines = path.open(encoding="utf-8-sig", newline="\n")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    with lines:
        yield from _json_lines(lines, path)


def _json_lines(lines: Iterable[str], path: Path) -> Iterator[Target]:
    try:
        for n, line in enumerate(lines, 1):
            if line.strip():
                where = f"{path}, line {n}"
                yield from_row(_parsed(line, where), where)
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


def _parsed(line: str, where: str) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{where} is no JSON: {error}") from error


def frame(path: Path | str) -> pd.DataFrame:
    """A CSV file of a dataset as a table of its cells: all text, an empty text for null."""
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as CSV: {error}") from error


def _csv(path: Path) -> Iterator[Target]:
    table = frame(path)
    columns = [column for column in table.columns if column in _COLUMNS]
    for n, cells in enumerate(table[columns].itertuples(index=False, name=None), 2):
        where = f"{path}, row {n}"
        row = {}
        for name, text in zip(columns, cells, strict=True):
            try:
                row[name] = value(_COLUMNS[name], text)
            except (ValueError, KeyError) as error:
                raise DatasetError(f"{where}: {name} is {text!r}, not {_COLUMNS[name].wanted}") from error
        yield from_row(row, where)


def _parquet(path: Path) -> Iterator[Target]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        for batch in file.iter_batches():
            for n, row in enumerate(batch.to_pylist(), 1):
                yield from_row(row, f"{path}, row {n}")
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{path} cannot be read as Parquet: {error}") from error
