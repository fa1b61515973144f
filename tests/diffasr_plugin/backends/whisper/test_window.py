import numpy as np
import pytest
import torch

from diffasr_plugin.backends.whisper.window import encode, log_mel, window_seconds

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("duration_s", "window_s"),
    [
        (0.1, 15),
        (9.0, 15),
        (14.0, 15),
        (14.01, 15 + 5),
        (28.0, 30),
        (29.5, 30),
        (30.0, 30),
    ],
)
def test_a_window_holds_the_speech_and_a_second(duration_s, window_s):
    assert window_seconds(duration_s) == window_s


def speech(seconds, seed):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * 16_000)).astype(np.float32)


def test_features_are_the_first_frames_of_a_full_window(transformers, whisper_folder):
    extractor = transformers.WhisperFeatureExtractor.from_pretrained(whisper_folder)
    batch = [speech(4.0, 1), speech(8.7, 2) * 0.01]
    short = log_mel(extractor, batch, 10, CPU)
    full = extractor(batch, sampling_rate=16_000, return_tensors="pt").input_features
    assert short.shape == (2, 80, 1000)
    torch.testing.assert_close(short, full[:, :, :1000], atol=1e-5, rtol=0)


def test_features_do_not_depend_on_the_batch(transformers, whisper_folder):
    extractor = transformers.WhisperFeatureExtractor.from_pretrained(whisper_folder)
    quiet, loud = speech(2.0, 3) * 1e-3, speech(3.0, 4)
    torch.testing.assert_close(
        log_mel(extractor, [loud, quiet], 10, CPU)[1], log_mel(extractor, [quiet], 10, CPU)[0]
    )


def test_a_full_window_is_encoded_as_transformers_does(tiny):
    features = torch.randn(2, 80, 3000, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        theirs = tiny.model.encoder(features).last_hidden_state
        torch.testing.assert_close(encode(tiny.model.encoder, features), theirs, atol=1e-5, rtol=1e-5)


def test_a_short_window_is_encoded_too(tiny):
    features = torch.randn(1, 80, 1000, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        assert encode(tiny.model.encoder, features).shape == (1, 500, 16)
