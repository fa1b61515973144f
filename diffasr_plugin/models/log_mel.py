"""Waveforms -> Whisper's log-mel spectrograms, for windows of any length, in plain torch.

The same numbers as transformers' feature extractor, without the seconds that importing it takes. Does not
know models.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["FRAMES_PER_S", "log_mel", "mel_filters"]

FRAMES_PER_S = 100

_RATE = 16_000
_HOP = _RATE // FRAMES_PER_S
_FFT = 400
_MELS = 80

# The mel scale: even steps up to 1 kHz, even ratios above. Source: Slaney, Auditory Toolbox, 1998.
_BREAK_HZ, _HZ_A_STEP = 1000.0, 200 / 3
_BREAK_STEP = _BREAK_HZ / _HZ_A_STEP
_RATIO = torch.tensor(6.4, dtype=torch.float64).log() / 27


def log_mel(samples: Tensor, window_s: float) -> Tensor:
    """Spectrograms (…, 80, 100 · window_s) of mono audio at 16 kHz, (…, n), with silence after it up to the
    window.

    1. Power in each of 201 frequencies, every 10 ms.
    2. Power in each of 80 bands.
    3. Its logarithm, at most 80 dB below the loudest, brought near -1 to 1.
    """
    size = int(window_s * _RATE)
    length = samples.shape[-1]
    assert length <= size, f"{length} samples in a window of {window_s} s"
    samples = F.pad(samples, (0, size - length))
    window = torch.hann_window(_FFT, device=samples.device)
    # 1. Frequencies
    spectrum = torch.stft(samples, _FFT, _HOP, window=window, return_complex=True)[..., :-1]
    # 2. Bands
    power = mel_filters().to(samples.device) @ spectrum.abs().square()
    # 3. Level
    level = power.clamp(min=1e-10).log10()
    loudest = level.amax(dim=(-2, -1), keepdim=True)
    return (torch.maximum(level, loudest - 8.0) + 4.0) / 4.0


@lru_cache
def mel_filters() -> Tensor:
    """Weight of each frequency in each band: (80, 201) float32; triangles of equal area."""
    frequencies = torch.linspace(0, _RATE / 2, _FFT // 2 + 1, dtype=torch.float64)
    top = _BREAK_STEP + (torch.tensor(_RATE / 2 / _BREAK_HZ, dtype=torch.float64)).log() / _RATIO
    corners = _hertz(torch.linspace(0, float(top), _MELS + 2, dtype=torch.float64))
    widths = corners.diff()
    slopes = corners[:, None] - frequencies  # (82, 201)
    rising, falling = -slopes[:-2] / widths[:-1, None], slopes[2:] / widths[1:, None]
    triangles = torch.minimum(rising, falling).clamp(min=0)
    return (triangles * (2 / (corners[2:] - corners[:-2]))[:, None]).float()


def _hertz(steps: Tensor) -> Tensor:
    above = _BREAK_HZ * torch.exp(_RATIO * (steps - _BREAK_STEP))
    return torch.where(steps < _BREAK_STEP, _HZ_A_STEP * steps, above)
