"""What was heard and recognised in a film -> its subtitles: words to speakers, words to cues, cues to texts.

Knows no sound and no model: whatever recognised the words, wherever, this is where they become subtitles.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .cues import make_cues
from .formats import FORMATS, Subtitles
from .listening import Heard
from .output import Target, write
from .settings import Settings
from .speakers import assign_speakers
from .transcribe import Recognised, words_on_film

__all__ = ["compose", "write_all"]


def compose(path: Path, heard: Heard, recognised: Recognised, settings: Settings) -> Subtitles:
    """The subtitles of one film."""
    language = settings.text_language(heard.language)
    words = assign_speakers(words_on_film(heard.pieces, recognised.transcripts), heard.speech.turns)
    words = [
        replace(word, language=settings.text_language(word.language or heard.language)) for word in words
    ]
    cues = make_cues(
        words, settings.profile.rules(language, heard.film.frame_rate), settings.speaker_labels, heard.shots
    )
    return Subtitles(
        tuple(cues),
        language,
        film=os.fsencode(path.name).decode(errors="replace"),
        duration_ms=round(heard.duration_s * 1000),
        model=recognised.model,
        options=recognised.options,
    )


def write_all(subtitles: Subtitles, targets: Sequence[Target]) -> None:
    """All texts first, then all files: a text that fails leaves none of them behind.

    Raises:
        OutputError: a file cannot be written.
    """
    texts = [(target, FORMATS[target.format](subtitles)) for target in targets]
    for target, text in texts:
        write(target, text)
