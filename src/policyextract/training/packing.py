"""Raw text → windows of pieces, packed and kept on disk.

Pools, one a language and kind: ``train`` (all text), ``focus`` (only paragraphs with quantities, years or
numbers beside places, to be over-sampled) and ``held_out``. A window is ``[CLS] … [SEP]``; documents run on
from window to window, parted by ``[SEP]``, so no piece is cut away and none is padding.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from policyextract.errors import TrainingError
from policyextract.ner.windows import piece_id
from policyextract.places.tables import countries, vietnam
from policyextract.training.text import LANGUAGES, RawDocument, focus, read_shards

__all__ = ["Pools", "pack"]

POOLS = ("train", "focus", "held_out")
DOCUMENTS_AT_ONCE = 500

Windows = npt.NDArray[np.uint16]
Pools = dict[tuple[str, str], Windows]


def pack(tokenizer_file: Path, folders: list[Path], cache_folder: Path, *, window: int) -> Pools:
    """The pools as arrays of shape (windows, ``window``), memory-mapped from ``cache_folder``.

    They are written when the folder lacks them or was made from another tokenizer, other text or another
    window; a run that was stopped while packing starts it anew.

    Raises:
        TrainingError: the vocabulary does not fit 16 bits, or a folder holds no text.
    """
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    if tokenizer.get_vocab_size() > 2**16:
        raise TrainingError("a window's pieces are kept in 16 bits: use a tokenizer of at most 65,536 pieces")
    key = _key(tokenizer_file, folders, window)
    done = cache_folder / "packed.json"
    if not done.exists() or json.loads(done.read_text(encoding="utf-8")) != key:
        cache_folder.mkdir(parents=True, exist_ok=True)
        done.unlink(missing_ok=True)
        _write(tokenizer, folders, cache_folder, window)
        done.write_text(json.dumps(key), encoding="utf-8")
    return {
        (kind, language): _load(cache_folder / f"{kind}.{language}.u16", window)
        for kind in POOLS
        for language in LANGUAGES
    }


def _key(tokenizer_file: Path, folders: list[Path], window: int) -> dict[str, object]:
    shards = {
        path.name: path.stat().st_size for folder in folders for path in sorted(folder.glob("*.jsonl*"))
    }
    tokenizer = hashlib.sha256(tokenizer_file.read_bytes()).hexdigest()
    return {"tokenizer": tokenizer, "shards": shards, "window": window}


def _load(path: Path, window: int) -> Windows:
    if path.stat().st_size == 0:
        return np.zeros((0, window), np.uint16)
    return np.memmap(path, np.uint16, "r").reshape(-1, window)


def _write(tokenizer: Tokenizer, folders: list[Path], cache_folder: Path, window: int) -> None:
    writers = {
        (kind, language): _Writer((cache_folder / f"{kind}.{language}.u16").open("wb"), tokenizer, window)
        for kind in POOLS
        for language in LANGUAGES
    }
    stream = _documents(folders)
    while documents := list(islice(stream, DOCUMENTS_AT_ONCE)):
        for language in LANGUAGES:
            own = [document for document in documents if document.language == language]
            kept = [document.text for document in own if not document.held_out]
            writers["train", language].add(kept)
            writers["focus", language].add(["\n".join(focus(text, _places())) for text in kept])
            writers["held_out", language].add([document.text for document in own if document.held_out])
    for writer in writers.values():
        writer.file.close()


def _documents(folders: list[Path]) -> Iterator[RawDocument]:
    for folder in folders:
        yield from read_shards(folder)


@cache
def _places() -> re.Pattern[str]:
    named = (*countries(), *vietnam())
    names = {name for name, _, _, place in named if place[3] in ("national", "provincial") and len(name) > 3}
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + r")\b")


class _Writer:
    """Appends documents to a file of windows; what does not fill a window waits for the next document."""

    def __init__(self, file: BinaryIO, tokenizer: Tokenizer, window: int) -> None:
        self.file, self._tokenizer, self._body = file, tokenizer, window - 2
        self._first, self._last = (piece_id(tokenizer, piece) for piece in ("[CLS]", "[SEP]"))
        self._waiting = np.zeros(0, np.uint16)

    def add(self, texts: list[str]) -> None:
        encoded = self._tokenizer.encode_batch_fast([t for t in texts if t], add_special_tokens=False)
        parts = [np.array([*e.ids, self._last], np.uint16) for e in encoded]
        pieces = np.concatenate([self._waiting, *parts])
        full = len(pieces) // self._body
        bodies = pieces[: full * self._body].reshape(full, self._body)
        ends = np.full((full, 1), self._first, np.uint16), np.full((full, 1), self._last, np.uint16)
        self.file.write(np.concatenate([ends[0], bodies, ends[1]], axis=1).tobytes())
        self._waiting = pieces[full * self._body :]
