"""A recognised text -> how likely each language is, by its script and its commonest words.

For recognisers that write down what they hear without saying in which language. Knows six languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["language_scores"]

_COMMON = {
    "de": "der die das und ist nicht ich du er sie es wir ihr ein eine einen zu mit auf für von dem den im "
    "auch sich wie aber noch war haben sind ja nein",
    "en": "the and is not i you he she it we they a an to with on for of in this that what are was have do "
    "but yes no my your be at",
    "es": "el la los las y es no yo tú él ella nosotros un una unos de a con por para en que lo se como pero "
    "más está son sí mi su del al",
    "fr": "le la les et est pas je tu il elle nous vous un une des de à avec sur pour dans que ce se comme "
    "mais plus était sont oui non mon son du au",
}
"""The words that make up about half of any text."""

_COMMON_SETS = {language: frozenset(words.split()) for language, words in _COMMON.items()}

_SCRIPTS = {"hi": re.compile(r"[\u0900-\u097f]"), "zh": re.compile(r"[\u3400-\u9fff]")}


def language_scores(text: str, languages: Sequence[str]) -> dict[str, float]:
    """The probability of each of `languages`; they sum to 1. Equal where the text tells nothing."""
    letters = sum(character.isalpha() for character in text) or 1
    words = re.findall(r"[^\W\d_]+", text.lower())
    evidence = {}
    for language in languages:
        if language in _SCRIPTS:
            evidence[language] = 20.0 * len(_SCRIPTS[language].findall(text)) / letters
        else:
            known = _COMMON_SETS.get(language, frozenset())
            evidence[language] = float(sum(word in known for word in words))
    # One more for each: a text without any evidence is equally likely in all of them.
    total = sum(evidence.values()) + 0.1 * len(languages)
    return {language: (score + 0.1) / total for language, score in evidence.items()}
