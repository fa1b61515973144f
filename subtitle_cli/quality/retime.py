"""A subtitle file and the speech of its film -> the file moved to where it belongs.

Where that is, is found by `align`; what becomes of the text is the business of `rewrite`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SubtitlesUnreadable
from ..reading import SubtitleFile
from .align import Alignment, align
from .film import HeardFilm
from .line import Clock
from .rewrite import check_rewritable, rewrite_times
from .words import clock as time_code
from .words import count

__all__ = ["IN_TIME_MS", "Retimed", "check_movable", "retime_subtitles", "retimed_json", "retimed_page"]

IN_TIME_MS = 60
"""Cues that would move by no more than this are in time already: speech is not heard more exactly."""


@dataclass(frozen=True)
class Retimed:
    """What became of a file.

    Attributes:
        text: the new one; the old one if the cues were in time.
        first_ms, last_ms: by how much the first and the last cue move.
        at_zero: how many cues would begin before the film, and now begin with it.
        is_in_time: whether there was nothing to move.
    """

    file: SubtitleFile
    film: Path
    alignment: Alignment
    text: str
    first_ms: int
    last_ms: int
    at_zero: int = 0
    is_in_time: bool = False


def check_movable(file: SubtitleFile) -> None:
    """Refuse a file that could not be moved as a whole, before its film is listened to.

    Raises:
        SubtitlesUnreadable: a part of it cannot be read, and would stay behind.
        UsageError: times of this format cannot be rewritten.
    """
    check_rewritable(file)
    if file.flaws:
        raise SubtitlesUnreadable(
            file.path,
            f"{str(file.path)!r} cannot be moved before all of it can be read; mend {file.flaws[0]}",
        )


def retime_subtitles(file: SubtitleFile, film: HeardFilm) -> Retimed:
    """Move all times of a file by one line, to where the film's speech is.

    Raises:
        SubtitlesUnreadable, UsageError: it cannot be moved; see `check_movable`.
        WeakEvidence: file and film do not fit together clearly.
    """
    check_movable(file)
    alignment = align(file.cues, film.turns, film.duration_s)
    starts = sorted(cue.start_ms for cue in file.cues)
    moved = [_at(alignment.clock, start) for start in starts]
    first_ms, last_ms = moved[0] - starts[0], moved[-1] - starts[-1]
    if max(abs(first_ms), abs(last_ms)) <= IN_TIME_MS:
        return Retimed(file, film.path, alignment, file.text, first_ms, last_ms, is_in_time=True)
    text = rewrite_times(file, lambda time_ms: max(0, _at(alignment.clock, time_ms)))
    at_zero = sum(time < 0 for time in moved)
    return Retimed(file, film.path, alignment, text, first_ms, last_ms, at_zero)


def retimed_page(retimed: Retimed, written: Path | None) -> str:
    """What was found and done, for people."""
    clock = retimed.alignment.clock
    lines = [
        f"{retimed.file.path}: {count(len(retimed.file.cues), 'cue')}, "
        f"first {_moved(retimed.first_ms)}, last {_moved(retimed.last_ms)}",
        f"offset {clock.offset_s:+.3f} s, rate {clock.rate:.6f}{_slower(clock.rate)}; "
        f"the cues fit {retimed.alignment.strength:.1f} times as well as chance, "
        f"{count(clock.pairs, 'start')} of speech matched, median distance {clock.spread_s:.3f} s",
    ]
    if retimed.is_in_time:
        lines.append("already in time: no time was changed")
    elif retimed.at_zero:
        lines.append(f"{count(retimed.at_zero, 'cue')} would begin before the film, and now begin with it")
    for start_s, end_s in retimed.alignment.loose_s:
        span = f"{time_code(round(1000 * start_s))} to {time_code(round(1000 * end_s))}"
        lines.append(f"{span} of the file does not fit: perhaps a cut or advertising, which is not repaired")
    if written is not None:
        encoding = retimed.file.encoding
        change = "" if encoding.startswith("utf-8") else f", in UTF-8 (it was in {encoding})"
        lines.append(f"written: {written}{change}")
    return "\n".join(lines)


def retimed_json(retimed: Retimed, written: Path | None) -> dict[str, Any]:
    """The same as plain values, for JSON."""
    clock = retimed.alignment.clock
    return {
        "file": str(retimed.file.path),
        "film": str(retimed.film),
        "offset_s": round(clock.offset_s, 3),
        "rate": round(clock.rate, 7),
        "strength": round(retimed.alignment.strength, 2),
        "starts_matched": clock.pairs,
        "spread_s": round(clock.spread_s, 3),
        "first_ms": retimed.first_ms,
        "last_ms": retimed.last_ms,
        "at_zero": retimed.at_zero,
        "in_time": retimed.is_in_time,
        "loose_s": [[round(edge, 3) for edge in span] for span in retimed.alignment.loose_s],
        "written": None if written is None else str(written),
    }


def _at(clock: Clock, time_ms: int) -> int:
    return round(1000 * clock.at(time_ms / 1000))


def _moved(milliseconds: int) -> str:
    direction = "later" if milliseconds >= 0 else "earlier"
    return f"{abs(milliseconds) / 1000:.3f} s {direction}"


def _slower(rate: float) -> str:
    if rate == 1:
        return " (no drift)"
    return f" ({abs(rate - 1):.3%} {'slower' if rate > 1 else 'faster'})"
