"""Words in one language -> words in another, at their times, by a translator that a plugin offers.

    words -> sentences -> [translator] -> texts -> words

Knows no translator. What a recogniser translates by itself (Whisper: into English) never comes here.
"""

from __future__ import annotations

from .choosing import AUTO, RECOGNISER, choose_translation
from .spec import Sentence, Translation, TranslatorSpec
from .words import translate

__all__ = [
    "AUTO",
    "RECOGNISER",
    "Sentence",
    "Translation",
    "TranslatorSpec",
    "choose_translation",
    "translate",
]
