"""Samples and rough word times -> word times that begin and end with the sound.

Cross-attention says well which sound a word is, and badly where a pause ends: the first word of a phrase
swallows the silence before it, and a full stop takes the last syllable. The level of the sound knows.
Measured on 60 phrases with pauses between them: 77 % of the phrases began more than 0.3 s too early by
attention alone, none after the fitting; where they end, 14 % and 0 %.

Does not know tokens or models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...asr import SAMPLE_RATE
from .window import FRAMES_PER_S

__all__ = ["RoughSpan", "fit_to_sound", "is_silent", "loud_frames", "unspoken"]

_FRAME = SAMPLE_RATE // FRAMES_PER_S

_SILENT_PEAK = 1e-4
"""Three steps of 16-bit audio: nothing that is softer was meant to be heard."""

_BELOW_SPEECH_DB = 35.0
_ABOVE_FLOOR_DB = 10.0
_LEAST_CONTRAST_DB = 15.0
_BRIDGED_FRAMES = 12
"""Quiet of up to 0.24 s belongs to a phrase: closures of plosives, and short breaths."""

_LEAST_PHRASE_FRAMES = FRAMES_PER_S
"""A second of sound holds words; less may be a cough."""


@dataclass(frozen=True)
class RoughSpan:
    """A word's place by attention, in frames.

    Attributes:
        start: its first frame.
        next_start: where the next word begins; the punctuation after this one lies before it.
        first_peak, last_peak: where its first and last token attend most.
    """

    start: int
    next_start: int
    first_peak: int
    last_peak: int


def is_silent(samples: NDArray[np.float32]) -> bool:
    """Whether there is nothing to hear: too short for a single frame, or soft beyond hearing."""
    return len(samples) < _FRAME or float(np.abs(samples).max()) < _SILENT_PEAK


def loud_frames(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which frames of 20 ms are loud enough for speech, shape (frames,).

    Loud is what comes within 35 dB of the loudest sounds and stands 10 dB out of the softest; where the
    softest are loud themselves, as over music, what comes within 15 dB of the loudest.
    """
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    level_db = 10 * np.log10((frames**2).mean(axis=1) + 1e-14)
    loudest, softest = np.percentile(level_db, (95, 10))
    threshold = min(softest + _ABOVE_FLOOR_DB, loudest - _LEAST_CONTRAST_DB)
    loud: NDArray[np.bool_] = level_db > max(threshold, loudest - _BELOW_SPEECH_DB)
    return loud


def fit_to_sound(spans: Sequence[RoughSpan], loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Frames (start, end) of each word, in order, none shorter than a frame, none in another's.

    A word begins and ends with the loud stretch that its tokens attend to. It never grows beyond where
    attention saw it, but for the punctuation after it.
    """
    fitted = []
    for span in spans:
        first = _stretch(loud, span.start, span.next_start, span.first_peak)
        last = _stretch(loud, span.start, span.next_start, span.last_peak)
        fitted.append((first[0], max(last[1], first[0] + 1)))
    return _apart(fitted, len(loud))


def unspoken(loud: NDArray[np.bool_], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Phrases in the sound of which no word is: loud stretches as frames (start, end), a second at least.

    Each has a little of the quiet around it, in which no word is either.

    Args:
        spans: frames of the words.
    """
    margin = _BRIDGED_FRAMES // 2
    return [
        (max(0, start - margin), min(len(loud), end + margin))
        for start, end in _stretches(loud, 0, len(loud))
        if end - start >= _LEAST_PHRASE_FRAMES
        and not any(first < end + margin and start - margin < last for first, last in spans)
    ]


def _stretch(loud: NDArray[np.bool_], start: int, end: int, peak: int) -> tuple[int, int]:
    """The loud stretch of [start, end) that is nearest to a frame; all of it if nothing in it is loud."""
    found = _stretches(loud, start, end)
    return min(found, key=lambda span: max(0, span[0] - peak, peak - span[1] + 1), default=(start, end))


def _stretches(loud: NDArray[np.bool_], start: int, end: int) -> list[tuple[int, int]]:
    """The loud stretches of [start, end)."""
    frames = start + np.flatnonzero(loud[start:end])
    if not len(frames):
        return []
    breaks = np.flatnonzero(np.diff(frames) > _BRIDGED_FRAMES)
    starts = frames[np.concatenate(([0], breaks + 1))]
    ends = frames[np.concatenate((breaks, [-1]))] + 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _apart(spans: Sequence[tuple[int, int]], frames: int) -> list[tuple[int, int]]:
    """The spans in order, side by side: pushed on where they touch, then back from the end."""
    pushed: list[tuple[int, int]] = []
    free = 0
    for start, end in spans:
        start = max(start, free)
        free = max(end, start + 1)
        pushed.append((start, free))
    limit = frames
    for number in range(len(pushed) - 1, -1, -1):
        start, end = pushed[number]
        end = max(1, min(end, limit))
        pushed[number] = limit, _ = max(0, min(start, end - 1)), end
    return pushed
