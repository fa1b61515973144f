"""Sound -> the probability of speech over time, by pyannote's segmentation-3.0, and stretches of speech.

Knows nothing of who speaks. Importing this module imports torch and pyannote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from pyannote.audio import Model

from diffasr_plugin.asr import SAMPLE_RATE
from diffasr_plugin.assets import fetch

from .assets import SEGMENTATION, SEGMENTATION_FILE
from .checkpoints import read_model

__all__ = [
    "FIRST_LOOK",
    "Samples",
    "Scores",
    "Sensitivity",
    "Stretch",
    "find_stretches",
    "load_segmentation",
    "speech_scores",
    "stretches_above",
]

Samples = NDArray[np.float32]
Scores = NDArray[np.float64]
Stretch = tuple[float, float]
"""Start and end in seconds."""

WINDOW = 10 * SAMPLE_RATE
"""Samples that the network hears at once: as long as in its training."""
STEP = WINDOW // 2
BATCH = 16
SHORTEST_WINDOW = SAMPLE_RATE
LOUDNESS = 0.1
"""Root mean square that every window is brought to."""

JOIN_S = 0.3
"""A pause shorter than this is part of the speech around it."""
SHORTEST_S = 0.1
"""Speech shorter than this holds no word."""


@dataclass(frozen=True)
class Sensitivity:
    """A stretch is speech where the score stays above `offset` and somewhere rises above `onset`."""

    onset: float
    offset: float


FIRST_LOOK = Sensitivity(onset=0.3, offset=0.3)
"""Chosen on the training files of pyannote's own tests (trn00-trn09) by NIST's detection cost, in which
missed speech weighs three times a false alarm: `python -m benchmarks.diarization --tune`. Lower offsets cost
about as much; of these this one makes the fewest false alarms, and what it misses is edges of speech, which
are taken in again when speech is cut into pieces."""


@cache
def load_segmentation() -> Model:
    """The network, fetched if it is not here yet."""
    return read_model(fetch(SEGMENTATION) / SEGMENTATION_FILE)


def find_stretches(
    samples: Samples, sensitivity: Sensitivity, on_progress: Callable[[float], None] | None = None
) -> list[Stretch]:
    """Stretches of speech, in order, apart from each other.

    Args:
        samples: float32 mono at 16 kHz, shape (n,); read window by window, so it may be a memory map.
        on_progress: told the share done, 0 to 1.
    """
    return stretches_above(speech_scores(samples, on_progress), sensitivity)


def speech_scores(samples: Samples, on_progress: Callable[[float], None] | None = None) -> Scores:
    """Probability of speech, one a frame of 270 samples: the average of the windows that hold the frame."""
    model = load_segmentation()
    length = max(min(len(samples), WINDOW), SHORTEST_WINDOW)
    # A window is heard best in its middle: at its edges it lacks what comes before or after.
    weight = np.hamming(model.num_frames(length))
    hop = round(model.receptive_field.step * SAMPLE_RATE)
    total = np.zeros(round(len(samples) / hop) + len(weight) + 1)
    weights = np.full(len(total), 1e-9)
    for starts in _batches(len(samples), length):
        for start, scores in zip(starts, _score(model, samples, starts, length), strict=True):
            frames = slice(round(start / hop), round(start / hop) + len(weight))
            total[frames] += weight * scores
            weights[frames] += weight
        if on_progress is not None:
            on_progress(min(1.0, (starts[-1] + length) / len(samples)))
    average: Scores = total / weights
    return average[: round(len(samples) / hop)]


def stretches_above(scores: Scores, sensitivity: Sensitivity) -> list[Stretch]:
    """Where the scores say speech: short pauses bridged, too short speech left out."""
    field = load_segmentation().receptive_field
    middle_s = field.start + field.duration / 2
    edges = np.flatnonzero(np.diff(scores > sensitivity.offset, prepend=False, append=False)).reshape(-1, 2)
    stretches: list[Stretch] = []
    for first, last in edges:
        if scores[first:last].max() <= sensitivity.onset:
            continue
        start_s, end_s = float(first * field.step + middle_s), float(last * field.step + middle_s)
        if stretches and start_s - stretches[-1][1] < JOIN_S:
            start_s = stretches.pop()[0]
        stretches.append((start_s, end_s))
    return [(start_s, end_s) for start_s, end_s in stretches if end_s - start_s >= SHORTEST_S]


def _batches(count: int, length: int) -> Iterator[list[int]]:
    """First samples of windows, some at a time; the last window ends with the sound."""
    if count == 0:
        return
    last = max(0, count - length)
    starts = [*range(0, last, STEP), last]
    for first in range(0, len(starts), BATCH):
        yield starts[first : first + BATCH]


def _score(model: Model, samples: Samples, starts: list[int], length: int) -> NDArray[np.float32]:
    """Probability of speech in each window, (windows, frames)."""
    windows = torch.from_numpy(np.stack([_window(samples, start, length) for start in starts]))
    with torch.inference_mode():
        sets_of_speakers = model(windows[:, None].to(model.device)).exp()
    # The first of the seven sets of speakers is the empty one: nobody.
    scores: NDArray[np.float32] = 1.0 - sets_of_speakers[:, :, 0].cpu().numpy()
    return scores


def _window(samples: Samples, start: int, length: int) -> Samples:
    """One window at the level that all are brought to: the network's own norm misses the faintest."""
    window = np.zeros(length, np.float32)
    cut = samples[start : start + length]
    window[: len(cut)] = cut
    level = float(np.sqrt(np.mean(np.square(window))))
    return window * (LOUDNESS / level) if level > 0 else window
