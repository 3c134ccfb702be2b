"""The encoder's tokenizer: byte-level BPE over words, single digits and single marks.

A digit and a mark are always pieces of their own (" 7,5%" → " 7" "," "5" "%"), so that a number is read digit
by digit and its decimal mark stays apart. Bytes are the base alphabet: no text is unknown. Text is put into
NFC first, with offsets that still point into the text as given, and blanks are no part of a piece's offsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from policyextract.training.text import LANGUAGES, read_shards

__all__ = ["SPECIAL", "balanced", "save", "train"]

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"[unused{i}]" for i in range(16)))
# A run of letters, a digit, or a mark, each with the blank before it; other blanks (line ends) by themselves.
WORDS = Regex(r" ?[\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]|\s+(?!\S)|\s")
WINDOW = 512


def balanced(folder: Path, characters: int) -> Iterator[str]:
    """Documents of ``folder`` that are not held out, up to ``characters`` of each language."""
    left = dict.fromkeys(LANGUAGES, characters)
    # Shards hold one source each and come in order: a share of every document keeps all sources in.
    total = dict.fromkeys(LANGUAGES, 0)
    for document in read_shards(folder):
        total[document.language] += len(document.text)
    for document in read_shards(folder):
        share = min(1.0, left[document.language] / max(1, total[document.language]))
        if not document.held_out:
            yield document.text[: int(len(document.text) * share) + 1]


def train(texts: Iterator[str], vocabulary: int, *, progress: bool = True) -> Tokenizer:
    """A tokenizer of ``vocabulary`` pieces, special ones included, fitted on ``texts``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(WORDS, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocabulary,
            min_frequency=2,
            # "by [MASK] 2030": the blank before the mask is the mask's, as in the pieces it stands for.
            special_tokens=[AddedToken(p, special=True, lstrip=p == "[MASK]") for p in SPECIAL],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=progress,
        ),
    )
    first, last = ((piece, tokenizer.token_to_id(piece)) for piece in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=True),
            processors.TemplateProcessing(
                single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[first, last]
            ),
        ]
    )
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json``, which ``AutoTokenizer`` and ``tokenizers`` load."""
    from transformers import PreTrainedTokenizerFast

    named = dict(zip(("pad", "unk", "cls", "sep", "mask"), SPECIAL, strict=False))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=WINDOW,
        clean_up_tokenization_spaces=False,
        **{f"{name}_token": piece for name, piece in named.items()},
    ).save_pretrained(folder)
