"""A sound file -> samples as recognisers take them: mono, 16 kHz, float32.

For the small commands; films with their many streams are the subtitle tool's matter.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .asr import SAMPLE_RATE, InvalidAudio, as_samples
from .compat import repair_torchaudio

__all__ = ["read_audio"]


def read_audio(path: Path) -> NDArray[np.float32]:
    """Read a file of any rate and number of channels, in any format that libsndfile knows.

    Raises:
        InvalidAudio: no such file, no sound in it, or numbers that are none.
    """
    import soundfile

    if not path.is_file():
        raise InvalidAudio(f"there is no file {path}", path)
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidAudio(
            f"{path} cannot be read as sound ({reason}): convert it to WAV first", path
        ) from error
    return as_samples(_resampled(samples.mean(axis=1), rate))


def _resampled(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    if rate == SAMPLE_RATE or not len(samples):
        return samples
    repair_torchaudio()
    import torch
    from torchaudio.functional import resample

    resampled: NDArray[np.float32] = resample(torch.from_numpy(samples), rate, SAMPLE_RATE).numpy()
    return resampled
