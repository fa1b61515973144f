"""Real speech, and a registry that holds recognisers whose answers are known by construction."""

import numpy as np
import pytest
import soundfile

from diffasr_plugin.asr import AssetError, Option, Readiness
from diffasr_plugin.assets import WHISPER_BASE, fetch
from tests.support.fake_models import make_plugin, make_point, make_spec

EXCERPT_S = (12.0, 18.0)
"""A stretch of the conversation in which nobody interrupts, in seconds; it ends in a pause."""


@pytest.fixture(scope="session")
def whisper_folder():
    """whisper-base as transformers loads it."""
    try:
        return fetch(WHISPER_BASE)
    except AssetError as error:
        pytest.skip(f"whisper-base cannot be had here: {error}")


@pytest.fixture(scope="session")
def speech(conversation):
    """Real speech, 6 s at 16 kHz: "This is Diane in New Jersey. And I'm Sheila in Texas …"."""
    samples, rate = soundfile.read(conversation, dtype="float32")
    return samples[int(EXCERPT_S[0] * rate) : int(EXCERPT_S[1] * rate)]


@pytest.fixture(scope="session")
def speech_file(speech, tmp_path_factory):
    """The same as a file."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    soundfile.write(path, speech, 16_000)
    return str(path)


@pytest.fixture
def counting(monkeypatch):
    """The registry holds "counting" (words with times), and "mute", which gives no times and is not ready."""
    mute = make_spec(
        "mute",
        word_times=False,
        languages=("fr",),
        probe=lambda: Readiness(False, ("no voice",)),
        options=(Option("device", str, "auto", "where it runs", scope="load"),),
    )
    point = make_point("fake", make_plugin(make_spec(), mute))
    monkeypatch.setattr("diffasr_plugin.asr.registry.entry_points", lambda group: [point])


@pytest.fixture
def noise():
    """Seconds of sound, of which `CountingModel` makes two words each."""
    return lambda seconds: np.full(int(seconds * 16_000), 0.5, np.float32)
