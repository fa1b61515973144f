"""Texts in and out of the polishing: words at a steady pace, and the running text that comes back."""

from __future__ import annotations

from dataclasses import replace

from subtitle_cli.text import Change, TextOptions, polish
from subtitle_cli.text.changes import joined
from subtitle_cli.types import SpokenWord
from tests.support.spoken import say, say_unspaced


def spoken(text: str, language: str = "en", speaker: str | None = None) -> list[SpokenWord]:
    """The words of a text in a language, as a recogniser would give them."""
    words = say_unspaced(text) if language.startswith("zh") else say(text, speaker=speaker)
    return [replace(word, language=language) for word in words]


def polished(text: str, language: str = "en", **options) -> str:
    """A text after polishing."""
    return joined(polish(spoken(text, language), TextOptions(**options))[0])


def changes(text: str, language: str = "en", **options) -> list[Change]:
    return polish(spoken(text, language), TextOptions(**options))[1]
