"""Numbers and texts -> words for people, the same on every page."""

from __future__ import annotations

import math

__all__ = ["clock", "count", "first_words", "percent"]

_LONGEST = 48


def clock(milliseconds: int) -> str:
    """83456 -> "00:01:23,456"."""
    seconds, rest = divmod(abs(milliseconds), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if milliseconds < 0 else ''}{hours:02d}:{minutes:02d}:{seconds:02d},{rest:03d}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """1, "cue" -> "1 cue"; 2 -> "2 cues"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def first_words(text: str) -> str:
    """A cue's text on one line, its lines parted by a slash, and no longer than a line of a page."""
    line = " / ".join(text.splitlines()) or "(no text)"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def percent(share: float) -> str:
    """0.99999 -> "99.9 %": only what is whole is 100."""
    return f"{math.floor(1000 * share + 1e-9) / 10:.1f} %"
