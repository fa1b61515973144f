"""The contract as tests that any backend can run. A backend's author writes three lines:

    from diffasr_plugin.asr.testing import BackendContract

    class TestMyModel(BackendContract):
        model_name = "my-model"

Needs pytest. Override the fixtures `model` (a loaded model) or `speech` (real speech) where the defaults
do not fit.
"""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, files
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from .errors import Cancelled, InvalidAudio, InvalidOption, UnsupportedLanguage, UnsupportedTask
from .model import AsrModel, LanguageDetector, recognise
from .registry import load_model
from .types import SAMPLE_RATE, TranscribeOptions, Transcript, Utterance

__all__ = ["BackendContract", "sample_speech"]

Samples = NDArray[np.float32]


def sample_speech() -> Samples:
    """Real conversation, 30 s at 16 kHz, out of the installed pyannote.audio; skips where there is none."""
    try:
        installed = files("pyannote.audio") or []
    except PackageNotFoundError:
        installed = []
    for file in installed:
        if file.as_posix() == "pyannote/audio/sample/sample.wav":
            with wave.open(str(file.locate()), "rb") as sound:
                pcm = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
            return (pcm / 32768.0).astype(np.float32)
    pytest.skip("no real speech here: install pyannote.audio, or override the fixture `speech`")


