"""How Vietnamese syllables are spelt, to tell the language and its encodings."""

from __future__ import annotations

import re
import unicodedata

# Names of the Central Highlands end in k too: Đắk Lắk, Krông Búk.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdđghklmnprstvx])?"
    r"(?:[iy]ê[mnptcu]?|iêng|yêng|[iy]a|uya|uyê[nt]|uâ(?:n|t|ng|y)|uê(?:n|nh|ch)?|uơ|ươ(?:[mnptciu]|ng)?|ưa"
    r"|uô(?:[mntci]|ng)?|ua"
    r"|o?a(?:[mnptciouy]|ng|nh|ch)?|o?ă(?:[mnptck]|ng)|â(?:[mnptcuy]|ng)|oe[nto]?|e(?:[mnptco]|ng)?"
    r"|ê(?:[mnptu]|nh|ch)?"
    r"|oo(?:c|ng)|o(?:[mnptci]|ng)?|ô(?:[mnptcik]|ng)?|ơ[mnpti]?|uy(?:nh|ch|t|n|u)?|u(?:[mnptcik]|ng)?"
    r"|ư(?:[tcuim]|ng)?"
    r"|i(?:[mnptu]|nh|ch)?|y)",
)
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
# A tone stands on a vowel: "Hòa" in Windows-1252 would read "Ḥa" in Windows-1258.
_TONE_ON_CONSONANT = re.compile(r"(?<![aeiouy\u0302\u0306\u031b])[\u0300\u0301\u0303\u0309\u0323]")
_UNMARKED = re.compile(
    re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", _SYLLABLE.pattern)).replace("đ", "d")
)


def is_syllable(word: str) -> bool:
    """Whether ``word`` is spelt like one Vietnamese syllable, with at most one tone mark.

    >>> [is_syllable(word) for word in ("nghiệp", "Quyết", "săo", "rất", "Ḥa")]
    [True, True, False, True, False]
    """
    spread = unicodedata.normalize("NFD", word.lower())
    bare = unicodedata.normalize("NFC", _TONES.sub("", spread))
    if _TONE_ON_CONSONANT.search(spread):
        return False
    return len(_TONES.findall(spread)) <= 1 and _SYLLABLE.fullmatch(bare) is not None


def is_unmarked_syllable(word: str) -> bool:
    """Whether ``word`` is spelt like a Vietnamese syllable written without any marks.

    >>> [is_unmarked_syllable(word) for word in ("nghiep", "duoc", "target", "plan")]
    [True, True, False, False]
    """
    return _UNMARKED.fullmatch(word.lower()) is not None
