"""Cues -> a plain transcript for reading: paragraphs without times, a new one at each change of speaker.

Each begins with its speaker's name, if the cues carry labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from ..speakers import speaker_label
from ..types import Cue, SpokenWord
from .lines import by_speaker, flat, one_line, shown_lines
from .subtitles import Subtitles

__all__ = ["to_txt"]

PAUSE_MS = 2000
"""After such a pause one who speaks alone begins a new paragraph."""


@dataclass(frozen=True)
class _Said:
    """What one speaker says without a pause, in one cue."""

    speaker: str | None
    text: str
    is_after_pause: bool


def to_txt(subtitles: Subtitles) -> str:
    """The transcript; no cues: an empty text."""
    is_labelled = any(any(cue.labels) for cue in subtitles.cues)
    paragraphs = (_paragraph(parts, is_labelled) for parts in _paragraphs(subtitles.cues))
    return "\n".join(f"{paragraph}\n" for paragraph in paragraphs)


def _paragraphs(cues: tuple[Cue, ...]) -> Iterator[list[_Said]]:
    paragraph: list[_Said] = []
    for said in _parts(cues):
        if paragraph and (said.is_after_pause or said.speaker != paragraph[-1].speaker):
            yield paragraph
            paragraph = []
        paragraph.append(said)
    if paragraph:
        yield paragraph


def _paragraph(parts: list[_Said], is_labelled: bool) -> str:
    text = flat([part.text for part in parts])
    speaker = parts[0].speaker
    return f"{one_line(speaker_label(speaker))}: {text}" if is_labelled and speaker else text


def _parts(cues: tuple[Cue, ...]) -> Iterator[_Said]:
    end_ms = 0
    for cue in cues:
        is_after_pause = cue.start_ms - end_ms >= PAUSE_MS
        for speaker, text in _texts(cue):
            if text:
                yield _Said(speaker, text, is_after_pause)
                is_after_pause = False
        end_ms = cue.end_ms


def _texts(cue: Cue) -> Iterator[tuple[str | None, str]]:
    """What each speaker says: by its words, which know where there are spaces; else by its lines."""
    if cue.words:
        for speaker, words in groupby(cue.words, key=lambda word: word.speaker):
            yield speaker, _joined(list(words))
        return
    for speaker, lines in by_speaker(shown_lines(cue)):
        yield speaker, flat([line.unlabelled for line in lines])


def _joined(words: list[SpokenWord]) -> str:
    spaced = (f" {word.text}" if word.space_before else word.text for word in words)
    return one_line("".join(spaced))