class BackendContract:
    """What every recogniser must do; collected by pytest through a subclass."""

    model_name: ClassVar[str]
    load_options: ClassVar[Mapping[str, Any]] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Iterator[AsrModel]:
        with load_model(cls.model_name, **cls.load_options) as model:
            yield model

    @pytest.fixture(scope="class")
    @classmethod
    def speech(cls) -> Samples:
        return sample_speech()

    @pytest.fixture
    def utterances(self, model: AsrModel, speech: Samples) -> list[Utterance]:
        """Three utterances of unlike length, out of the speech."""
        language = _a_language(model)
        longest = min(model.spec.max_seconds, 8.0)
        cuts = [(7.0, longest), (15.0, longest / 4), (20.0, longest / 2)]
        return [
            Utterance(_cut(speech, start, length), language, start, key)
            for key, (start, length) in enumerate(cuts)
        ]

    def test_spec_is_complete(self, model: AsrModel) -> None:
        spec = model.spec
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", spec.name)
        assert spec.description
        assert "\n" not in spec.description
        assert spec.licence
        assert spec.languages
        assert 0 < spec.best_seconds <= spec.max_seconds
        assert len({option.name for option in spec.options}) == len(spec.options)
        assert all(option.check(option.default) == option.default for option in spec.options)

    def test_status_tells_what_is_loaded(self, model: AsrModel) -> None:
        assert model.status.model
        assert model.status.device
        assert model.status.dtype

    def test_one_transcript_for_each_utterance_in_their_order(
        self, model: AsrModel, utterances: list[Utterance]
    ) -> None:
        forwards = recognise(model, utterances, TranscribeOptions())
        backwards = recognise(model, utterances[::-1], TranscribeOptions())
        assert [t.text for t in backwards[::-1]] == [t.text for t in forwards]

    def test_no_utterances_give_no_transcripts(self, model: AsrModel) -> None:
        assert recognise(model, [], TranscribeOptions()) == []

    def test_a_result_does_not_depend_on_its_batch(
        self, model: AsrModel, utterances: list[Utterance]
    ) -> None:
        together = recognise(model, utterances, TranscribeOptions())
        alone = [recognise(model, [utterance], TranscribeOptions())[0] for utterance in utterances]
        assert [t.text for t in together] == [t.text for t in alone]
        for a, b in zip(together, alone, strict=True):
            assert [w.text for w in a.words] == [w.text for w in b.words]
            assert [w.start_s for w in a.words] == pytest.approx([w.start_s for w in b.words], abs=0.05)

    def test_the_same_call_gives_the_same_result(self, model: AsrModel, utterances: list[Utterance]) -> None:
        options = TranscribeOptions(seed=7)
        assert recognise(model, utterances[:1], options) == recognise(model, utterances[:1], options)

    @pytest.mark.parametrize("seconds", [0.0, 0.01, 0.5, 5.0])
    def test_silence_gives_no_text(self, model: AsrModel, seconds: float) -> None:
        silence = Utterance(np.zeros(int(seconds * SAMPLE_RATE), np.float32), _a_language(model))
        assert recognise(model, [silence], TranscribeOptions())[0].text == ""

    def test_word_times_lie_inside_the_utterance_and_in_order(
        self, model: AsrModel, utterances: list[Utterance]
    ) -> None:
        # recognise() checks span and order of every word; here: that they are there, and join to the text.
        for transcript in recognise(model, utterances, TranscribeOptions(word_times=True)):
            if not model.spec.word_times:
                assert transcript.words == ()
            elif transcript.text:
                assert _letters("".join(word.text for word in transcript.words)) == _letters(transcript.text)

    def test_confidence_is_there_if_promised(self, model: AsrModel, utterances: list[Utterance]) -> None:
        spoken = [t for t in recognise(model, utterances, TranscribeOptions()) if t.text]
        assert all((t.confidence is not None) == model.spec.confidence for t in spoken)

    def test_longest_utterance_is_taken_and_a_longer_one_refused(
        self, model: AsrModel, speech: Samples
    ) -> None:
        size = int(model.spec.max_seconds * SAMPLE_RATE)
        longest = np.resize(speech, size).astype(np.float32)
        language = _a_language(model)
        assert len(recognise(model, [Utterance(longest, language)], TranscribeOptions())) == 1
        too_long = Utterance(np.resize(speech, size + SAMPLE_RATE).astype(np.float32), language)
        with pytest.raises(InvalidAudio, match="at most"):
            recognise(model, [too_long], TranscribeOptions())

    def test_long_audio_is_cut_and_joined(self, model: AsrModel, speech: Samples) -> None:
        long = np.concatenate([speech, np.zeros(SAMPLE_RATE, np.float32)] * 2)
        transcript = model.transcribe_long(long, language=_a_language(model))
        assert isinstance(transcript, Transcript)
        starts = [word.start_s for word in transcript.words]
        assert starts == sorted(starts)
        assert all(0 <= word.end_s <= len(long) / SAMPLE_RATE + 1e-3 for word in transcript.words)

    def test_unknown_language_is_refused(self, model: AsrModel, speech: Samples) -> None:
        with pytest.raises(UnsupportedLanguage, match="xx-unknown"):
            model.transcribe(_cut(speech, 0, 1.0), language="xx-unknown")

    def test_unknown_task_and_option_are_refused(self, model: AsrModel, speech: Samples) -> None:
        with pytest.raises(UnsupportedTask, match="juggle"):
            model.transcribe(_cut(speech, 0, 1.0), task="juggle")
        with pytest.raises(InvalidOption, match="no_such_option"):
            model.transcribe(_cut(speech, 0, 1.0), no_such_option=1)

    def test_progress_reaches_the_end(self, model: AsrModel, utterances: list[Utterance]) -> None:
        seen: list[tuple[int, int]] = []
        recognise(
            model,
            utterances,
            TranscribeOptions(),
            on_progress=lambda done, total: seen.append((done, total)),
        )
        assert seen[-1] == (len(utterances), len(utterances))
        assert seen == sorted(seen)

    def test_a_call_can_be_stopped(self, model: AsrModel, utterances: list[Utterance]) -> None:
        asked = iter([False])  # the caller's own first question; the model must ask too
        with pytest.raises(Cancelled):
            recognise(model, utterances, TranscribeOptions(), should_stop=lambda: next(asked, True))

    def test_languages_are_probabilities(self, model: AsrModel, utterances: list[Utterance]) -> None:
        if not isinstance(model, LanguageDetector):
            pytest.skip("this model does not detect languages")
        for scores in model.detect_languages(utterances):
            assert set(scores) <= set(model.spec.languages)
            assert sum(scores.values()) == pytest.approx(1.0, abs=1e-3)

    def test_zz_closing_twice_does_no_harm(self, model: AsrModel) -> None:
        model.close()
        model.close()


def _a_language(model: AsrModel) -> str:
    return "en" if "en" in model.spec.languages else model.spec.languages[0]


def _cut(speech: Samples, start_s: float, length_s: float) -> Samples:
    return speech[int(start_s * SAMPLE_RATE) : int((start_s + length_s) * SAMPLE_RATE)]


def _letters(text: str) -> str:
    return "".join(text.split())
