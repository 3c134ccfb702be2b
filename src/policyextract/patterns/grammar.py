"""Token patterns written in words, compiled to spaCy's Matcher over lexical flags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policyextract import lexicon
from policyextract.errors import LexiconError
from policyextract.patterns.gate import Gate, parted
from policyextract.types import Lang

if TYPE_CHECKING:
    from spacy.vocab import Vocab

_CLASS = re.compile(r"[A-Z][A-Z0-9]*\Z")
_MOST, _LONGEST = 20_000, 24  # runs whose matches are kept, and tokens of such a run


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
    """A set of rules over the classes of one language, matched in one pass.

    spaCy's Matcher tries every rule at every token, which took 15 of the 68 ms that an article of 7 KB took. It is given
    the runs of tokens that the gate lets through, and of those that are alike token by token only the first: 1 ms.
    """

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
        self._known: dict[tuple[int, ...], list[tuple[int, int, int]]] = {}
        self._gate = Gate([rule["pattern"].split(" ") for rule in self._rules], self._classes)

    def _token(self, part: str, rule: str) -> dict[Any, Any]:
        spec: dict[Any, Any] = {}
        part, operator = parted(part)
        if operator:
            spec["OP"] = operator
        if not _CLASS.match(part):
            return {"ORTH": part, **spec}
        if part not in self._classes:
            raise LexiconError(f"pattern {rule} names the class {part}, which no table defines")
        if part not in self._flags:
            self._flags[part] = self.vocab.add_flag(self._classes[part])
        return {self._flags[part]: True, **spec}

    def match(self, norms: Sequence[str]) -> Iterator[Match]:
        """Every rule's longest matches, in order of text; of two rules over the same tokens first the one met first."""
        met: dict[int, int] = {}
        for first, last, kinds in self._gate.runs(norms):
            found = self._known.get(kinds)
            if found is None:
                found = self._matched(norms[first:last])
                if len(self._known) < _MOST and len(kinds) <= _LONGEST:
                    self._known[kinds] = found
            for _, _, rule in found:
                met.setdefault(rule, len(met))
            for low, high, rule in sorted(found, key=lambda m: (m[0], -m[1], met[m[2]])):
                yield Match(first + low, first + high, self._rules[rule])

    def _matched(self, norms: Sequence[str]) -> list[tuple[int, int, int]]:
        """The matches in a run of tokens as spaCy gives them: first, last and number of the rule."""
        from spacy.tokens import Doc

        matches = self._matcher(Doc(self.vocab, words=list(norms)))
        return [(first, last, int(self.vocab.strings[key])) for key, first, last in matches]
