import math

import numpy as np
import pytest

from diffasr_plugin.asr import (
    Cancelled,
    ContractViolation,
    InvalidAudio,
    TranscribeOptions,
    Transcript,
    Utterance,
    Word,
    recognise,
)
from diffasr_plugin.asr.testing import BackendContract
from tests.support.fake_models import CountingModel, make_spec

SOUND = np.full(16_000 * 4, 0.1, np.float32)


class TestContractKit(BackendContract):
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls):
        return CountingModel(make_spec(), {})


def answering(transcripts):
    class Answering(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            return transcripts

    return Answering(make_spec("odd-model"), {})


@pytest.mark.parametrize(
    ("transcripts", "fault"),
    [
        ([], "0 transcripts for 1"),
        (None, "NoneType"),
        ([Transcript("a"), Transcript("b")], "2 transcripts for 1"),
        (["text"], "is a str"),
        ([Transcript("a", words=(Word("a", math.nan, 1.0),))], "not inside"),
        ([Transcript("a", words=(Word("a", 0.0, math.inf),))], "not inside"),
        ([Transcript("a", words=(Word("a", -0.5, 1.0),))], "not inside"),
        ([Transcript("a", words=(Word("a", 3.0, 4.5),))], "not inside its utterance of 4.000 s"),
        ([Transcript("a", words=(Word("a", 2.0, 1.0),))], "not inside"),
        ([Transcript("a b", words=(Word("a", 2.0, 3.0), Word("b", 1.0, 2.0)))], "'b' at 1.0 s begins before"),
        ([Transcript("a", confidence=1.5)], "confidence 1.5"),
        ([Transcript("a", words=(Word("a", 0, 1, math.nan),))], "confidence nan"),
    ],
)
def test_a_model_that_breaks_the_contract_is_named(transcripts, fault):
    with pytest.raises(ContractViolation, match=f"odd-model.*{fault}"):
        recognise(answering(transcripts), [Utterance(SOUND)], TranscribeOptions())


def test_defaults_of_call_options_reach_the_model():
    seen = []

    class Seeing(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            seen.append(options.model_options)
            return super().transcribe_batch(utterances, options, **callbacks)

    model = Seeing(make_spec(), {})
    model.transcribe(SOUND)
    model.transcribe(SOUND, steps=4)
    assert seen == [{"steps": 16}, {"steps": 4}]


def test_stopping_before_the_first_batch_runs_nothing():
    model = CountingModel(make_spec(), {})
    with pytest.raises(Cancelled):
        recognise(model, [Utterance(SOUND)], TranscribeOptions(), should_stop=lambda: True)
    assert model.batches == []


@pytest.mark.parametrize(
    ("audio", "rate", "message"),
    [
        (SOUND, 8000, "8000 Hz"),
        (np.zeros((100, 2), np.float32), 16_000, r"\(100, 2\)"),
        (np.zeros(100, np.uint8), 16_000, "uint8"),
        (np.zeros(100, np.int16), 16_000, "int16"),
        (np.array([0.0, np.nan], np.float32), 16_000, "nan at sample 1"),
        (np.array([np.inf, 0.0], np.float32), 16_000, "inf at sample 0"),
    ],
)
def test_audio_that_no_model_can_take_is_refused(audio, rate, message):
    with pytest.raises(InvalidAudio, match=message):
        CountingModel(make_spec(), {}).transcribe(audio, sample_rate=rate)


def test_float64_is_taken_as_float32():
    assert Utterance(SOUND.astype(np.float64)).samples.dtype == np.float32


def test_leaving_the_context_closes_the_model():
    with CountingModel(make_spec(), {}) as model:
        pass
    assert model.closed == 1
