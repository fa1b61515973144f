"""Waveforms -> Whisper's log-mel spectrograms, padded to the encoder's window of 30 s.

Does not know the encoder; sizes of Whisper differ only in the number of mel bands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .asr import SAMPLE_RATE
from .compat import repair_torchaudio

__all__ = ["WINDOW_S", "log_mel"]

WINDOW_S = 30.0
"""Length of the encoder's window; shorter audio is followed by silence."""


def log_mel(
    batch: Sequence[NDArray[np.float32]], *, mels: int = 80, device: torch.device | str = "cpu"
) -> Tensor:
    """Log-mel spectrograms (b, mels, 3000) float32 of mono audio at 16 kHz, each of at most 30 s.

    Args:
        batch: samples of each utterance.
        mels: bands of the encoder: 80, and 128 from large-v3 on.
        device: where they are computed, and are wanted.
    """
    longest = max((len(samples) for samples in batch), default=0)
    assert longest <= WINDOW_S * SAMPLE_RATE, f"{longest} samples do not fit {WINDOW_S:g} s"
    if not batch:
        return torch.zeros(0, mels, int(WINDOW_S * 100), device=device)
    features = _extractor(mels)(
        [np.asarray(samples) for samples in batch],
        sampling_rate=SAMPLE_RATE,
        return_tensors="pt",
        device=str(device),
    ).input_features
    return features.to(device)  # type: ignore[no-any-return]


@lru_cache
def _extractor(mels: int) -> Any:  # noqa: ANN401
    repair_torchaudio()
    from transformers import WhisperFeatureExtractor

    return WhisperFeatureExtractor(feature_size=mels)
