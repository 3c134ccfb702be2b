"""Raw text for training: shards of JSON Lines, one document a line, as ``(language, text)``."""

from __future__ import annotations

import json
import lzma
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policyextract.errors import TrainingError

__all__ = ["RawDocument", "focus", "read_shards"]

LANGUAGES = ("en", "vi")
# A quantity as targets state it: a share, or an amount with its unit or in thousands.
QUANTITY = re.compile(
    r"\d\s?(?:%|per ?cent|phần trăm|triệu|tỷ|nghìn|million|billion|thousand|ha\b|km|MW|tấn|tonnes|hộ\b|households)"
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+")


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One document of a shard: its ``language`` ("en" or "vi"), its NFC ``text``, and whether it is ``held_out``."""

    language: str
    text: str
    held_out: bool


def read_shards(folder: Path, *, held_out_share: float = 0.01) -> Iterator[RawDocument]:
    """Every document of ``folder/{en,vi}_*.jsonl.xz`` (or ``.jsonl``), shards in the order of their names.

    Whether a document is held out depends on its text alone, so it stays so in every run and any order.

    Raises:
        TrainingError: no shard is there, or a line is not a JSON object with a ``text``.
    """
    shards = [
        path
        for path in sorted(folder.glob("*.jsonl*"))
        if path.name[:3] in {f"{language}_" for language in LANGUAGES}
        and path.name.endswith((".jsonl", ".jsonl.xz"))
    ]
    if not shards:
        raise TrainingError(
            f"{folder} holds no text: expected files such as en_news.jsonl.xz and vi_laws.jsonl"
        )
    for path in shards:
        yield from _read(path, held_out_share)


def _read(path: Path, held_out_share: float) -> Iterator[RawDocument]:
    with (
        lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")
    ) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                text = json.loads(line)["text"]
            except (ValueError, KeyError, TypeError) as error:
                raise TrainingError(f"{path.name}, line {number}: not a JSON object with a text") from error
            text = unicodedata.normalize("NFC", text).replace("\ufeff", "")
            bucket = zlib.crc32(text.encode("utf-8")) / 2**32
            yield RawDocument(path.name[:2], text, bucket < held_out_share)


def focus(text: str, places: re.Pattern[str]) -> list[str]:
    """The passages of ``text`` that carry the job: a sentence with a quantity, or a year and a place's name.

    The sentence before comes with it, as targets take their year and place from there.
    """
    passages = []
    for paragraph in text.split("\n"):
        sentences = SENTENCE_END.split(paragraph)
        wanted = [
            bool(QUANTITY.search(one) or (YEAR.search(one) and places.search(one))) for one in sentences
        ]
        kept = [
            one for i, one in enumerate(sentences) if wanted[i] or (i + 1 < len(sentences) and wanted[i + 1])
        ]
        if kept:
            passages.append(" ".join(kept))
    return passages
