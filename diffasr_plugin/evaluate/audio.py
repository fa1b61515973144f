"""A clip -> its samples: any rate and any channels that libsndfile reads, mixed to mono at 16 kHz."""

from __future__ import annotations

from math import gcd

import numpy as np
import soundfile
from numpy.typing import NDArray

from ..asr import SAMPLE_RATE, InvalidAudio
from .manifest import Clip

__all__ = ["read_samples", "resample"]


def read_samples(clip: Clip) -> NDArray[np.float32]:
    """The clip's stretch of its file: float32 mono at 16 kHz, shape (n,).

    Raises:
        InvalidAudio: the file cannot be read, or the stretch does not lie in it.
    """
    try:
        with soundfile.SoundFile(clip.audio) as file:
            rate = file.samplerate
            start = round(clip.start_s * rate)
            stop = file.frames if clip.end_s is None else min(round(clip.end_s * rate), file.frames)
            if start >= stop:
                raise InvalidAudio(
                    f"{clip.audio} is {file.frames / rate:.2f} s long: nothing lies at {clip.start_s} s",
                    clip.start_s,
                )
            file.seek(start)
            frames = file.read(stop - start, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise InvalidAudio(f"{clip.audio} cannot be read: {error}", clip.audio) from error
    return resample(frames.mean(axis=1), rate)


def resample(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Mono samples of any rate at 16 kHz, by a polyphase filter."""
    if rate == SAMPLE_RATE:
        return np.ascontiguousarray(samples, dtype=np.float32)
    from scipy.signal import resample_poly  # half a second of imports, and most recordings are at 16 kHz

    common = gcd(rate, SAMPLE_RATE)
    resampled = resample_poly(samples.astype(np.float64), SAMPLE_RATE // common, rate // common)
    return np.ascontiguousarray(resampled, dtype=np.float32)
