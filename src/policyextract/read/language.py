"""Which language a text is written in: English or Vietnamese, with or without marks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from policyextract.errors import LanguageError
from policyextract.read.syllable import is_unmarked_syllable
from policyextract.types import Lang

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SAMPLE, _RARE_WORDS = 60_000, 60
# Nigerian Pidgin and Scots are what short English headings are taken for.
_OURS = frozenset({"en", "vi", "pcm", "sco"})
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
# Letters that no other language of the world's policy texts shares with Vietnamese in number.
_VIETNAMESE = re.compile("[ăđơưẠ-ỹ]", re.IGNORECASE)
_ENGLISH_WORDS = (
    "the of and to for with by that from will be is are was has have which this not it its as at their or"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_MARKED_WORDS = "và của các được trong năm đến cho không những với tỉnh người đạt trên theo là có"
_MARKED = frozenset(_MARKED_WORDS.split())


def detect(text: str) -> Lang:
    """The language of ``text``, by its commonest words and letters and in doubt by py3langid.

    A text in both languages is the one that most of its words are in. Raises LanguageError, which names
    the language, if it is surely another one; a text too short to tell is read as English or Vietnamese.

    >>> detect("Tỷ lệ hộ nghèo giảm còn 2%"), detect("Poverty falls to 2%")
    ('vi', 'en')
    """
    sample = text[:_SAMPLE]
    written = _WORD.findall(sample)
    words = [word.lower() for word in written]
    english, vietnamese = _share(words, _ENGLISH), _vietnamese_share(written)
    if max(english, vietnamese) >= 0.12:
        return "vi" if vietnamese > english else "en"
    if len(words) >= 4 and english < 0.1 and _unmarked_share(words) > 0.75:
        return "vi"
    other = _other(sample, len(words), max(english, vietnamese))
    if other is not None:
        raise LanguageError(f"the text is written in {other}; only English and Vietnamese are read")
    return "vi" if _share_marked(words) > 0.3 else "en"


def _share(words: list[str], known: frozenset[str]) -> float:
    return sum(word in known for word in words) / max(len(words), 1)


def _vietnamese_share(words: list[str]) -> float:
    """Half the share of words with a letter of Vietnamese alone or among its commonest.

    Capitalised words do not count, as names have marks in English texts too.
    """
    return _share_marked([word for word in words if not word.istitle()]) / 2


def _share_marked(words: list[str]) -> float:
    # No letter of English needs the search: one in a hundred words of an English text has another.
    marked = [
        word.lower() in _MARKED or not (word.isascii() or _VIETNAMESE.search(word) is None) for word in words
    ]
    return sum(marked) / max(len(words), 1)


def _unmarked_share(words: list[str]) -> float:
    """Share of words that could be Vietnamese syllables written without marks."""
    return sum(map(is_unmarked_syllable, words)) / max(len(words), 1)


def _other(sample: str, words: int, known: float) -> str | None:
    """The name of a third language if the detector is sure and the text long enough to tell."""
    letters = sum(map(str.isalpha, sample))
    latin = len(_LATIN.findall(sample))
    if letters < 15 or (latin > letters / 2 and words < 12):
        return None
    ranked = _identifier().rank(sample)
    code = ranked[0][0]
    ours = sum(share for name, share in ranked if name in _OURS)
    rare = len(code) > 2 and words < _RARE_WORDS
    if code in _OURS or (latin > letters / 2 and (ours > 0.1 or known > 0.08 or rare)):
        return None
    return _name(code)


def _name(code: str) -> str:
    import pycountry

    language = pycountry.languages.get(**{f"alpha_{len(code)}": code})
    return language.name.split(" (")[0].split(";")[0] if language else f"another language (code {code})"


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
