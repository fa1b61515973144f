"""Samples of clips: stretches, channels and rates."""

import numpy as np
import pytest
import soundfile

from diffasr_plugin.asr import InvalidAudio
from diffasr_plugin.evaluate.audio import read_samples, resample
from diffasr_plugin.evaluate.manifest import Clip


def clip(path, start_s=0.0, end_s=None):
    return Clip(path, "", "en", None, start_s, end_s)


def test_a_stretch_of_a_file(tmp_path):
    samples = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    read = read_samples(clip(tmp_path / "a.wav", 0.25, 0.5))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, samples[4000:8000])


def test_a_stretch_may_end_a_little_after_the_file(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    assert len(read_samples(clip(tmp_path / "a.wav", 0.5, 1.02))) == 8000


def test_channels_are_mixed(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.tile([0.5, -0.25], (100, 1)), 16_000, subtype="FLOAT")
    np.testing.assert_allclose(read_samples(clip(tmp_path / "a.wav")), 0.125)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_a_tone_keeps_its_pitch_and_length(rate):
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    resampled = resample(tone, rate)
    assert resampled.shape == (16_000,)
    expected = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    np.testing.assert_allclose(resampled[500:-500], expected[500:-500], atol=0.01)


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no sound")
    for name in ("a.wav", "none.wav"):
        with pytest.raises(InvalidAudio, match=f"{name} cannot be read"):
            read_samples(clip(tmp_path / name))


def test_a_stretch_behind_the_end(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    with pytest.raises(InvalidAudio, match=r"is 1\.00 s long: nothing lies at 2\.0 s"):
        read_samples(clip(tmp_path / "a.wav", 2.0))
