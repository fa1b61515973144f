"""Cues -> WebVTT, with a voice span for each speaker on every cue.

Players show or colour voices, so that labels are left out of the text: who speaks would be told twice. Cues
stand where players put them by themselves, at the bottom in the middle; so no cue needs settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..speakers import speaker_label
from ..types import Cue
from .lines import by_speaker, one_line, shown_lines, split_time
from .subtitles import Subtitles

__all__ = ["to_vtt"]

_BRACKETS = str.maketrans("<>", "‹›")
_NO_LETTER = re.compile(r"[\x00-\x7f](?<![A-Za-z0-9])")


def to_vtt(subtitles: Subtitles) -> str:
    """WebVTT; with colours, a style sheet gives each voice its own."""
    blocks = ["WEBVTT\n", *_style_sheet(subtitles)]
    for cue in subtitles.cues:
        times = f"{_time(cue.start_ms)} --> {_time(cue.end_ms)}"
        blocks.append("\n".join([times, *_voices(cue)]) + "\n")
    return "\n".join(blocks)


def _style_sheet(subtitles: Subtitles) -> Iterator[str]:
    rules = [
        f'::cue(v[voice="{_css_text(_voice(speaker))}"]) {{ color: {subtitles.colours[speaker]}; }}'
        for speaker in subtitles.speakers
        if speaker in subtitles.colours
    ]
    if rules:
        yield "\n".join(["STYLE", *rules]) + "\n"


def _voices(cue: Cue) -> Iterator[str]:
    """The text of a cue; neighbouring lines of one speaker share one voice span."""
    for speaker, lines in by_speaker(shown_lines(cue)):
        text = "\n".join(_escape(line.unlabelled) for line in lines if line.unlabelled)
        voice = _voice(speaker)
        yield f"<v {_escape(voice)}>{text}</v>" if voice else text


def _voice(speaker: str | None) -> str:
    # Not every player knows escapes in a voice's name.
    return one_line(speaker_label(speaker)).translate(_BRACKETS) if speaker else ""


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _css_text(text: str) -> str:
    """The inside of a CSS string: every ASCII character but letters and digits by its number."""
    return _NO_LETTER.sub(lambda sign: f"\\{ord(sign[0]):x} ", text)


def _time(milliseconds: int) -> str:
    hours, minutes, seconds, rest = split_time(milliseconds)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{rest:03d}"
