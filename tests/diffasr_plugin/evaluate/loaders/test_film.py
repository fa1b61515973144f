"""A film glued out of clips."""

import numpy as np
import soundfile

from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.loaders.film import glue
from diffasr_plugin.evaluate.manifest import Clip


def clip(tmp_path, name, seconds, level):
    audio = tmp_path / f"{name}.wav"
    soundfile.write(audio, np.full(int(seconds * 16_000), level), 16_000)
    return Clip(audio, name, "de")


def test_clips_with_pauses_and_silence_at_the_end(tmp_path):
    clips = [clip(tmp_path, "eins", 1.0, 0.25), clip(tmp_path, "zwei", 2.0, 0.5)]
    film = glue(clips, tmp_path / "film.wav", 7.5)
    samples = read_samples(film)
    assert len(samples) == 7.5 * 16_000
    halves = [round(float(np.abs(part).max()), 2) for part in samples.reshape(15, -1)]
    assert halves == [0.25] * 2 + [0.0] * 2 + [0.5] * 4 + [0.0] * 2 + [0.25] * 2 + [0.0] * 3
    assert (film.text, film.language) == ("eins zwei eins", "de")
