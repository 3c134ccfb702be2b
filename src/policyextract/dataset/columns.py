"""The columns of a dataset: one table from which schemas, checks and the documentation follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from policyextract.types import Change, Comparator, Lang, Level, Unit, YearKind

Type = Literal["string", "integer", "number", "boolean", "array"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``null`` says what an empty cell means, None that there is none.

    ``filled`` is false for a text that may be empty. ``minimum`` and ``maximum`` are included.
    """

    name: str
    type: Type
    meaning: str
    null: str | None = None
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    filled: bool = True

    def accepts(self, value: Any) -> bool:
        """Whether a value of JSON is of the column's type and among its allowed values."""
        if value is None:
            return self.null is not None
        match self.type:
            case "string":
                return isinstance(value, str) and (not self.allowed or value in self.allowed)
            case "integer":
                return isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
            case "number":
                return isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0
            case "boolean":
                return isinstance(value, bool)
            case "array":
                return isinstance(value, list)

    @property
    def wanted(self) -> str:
        """What the column holds, for a message: "an integer or null"."""
        kind = f"one of {', '.join(self.allowed)}" if self.allowed else f"{_ARTICLE[self.type]} {self.type}"
        return kind if self.null is None else f"{kind} or null"


_ARTICLE = {"string": "a", "integer": "an", "number": "a", "boolean": "a", "array": "an"}

TARGETS = (
    Column(
        "doc", "string", "path of the document, relative to the corpus folder; `file.jsonl#id` for a line"
    ),
    Column("target_id", "string", "stable name of the row: the same again when the same text is read again"),
    Column("value", "string", "the words that state the quantity, with their comparator, as they stand"),
    Column("start", "integer", "offset of the first character of `value` in the document's text", minimum=0),
    Column("end", "integer", "offset behind the last character of `value`", minimum=0),
    Column("number", "number", "the value as a number; the lower end of a range"),
    Column("number_high", "number", "upper end of a range", "no range"),
    Column("unit", "string", "what the number counts", allowed=get_args(Unit)),
    Column("comparator", "string", "relation of the outcome to the number", allowed=get_args(Comparator)),
    Column(
        "change",
        "string",
        "whether the number is a change and which way",
        "the number is the level to reach",
        get_args(Change),
    ),
    Column("per", "string", "`year` for an annual rate", "no annual rate", ("year",)),
    Column(
        "metric",
        "string",
        "what is measured, in the words of the text; empty if the text does not say",
        filled=False,
    ),
    Column(
        "level",
        "string",
        "administrative level at which the target holds",
        "no jurisdiction, such as a company",
        get_args(Level),
    ),
    Column("level_explicit", "boolean", "whether the text names the level for this value"),
    Column(
        "year",
        "integer",
        "year by, in or from which the target is to hold",
        "no year can be read",
        minimum=1000,
        maximum=9999,
    ),
    Column(
        "year_start",
        "integer",
        "first year of a stated period",
        "no period is stated",
        minimum=1000,
        maximum=9999,
    ),
    Column("year_kind", "string", "how the year is meant", "no year", get_args(YearKind)),
    Column("locality", "string", "the most specific jurisdiction that the target binds", "no jurisdiction"),
    Column("optional", "boolean", "whether a careful reader may leave the row out"),
    Column("locality_code", "string", "code of the locality", "none known"),
    Column("locality_scheme", "string", "the list that the code is from", "no code"),
    Column("page", "integer", "page on which the value stands, from 1", "the format has no pages", minimum=1),
    Column("sentence", "string", "the evidence: the sentence, item or table row of the value", "not kept"),
    Column(
        "source", "array", "ids of what found the row: patterns, models; `ocr` if its page was read by OCR"
    ),
    Column(
        "confidence",
        "number",
        "probability that the row is right in every field",
        "not estimated",
        minimum=0,
        maximum=1,
    ),
    Column("auto_accept", "boolean", "whether the row is sure enough to be accepted unseen"),
    Column("evidence", "array", "where fields were read: objects of `field`, `start`, `end`"),
)
"""The columns of targets.jsonl, targets.csv and targets.parquet, in their order."""

FAILURES = (
    Column("path", "string", "path of the file, relative to the corpus folder"),
    Column("error", "string", "name of the error"),
    Column("reason", "string", "what is wrong with the file", filled=False),
)
"""The columns of failures.csv."""

DOCUMENTS = (
    Column(
        "doc", "string", "path of the document, relative to the corpus folder; `file.jsonl#id` for a line"
    ),
    Column("lang", "string", "language of the text", allowed=get_args(Lang)),
    Column("title", "string", "title of the document", "none found"),
    Column("date", "string", "date of publication, such as `2025-07-14`", "none found"),
    Column("pages", "array", "offsets at which the pages start; `[0]` if the format has none"),
    Column(
        "ocr",
        "array",
        "for each page how sure OCR read it, from 0 to 1: `null` for a page with text of its own, 0 for a picture that was not read",
        "left out: no page is a picture",
    ),
    Column("text", "string", "the text as policyextract reads it, which all offsets count"),
    Column("sha256", "string", "SHA-256 of `text` in UTF-8"),
)
"""The keys of a line of documents.jsonl."""
