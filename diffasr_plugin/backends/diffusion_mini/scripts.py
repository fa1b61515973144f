"""A language -> the letters that it is written with. Latin ones occur in all of ours.

Knows no model.
"""

from __future__ import annotations

import unicodedata

__all__ = ["is_written_in", "may_occur"]

_SCRIPTS = {"hi": "DEVANAGARI", "zh": "CJK"}
"""How the Unicode names of a language's letters begin, where they are not Latin."""

_LATIN = "LATIN"


def may_occur(text: str, language: str) -> bool:
    """Whether no letter is of another script than the language's and the Latin one."""
    return not any(_is_strange(letter, language) for letter in text)


def is_written_in(text: str, language: str) -> bool:
    """Whether nearly all letters, three of four at least, are of the language's script or Latin.

    The reader of all six languages is free to hear any letter: of animals it hears a little of every script.
    """
    letters = [letter for letter in text if letter.isalpha()]
    return 4 * sum(_is_strange(letter, language) for letter in letters) <= len(letters)


def _is_strange(letter: str, language: str) -> bool:
    script = unicodedata.name(letter, "").split(" ")[0]
    return letter.isalpha() and script not in (_SCRIPTS.get(language, _LATIN), _LATIN)
