"""What was said about rows in another tool → decisions of a reviewer."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policyextract.errors import ReviewError
from policyextract.review import GUIDELINE, Decision, Desk, Entry, Row
from policyextract.review.drafts import named

_NUMBERED = re.compile(r"decision (\d+): (.*)", re.S)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row as another tool has it: ``fields`` are those of the guideline, None if it was taken away.

    ``target_id`` is "" for a row that the tool's user added; ``where`` says for messages where it stands.
    """

    where: str
    doc: str
    target_id: str
    fields: Mapping[str, Any] | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: answers by decision, events saved, and what was passed over, with the reasons."""

    decisions: Counter[Decision]
    saved: int
    skipped: tuple[str, ...]


def record(
    desk: Desk, reviewer: str, answers: Iterable[Answer], *, tool: str, skipped: Sequence[str] = ()
) -> Imported:
    """Save all answers as decisions of the reviewer in one transaction, or none.

    A row that stands as it was extracted is accepted, one with other fields edited, one taken away rejected, a new
    one added; a row that the dataset of today lacks is added if it was kept. Raises ReviewError, naming every
    answer that cannot be saved.
    """
    known = {row.target.target_id: row for row in desk.rows}
    entries: list[Entry] = []
    places: list[str] = []
    for answer in answers:
        entry = _entry(named(reviewer), answer, known.get(answer.target_id))
        if entry is not None:
            entries.append(entry)
            places.append(answer.where)
    batch = f"{tool}-{secrets.token_hex(8)}"
    try:
        desk.record_all(entries, batch)
    except ReviewError as error:
        found = _NUMBERED.fullmatch(str(error))
        place, reason = (places[int(found[1]) - 1], found[2]) if found else ("", str(error))
        if not found and len(places) == 1:
            place = places[0]
        raise refused([f"{place}: {reason}" if place else reason]) from error
    saved = sum(event.batch == batch for event in desk.store.events())
    return Imported(Counter(entry.decision for entry in entries), saved, tuple(skipped))


def refused(problems: Sequence[str]) -> ReviewError:
    """The error of an import that changed nothing."""
    shown = "\n".join(f"  {problem}" for problem in problems)
    return ReviewError(f"nothing was imported, for {len(problems)} of the answers cannot be used:\n{shown}")


def _entry(reviewer: str, answer: Answer, row: Row | None) -> Entry | None:
    if row is None:
        if answer.fields is None:
            return None
        return Entry(reviewer, "add", row={"doc": answer.doc, **answer.fields}, note=answer.note)
    name = row.target.target_id
    if answer.fields is None:
        return Entry(reviewer, "reject", name, note=answer.note)
    own = row.state.verdicts.get(reviewer)
    before = own.fields if own is not None else {}
    changes = {
        field: answer.fields[field]
        for field in GUIDELINE
        if answer.fields[field] != getattr(row.target, field) or field in before
    }
    return Entry(reviewer, "edit" if changes else "accept", name, fields=changes, note=answer.note)
