"""Cues -> LRC, the format of lyrics: what music players show line by line.

It holds no more than this: a time in hundredths of a second, cut off and not rounded, and one line of text. A
cue's lines are joined, its end is an empty line, and brackets are written as round ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from .lines import flat, one_line, plain, shown_lines
from .subtitles import Subtitles

__all__ = ["to_lrc"]

_BRACKETS = str.maketrans("[]", "()")


def to_lrc(subtitles: Subtitles) -> str:
    """LRC, with the film's name, its language and its length at the head."""
    return "\n".join([*_head(subtitles), *_lines(subtitles)]) + "\n"


def _head(subtitles: Subtitles) -> Iterator[str]:
    if subtitles.film:
        yield f"[ti:{_plain(subtitles.film)}]"
    yield f"[la:{subtitles.language}]"
    if subtitles.duration_ms is not None:
        minutes, seconds = divmod(subtitles.duration_ms // 1000, 60)
        yield f"[length:{minutes:02d}:{seconds:02d}]"


def _lines(subtitles: Subtitles) -> Iterator[str]:
    stamps = [(_time(cue.start_ms), _time(cue.end_ms)) for cue in subtitles.cues]
    next_starts = [*(start for start, _ in stamps[1:]), None]
    for cue, (start, end), next_start in zip(subtitles.cues, stamps, next_starts, strict=False):
        yield start + _plain(flat([line.text for line in shown_lines(cue)]))
        if end != next_start:
            yield end


def _plain(text: str) -> str:
    return plain(one_line(text)).translate(_BRACKETS)


def _time(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds // 10, 6000)
    seconds, hundredths = divmod(rest, 100)
    return f"[{minutes:02d}:{seconds:02d}.{hundredths:02d}]"
