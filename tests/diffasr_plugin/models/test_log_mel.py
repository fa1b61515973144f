from __future__ import annotations

import numpy as np
import pytest
import torch

from diffasr_plugin.asr.testing import sample_speech
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.models.log_mel import log_mel, mel_filters


@pytest.fixture(scope="module")
def extractor():
    repair_torchaudio()
    from transformers import WhisperFeatureExtractor

    return WhisperFeatureExtractor()


def test_filters_are_those_of_transformers(extractor):
    assert np.abs(mel_filters().numpy() - extractor.mel_filters.T).max() < 1e-6


@pytest.mark.parametrize(("seconds", "window_s"), [(30.0, 30), (4.0, 30), (7.3, 10), (0.5, 10)])
def test_spectrograms_are_those_of_transformers(extractor, seconds, window_s):
    speech = sample_speech()[7 * 16_000 :][: int(seconds * 16_000)]
    theirs = extractor(
        speech, sampling_rate=16_000, max_length=window_s * 16_000, return_tensors="np"
    ).input_features[0]
    ours = log_mel(torch.from_numpy(speech), window_s)
    assert ours.shape == (80, window_s * 100)
    assert np.abs(ours.numpy() - theirs).max() < 1e-3


def test_silence_is_even():
    assert log_mel(torch.zeros(16_000), 2).unique().tolist() == [-1.5]


def test_more_than_the_window_is_refused():
    with pytest.raises(AssertionError, match="33000 samples"):
        log_mel(torch.zeros(33_000), 2)
