"""Sound that complaints are about: a real conversation, and sentences said aloud."""

import shutil
import subprocess

import numpy as np
import pytest
import soundfile

from tests.support.real_runs import RATE


@pytest.fixture(scope="session")
def talk(conversation):
    """Eight seconds of a real conversation; speech from 0.68 s to 8.18 s."""
    samples, rate = soundfile.read(conversation, dtype="float32")
    assert rate == RATE
    return samples[6 * RATE : round(14.2 * RATE)]


@pytest.fixture(scope="session")
def say_aloud(tmp_path_factory):
    """Speech by espeak-ng: say_aloud("Guten Morgen.", "de") -> samples."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("spoken sentences need espeak-ng (apt install espeak-ng)")

    def say(text, voice):
        file = tmp_path_factory.mktemp("said") / "speech.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", file, text], check=True)
        samples, rate = soundfile.read(file, dtype="float32")
        places = np.arange(0, len(samples), rate / RATE)
        return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)

    return say
