"""Speech -> log-mel -> encoder states, in a window as short as the model can bear. Does not know text.

Whisper was trained on windows of 30 s, and most users pay for 30 s however short the speech is. Without
training, the window can be cut: to 15 s at no loss that could be measured, to 10 s at a small one (errors in
586 prompts, most of 1 to 5 s: see `diffasr_plugin/mini/LOG.md`). Cut to 5 s, the model falls into loops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ...asr import SAMPLE_RATE

__all__ = ["FRAMES_PER_S", "MAX_WINDOW_S", "encode", "log_mel", "window_seconds"]

FRAMES_PER_S = 50
"""Encoder states a second."""

MAX_WINDOW_S = 30
_MIN_WINDOW_S = 15
_SILENCE_S = 1.0
"""At least this much silence follows the speech; the model needs it to find the end."""

_STEP_S = 5
"""Windows come in steps, so that utterances of like length share one and run as a batch."""


def window_seconds(duration_s: float) -> int:
    """The window for speech of a length: a choice that depends on nothing else."""
    steps = math.ceil((duration_s + _SILENCE_S) / _STEP_S)
    return min(MAX_WINDOW_S, max(_MIN_WINDOW_S, steps * _STEP_S))


def log_mel(
    extractor: Any,  # noqa: ANN401
    speech: Sequence[NDArray[np.float32]],
    window_s: int,
    device: torch.device,
) -> torch.Tensor:
    """Log-mel features, shape (batch, mel bands, 100 * window_s), float32.

    They equal the first frames of a 30 s window: silence is added to the samples, not to the features, and
    the dynamic range is limited from the loudest frame of each utterance, which is speech.
    """
    features: torch.Tensor = extractor(
        list(speech),
        sampling_rate=SAMPLE_RATE,
        max_length=window_s * SAMPLE_RATE,
        device=str(device),
        return_tensors="pt",
    ).input_features
    return features.to(device)


def encode(encoder: Any, features: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
    """Encoder states, shape (batch, frames, d_model), of features (batch, mel bands, 2 * frames).

    transformers' own forward refuses anything but 30 s; the layers do not mind. Positions are those of the
    first frames.
    """
    hidden = F.gelu(encoder.conv1(features))
    hidden = F.gelu(encoder.conv2(hidden)).transpose(1, 2)  # (batch, frames, d_model)
    hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
    for layer in encoder.layers:
        hidden = layer(hidden, None)
    states: torch.Tensor = encoder.layer_norm(hidden)
    return states
