"""Time stamps of decoded sound -> where each stretch of it lies on the picture's clock.

It knows nothing of files or ffmpeg: positions and lengths are samples at 16 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

from diffasr_plugin.asr import SAMPLE_RATE

__all__ = ["Stretch", "Timeline"]

JITTER = SAMPLE_RATE // 20
"""Stamps that are off by less than 50 ms are rounding, not a hole: closing it would cut up the sound."""
OVERLAP = SAMPLE_RATE // 2
"""Stamps may step back so far and mean it: the same half second twice."""
HOLE = 3600 * SAMPLE_RATE
"""Stamps may jump ahead by an hour at most and mean it: sound is missing there."""


@dataclass(frozen=True)
class Stretch:
    """Sound without a gap: `length` samples from `start` on, which is negative before the picture's start."""

    start: int
    length: int


class Timeline:
    """Takes the pieces of sound in the order in which they were decoded, and tells their stretches.

    - A piece that begins where the one before it ended goes on with its stretch.
    - A jump ahead is a hole, and a small step back an overlap: the stamps are right, a new stretch begins.
    - A big step back, or a jump of over an hour, is a clock that was set anew, as where broadcasts were
      joined: the piece follows on the one before it, as it does in players.
    - The first piece lies where its stamp says, before the picture's start too.
    """

    def __init__(self, zero: int) -> None:
        """zero: the time stamp of the picture's start."""
        self._shift = -zero
        self._done: list[Stretch] = []
        self._start = 0
        self._length = 0

    def add(self, stamp: int | None, length: int) -> None:
        """A piece of `length` samples with this time stamp; None: the film does not say."""
        expected, is_first = self.end, not self._length
        jump = 0 if stamp is None else stamp + self._shift - expected
        if jump > HOLE or (jump < -OVERLAP and not is_first):
            self._shift -= jump
        elif abs(jump) > JITTER or is_first:
            self._close()
            self._start = expected + jump
        self._length += length

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Those so far, in the order of decoding."""
        return (*self._done, *([Stretch(self._start, self._length)] if self._length else []))

    @property
    def end(self) -> int:
        """Where the sound ends, so far."""
        return self._start + self._length

    def _close(self) -> None:
        if self._length:
            self._done.append(Stretch(self._start, self._length))
        self._length = 0
