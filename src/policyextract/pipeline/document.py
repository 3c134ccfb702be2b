"""The arrows in the order they run: Document → segments → spans → candidates → targets."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

from policyextract import dataset
from policyextract.assemble import assemble, fitted, values
from policyextract.ner import ReadingModel
from policyextract.normalise import normalise
from policyextract.patterns import find
from policyextract.pipeline.model import SHIPPED, reading_model
from policyextract.read.raw import Raw
from policyextract.read.reader import build
from policyextract.segment import segment
from policyextract.types import Document, Target


def extract(document: Document | str, *, model: ReadingModel | Path | str | None = SHIPPED) -> list[Target]:
    """Targets of a document in order of text, each grounded: ``document.text[start:end] == value``.

    ``model`` is a reading model, or the folder or hub's name of one; with None the patterns decide alone.

    A plain string is read as ``read`` would read a text file that holds it: it becomes NFC with ``\\n`` line
    ends, which is what the offsets count; it raises EmptyFileError or LanguageError. A model that is missing or
    damaged raises ModelError.
    """
    if isinstance(document, str):
        document = document_of(document)
    segments = segment(document)
    spans = find(document)
    reader = model if isinstance(model, ReadingModel) else reading_model(model)
    if reader is None:
        candidates = assemble(document, segments, spans)
    else:
        told = reader.read(document, segments, values(document, segments, spans))
        with fitted(reader.weights):
            candidates = assemble(document, segments, spans, told)
    targets = [target for c in candidates if (target := normalise(document, c)) is not None]
    targets.sort(key=lambda target: (target.start, target.end))
    return [replace(target, target_id=dataset.target_id(target)) for target in targets]


def document_of(text: str, name: str = "text") -> Document:
    """The document of a string; ``name`` becomes its path. Raises EmptyFileError or LanguageError."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return build(Raw(unicodedata.normalize("NFC", lines)), name)
