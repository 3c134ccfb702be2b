"""Documents with their rows → tasks of Label Studio with the rows as predictions.

Label Studio counts characters as Python does, by code points; older releases (until 2022) counted UTF-16 units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from typing import Any

from policyextract.dataset import text_sha256
from policyextract.errors import ReviewError
from policyextract.exchange.shown import CHOSEN, FLAGS, KEY, LINKED, TYPED, cells
from policyextract.types import Document, Target

VALUE = "value"
_TO = "text"
Result = dict[str, Any]


def labelling_config() -> str:
    """The labelling configuration that the tasks go with, as XML for a project's settings."""
    path = resources.files("policyextract") / "exchange" / "label_studio.xml"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ReviewError("exchange/label_studio.xml is missing; reinstall the package") from error


def task(document: Document, targets: Iterable[Target]) -> dict[str, Any]:
    """The task of a document: a region for each value with its fields, linked to regions of where they were read."""
    targets = list(targets)
    about = {
        "doc": document.path,
        "sha256": text_sha256(document.text),
        "rows": {target.target_id: {"metric": _spans(target, "metric")} for target in targets},
    }
    prediction = {"model_version": KEY, "result": list(_results(document, targets))}
    return {
        # Twice, for an export may leave the meta out, and who makes tasks anew from the data too.
        "data": {"text": document.text, "doc": document.path, "title": document.title or "", KEY: about},
        "meta": {KEY: about},
        "predictions": [prediction],
    }


def _spans(target: Target, field: str) -> list[list[int]]:
    return [[e.start, e.end] for e in target.evidence if e.field == field]


def _results(document: Document, targets: list[Target]) -> Iterator[Result]:
    places: dict[str, Result] = {}
    links: list[Result] = []
    for target in targets:
        yield from _value(document.text, target)
        for read in target.evidence:
            if read.field not in LINKED or not 0 <= read.start < read.end <= len(document.text):
                continue
            name = f"{read.field}-{read.start}-{read.end}"
            value = {**_span(document.text, read.start, read.end), "labels": [read.field]}
            places.setdefault(name, _result(name, "label", "labels", value))
            links.append(
                {
                    "type": "relation",
                    "from_id": target.target_id,
                    "to_id": name,
                    "direction": "right",
                    "labels": [read.field],
                }
            )
    yield from places.values()
    yield from links


def _value(text: str, target: Target) -> Iterator[Result]:
    """The region of a value, and a result for each field that is not empty."""
    span = _span(text, target.start, target.end)
    meta = {"target_id": target.target_id}
    region = _result(target.target_id, "label", "labels", {**span, "labels": [VALUE]})
    if target.confidence is not None:
        region["score"] = target.confidence
    yield {**region, "meta": meta}
    texts = cells(target)
    for name in TYPED:
        if texts[name]:
            yield _result(target.target_id, name, "textarea", {**span, "text": [texts[name]]}) | {
                "meta": meta
            }
    for name in (*CHOSEN, *FLAGS):
        if texts[name]:
            value = {**span, "choices": [texts[name]]}
            yield _result(target.target_id, name, "choices", value) | {"meta": meta}


def _span(text: str, start: int, end: int) -> dict[str, Any]:
    return {"start": start, "end": end, "text": text[start:end]}


def _result(name: str, control: str, kind: str, value: dict[str, Any]) -> Result:
    return {"id": name, "from_name": control, "to_name": _TO, "type": kind, "value": value}
