"""The arrows in the order they run: Document → segments → spans → candidates → targets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policyextract import dataset
from policyextract.assemble import assemble, fitted, values
from policyextract.ner import ReadingModel
from policyextract.normalise import normalise
from policyextract.patterns import find
from policyextract.pipeline.model import SHIPPED, reading_model
from policyextract.read.limits import nfc
from policyextract.read.raw import Raw
from policyextract.read.reader import build
from policyextract.segment import segment
from policyextract.types import Document, Target

_SMALL = (
    "By 2030, at least 80% of households in Vietnam will have a fibre connection.",
    "Đến năm 2030, tỷ lệ hộ gia đình ở tỉnh Hưng Yên sử dụng Internet băng rộng đạt trên 90%.",
)


def extract(document: Document | str, *, model: ReadingModel | Path | str | None = SHIPPED) -> list[Target]:
    """Targets of a document in order of text, each grounded: ``document.text[start:end] == value``.

    ``model`` is a reading model, or the folder or hub's name of one; with None the patterns decide alone.

    A plain string is read as ``read`` would read a text file that holds it: it becomes NFC with ``\\n`` line
    ends, which is what the offsets count; it raises EmptyFileError, LanguageError or DamagedFileError. A model that is
    missing or damaged raises ModelError.
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


def prepare(model: Path | str | None) -> None:
    """Load what ``extract`` needs, so that the first document takes no longer than the others; raises ModelError."""
    for text in _SMALL:
        extract(text, model=model)


def document_of(text: str, name: str = "text") -> Document:
    """The document of a string; ``name`` becomes its path.

    Raises EmptyFileError or LanguageError, DamagedFileError where a letter bears hundreds of accents.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return build(Raw(nfc(lines)), name)
