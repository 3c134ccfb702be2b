"""Decisions on the rows of earlier runs → the rows and texts of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from policyextract.dataset import target_id
from policyextract.errors import ReviewError
from policyextract.evaluate.fields import judge
from policyextract.review.events import Event
from policyextract.review.quotes import find_quote, placed
from policyextract.types import Document, Lang, Target

_Score = tuple[bool, float, bool]


class Texts(Protocol):
    """The documents of a dataset by name, and the checksum of each text."""

    def __contains__(self, doc: object, /) -> bool: ...
    def __getitem__(self, doc: str, /) -> Document: ...
    def __iter__(self) -> Iterator[str]: ...
    def sha256(self, doc: str) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Unattached:
    """Decisions on one row that belong to nothing in the dataset of today, and why."""

    events: tuple[Event, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Attached:
    """Where decisions belong.

    ``events`` name the rows of today and count the offsets of its texts. ``kept`` are rows that the run did not
    find but somebody accepted, edited or added; ``gone`` are decisions on rows that it did not find and that were
    only ever rejected, so that nothing is left to do.
    """

    events: tuple[Event, ...]
    kept: tuple[Target, ...]
    unattached: tuple[Unattached, ...]
    gone: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """The decisions on one row of one text, and where its value stands now; ``unchanged`` says that the text is."""

    name: str
    sha256: str
    events: tuple[Event, ...]
    doc: str
    lang: Lang
    start: int
    unchanged: bool


def attach(events: Iterable[Event], targets: Sequence[Target], documents: Texts) -> Attached:
    """Where each of the standing ``events`` belongs among the ``targets`` and ``documents`` of today.

    A decision on a row of today, of the same text, stays as it is. For any other the value is looked for by its
    quote, in a renamed document by the text's checksum; it belongs to the row that has its value there and agrees
    with the row decided on, or as corrected, in level, year and locality, of several to the most like one.
    """
    current = {target.target_id: target for target in targets}
    settled: list[Event] = []
    unattached: list[Unattached] = []
    opened: list[tuple[str, str, list[Event]]] = []
    claimed: set[tuple[str, str]] = set()
    for (name, sha256), of_row in _grouped(events).items():
        doc = of_row[0].doc
        if name in current and doc in documents and documents.sha256(doc) == sha256:
            settled += of_row
            claimed.add((name, sha256))
        else:
            opened.append((name, sha256, of_row))
    opened.sort(key=lambda group: group[2][0].doc)  # so that each text is read once
    names = _Names(documents)
    groups: list[_Group] = []
    for name, sha256, of_row in opened:
        try:
            group, lost = _located(name, sha256, of_row, names)
        except ReviewError as error:
            unattached.append(Unattached(tuple(of_row), str(error)))
            continue
        unattached += lost
        groups += [group] if group.events else []
    kept, gone = _settle(groups, _assigned(groups, targets, claimed), current, documents, settled)
    settled.sort(key=lambda event: event.event_id or 0)
    return Attached(tuple(settled), tuple(kept), tuple(unattached), tuple(gone))


def _settle(
    groups: Sequence[_Group],
    homes: Mapping[int, Target],
    current: Mapping[str, Target],
    documents: Texts,
    settled: list[Event],
) -> tuple[list[Target], list[Event]]:
    """Adds the decisions that belong to a row to ``settled``; gives the kept rows, and the decisions that are gone."""
    kept: dict[str, Target] = {}
    gone: list[Event] = []
    given: set[tuple[str, str]] = set()
    for n, group in enumerate(groups):
        home = homes.get(n)
        if home is None and all(event.decision == "reject" for event in group.events):
            gone += group.events
            continue
        if home is None:
            home = _kept(group, current, given, documents)
            kept[home.target_id] = home
        settled += (_moved(event, group, home) for event in group.events)
    return list(kept.values()), gone


def _grouped(events: Iterable[Event]) -> dict[tuple[str, str], list[Event]]:
    groups: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        groups[event.target_id, event.text_sha256].append(event)
    return groups


class _Names:
    """Documents of today by the name or, where that is gone, by the text of a document of then."""

    def __init__(self, documents: Texts) -> None:
        self.documents = documents
        self._by_text: dict[str, list[str]] | None = None

    def now(self, doc: str, sha256: str) -> str:
        """The name of today; raises ReviewError, with the reason, if there is none."""
        if doc in self.documents:
            return doc
        if self._by_text is None:
            self._by_text = defaultdict(list)
            for name in self.documents:
                self._by_text[self.documents.sha256(name)].append(name)
        match self._by_text.get(sha256, []):
            case [name]:
                return name
            case []:
                raise ReviewError("its document is no longer in the dataset")
            case [*names]:
                raise ReviewError(f"its document is gone, and several hold the same text: {', '.join(names)}")


def _located(
    name: str, sha256: str, events: Sequence[Event], names: _Names
) -> tuple[_Group, list[Unattached]]:
    """The group with the place of its value in the text of today, and what of it belongs nowhere.

    Raises ReviewError, with the reason, if nothing of it does.
    """
    first = events[0]
    doc = names.now(first.doc, sha256)
    document = names.documents[doc]
    unchanged = names.documents.sha256(doc) == sha256
    start = first.row.start if unchanged else find_quote(document.text, first.quote, first.row.start)
    by = start - first.row.start
    fine: list[Event] = []
    lost: list[Unattached] = []
    for event in events:
        result = event.result
        if result is None or document.text[result.start + by : result.end + by] == result.value:
            fine.append(event)
        else:
            reason = f"the corrected value {result.value!r} no longer stands in the text"
            lost.append(Unattached((event,), reason))
    return _Group(name, sha256, tuple(fine), doc, document.lang, start, unchanged), lost


def _assigned(
    groups: Sequence[_Group], targets: Sequence[Target], claimed: set[tuple[str, str]]
) -> dict[int, Target]:
    """The row of today of each group that has one, by the group's number.

    Two rows of one text never become one row; the same row of an older and a newer text does.
    """
    if not groups:
        return {}
    by_doc: dict[str, list[Target]] = defaultdict(list)
    wanted = {group.doc for group in groups}
    for target in targets:
        if target.doc in wanted:
            by_doc[target.doc].append(target)
    pairs = [
        (score, n, target)
        for n, group in enumerate(groups)
        for target in by_doc[group.doc]
        if (score := _score(group, target)) is not None
    ]
    pairs.sort(key=lambda pair: pair[0], reverse=True)
    homes: dict[int, Target] = {}
    for _, n, target in pairs:
        claim = (target.target_id, groups[n].sha256)
        if n not in homes and claim not in claimed:
            claimed.add(claim)
            homes[n] = target
    return homes


def _score(group: _Group, target: Target) -> _Score | None:
    """How like a row of today is to the one decided on, None if it is another."""
    end = group.start + len(group.events[0].row.value)
    if target.start >= end or target.end <= group.start:
        return None
    exact = (target.start, target.end) == (group.start, end)
    scores: list[_Score] = []
    for event in group.events:
        for row in (event.row, event.result):
            if row is not None:
                verdict = judge(row, target, group.lang)
                if verdict.level and verdict.year and verdict.locality:
                    scores.append((verdict.value, float(verdict.f1), exact))
    return max(scores, default=None)


def _kept(
    group: _Group, current: Mapping[str, Target], given: set[tuple[str, str]], documents: Texts
) -> Target:
    """The row of a group in the text of today, by a name that is the same again and not taken."""
    event = next(event for event in reversed(group.events) if event.decision != "reject")
    row = _row(event, group)
    if not group.unchanged:
        row = placed(replace(row, evidence=()), documents[group.doc])
    stays = (row.doc, row.start) == (event.doc, event.row.start)
    name, ordinal = (group.name, -1) if stays else (target_id(row), 0)
    while name in current or (name, group.sha256) in given:
        ordinal += 1
        name = target_id(row, ordinal)
    given.add((name, group.sha256))
    return replace(row, target_id=name)


def _row(event: Event, group: _Group) -> Target:
    """The row that was seen, with the document and offsets of today."""
    by = group.start - event.row.start
    return replace(event.row, doc=group.doc, start=event.row.start + by, end=event.row.end + by)


def _moved(event: Event, group: _Group, home: Target) -> Event:
    """The event as one on the row ``home`` of today."""
    by = group.start - event.row.start
    fields = {name: value + by if name in ("start", "end") else value for name, value in event.fields.items()}
    row = replace(_row(event, group), target_id=home.target_id)
    if not group.unchanged:
        row = replace(row, page=home.page, sentence=home.sentence, evidence=home.evidence)
    return replace(event, target_id=home.target_id, doc=home.doc, row=row, fields=fields)
