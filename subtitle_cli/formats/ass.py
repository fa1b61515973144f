"""Cues -> Advanced SubStation Alpha: text with a size and colours, as libass draws it.

Its times are whole hundredths of a second, cut off and not rounded, so that no cue begins or ends a frame
late. Braces are written as round brackets, and commas in a speaker's name as semicolons: it has no other way.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..cues.text import columns
from ..speakers import speaker_label
from ..types import Cue
from .lines import Line, by_speaker, one_line, shown_lines, split_time, without_braces
from .subtitles import Subtitles

__all__ = ["to_ass"]

WHITE = "#FFFFFF"
DEFAULT_STYLE = "Default"
SHARE_OF_HEIGHT = 0.055
"""Size of the text, of the picture's height: usual on television."""
SHARE_OF_WIDTH = 0.9
"""The longest line takes at most so much of the picture's width."""
COLUMN_EM = 0.5
"""Width of a column, of the text's size: an average of sans-serif fonts."""
SCRIPT_INFO = """\
[Script Info]
Title: {title}
ScriptType: v4.00+
WrapStyle: 0
ScaledBorderAndShadow: yes
YCbCr Matrix: None
PlayResX: {width}
PlayResY: {height}
"""
STYLES = """\
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
MarginR, MarginV, Encoding
"""
STYLE = (
    "Style: {name},Arial,{size},{colour},{colour},&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,{outline},0,2,\
{margin},{margin},{margin},{encoding}\n"
)
EVENTS = """\
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
AUTO_DIRECTION = -1
"""As a style's encoding: libass finds out by itself whether a line runs from right to left."""


def to_ass(subtitles: Subtitles) -> str:
    """ASS for the size of the picture; each speaker with a colour has a style."""
    width, height = subtitles.picture_size
    title = one_line(subtitles.film)
    styles = {speaker: f"Speaker {number}" for number, speaker in enumerate(_coloured(subtitles), start=1)}
    colours = {DEFAULT_STYLE: WHITE} | {style: subtitles.colours[who] for who, style in styles.items()}
    return "\n".join(
        [
            SCRIPT_INFO.format(title=title, width=width, height=height),
            STYLES + "".join(_style(name, colour, subtitles) for name, colour in colours.items()),
            EVENTS + "".join(_event(cue, styles) for cue in subtitles.cues),
        ]
    )


def _coloured(subtitles: Subtitles) -> list[str]:
    return [speaker for speaker in subtitles.speakers if speaker in subtitles.colours]


def _style(name: str, colour: str, subtitles: Subtitles) -> str:
    width, height = subtitles.picture_size
    lines = (line for cue in subtitles.cues for line in shown_lines(cue))
    widest = max((columns(line.text) for line in lines), default=1)
    size = max(1, round(min(SHARE_OF_HEIGHT * height, SHARE_OF_WIDTH * width / (COLUMN_EM * widest))))
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return STYLE.format(
        name=name,
        size=size,
        colour=f"&H00{blue}{green}{red}",
        outline=max(1, round(size / 20)),
        margin=round((1 - SHARE_OF_WIDTH) / 2 * min(width, height)),
        encoding=AUTO_DIRECTION,
    )


def _event(cue: Cue, styles: dict[str, str]) -> str:
    groups = list(by_speaker(shown_lines(cue)))
    first = groups[0][0] if groups else None
    style = styles.get(first or "", DEFAULT_STYLE)
    names = "; ".join(_field(speaker_label(speaker)) for speaker, _ in groups if speaker)
    text = r"\N".join(_texts(groups, styles, style))
    return f"Dialogue: 0,{_time(cue.start_ms)},{_time(cue.end_ms)},{style},{names},0,0,0,,{text}\n"


def _texts(groups: list[tuple[str | None, list[Line]]], styles: dict[str, str], style: str) -> Iterator[str]:
    """Lines; one that begins the words of a speaker with another style begins with a change to that."""
    for speaker, lines in groups:
        wanted = styles.get(speaker or "", DEFAULT_STYLE)
        change = f"{{\\r{wanted}}}" if wanted != style else ""
        style = wanted
        for number, line in enumerate(lines):
            yield (change if number == 0 else "") + without_braces(line.text)


def _field(text: str) -> str:
    """A text for a field, which ends at the next comma."""
    return one_line(text).replace(",", ";")


def _time(milliseconds: int) -> str:
    hours, minutes, seconds, rest = split_time(milliseconds)
    return f"{hours}:{minutes:02d}:{seconds:02d}.{rest // 10:02d}"
