"""Token patterns written in words, compiled to spaCy's Matcher over lexical flags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policyextract import lexicon
from policyextract.errors import LexiconError
from policyextract.types import Lang

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

_CLASS = re.compile(r"[A-Z][A-Z0-9]*\Z")
_OPERATORS = "?+*"


@dataclass(frozen=True, slots=True)
class Match:
    """Tokens ``first:last`` matched by the rule called ``id``, with the rule's own fields."""

    first: int
    last: int
    rule: dict[str, str]

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.rule["id"]


def token_classes(lang: Lang) -> dict[str, Callable[[str], bool]]:
    """The classes that are computed, not listed: numbers, years, words."""
    return {
        "NUM": lambda t: lexicon.is_number(t, lang) and not lexicon.is_year(t),
        "YEAR": lexicon.is_year,
        "ANY": lambda t: lexicon.is_number(t, lang),
        "NUM2": lambda t: len(t) == 2 and t.isdigit(),
        "NUMONE": lambda t: lexicon.is_number(t, lang) and len(t) <= 6,
        "WORD": lambda t: t.isalpha(),
    }


class Grammar:
    """A set of rules over the classes of one language, matched in one pass."""

    def __init__(self, lang: Lang, rules: Iterable[dict[str, str]], words: dict[str, list[str]]) -> None:
        from spacy.matcher import Matcher
        from spacy.vocab import Vocab

        self.vocab: Vocab = Vocab()
        self._rules = list(rules)
        self._flags: dict[str, int] = {}
        self._classes = token_classes(lang)
        for name, entries in words.items():
            self._classes[name] = frozenset(entries).__contains__
        self._matcher = Matcher(self.vocab, validate=False)
        for index, rule in enumerate(self._rules):
            tokens = [self._token(part, rule["id"]) for part in rule["pattern"].split(" ")]
            self._matcher.add(str(index), [tokens], greedy="LONGEST")

    def _token(self, part: str, rule: str) -> dict[Any, Any]:
        spec: dict[Any, Any] = {}
        if len(part) > 1 and part[-1] in _OPERATORS:
            part, spec["OP"] = part[:-1], part[-1]
        if not _CLASS.match(part):
            return {"ORTH": part, **spec}
        if part not in self._classes:
            raise LexiconError(f"pattern {rule} names the class {part}, which no table defines")
        if part not in self._flags:
            self._flags[part] = self.vocab.add_flag(self._classes[part])
        return {self._flags[part]: True, **spec}

    def document(self, norms: Iterable[str]) -> Doc:
        """The tokens as a spaCy Doc of this grammar's vocabulary."""
        from spacy.tokens import Doc

        return Doc(self.vocab, words=list(norms))

    def match(self, norms: Iterable[str]) -> Iterator[Match]:
        """Every rule's longest matches, in order of text."""
        doc = self.document(norms)
        found = sorted(self._matcher(doc), key=lambda m: (m[1], -m[2]))
        for key, first, last in found:
            yield Match(first, last, self._rules[int(self.vocab.strings[key])])
