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
    """Whether the letters are those of a text in it: one of four its own, one of four strange at most.

    The reader of all six languages is free to hear any letter: of animals it hears a little of every script,
    of small sounds a Latin letter or two.
    """
    scripts = [_script(letter) for letter in text if letter.isalpha()]
    own = _SCRIPTS.get(language, _LATIN)
    strange = sum(script not in (own, _LATIN) for script in scripts)
    return 4 * strange <= len(scripts) <= 4 * scripts.count(own)


def _is_strange(letter: str, language: str) -> bool:
    return letter.isalpha() and _script(letter) not in (_SCRIPTS.get(language, _LATIN), _LATIN)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]
