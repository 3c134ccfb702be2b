"""Documents with their rows ↔ spaCy's DocBin: a Doc each, with a group of spans for values and for each field."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from policyextract.dataset import from_row, text_sha256, to_row
from policyextract.errors import DatasetError, ReviewError
from policyextract.exchange.answers import Answer
from policyextract.exchange.shown import KEY, LINKED, current, guideline
from policyextract.review import Desk
from policyextract.types import Document, Lang, Target

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

GROUP, LABEL = "targets", "target"


def docbin(documents: Iterable[tuple[Document, list[Target]]]) -> bytes:
    """The bytes of a DocBin; raises ReviewError if a text is none that spaCy can hold."""
    from spacy.tokens import DocBin

    found = DocBin(store_user_data=True)
    for document, targets in documents:
        found.add(doc_of(document, targets))
    return found.to_bytes()


def doc_of(document: Document, targets: list[Target]) -> Doc:
    """The Doc of a document: its tokens are those of spaCy, cut wherever a span begins or ends.

    ``doc.spans["targets"]`` holds a span for each row, ``doc.spans["metric"]`` and so on those where its fields
    were read; the id of each is the row's ``target_id``. The rows stand in ``doc.user_data["policyextract"]``.
    """
    from spacy.tokens import Doc

    text = document.text
    spans: list[tuple[str, int, int, str]] = [(GROUP, t.start, t.end, t.target_id) for t in targets]
    spans += [
        (e.field, e.start, e.end, t.target_id)
        for t in targets
        for e in t.evidence
        if e.field in LINKED and 0 <= e.start < e.end <= len(text)
    ]
    try:
        words, spaces = _tokens(text, document.lang, {s for _, s, _, _ in spans}, {e for _, _, e, _ in spans})
        doc = Doc(_blank(document.lang).vocab, words=words, spaces=spaces)
    except UnicodeEncodeError:
        raise ReviewError(f"{document.path} holds half of a character, which spaCy cannot keep") from None
    for group in (GROUP, *LINKED):
        found = [_span(doc, start, end, group, name) for kind, start, end, name in spans if kind == group]
        doc.spans[group] = found
    rows = {target.target_id: to_row(target) for target in targets}
    about = {"doc": document.path, "sha256": text_sha256(text), "rows": rows}
    doc.user_data[KEY] = json.dumps(about, ensure_ascii=False)
    return doc


def _span(doc: Doc, start: int, end: int, group: str, name: str) -> Span:
    span = doc.char_span(start, end, label=LABEL if group == GROUP else group, span_id=name)
    if span is None:  # the tokens are cut at both
        raise ReviewError(f"no tokens stand at {start}:{end}; please report this")
    return span


@cache
def _blank(lang: Lang) -> Language:
    import spacy

    if lang == "vi":  # without the segmenter that is no part of spaCy
        return spacy.blank("vi", config={"nlp": {"tokenizer": {"use_pyvi": False}}})
    return spacy.blank("en")


def _tokens(text: str, lang: Lang, starts: set[int], ends: set[int]) -> tuple[list[str], list[bool]]:
    """Words, and whether a blank follows each, that make up the text, with a cut wherever a span starts or ends."""
    words: list[str] = []
    spaces: list[bool] = []
    edges = sorted(starts | ends)
    for token in _blank(lang).make_doc(text):
        first, last, blank = token.idx, token.idx + len(token), bool(token.whitespace_)
        within = edges[bisect_right(edges, first) : bisect_left(edges, last)]
        pieces = [text[a:b] for a, b in pairwise([first, *within, last])]
        # The blank behind a token is a token of its own only where a span begins with it or ends behind it.
        alone = blank and (last in starts or last + 1 in ends)
        words += [*pieces, " "] if alone else pieces
        spaces += [False] * len(pieces) + [False] if alone else [False] * (len(pieces) - 1) + [blank]
    return words, spaces


def answers(desk: Desk, content: bytes) -> tuple[list[Answer], list[str], list[str]]:
    """Answers, what was passed over, and what is wrong, of the bytes of a DocBin."""
    import spacy
    from spacy.tokens import DocBin

    try:
        docs = list(DocBin().from_bytes(content).get_docs(spacy.blank("xx").vocab))
    except Exception as error:  # whatever its parsers raise on other bytes
        raise ReviewError(f"this is no DocBin of spaCy: {type(error).__name__}: {error}") from error
    found: list[Answer] = []
    skipped: list[str] = []
    problems: list[str] = []
    for n, doc in enumerate(docs, 1):
        about = _about(doc)
        try:
            document = current(desk, about, f"Doc {n}")
        except ReviewError as error:
            skipped.append(str(error))
            continue
        if doc.text != document.text:
            skipped.append(f"Doc {n}: its text is not that of {document.path}; export it again")
            continue
        try:
            found += _answers(doc, about, document, f"Doc {n} ({document.path})")
        except (ReviewError, DatasetError) as error:
            problems.append(str(error))
    return found, skipped, problems


def _about(doc: Doc) -> Any:
    try:
        return json.loads(doc.user_data.get(KEY, "null"))
    except (TypeError, ValueError):
        return None


def _answers(doc: Doc, about: Any, document: Document, where: str) -> Iterator[Answer]:
    """A row whose span is gone was taken away, one whose span moved has another value."""
    rows = about.get("rows") or {}
    left = dict(rows)
    for span in doc.spans.get(GROUP, ()):
        name = span.id_
        if name not in left:
            raise ReviewError(
                f"{where}: the span {span.text!r} at {span.start_char} has no row of its own; "
                f'put one under its id into the rows of user_data["{KEY}"]'
            )
        row = from_row({**left.pop(name), "doc": document.path}, f"{where}, row {name}")
        start, end = span.start_char, span.end_char
        value = {"value": document.text[start:end], "start": start, "end": end}
        yield Answer(f"{where}, row {name}", document.path, name, guideline(row) | value)
    for name in left:
        yield Answer(f"{where}, row {name}", document.path, name, None)
