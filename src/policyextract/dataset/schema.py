"""The columns as a Frictionless data package and as an Arrow schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policyextract.dataset.cells import cell
from policyextract.dataset.columns import DOCUMENTS, FAILURES, TARGETS, Column

if TYPE_CHECKING:
    import pyarrow as pa

_TABLES = {"targets": TARGETS, "failures": FAILURES}


def data_package(files: Mapping[str, Mapping[str, Any]], more: tuple[Column, ...] = ()) -> dict[str, Any]:
    """The content of datapackage.json; ``files`` gives the checksum and size of each file.

    ``more`` are columns of the targets besides those of every dataset.
    """
    columns = {**_TABLES, "targets": (*TARGETS, *more)}
    tables = [_table(name, of_table, files[f"{name}.csv"]) for name, of_table in columns.items()]
    return {
        "name": "policy-targets",
        "title": "Quantified policy targets",
        "profile": "data-package",
        "resources": [*tables, _documents(files["documents.jsonl"])],
    }


def _table(name: str, columns: tuple[Column, ...], file: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(column) for column in columns], "missingValues": [""]}
    if name == "targets":
        schema["primaryKey"] = ["target_id"]
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        **_whole(file),
        "schema": schema,
    }


def _documents(file: Mapping[str, Any]) -> dict[str, Any]:
    """The texts: a file, not a table, for to read it as one Frictionless would need another package."""
    keys = "; ".join(f"{column.name}: {column.meaning}" for column in DOCUMENTS)
    return {
        "name": "documents",
        "path": "documents.jsonl",
        "type": "file",
        "profile": "data-resource",
        "description": f"The documents, one a line, as JSON objects of {keys}",
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        **_whole(file),
    }


def _whole(file: Mapping[str, Any]) -> dict[str, Any]:
    return {"hash": f"sha256:{file['sha256']}", "bytes": file["bytes"]}


def _field(column: Column) -> dict[str, Any]:
    """A field of a Table Schema, whose constraints hold for the cells as they are written."""
    constraints: dict[str, Any] = {"required": column.null is None and column.filled}
    if column.allowed:
        constraints["enum"] = [cell(column, value) for value in column.allowed]
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.maximum is not None:
        constraints["maximum"] = column.maximum
    meaning = column.meaning if column.null is None else f"{column.meaning}; empty: {column.null}"
    return {"name": column.name, "type": column.type, "description": meaning, "constraints": constraints}


def arrow_schema(more: tuple[Column, ...] = ()) -> pa.Schema:
    """The schema of targets.parquet, with ``more`` columns behind those of every dataset."""
    import pyarrow as pa

    evidence = pa.struct([("field", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
    }
    lists = {"source": pa.list_(pa.string()), "evidence": pa.list_(evidence)}
    return pa.schema(
        [
            pa.field(c.name, lists.get(c.name) or types[c.type], nullable=c.null is not None)
            for c in (*TARGETS, *more)
        ]
    )
