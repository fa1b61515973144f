"""Sound files of any rate and number of channels become mono at 16 kHz."""

import numpy as np
import pytest
import soundfile

from diffasr_plugin.asr import InvalidAudio
from diffasr_plugin.audio_file import read_audio


def _tone(rate, seconds=1.0, hertz=440):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "FLOAT"])
def test_any_rate_and_width(tmp_path, rate, subtype):
    path = tmp_path / "a.wav"
    soundfile.write(path, _tone(rate), rate, subtype)
    samples = read_audio(path)
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(16_000, abs=2)
    middle = slice(1000, 15_000)
    assert np.abs(samples[middle] - _tone(16_000)[: len(samples)][middle]).max() < 0.02


def test_channels_are_mixed(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, np.stack([np.full(100, 0.5), np.full(100, 0.1)], 1), 16_000)
    assert read_audio(path) == pytest.approx(np.full(100, 0.3), abs=1e-3)


def test_an_empty_file_is_empty(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(0), 44_100)
    assert len(read_audio(path)) == 0


def test_what_is_no_sound_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    with pytest.raises(InvalidAudio, match=r"there is no file .*a\.wav"):
        read_audio(path)
    path.write_text("not a sound")
    with pytest.raises(InvalidAudio, match="convert it to WAV"):
        read_audio(path)
    soundfile.write(path, np.array([0.0, np.nan]), 16_000, "FLOAT")
    with pytest.raises(InvalidAudio, match="holds nan at sample 1"):
        read_audio(path)
