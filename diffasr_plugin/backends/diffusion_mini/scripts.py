"""A language -> the letters that it is written with. Latin ones occur in all of ours.

Knows no model.
"""

from __future__ import annotations

import unicodedata

__all__ = ["is_written_in", "may_occur"]

_SCRIPTS = {"hi": ("DEVANAGARI",), "zh": ("CJK", "IDEOGRAPHIC", "FULLWIDTH")}
"""How the Unicode names of a language's letters and marks begin, where they are not Latin."""

_LATIN = ("LATIN",)


def may_occur(text: str, language: str) -> bool:
    """Whether no character is of a script that only other languages are written with."""
    foreign = {script for other, scripts in _SCRIPTS.items() if other != language for script in scripts}
    return not any(_script(character) in foreign for character in text)


def is_written_in(text: str, language: str) -> bool:
    """Whether the letters are those of a text in it: one of four its own, one of four strange at most.

    The reader of all six languages is free to hear any letter: of animals it hears a little of every script,
    of small sounds a Latin letter or two.
    """
    scripts = [_script(letter) for letter in text if letter.isalpha()]
    own = sum(script in _SCRIPTS.get(language, _LATIN) for script in scripts)
    known = sum(script in (*_SCRIPTS.get(language, _LATIN), *_LATIN) for script in scripts)
    return 4 * (len(scripts) - known) <= len(scripts) <= 4 * own


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0].split("-")[0]
