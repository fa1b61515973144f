"""What was heard and recognised in a film -> its subtitles: words to speakers, words to cues, cues to files.

Knows no sound and no model: whatever recognised the words, wherever, this is where they become subtitles.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .cues import make_cues
from .formats import FORMATS, Subtitles
from .listening import Heard
from .mux import FILMS
from .output import Target, write
from .progress import Reporter
from .settings import Settings
from .speaker_names import speaker_colours
from .speakers import assign_speakers
from .text import polish
from .transcribe import Recognised, words_on_film
from .translation import translate
from .types import SpokenWord

__all__ = ["compose", "write_all"]

logger = logging.getLogger(__name__)


def compose(path: Path, heard: Heard, recognised: Recognised, settings: Settings) -> Subtitles:
    """The subtitles of one film.

    Raises:
        TranslationError: they are to be translated, and the translator failed.
    """
    language = settings.text_language(heard.language)
    words = words_on_film(heard.pieces, recognised.transcripts)
    words = assign_speakers(words, heard.speech.turns, heard.speech.overlaps)
    words = [
        replace(word, language=settings.recognised_language(word.language or heard.language))
        for word in words
    ]
    words = translate(words, settings.translation) if settings.translation else words
    # Before cues are cut, so that lines with names in them keep to the width.
    words = settings.speaker_names.give_to(words) if settings.speaker_names else words
    words, changes = polish(words, settings.text)
    for change in changes:
        logger.info("  %8.2f s, %s: %r -> %r", change.at_s, change.kind, change.old, change.new)
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
        changes=tuple(changes),
        frame_rate=heard.film.frame_rate,
        colours=_colours(words, settings),
    )


def write_all(
    film: Path, subtitles: Subtitles, targets: Sequence[Target], reporter: Reporter
) -> tuple[Path | None, ...]:
    """All texts first, then all files, films last: a text that fails leaves none of them behind.

    Returns:
        What was written (None: standard output): all of it, but no film without a cue in it.

    Raises:
        OutputError: a file cannot be written.
        MediaError: a film cannot be; the texts stay.
    """
    texts = [(each, FORMATS[each.format](subtitles)) for each in targets if each.format in FORMATS]
    films = [each for each in targets if each.format in FILMS]
    for target, text in texts:
        write(target, text)
    if films and not subtitles.cues:
        logger.warning("%s: nobody speaks in it, so no film with subtitles is written", film)
        films = []
    total_s = (subtitles.duration_ms or 0) / 1000
    for target in films:
        reporter.stage(f"writing {target.path}")
        FILMS[target.format](
            film, subtitles, target, lambda share: reporter.progress(share * total_s, total_s)
        )
    return (*(target.path for target, _ in texts), *(target.path for target in films))


def _colours(words: Sequence[SpokenWord], settings: Settings) -> dict[str, str]:
    """Of each speaker, if the user wants colours."""
    chosen = settings.speaker_names.colours if settings.speaker_names else None
    speakers = dict.fromkeys(word.speaker for word in words if word.speaker is not None)
    return {} if chosen is None else speaker_colours(speakers, chosen)
