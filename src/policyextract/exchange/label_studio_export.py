"""An export of Label Studio → what its annotator says of each row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policyextract.errors import ReviewError
from policyextract.exchange.answers import Answer
from policyextract.exchange.label_studio import VALUE
from policyextract.exchange.shown import CHOSEN, FLAGS, KEY, LINKED, TYPED, current, fields_of
from policyextract.review import Desk, Row
from policyextract.types import Document

_BLANKS = re.compile(r"\\n|\s")  # Label Studio writes a line end in a region's text as \n in letters
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")


@dataclass(slots=True)
class _Region:
    """What an annotation says under one id: its labels, its place, and the content of each control."""

    labels: set[str] = field(default_factory=set)
    place: Mapping[str, Any] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    target_id: str = ""


def answers(desk: Desk, content: Any, annotator: str | None) -> tuple[list[Answer], list[str], list[str]]:
    """Answers, what was passed over, and what is wrong, of the parsed JSON of an export.

    Passed over are documents that are gone or have another text; tasks without an annotation are not decided.
    """
    if not isinstance(content, list) or not all(isinstance(task, dict) for task in content):
        raise ReviewError("this is no export of Label Studio in the format JSON: it must be a list of tasks")
    if content and not any("annotations" in task for task in content):
        raise ReviewError(
            "the tasks hold no annotations; export from Label Studio in the format JSON, not JSON-MIN"
        )
    rows = {row.target.target_id: row for row in desk.rows}
    found: list[Answer] = []
    skipped: list[str] = []
    problems: list[str] = []
    for n, task in enumerate(content, 1):
        where = f"task {task.get('id', n)}"
        try:
            annotation = _annotation(task, annotator, where)
        except ReviewError as error:
            problems.append(str(error))
            continue
        if annotation is None:
            continue
        try:
            about = _about(task)
            document = current(desk, about, where)
            _begun(annotation, about, where)
        except ReviewError as error:
            skipped.append(str(error))
            continue
        try:
            found += _Reading(document, about, where, rows, problems).answers(annotation)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            problems.append(f"{where} ({document.path}) is damaged: {type(error).__name__}: {error}")
    return found, skipped, problems


def _begun(annotation: Mapping[str, Any], about: Any, where: str) -> None:
    """Raises ReviewError if the annotator seems never to have seen the rows: else all would count as deleted."""
    sent = about.get("rows") or {}
    known = any(str(one.get("id")) in sent for one in annotation["result"])
    if sent and not known and annotation.get("parent_prediction") is None:
        raise ReviewError(
            f"{where}: the annotation was not begun from the {len(sent)} rows that were sent; have Label Studio "
            "prelabel tasks with predictions, and to reject every row of a text choose reject, not delete"
        )


def _about(task: Mapping[str, Any]) -> Any:
    """What export-tasks said of the task, from its data or its meta."""
    for part in ("data", "meta"):
        holder = task.get(part)
        if isinstance(holder, Mapping) and isinstance(holder.get(KEY), Mapping):
            return holder[KEY]
    return None


def _annotation(task: Mapping[str, Any], annotator: str | None, where: str) -> Mapping[str, Any] | None:
    """The annotation that counts: the latest that was not skipped; of ``annotator`` if there are several people."""
    made: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    annotations = task.get("annotations") or []
    if not isinstance(annotations, list) or not all(map(_is_annotation, annotations)):
        raise ReviewError(
            f"{where} is damaged: its annotations are no list of objects with a list of results"
        )
    for one in annotations:
        if not one.get("was_cancelled"):
            made[_person(one.get("completed_by"))].append(one)
    if annotator is not None:
        made = defaultdict(list, {name: ones for name, ones in made.items() if annotator in name.split()})
    if len(made) > 1:
        people = ", ".join(sorted(made))
        raise ReviewError(
            f"{where} was annotated by several people ({people}); say whose to take: --annotator"
        )
    ones = [one for of_person in made.values() for one in of_person]
    return max(ones, key=lambda one: str(one.get("updated_at") or one.get("created_at") or ""), default=None)


def _is_annotation(one: Any) -> bool:
    if not isinstance(one, Mapping) or not isinstance(one.get("result"), list):
        return False
    return all(isinstance(result, Mapping) for result in one["result"])


def _person(completed_by: Any) -> str:
    """Id and e-mail address of an annotator, as far as the export says."""
    if isinstance(completed_by, Mapping):
        parts = [completed_by.get("id"), completed_by.get("email")]
        return " ".join(str(part) for part in parts if part is not None) or "unknown"
    return "unknown" if completed_by is None else str(completed_by)


class _Reading:
    """One annotation of one document."""

    def __init__(
        self,
        document: Document,
        about: Mapping[str, Any],
        where: str,
        rows: Mapping[str, Row],
        problems: list[str],
    ) -> None:
        self._text = document.text
        self._doc = document.path
        self._sent: Mapping[str, Any] = about.get("rows") or {}
        self._where = f"{where} ({document.path})"
        self._rows = rows
        self._problems = problems

    def answers(self, annotation: Mapping[str, Any]) -> Iterator[Answer]:
        results = annotation["result"]
        regions = _regions(results)
        links = _links(results, regions)
        seen: set[str] = set()
        # The region that has the id as its own comes first: a copy of it may carry it in its meta.
        for name, region in sorted(regions.items(), key=lambda item: item[0] != item[1].target_id):
            if VALUE not in region.labels:
                continue
            target_id = region.target_id if region.target_id not in seen else ""
            target_id = target_id or (name if name in self._sent and name not in seen else "")
            seen.add(target_id)
            where = f"{self._where}, region {name}"
            try:
                answer = self._answer(region, links.get(name, []), target_id, where)
            except ReviewError as error:
                self._problems.append(f"{where}: {error}")
                continue
            if answer is not None:
                yield answer
        for target_id in self._sent:
            if target_id not in seen:
                yield Answer(f"{self._where}, row {target_id}", self._doc, target_id, None)

    def _answer(
        self, region: _Region, linked: Sequence[_Region], target_id: str, where: str
    ) -> Answer | None:
        note = region.cells.get("note", "")
        verdict = region.cells.get("verdict")
        if verdict == "undecided" or (verdict == "reject" and not target_id):
            return None
        if verdict == "reject":
            return Answer(where, self._doc, target_id, None, note)
        start, end = self._span(region)
        texts = {name: region.cells.get(name) for name in (*TYPED, *CHOSEN, *FLAGS)}
        texts["comparator"] = texts["comparator"] or "="
        row = self._rows.get(target_id)
        self._fill(texts, linked, self._sent.get(target_id))
        fields = fields_of(texts, row)
        fields |= {"value": self._text[start:end], "start": start, "end": end}
        return Answer(where, self._doc, target_id, fields, note)

    def _fill(self, texts: dict[str, str | None], linked: Sequence[_Region], sent: Any) -> None:
        """Take from linked regions what was not typed; a metric also if it is linked to others than it was."""
        spans = {name: sorted(self._span(one) for one in linked if name in one.labels) for name in LINKED}
        words = {name: " ".join(self._text[slice(*span)] for span in found) for name, found in spans.items()}
        if sent is None:
            years = _YEAR.findall(words["year"])
            texts["year"] = texts["year"] or (years[-1] if years else None)
            texts["locality"] = texts["locality"] or words["locality"] or None
            texts["metric"] = texts["metric"] or words["metric"] or None
            return
        before = sorted((start, end) for start, end in sent.get("metric", []))
        known = " ".join(self._text[slice(*span)] for span in before)
        if spans["metric"] and spans["metric"] != before and texts["metric"] in (None, known):
            texts["metric"] = words["metric"]

    def _span(self, region: _Region) -> tuple[int, int]:
        return span_of(self._text, region.place)


def span_of(text: str, place: Mapping[str, Any]) -> tuple[int, int]:
    """Where a region stands in the text, by code points or, if its own words say so, by UTF-16 units.

    Raises ReviewError if its words stand at neither.

    >>> span_of("🙂 by 90%", {"start": 5, "end": 8, "text": "90%"})
    (5, 8)
    >>> span_of("🙂 by 90%", {"start": 6, "end": 9, "text": "90%"})
    (5, 8)
    """
    start, end, words = place.get("start"), place.get("end"), place.get("text")
    if not isinstance(start, int) or not isinstance(end, int):
        raise ReviewError(f"start {start!r} and end {end!r} are no offsets")
    for found in ((start, end), (_code_points(text, start), _code_points(text, end))):
        first, last = found
        if first is not None and last is not None and 0 <= first < last <= len(text):
            if not isinstance(words, str) or _bare(text[first:last]) == _bare(words):
                return first, last
    raise ReviewError(f"the text at {start}:{end} is {text[start:end]!r}, not {words!r}")


def _bare(words: str) -> str:
    return _BLANKS.sub("", words)


def _code_points(text: str, units: int) -> int | None:
    """The offset in code points of one in UTF-16 units, None if that is within a character."""
    if units < 0:
        return None
    head = text[:units].encode("utf-16-le", "surrogatepass")[: 2 * units]
    try:
        return len(head.decode("utf-16-le"))
    except UnicodeDecodeError:
        return None


def _regions(results: Sequence[Mapping[str, Any]]) -> dict[str, _Region]:
    """The regions of an annotation by id; each control says what it has to say in a result of its own."""
    regions: dict[str, _Region] = {}
    for one in results:
        if one.get("type") == "relation" or "id" not in one:
            continue
        region = regions.setdefault(str(one["id"]), _Region())
        value, meta = one.get("value") or {}, one.get("meta")
        if isinstance(meta, Mapping) and isinstance(meta.get("target_id"), str):
            region.target_id = meta["target_id"]
        match one.get("type"):
            case "labels":
                region.labels |= set(value.get("labels") or [])
                region.place = value
            case "choices":
                region.cells[one["from_name"]] = (value.get("choices") or [""])[-1]
            case "textarea":
                said = value.get("text") or []
                said = [said] if isinstance(said, str) else said
                region.cells[one["from_name"]] = " ".join(map(str, said))
    for region in regions.values():
        region.cells = {name: text for name, text in region.cells.items() if text}
    return regions


def _links(results: Sequence[Mapping[str, Any]], regions: Mapping[str, _Region]) -> dict[str, list[_Region]]:
    """The regions of fields that each value is linked to, whichever way the relation was drawn."""
    links: dict[str, list[_Region]] = defaultdict(list)
    for one in results:
        if one.get("type") != "relation":
            continue
        ends = str(one.get("from_id")), str(one.get("to_id"))
        for name, other in (ends, ends[::-1]):
            if name in regions and other in regions:
                if VALUE in regions[name].labels and VALUE not in regions[other].labels:
                    links[name].append(regions[other])
    return links
