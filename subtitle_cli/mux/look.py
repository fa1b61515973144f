"""A film -> the size of its picture as it is shown, where its clock begins, and how many subtitles it has.

ffmpeg decodes one picture for it, which tells the truth where a container's own words may lie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..errors import NoPicture
from ..media.ffmpeg import failure, find_ffmpeg, input_options, run, url

__all__ = ["Look", "input_words", "look_at"]

# "[Parsed_showinfo_0 @ 0x55] n:   0 pts:     23 pts_time:0.023 fmt:yuv420p sar:16/11 s:720x576 i:P ..."
PICTURE_LINE = re.compile(rb"showinfo.* sar:(\d+)/(\d+) s:(\d+)x(\d+) ")
START_LINE = re.compile(rb"^  Duration: .*, start: (-?[\d.]+)")
SUBTITLE_LINE = re.compile(rb"^  Stream #0:\d+.*: Subtitle: ")
NO_STREAM = re.compile("matches no streams|does not contain any stream")


@dataclass(frozen=True)
class Look:
    """What a film looks like.

    Attributes:
        width, height: of the picture as it is shown: turned as the film says, its pixels made square.
        start: the container's time at which players begin, in seconds, as ffmpeg writes it.
        subtitle_streams: how many it has already.
    """

    width: int
    height: int
    start: str
    subtitle_streams: int


def input_words(ffmpeg: str, path: Path) -> list[str]:
    """How ffmpeg is given a film to read, and nothing that the film may lead to."""
    options = [word for name, value in input_options(ffmpeg).items() for word in (f"-{name}", value)]
    return [*options, "-i", url(path)]


def look_at(film: Path) -> Look:
    """Look at the first picture; cover pictures do not count.

    Raises:
        NoPicture: it has none.
        FfmpegFailed: ffmpeg is missing, or cannot decode it.
    """
    ffmpeg = find_ffmpeg()
    lines: list[bytes] = []

    def keep(line: bytes) -> bool:
        lines.append(line)
        return False

    command = [ffmpeg, "-hide_banner", "-nostdin", "-nostats", *input_words(ffmpeg, film)]
    command += ["-map", "0:V:0", "-frames:v", "1", "-vf", "showinfo", "-f", "null", "-"]
    finished = run(command, film, on_line=keep)
    shown = next((match for match in map(PICTURE_LINE.search, lines) if match), None)
    if shown is None and NO_STREAM.search("\n".join(finished.last_lines)):
        raise NoPicture(film, f"{str(film)!r} has no picture, so subtitles cannot be put into it")
    if finished.exit_code or shown is None:
        raise failure(film, f"ffmpeg cannot decode the picture of {str(film)!r}", finished.last_lines)
    above, below, width, height = map(int, shown.groups())
    aspect = Fraction(above, below) if above and below else Fraction(1)
    started = next((match for match in map(START_LINE.match, lines) if match), None)
    streams = sum(SUBTITLE_LINE.match(line) is not None for line in lines)
    return Look(round(width * aspect), height, started[1].decode() if started else "0", streams)
