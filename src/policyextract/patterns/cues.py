"""Cue words: what speaks for a commitment, a report, a budget, a forecast, a procedure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from policyextract import lexicon
from policyextract.lexicon import Tokens
from policyextract.types import Lang, Span

if TYPE_CHECKING:
    from spacy.matcher import PhraseMatcher
    from spacy.vocab import Vocab


@cache
def _matcher(lang: Lang) -> tuple[Vocab, PhraseMatcher]:
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    vocab = Vocab()
    matcher = PhraseMatcher(vocab)
    for name, phrases in lexicon.table(lang, "cues").items():
        matcher.add(name, [Doc(vocab, words=list(lexicon.tokenise(p, lang).norms)) for p in phrases])
    return vocab, matcher


def find_cues(tokens: Tokens, lang: Lang) -> list[Span]:
    """CUE spans with the attribute ``class``; of a class only the longest match at each place."""
    from spacy.tokens import Doc

    vocab, matcher = _matcher(lang)
    spans: list[Span] = []
    reached: dict[int, int] = {}
    for key, first, last in sorted(
        matcher(Doc(vocab, words=list(tokens.norms))), key=lambda m: (m[1], -m[2])
    ):
        if reached.get(key, 0) >= last:
            continue
        reached[key] = last
        name = vocab.strings[key]
        word = " ".join(tokens.norms[first:last])
        source = f"{lang}.cue.{name.lower()}"
        spans.append(
            Span(
                tokens.starts[first], tokens.ends[last - 1], "CUE", source, (("class", name), ("word", word))
            )
        )
    return spans
