"""The rows of a desk as another tool is to show them, and the cells of their fields as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from policyextract.dataset import text_sha256, to_row
from policyextract.errors import ReviewError
from policyextract.review import GUIDELINE, Desk, Row, checked
from policyextract.review.final import final_target
from policyextract.types import Document, Target

KEY = "policyextract"
"""Under this key a task or a Doc says what it was made of."""
SPAN = ("value", "start", "end")
FLAGS = {"level_explicit": "explicit", "optional": "optional"}
"""Fields of true or false, and what is chosen for true."""
TYPED = ("number", "number_high", "metric", "year", "year_start", "locality")
"""Fields whose content is typed."""
CHOSEN = ("unit", "comparator", "change", "per", "level", "year_kind")
"""Fields of which one of several values is chosen."""
LINKED = ("metric", "level", "year", "locality")
"""Fields that are read at places of their own."""


def shown(desk: Desk) -> Iterator[tuple[Document, list[Target]]]:
    """Each document with the rows that are to be shown: as decided, else as extracted, none that are rejected."""
    by_doc = {doc: list(rows) for doc, rows in groupby(desk.rows, key=lambda row: row.target.doc)}
    for doc in desk.documents:
        rows = [row for row in by_doc.get(doc, ()) if row.state.status != "rejected"]
        yield desk.document(doc), [final_target(desk, row) for row in rows]


def current(desk: Desk, about: Any, where: str) -> Document:
    """The document that a task or a Doc was made of; raises ReviewError if it is gone or has another text now."""
    if not isinstance(about, Mapping) or not isinstance(about.get("doc"), str):
        raise ReviewError(
            f"{where} was not made by export-tasks, or what it says of its document was taken out"
        )
    doc = about["doc"]
    if doc not in desk.documents:
        raise ReviewError(f"{where}: {doc} is no longer in the dataset")
    document = desk.document(doc)
    if text_sha256(document.text) != about.get("sha256"):
        raise ReviewError(f"{where}: the text of {doc} has changed since it was exported; export it again")
    return document


def cells(target: Target) -> dict[str, str | None]:
    """The fields but for the span as texts, None for what is null, empty or false."""
    row = to_row(target)
    texts: dict[str, str | None] = {
        name: None if row[name] in (None, "") else str(row[name]) for name in (*TYPED, *CHOSEN)
    }
    return texts | {name: word if row[name] else None for name, word in FLAGS.items()}


def fields_of(texts: Mapping[str, str | None], row: Row | None) -> dict[str, Any]:
    """The fields of texts, but for the span; what a row or a verdict on it says just so is taken as it stands.

    Raises ReviewError, naming the field, if one cannot hold what it says.
    """
    known = _known(row)
    fields: dict[str, Any] = {}
    for name in (*TYPED, *CHOSEN):
        text = texts.get(name)
        same = [getattr(target, name) for target, of_target in known if of_target[name] == text]
        fields |= {name: same[0]} if same else checked({name: text or ""})
    return fields | {name: texts.get(name) == word for name, word in FLAGS.items()}


def _known(row: Row | None) -> list[tuple[Target, dict[str, str | None]]]:
    if row is None:
        return []
    targets: Iterable[Target | None] = (
        row.target,
        row.state.final,
        *(verdict.row for verdict in row.state.verdicts.values()),
    )
    return [(target, cells(target)) for target in targets if target is not None]


def guideline(target: Target) -> dict[str, Any]:
    """The fields of the guideline with their values."""
    return {name: getattr(target, name) for name in GUIDELINE}
