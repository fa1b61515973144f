"""Cues -> SubRip, the format that everything plays.

It has neither voices nor colours: who speaks is seen by the labels in the lines, if there are any.
"""

from __future__ import annotations

from .lines import plain, shown_lines
from .subtitles import Subtitles

__all__ = ["to_srt"]


def to_srt(subtitles: Subtitles) -> str:
    """SubRip. No cues: an empty text, which is a valid SRT file."""
    # pysrt is under the GPLv3. It is imported here and nowhere else, so that whoever hands on diffsub without
    # this function hands on no GPL code.
    import pysrt

    blocks = []
    for number, cue in enumerate(subtitles.cues, start=1):
        times = (pysrt.SubRipTime.from_ordinal(each) for each in (cue.start_ms, cue.end_ms))
        text = "\n".join(plain(line.text) for line in shown_lines(cue))
        blocks.append(str(pysrt.SubRipItem(number, *times, text=text)))
    return "\n".join(blocks)
