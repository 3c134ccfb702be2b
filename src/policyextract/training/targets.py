"""Annotated documents → a reading model in the folder that ``policyextract extract --model`` takes."""

from __future__ import annotations

import csv
import json
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from policyextract.errors import PolicyExtractError, TrainingError
from policyextract.evaluate.gold import Gold
from policyextract.ner.model import WEIGHTS
from policyextract.ner.windows import MARK
from policyextract.read import read
from policyextract.training import reader
from policyextract.training.augment import augmented, cropped, names_of
from policyextract.training.examples import Example, examples
from policyextract.training.generate import generated
from policyextract.training.onnx import export
from policyextract.types import Document, Lang, Target

__all__ = [
    "Options",
    "Scores",
    "copies_of",
    "documents_of",
    "generated_documents",
    "origin",
    "train",
    "windows_of",
]

MADE_UP = "generated/"  # the folder of documents out of a grammar
Annotated = tuple[Document, list[Target]]
Scores = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True, slots=True)
class Options:
    """How a reading model is trained: ``passes`` over the data, ``batch`` windows a step, the highest ``rate``."""

    passes: float = 7.0
    batch: int = 4
    rate: float = 3e-4
    seed: int = 1
    pretrained: bool = True
    device: str = "cpu"


def documents_of(folder: Path, gold: Gold) -> list[Annotated]:
    """The documents of ``gold``, which lie under ``folder``, each with its rows.

    Raises TrainingError if there is none, or a text is missing or cannot be read.
    """
    if not gold:
        raise TrainingError(f"{folder} holds no gold files: name a folder of .json files beside their texts")
    found = []
    for name, rows in gold.items():
        try:
            file, lang = folder / gold.files.get(name, name), gold.langs.get(name)
            found.append((read(file, name=name, lang=lang), rows))
        except (PolicyExtractError, OSError) as error:
            raise TrainingError(f"the text of {name} cannot be read: {error}") from error
    return found


def copies_of(documents: Sequence[Annotated], copies: int, seed: int, crops: int = 0) -> list[Annotated]:
    """So many augmented copies of each document, then so many crops of a few lines, after a seed."""
    names = names_of(document for document, _ in documents) if copies else {}
    whole = [
        augmented(document, rows, names, Random(f"{seed} {copy} {document.path}"))
        for copy in range(copies)
        for document, rows in documents
    ]
    parts = [
        cropped(document, rows, Random(f"{seed} crop {crop} {document.path}"))
        for crop in range(crops)
        for document, rows in documents
    ]
    return [*whole, *parts]


def generated_documents(number: int, seed: int) -> Iterator[Annotated]:
    """So many documents of a grammar, half of them in each language, after a seed."""
    langs: tuple[Lang, ...] = ("en", "vi")
    for i in range(number):
        lang = langs[i % 2]
        document, rows = generated(lang, Random(f"{seed} generated {i}"))
        name = f"{MADE_UP}{lang}-{i:04}.txt"
        yield replace(document, path=name), [replace(row, doc=name) for row in rows]


def windows_of(documents: Iterable[Annotated], tokenizer: Tokenizer) -> list[Example]:
    """The windows of documents that hold a value."""
    return [example for document, rows in documents for example in examples(document, rows, tokenizer)]


def train(
    base: Path | str,
    learned: Sequence[Annotated],
    held: Sequence[Annotated],
    out: Path,
    options: Options,
    *,
    weights: Path | None = None,
    report: Callable[[int, int, dict[str, float]], None] = lambda step, steps, losses: None,
) -> Scores:
    """Train on ``learned``, score on ``held``, write the model to ``out``; returns the scores by language.

    ``base`` is a folder or a hub's checkpoint, ours or another token encoder, or the ``checkpoint`` folder of a reading
    model, which then learns on; ``weights`` those that assembly shall
    weigh the model's word by (a file), copied along. A run that was broken off goes on from ``out/state``. ``report``
    is told the step, their number and the losses.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    tokenizer, size = _tokenizer(base, out)
    data = windows_of(learned, tokenizer)
    if not any(truth.target for example in data for truth in example.truths):
        raise TrainingError(
            "no gold row stands where the patterns see a value: there is nothing to learn from"
        )
    steps = max(1, round(options.passes * len(data) / options.batch))
    model = reader.begin(base, pretrained=options.pretrained)
    if size > model.config.vocab_size:
        model.resize_token_embeddings(size)
    with (out / "log.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("step", *reader.SHARES))

        def step_done(step: int, losses: dict[str, float]) -> None:
            writer.writerow((step, *(round(losses[name], 5) for name in reader.SHARES)))
            report(step, steps, losses)

        reader.fine_tune(
            model, data, steps=steps, seed=options.seed, batch=options.batch, learning_rate=options.rate,
            device=options.device, state=out / "state", report=step_done,
        )  # fmt: skip
    model.to("cpu").save_pretrained(out / "checkpoint")
    fast: Any = PreTrainedTokenizerFast  # it is not typed
    pad = tokenizer.id_to_token(model.config.pad_token_id)
    fast(tokenizer_object=tokenizer, pad_token=pad).save_pretrained(
        out / "checkpoint"
    )  # a base to go on from
    scores = scored(model, held, tokenizer)
    export(out / "checkpoint", out, out)
    if weights is not None:
        shutil.copyfile(weights, out / WEIGHTS)
    paths = [document.path for document, _ in learned]
    made = [path.rpartition(".")[0] for path in paths if path.startswith(MADE_UP)]
    record: dict[str, Any] = {
        **asdict(options), **origin(base), "steps": steps, "documents": len(learned), "windows": len(data),
        "originals": len({path.rpartition(".")[0].partition("~")[0] for path in paths} - set(made)),
        "made_up": len(made),
        "parameters": sum(p.numel() for p in model.parameters()),
        "scored_on": len(held), "scores": scores,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}",
    }  # fmt: skip
    (out / "training.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(out / "state", ignore_errors=True)
    return scores


def origin(base: Path | str) -> dict[str, Any]:
    """The name of a base and, if it is a reading model's checkpoint, how that was trained (``before``)."""
    found: dict[str, Any] = {"base": Path(base).name}
    record = Path(base).parent / "training.json"
    if Path(base).name == "checkpoint" and record.is_file():
        before = json.loads(record.read_text(encoding="utf-8"))
        found["before"] = {name: value for name, value in before.items() if name != "scores"}
    return found


def scored(model: Any, held: Sequence[Annotated], tokenizer: Tokenizer) -> Scores:
    """Precision, recall and F1 by language and part."""
    found: Scores = {}
    for lang in ("en", "vi"):
        own = windows_of([one for one in held if one[0].lang == lang], tokenizer)
        if own:
            found[lang] = {
                name: {"precision": round(c.precision, 4), "recall": round(c.recall, 4), "f1": round(c.f1, 4)}
                for name, c in reader.score(model, own).items()
            }
    return found


def _tokenizer(base: Path | str, out: Path) -> tuple[Tokenizer, int]:
    """The base's tokenizer with the mark among its pieces, kept in ``out``, and its number of pieces."""
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(base)
    except (OSError, ValueError) as error:
        raise TrainingError(f"{base} is no checkpoint with a tokenizer: {error}") from error
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise TrainingError(
            f"{base} has no fast tokenizer, which offsets into the text need: take another base"
        )
    if fast.token_to_id(MARK) is None:
        fast.add_special_tokens([MARK])
    fast.no_truncation()
    fast.no_padding()
    fast.save(str(out / "tokenizer.json"))
    return fast, fast.get_vocab_size(with_added_tokens=True)
