"""Features are Whisper's own: checked against the formula, written out in float64."""

import numpy as np
import pytest
import torch

from diffasr_plugin.asr.testing import sample_speech
from diffasr_plugin.features import log_mel

RATE, FFT, HOP = 16_000, 400, 160


def _filters(mels):
    """Slaney's triangular mel filters, each of unit area: (mels, 201)."""

    def to_hz(mel):
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    top = 15 + np.log(8000 / 1000) * 27 / np.log(6.4)
    edges = to_hz(np.linspace(0, top, mels + 2))
    bins = np.linspace(0, 8000, FFT // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def _whisper(samples, mels):
    padded = np.pad(samples.astype(np.float64), (0, 30 * RATE - len(samples)))
    centred = np.pad(padded, FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(centred, FFT)[::HOP][:-1]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    log = np.log10(np.maximum(_filters(mels) @ power.T, 1e-10))
    return (np.maximum(log, log.max() - 8) + 4) / 4


@pytest.mark.parametrize("mels", [80, 128])
def test_features_follow_the_formula(mels):
    speech = sample_speech()[: 5 * RATE]
    features = log_mel([speech], mels=mels)
    assert features.shape == (1, mels, 3000)
    assert features.dtype == torch.float32
    assert np.abs(features[0].numpy() - _whisper(speech, mels)).max() < 2e-3


def test_each_row_is_by_itself():
    speech = sample_speech()
    parts = [speech[:RATE], speech[RATE : 9 * RATE], np.zeros(0, np.float32)]
    together = log_mel(parts)
    for row, part in zip(together, parts, strict=True):
        assert torch.allclose(row, log_mel([part])[0], atol=1e-5)


def test_no_audio_gives_no_features():
    assert log_mel([]).shape == (0, 80, 3000)


def test_more_than_a_window_is_our_own_mistake():
    with pytest.raises(AssertionError, match="do not fit 30 s"):
        log_mel([np.zeros(31 * RATE, np.float32)])
