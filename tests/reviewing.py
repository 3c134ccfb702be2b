"""Small datasets to review, extracted from texts, and events on their rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rows import ROW as PLAIN

from policyextract import dataset
from policyextract.pipeline import document_of, extract
from policyextract.review import Decision, Event, Quote
from policyextract.types import Target

FIRST = (
    "HAI DUONG - The province has set out its digital plan.\n"
    "By 2025, at least 90 per cent of work records will be processed online.\n"
    "By 2025, 80 per cent of households will have access to the internet.\n"
    "By 2030, the digital economy will account for 20 per cent of regional GDP.\n"
)
SECOND = "By 2030, at least 70% of communes in Vietnam will have fibre, and 95% of wards in Hanoi.\n"
TEXTS = {"a.txt": FIRST, "b.txt": SECOND}
NOON = dt.datetime(2025, 7, 14, 12, tzinfo=dt.UTC)
ROW = replace(PLAIN, doc="a.txt", value="80%", end=12, comparator="=", locality_code="30", target_id="t1")


def write(out: Path, texts: Mapping[str, str] = TEXTS, drop: frozenset[str] = frozenset()) -> list[Target]:
    """What ``extract`` would write of the texts, without the rows whose value is in ``drop``."""
    documents = [document_of(text, name) for name, text in texts.items()]
    rows = [row for one in documents for row in extract(one, model=None) if row.value not in drop]
    dataset.save(
        rows, [], out, run={"texts": list(texts.values()), "dropped": sorted(drop)}, documents=documents
    )
    return dataset.load(out)


def event(
    reviewer: str,
    decision: Decision,
    fields: Mapping[str, Any] | None = None,
    *,
    row: Target = ROW,
    number: int | None = None,
    **other: Any,
) -> Event:
    """An event on a row, numbered if a number is given."""
    return Event(
        row.target_id,
        row.doc,
        reviewer,
        NOON,
        decision,
        row,
        Quote(row.value, "By 2030, ", " of households"),
        "0" * 64,
        dict(fields or {}),
        event_id=number,
        **other,
    )


def numbered(*events: Event) -> list[Event]:
    """The events as a store would number them."""
    return [replace(one, event_id=n) for n, one in enumerate(events, 1)]
