"""Text -> one way of writing it, for languages whose script has several. What is said does not change.

Knows Hindi and Chinese. Scores after this come beside the plain ones, never instead of them.

Hindi: Devanagari offers several spellings of one sound. Vowel and consonant signs are decomposed, the nukta
and invisible joiners dropped, candrabindu and homorganic nasals become anusvara (हिन्दी, हिंदी), digits ASCII.
Hindi that a recogniser wrote in Urdu's script or in Latin letters stays as it is: Urdu leaves short vowels
out, so any table would have to guess them. Such texts are counted instead.

Chinese: traditional characters become simplified ones, by OpenCC's phrases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

__all__ = ["has_variants", "is_other_script", "one_script"]

_CANDRABINDU, _ANUSVARA, _NUKTA, _VIRAMA = "\u0901", "\u0902", "\u093c", "\u094d"
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff" + _NUKTA))
_DIGITS = {0x0966 + digit: str(digit) for digit in range(10)}

_HOMORGANIC = re.compile(
    f"(?:ङ{_VIRAMA}(?=[क-घ])|ञ{_VIRAMA}(?=[च-झ])|ण{_VIRAMA}(?=[ट-ढ])|न{_VIRAMA}(?=[त-ध])|म{_VIRAMA}(?=[प-भ]))"
)
"""A nasal consonant before a stop of its own place of articulation, which anusvara may stand for.

Source: The Unicode Standard, chapter 12.1 (Devanagari).
"""

_SCRIPT_NAMES = {"hi": "DEVANAGARI", "zh": "CJK"}
"""How the Unicode names of a script's letters begin."""


def has_variants(language: str) -> bool:
    """Whether `one_script` changes anything in that language."""
    return _primary(language) in _WRITERS


def one_script(text: str, language: str) -> str:
    """The text in one way of writing; other languages' text as it is."""
    writer = _WRITERS.get(_primary(language))
    return writer(text) if writer else text


def is_other_script(text: str, language: str) -> bool:
    """Whether most letters of a text are of another script than its language's; False where none is known."""
    name = _SCRIPT_NAMES.get(_primary(language))
    letters = [unicodedata.name(character, "") for character in text if character.isalpha()]
    if name is None or not letters:
        return False
    return sum(letter.startswith(name) for letter in letters) < len(letters) / 2


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _hindi(text: str) -> str:
    # NFKD takes all nukta letters apart, those that NFC never composes (क़) and those that it does (ऩ).
    text = unicodedata.normalize("NFKD", text).translate(_INVISIBLE).translate(_DIGITS)
    return _HOMORGANIC.sub(_ANUSVARA, text.replace(_CANDRABINDU, _ANUSVARA))


def _chinese(text: str) -> str:
    return _simplifier()(text)


@cache
def _simplifier() -> Callable[[str], str]:
    from opencc import OpenCC  # a compiled library, needed for Chinese only

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


_WRITERS: dict[str, Callable[[str], str]] = {"hi": _hindi, "zh": _chinese}
