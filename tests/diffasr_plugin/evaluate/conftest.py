"""Recordings whose transcript is known by construction: the fake recogniser counts loud half seconds."""

import numpy as np
import pytest
import soundfile

from diffasr_plugin.asr import Transcript
from diffasr_plugin.evaluate.manifest import Clip
from tests.support.fake_models import CountingModel, make_spec


class SteppedModel(CountingModel):
    """Counts no further than its number of steps, and says how many it took."""

    def count(self, utterance, options):
        counted = super().count(utterance, options)
        steps = options.model_options["steps"]
        words = counted.words[:steps]
        text = " ".join(word.text for word in words)
        return Transcript(text, counted.language, words, counted.confidence, steps)


def tone(seconds, rate=16_000):
    return 0.5 * np.sin(np.arange(int(seconds * rate)) * 0.2)


@pytest.fixture
def record(tmp_path):
    """Makes a clip of so many loud half seconds with the text that is given."""

    def make(name, halves, text, language="en", **more):
        audio = tmp_path / name
        soundfile.write(audio, tone(halves / 2), 16_000)
        return Clip(audio, text, language, **more)

    return make


@pytest.fixture
def counting():
    spec = make_spec()
    return spec.factory({"device": "cpu"})


@pytest.fixture
def stepped_spec():
    return make_spec("stepped", SteppedModel)
