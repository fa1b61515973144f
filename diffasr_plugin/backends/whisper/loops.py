"""A text as tokens or letters -> whether the model went round in circles, and the tokens without the circles.

A decoder that has lost the sound repeats a phrase until its context is full. Knows nothing of audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Loop", "barred_by_repetition", "find_loop", "is_repetitive", "without_loops"]

_MIN_REPEATED = 12
"""Repeated tokens that make a loop; people do say "no, no, no, no"."""

_MIN_TIMES = 4
"""How often a phrase must stand in a row to make a loop."""

_MAX_PERIOD = 64

_LETTERS = 12
_LEAST_TEXT = 60
_LEAST_DISTINCT = 0.3
"""So many of all stretches of 12 letters are distinct, in speech. (Whisper compresses the bytes of the text,
which takes longer texts in Devanagari for loops: three bytes a letter compress well.)"""


@dataclass(frozen=True)
class Loop:
    """A phrase of `period` tokens that stands again and again in ids[start:end]."""

    start: int
    end: int
    period: int


def find_loop(ids: Sequence[int]) -> Loop | None:
    """The longest stretch that repeats one phrase, if that is long enough to be a fault."""
    array = np.asarray(ids)
    best: Loop | None = None
    for period in range(1, min(_MAX_PERIOD, len(ids) // _MIN_TIMES) + 1):
        start, repeated = _longest_run(array[period:] == array[:-period])
        enough = repeated >= max(_MIN_REPEATED, (_MIN_TIMES - 1) * period)
        if enough and (best is None or repeated + period > best.end - best.start):
            best = Loop(start, start + repeated + period, period)
    return best


def is_repetitive(text: str) -> bool:
    """Whether a text says much the same again and again, small changes allowed."""
    stretches = [text[start : start + _LETTERS] for start in range(len(text) - _LETTERS + 1)]
    return len(text) >= _LEAST_TEXT and len(set(stretches)) < _LEAST_DISTINCT * len(stretches)


def without_loops(ids: Sequence[int]) -> list[int]:
    """Positions of the ids that are left when each loop is said once."""
    kept = list(range(len(ids)))
    while loop := find_loop([ids[position] for position in kept]):
        del kept[loop.start + loop.period : loop.end]
    return kept


def barred_by_repetition(ids: Sequence[int], length: int) -> list[int]:
    """The tokens that would end a phrase of `length` tokens which the ids already hold."""
    if len(ids) < length:
        return []
    tail = list(ids[len(ids) - length + 1 :])
    return [ids[end] for end in range(length - 1, len(ids)) if list(ids[end - length + 1 : end]) == tail]


def _longest_run(flags: np.ndarray) -> tuple[int, int]:
    """Where the longest run of True begins, and its length."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest] - starts[longest])
