"""Turns -> pieces: stretches of film of a length that a recogniser takes.

Knows nothing of models but two lengths, and nothing of words: speakers are given to words later, by time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE

from .types import Piece, Speech, Turn

__all__ = ["cut_turns", "make_pieces"]

MAX_JOINED_GAP_S = 2.0
"""Longest pause inside a piece. Up to there the pause is cheaper than a second window, which a recogniser
fills up with silence anyway; in longer ones recognisers begin to invent text."""

PADDING_S = 0.15
"""Free time taken before and after speech: diarization clips soft first and last sounds."""

FRAME = SAMPLE_RATE // 50
"""Loudness is measured in frames of 20 ms."""

PAUSE_S = 0.4
"""A cut looks for the quietest stretch of this length: longer than the closure of a stop consonant."""

REACH = 0.25
"""A turn that is too long is not cut in its first or last quarter."""

# Costs of a way to pack turns, in units of one more piece.
TIGHT_CUT = 0.5
"""A cut where there is no pause; it grows cheaper with the pause, up to nothing at `MAX_JOINED_GAP_S`."""
SAME_SPEAKER_CUT = 0.1
"""A cut between two turns of one speaker, who may be in the middle of a sentence."""


@dataclass(frozen=True)
class _Stretch:
    """A turn, or part of a long one, in samples from the start of the film; `end` is exclusive."""

    start: int
    end: int
    speaker: str | None
    language: str | None

    def as_turn(self) -> Turn:
        return Turn(self.start / SAMPLE_RATE, self.end / SAMPLE_RATE, self.speaker, self.language)


def make_pieces(speech: Speech, samples: NDArray[np.float32], *, max_s: float, best_s: float) -> list[Piece]:
    """What goes to the recogniser, in order, never overlapping, each at most `max_s` seconds.

    1. Cut turns longer than `max_s` at the quietest place within reach.
    2. Join neighbours of one language, of one speaker or several, across small gaps up to `best_s`: into as
       few pieces as can be, cut at long pauses and changes of speaker. A turn alone may be longer.
    3. Pad each with free time.

    Args:
        samples: the film's audio, mono at 16 kHz, shape (n,); may be a memory map: only long turns are read.
        max_s: longest piece, at least 1 second.
        best_s: the length at which the recogniser works best.
    """
    assert max_s >= 1, f"pieces of at most {max_s} s: no recogniser is that short of breath"
    longest = int(max_s * SAMPLE_RATE)
    stretches = [part for turn in speech.turns for part in _cut(turn, samples, longest)]
    groups = _pack(stretches, min(longest, int(best_s * SAMPLE_RATE)))
    return _padded(groups, longest, len(samples))


def cut_turns(turns: Sequence[Turn], samples: NDArray[np.float32], longest_s: float) -> list[Turn]:
    """The turns, those longer than `longest_s` cut at the quietest places within reach."""
    longest = int(longest_s * SAMPLE_RATE)
    return [part.as_turn() for turn in turns for part in _cut(turn, samples, longest)]


def _cut(turn: Turn, samples: NDArray[np.float32], longest: int) -> list[_Stretch]:
    """The turn as stretches of at most `longest` samples; none where it lies past the end of the film."""
    start, end = (min(max(0, round(s * SAMPLE_RATE)), len(samples)) for s in (turn.start_s, turn.end_s))
    if end - start <= longest:
        edges = [start, end]
    else:
        inner = _cuts(_smooth_powers(samples[start:end]), 0, longest // FRAME)
        edges = [start, *(start + frame * FRAME for frame in inner), end]
    return [_Stretch(a, b, turn.speaker, turn.language) for a, b in pairwise(edges) if a < b]


def _smooth_powers(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean power around each frame, weighted by a window of `PAUSE_S`; shape (frames,)."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    powers = np.einsum("ij,ij->i", frames, frames).astype(np.float64)  # makes no copy of a memory map
    return np.convolve(powers, np.hanning(round(PAUSE_S * SAMPLE_RATE / FRAME) + 1), mode="same")


def _cuts(powers: NDArray[np.float64], first: int, longest: int) -> list[int]:
    """The frames to cut at, so that no part has more than `longest`; `first` is the number of the first one.

    Halves the stretch where it is quietest, and so on with the halves. Of places that are about as quiet
    (3 dB), the one nearest the middle is taken.
    """
    if len(powers) < longest:  # frames are whole, a turn's last one may not be
        return []
    reach = range(round(REACH * len(powers)), round((1 - REACH) * len(powers)))
    within = powers[reach.start : reach.stop]
    quiet = reach.start + np.flatnonzero(within <= 2 * within.min())
    place = int(quiet[np.abs(quiet - len(powers) // 2).argmin()])
    before = _cuts(powers[:place], first, longest)
    return [*before, first + place, *_cuts(powers[place:], first + place, longest)]


def _pack(stretches: Sequence[_Stretch], best: int) -> list[list[_Stretch]]:
    """The cheapest way to group neighbours, by dynamic programming over where the last group begins."""
    cost, begin = [0.0], [0]
    for last in range(1, len(stretches) + 1):
        ways = [
            (cost[first] + _cut_cost(stretches, first), first) for first in _firsts(stretches, last, best)
        ]
        total, first = min(ways)
        cost.append(total + 1)
        begin.append(first)
    groups: list[list[_Stretch]] = []
    last = len(stretches)
    while last:
        groups.append(list(stretches[begin[last] : last]))
        last = begin[last]
    return groups[::-1]


def _firsts(stretches: Sequence[_Stretch], last: int, best: int) -> Iterator[int]:
    """Where a group may begin that ends before stretch `last`: each alone, or joined up to `best` samples."""
    yield last - 1
    for first in range(last - 2, -1, -1):
        too_far = stretches[first + 1].start - stretches[first].end > MAX_JOINED_GAP_S * SAMPLE_RATE
        if stretches[first + 1].language != stretches[first].language:
            return
        if too_far or stretches[last - 1].end - stretches[first].start > best:
            return
        yield first


def _cut_cost(stretches: Sequence[_Stretch], place: int) -> float:
    """What it costs to cut before a stretch."""
    if not place:
        return 0.0
    left, right = stretches[place - 1], stretches[place]
    gap = (right.start - left.end) / (MAX_JOINED_GAP_S * SAMPLE_RATE)
    return TIGHT_CUT * max(0.0, 1 - gap) + (SAME_SPEAKER_CUT if left.speaker == right.speaker else 0.0)


def _padded(groups: Sequence[Sequence[_Stretch]], longest: int, total: int) -> list[Piece]:
    """Each group as a piece with free time around it: half of a gap at most, and never past `longest`."""
    ends = [0, *(group[-1].end for group in groups)]
    starts = [*(group[0].start for group in groups), total]
    pieces: list[Piece] = []
    for number, group in enumerate(groups):
        start, end = group[0].start, group[-1].end
        most = min(round(PADDING_S * SAMPLE_RATE), (longest - (end - start)) // 2)
        before = (start - ends[number]) // (2 if number else 1)
        after = (starts[number + 1] - end) // (2 if number + 1 < len(groups) else 1)
        start, end = start - min(most, before), end + min(most, after)
        turns = tuple(stretch.as_turn() for stretch in group)
        pieces.append(Piece(start / SAMPLE_RATE, end / SAMPLE_RATE, turns))
    return pieces
