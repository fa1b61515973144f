"""Sound to the probability of speech over time, by pyannote's segmentation-3.0, and to stretches of speech.

Knows nothing of who speaks. Importing this module imports torch and pyannote.

Steps of `find_stretches`:

    1. score windows of ten seconds that overlap by half, and average them frame by frame
    2. keep what stays above OFFSET and rises above ONSET somewhere
    3. look again, made loud, at every gap of more than GAP_S: quiet speech that the first look took for noise
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pyannote.audio import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from torch.torch_version import TorchVersion

from diffasr_plugin.asr import SAMPLE_RATE
from diffasr_plugin.assets import fetch

from .assets import SEGMENTATION, SEGMENTATION_FILE

__all__ = ["find_stretches", "load_segmentation"]

Samples = NDArray[np.float32]
Stretch = tuple[float, float]

WINDOW_S = 10.0
STEP_S = 5.0
BATCH = 16

ONSET, OFFSET = 0.5, 0.3
"""The least missed and false speech on the training files of pyannote's own tests (trn00-trn09)."""

GAP_S = 3.0
QUIET_PEAK = 10 ** (-70 / 20)
"""Fainter than this is silence: amplified further, a recording's own noise floor becomes speech."""
LOUD_PEAK = 0.5
"""What the second look amplifies a gap's windows to."""
QUIET_ONSET = 0.8
"""The second look must be surer: it hears noise as loud as speech."""
SHORTEST_S = 0.2


@cache
def load_segmentation() -> Model:
    """The network, fetched if it is not here yet; loaded as data, without running anything of the file."""
    return read_segmentation(fetch(SEGMENTATION) / SEGMENTATION_FILE)


def read_segmentation(weights: Path) -> Model:
    # The checkpoint holds these plain classes beside its tensors.
    with torch.serialization.safe_globals([Specifications, Problem, Resolution, TorchVersion]):
        return Model.from_pretrained(weights).eval()


def find_stretches(samples: Samples, on_progress: Callable[[float], None] | None = None) -> list[Stretch]:
    """Stretches of speech as (start, end) in seconds, in order, apart from each other.

    Args:
        samples: float32 mono at 16 kHz, shape (n,); read window by window, so it may be a memory map.
        on_progress: told the share done, 0 to 1.
    """
    found = _above(_scores(samples, on_progress), ONSET)
    for start_s, end_s in _gaps(found, len(samples) / SAMPLE_RATE):
        cut = samples[int(start_s * SAMPLE_RATE) : int(end_s * SAMPLE_RATE)]
        if np.abs(cut).max(initial=0.0) < QUIET_PEAK:
            continue
        again = _above(_scores(cut, amplify=True), QUIET_ONSET)
        found += [(start_s + first_s, start_s + last_s) for first_s, last_s in again]
    return sorted(found)


def _scores(
    samples: Samples, on_progress: Callable[[float], None] | None = None, amplify: bool = False
) -> NDArray[np.float64]:
    """Probability of speech, one a frame of 270 samples: the average of the windows that hold the frame."""
    model = load_segmentation()
    step = model.receptive_field.step * SAMPLE_RATE
    frames = model.num_frames(int(WINDOW_S * SAMPLE_RATE))
    # The middle of a window is heard best: its edges lack what comes before or after.
    weight = np.hamming(frames)
    total = np.zeros(round(len(samples) / step) + 2 * frames)
    weights = np.full(len(total), 1e-9)
    for starts in _batches(len(samples)):
        windows = torch.from_numpy(np.stack([_window(samples, start, amplify) for start in starts]))
        with torch.inference_mode():
            # Class 0 of the seven sets of speakers is "nobody".
            speech = 1.0 - model(windows[:, None]).exp()[:, :, 0].numpy()
        for start, each in zip(starts, speech, strict=True):
            first = round(start / step)
            total[first : first + frames] += weight * each
            weights[first : first + frames] += weight
        if on_progress is not None:
            on_progress(min(1.0, (starts[-1] + WINDOW_S * SAMPLE_RATE) / max(len(samples), 1)))
    scores: NDArray[np.float64] = total / weights
    return scores[: round(len(samples) / step)]


def _batches(count: int) -> Iterator[list[int]]:
    """First samples of windows, some at a time."""
    last = max(0, count - int((WINDOW_S - STEP_S) * SAMPLE_RATE))
    starts = list(range(0, max(last, 1), int(STEP_S * SAMPLE_RATE))) if count else []
    for first in range(0, len(starts), BATCH):
        yield starts[first : first + BATCH]


def _window(samples: Samples, start: int, amplify: bool) -> Samples:
    window = np.zeros(int(WINDOW_S * SAMPLE_RATE), np.float32)
    cut = samples[start : start + len(window)]
    window[: len(cut)] = cut
    if amplify:
        window *= LOUD_PEAK / max(float(np.abs(window).max()), QUIET_PEAK)
    return window


def _above(scores: NDArray[np.float64], onset: float) -> list[Stretch]:
    """Stretches that stay above OFFSET and rise above the onset, with the times of their frames' middles."""
    field = load_segmentation().receptive_field
    edges = np.flatnonzero(np.diff(np.concatenate([[False], scores > OFFSET, [False]]).astype(np.int8)))
    stretches = []
    for first, last in edges.reshape(-1, 2):
        if scores[first:last].max() > onset and (last - first) * field.step >= SHORTEST_S:
            middle_s = field.start + field.duration / 2
            stretches.append((float(first * field.step + middle_s), float(last * field.step + middle_s)))
    return stretches


def _gaps(stretches: list[Stretch], duration_s: float) -> list[Stretch]:
    """Where nobody was found to speak for more than GAP_S."""
    edges = [(0.0, 0.0), *stretches, (duration_s, duration_s)]
    return [(end, start) for (_, end), (start, _) in pairwise(edges) if start - end > GAP_S]
