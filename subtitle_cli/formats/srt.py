"""Cues -> SubRip, the format that everything plays.

It has neither voices nor colours: who speaks is seen by the labels in the lines, if there are any.
"""

from __future__ import annotations

import re

from .lines import shown_lines, without_braces
from .subtitles import Subtitles

__all__ = ["to_srt"]

# SubRip cannot escape. Players take for a tag what they know, and some drop whatever looks like one.
_TAG = re.compile(r"<(?=\s*[\w/!?])")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def to_srt(subtitles: Subtitles) -> str:
    """SubRip. No cues: an empty text, which is a valid SRT file."""
    # pysrt is under the GPLv3. It is imported here and nowhere else, so that whoever hands on diffsub without
    # this function hands on no GPL code.
    import pysrt

    blocks = []
    for number, cue in enumerate(subtitles.cues, start=1):
        times = (pysrt.SubRipTime.from_ordinal(each) for each in (cue.start_ms, cue.end_ms))
        text = "\n".join(_plain(line.text) for line in shown_lines(cue))
        blocks.append(str(pysrt.SubRipItem(number, *times, text=text)))
    return "\n".join(blocks)


def _plain(text: str) -> str:
    """The text with nothing in it that a player takes for markup, or for a line of times."""
    text = _ENTITY.sub("&\u2060", _TAG.sub("‹", without_braces(text)))
    return text.replace("-->", "→")
