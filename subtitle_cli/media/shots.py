"""A film's picture -> when a new shot begins, in milliseconds on the picture's clock, exact to the frame.

ffmpeg's own detector looks: it comes along, knows every film that we can hear, and tells the time stamps of
the frames themselves, so that pictures of a varying rate are no other case. It knows nothing of cues.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .ffmpeg import failure, find_ffmpeg, input_options, run, url
from .film import Film

__all__ = ["find_shots"]

THRESHOLD = 10.0
"""How different two frames must be, 0 to 100, to belong to two shots; ffmpeg's own choice."""
WIDTH = 320
"""Frames are compared so small, in pixels: film grain and small movements then hardly count."""

# "[Parsed_metadata_3 @ 0x55] [info] frame:60   pts:2002000 pts_time:2.002"
FRAME_LINE = re.compile(rb"metadata.*\bframe:\d+ +pts:(-?\d+)")
PROGRESS_LINE = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)
NO_PICTURE = "matches no streams"


@dataclass
class _Watcher:
    """Reads ffmpeg's lines: one for each first frame of a shot, and where it is."""

    start_us: int
    report: Callable[[float], object]
    shots: list[int] = field(default_factory=list)

    def take(self, line: bytes) -> bool:
        frame = FRAME_LINE.search(line)
        if frame:
            # Rounded down: a cue that comes a hair after the frame would be seen one frame late.
            self.shots.append((int(frame[1]) - self.start_us) // 1000)
        return b"[info]" in line

    def follow(self, progress: bytes) -> None:
        for microseconds in PROGRESS_LINE.findall(progress):
            self.report(int(microseconds) / 1e6)


def find_shots(film: Film, on_progress: Callable[[float], object] = float) -> tuple[int, ...]:
    """The milliseconds at which the second and every further shot begins; none without a moving picture.

    A cue that comes at one of them is seen with the first frame of the shot.

    Args:
        on_progress: told the seconds of film that are done.

    Raises:
        FfmpegFailed: ffmpeg is missing, crashed or hung, or cannot decode the picture.
    """
    ffmpeg = find_ffmpeg()
    # Microseconds for time stamps: as printed otherwise, they have six digits in all.
    filters = f"scale={WIDTH}:-2,settb=AVTB,scdet=threshold={THRESHOLD},metadata=print:key=lavfi.scd.time"
    fence = [word for name, value in input_options(ffmpeg).items() for word in (f"-{name}", value)]
    opening = [ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info"]
    reading = ["-copyts", *fence, "-i", url(film.path), "-map", "0:V:0", "-vf", filters]
    watcher = _Watcher(round(film.start_s * 1e6), on_progress)
    finished = run(
        [*opening, *reading, "-progress", "pipe:1", "-f", "null", "-"],
        film.path,
        on_output=watcher.follow,
        on_line=watcher.take,
    )
    if finished.exit_code and any(NO_PICTURE in line for line in finished.last_lines):
        return ()
    if finished.exit_code:
        raise failure(film.path, f"the shots of {str(film.path)!r} cannot be found", finished.last_lines)
    return tuple(shot for shot in watcher.shots if shot > 0)
