"""Two spellings -> how alike they are, by letters and by sound; and whether a word is a common one.

Knows neither film nor glossary. Sounds are an English speaker's (Metaphone), so they are asked of Latin
letters only, and never without the letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from spellchecker import WordFrequency

__all__ = ["fold", "has_word_list", "is_common", "is_latin", "likeness", "nearest_of", "sound_alike"]

_NOT_SPELLING = regex.compile(r"[^\p{L}\p{M}\p{N}]")
_LATIN = regex.compile(r"[\p{Latin}\p{N}]+")
_LIGATURES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """The letters and digits alone, in lower case; Latin ones without accents."""
    bare = unicodedata.normalize("NFC", _NOT_SPELLING.sub("", text.casefold()))
    if not is_latin(bare):
        return bare
    plain = unicodedata.normalize("NFKD", bare.translate(_LIGATURES))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def is_latin(folded: str) -> bool:
    """Whether all letters are Latin ones."""
    return _LATIN.fullmatch(folded) is not None


def likeness(left: str, right: str) -> float:
    """How alike two folded spellings are: 1 is the same, 0 has nothing in common."""
    from rapidfuzz.distance import OSA

    return OSA.normalized_similarity(left, right)


def nearest_of(folded: str, terms: Sequence[str], *, least: float) -> list[int]:
    """Which of the folded terms are at least so alike, the most alike first."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found = process.extract(folded, terms, scorer=OSA.normalized_similarity, score_cutoff=least, limit=8)
    return [number for _, _, number in found]


@lru_cache(maxsize=50_000)
def sound_alike(left: str, right: str) -> bool:
    """Whether two folded spellings in Latin letters sound the same to an English speaker."""
    from jellyfish import metaphone

    return is_latin(left) and is_latin(right) and metaphone(left) == metaphone(right)


def has_word_list(language: str) -> bool:
    """Whether we know the common words of a language (primary code)."""
    return _words_of(language) is not None


def is_common(word: str, language: str) -> bool:
    """Whether a word is one of its language that anybody may say; of a language without a list, none is."""
    known = _words_of(language)
    return known is not None and word.casefold().replace("’", "'") in known


@lru_cache
def _words_of(language: str) -> WordFrequency | None:
    # Reading a list takes a tenth of a second: only runs with a glossary pay for it.
    from spellchecker import SpellChecker

    if language not in SpellChecker.languages():
        return None
    return SpellChecker(language=language).word_frequency
