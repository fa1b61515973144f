"""Long audio as windows that a model takes, and the windows' transcripts as one again.

Windows are cut where the sound is quietest. Where even that is loud, neighbours overlap, and the join
takes each word from the window that holds more of its surroundings.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .types import SAMPLE_RATE, Transcript, Utterance, Word

__all__ = ["cut_points", "join"]

FRAME = SAMPLE_RATE // 50
"""Energy is measured in frames of 20 ms."""

QUIET_RATIO = 0.1
"""A cut is in a pause if its level is below this share of the window's median level."""

OVERLAP_S = 2.0
"""How far windows overlap where there is no pause to cut in."""


def cut_points(samples: NDArray[np.float32], max_s: float) -> list[tuple[int, int]]:
    """Windows of at most `max_s` seconds that cover all samples, as (start, end) sample numbers.

    1. Look for the quietest 0.2 s in the last two fifths of the longest window possible.
    2. If it is a pause, cut there; else the next window starts `OVERLAP_S` before the cut.
    """
    longest = int(max_s * SAMPLE_RATE)
    windows: list[tuple[int, int]] = []
    start = 0
    while len(samples) - start > longest:
        level = _levels(samples[start : start + longest])
        first = len(level) * 3 // 5
        quietest = first + int(np.argmin(level[first:]))
        end = start + quietest * FRAME + 5 * FRAME
        windows.append((start, end))
        in_pause = level[quietest] <= QUIET_RATIO * np.median(level)
        start = end if in_pause else end - min(int(OVERLAP_S * SAMPLE_RATE), longest // 4)
    windows.append((start, len(samples)))
    return windows


def _levels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """RMS of each 0.2 s, one every 20 ms: shape (frames - 9,)."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    return np.sqrt(np.convolve((frames**2).mean(axis=1), np.full(10, 0.1), mode="valid"))


def join(windows: Sequence[Utterance], transcripts: Sequence[Transcript]) -> Transcript:
    """One transcript of all windows, with times from the start of the first.

    In an overlap, words with their middle in its first half come from the earlier window, the others from
    the later one; a word that both then claim is kept once. Without word times, texts are put in a row.
    """
    spoken = [(window, t) for window, t in zip(windows, transcripts, strict=True) if t.text]
    if not spoken:
        return Transcript("")
    confidences = [t.confidence for _, t in spoken if t.confidence is not None]
    words = _join_words(spoken)
    return Transcript(
        text=_text(words) if words else " ".join(t.text for _, t in spoken),
        language=spoken[0][1].language,
        words=words,
        confidence=float(np.mean(confidences)) if confidences else None,
        steps=sum(t.steps for _, t in spoken if t.steps is not None) or None,
    )


def _join_words(spoken: Sequence[tuple[Utterance, Transcript]]) -> tuple[Word, ...]:
    if not all(t.words for _, t in spoken):
        return ()
    seams = [max(0.0, (left.end_s + right.start_s) / 2) for (left, _), (right, _) in pairwise(spoken)]
    words: list[Word] = []
    for (window, transcript), begin, end in zip(spoken, [-np.inf, *seams], [*seams, np.inf], strict=True):
        for word in (word.shifted(window.start_s) for word in transcript.words):
            middle = (word.start_s + word.end_s) / 2
            if begin <= middle < end and not _is_repeat(words, word, begin):
                words.append(word)
    return tuple(words)


def _is_repeat(words: list[Word], word: Word, seam_s: float) -> bool:
    """Whether the last word kept is this same word, heard by the window before the seam."""
    if not words or word.start_s > seam_s + OVERLAP_S / 2:
        return False
    last = words[-1]
    return last.end_s > word.start_s and last.text.strip(".,").lower() == word.text.strip(".,").lower()


def _text(words: Sequence[Word]) -> str:
    return "".join(f" {word.text}" if word.space_before else word.text for word in words).strip()
