"""The backend as callers see it: on real speech with whisper-base, and on takes that a test writes."""

import shutil
import subprocess
import wave
from importlib.metadata import files
from itertools import pairwise

import numpy as np
import pytest
import torch

from diffasr_plugin.asr import (
    AsrModel,
    InvalidOption,
    LanguageDetector,
    ModelUnavailable,
    OutOfMemory,
    TranscribeOptions,
    Transcript,
    UnsupportedLanguage,
    UnsupportedTask,
    Utterance,
    Word,
    load_model,
    recognise,
)
from diffasr_plugin.asr.testing import BackendContract, sample_speech
from diffasr_plugin.backends.whisper import runner as whisper_runner
from diffasr_plugin.backends.whisper.runner import Job, Take
from diffasr_plugin.scoring import wer

RATE = 16_000
GERMAN = "Guten Morgen. Heute scheint die Sonne, und wir fahren mit dem Zug nach Hamburg."


@pytest.fixture(scope="module")
def whisper(whisper_folder) -> AsrModel:
    with load_model("whisper", dtype="float32") as model:
        yield model


@pytest.fixture(scope="module")
def sample():
    return sample_speech()


@pytest.fixture(scope="module")
def reference():
    """What is said in the sample: (start_s, end_s, text) of each stretch."""
    (stm,) = [file for file in files("pyannote.audio") if file.name == "sample.stm"]
    lines = [line.split(maxsplit=5) for line in stm.read_text().splitlines() if line.strip()]
    return [(float(start), float(end), text) for _, _, _, start, end, text in lines]


def cut(samples, start_s, end_s):
    return samples[int(start_s * RATE) : int(end_s * RATE)]


class TestContract(BackendContract):
    model_name = "whisper"
    load_options = {"dtype": "float32"}  # noqa: RUF012

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, whisper_folder):
        with load_model("whisper", **cls.load_options) as model:
            yield model


class TestRealSpeech:
    @pytest.fixture(scope="class")
    @classmethod
    def conversation(cls, whisper, sample) -> Transcript:
        return whisper.transcribe(sample)

    def test_words_and_language_are_found(self, conversation, reference):
        assert conversation.language == "en"
        assert wer([(" ".join(text for _, _, text in reference), conversation.text)], "en") < 0.25
        assert 0.6 < conversation.confidence < 1.0

    def test_words_lie_in_the_speech(self, conversation, reference):
        inside = [
            any(start - 0.3 <= word.start_s and word.end_s <= end + 0.3 for start, end, _ in reference)
            for word in conversation.words
        ]
        assert np.mean(inside) > 0.9
        assert conversation.words[0].start_s == pytest.approx(reference[0][0], abs=0.15)

    @pytest.mark.parametrize(
        ("name", "start_s", "end_s"),
        [("Diane", 12.8, 13.2), ("Chicago.", 17.0, 17.9), ("Yankee", 26.2, 26.8)],
    )
    def test_a_word_is_where_it_is_said(self, conversation, name, start_s, end_s):
        word = next(word for word in conversation.words if word.text == name)
        assert word.start_s == pytest.approx(start_s, abs=0.25)
        assert word.end_s == pytest.approx(end_s, abs=0.25)

    def test_words_are_apart_and_last(self, conversation):
        assert all(before.end_s <= after.start_s for before, after in pairwise(conversation.words))
        assert all(0.02 <= word.end_s - word.start_s + 1e-9 < 1.5 for word in conversation.words)
        assert all(0 < word.confidence <= 1 for word in conversation.words)

    def test_a_short_window_hears_what_the_full_one_hears(self, whisper, sample, monkeypatch):
        utterances = [
            Utterance(cut(sample, *span), "en") for span in ((8.3, 9.9), (17.9, 21.5), (21.8, 24.0))
        ]
        short = recognise(whisper, utterances, TranscribeOptions())
        monkeypatch.setattr(whisper_runner, "window_seconds", lambda duration_s: 30)
        full = recognise(whisper, utterances, TranscribeOptions())
        pairs = [(by_full.text, by_short.text) for by_full, by_short in zip(full, short, strict=True)]
        assert wer(pairs, "en") < 0.1

    def test_speech_that_starts_after_a_long_pause_starts_there(self, whisper, sample):
        late = np.concatenate([np.zeros(3 * RATE, np.float32), cut(sample, 21.8, 24.0)])
        assert whisper.transcribe(late, language="en").words[0].start_s == pytest.approx(3.1, abs=0.2)

    def test_languages_are_told(self, whisper, sample, german):
        assert isinstance(whisper, LanguageDetector)
        english, other = whisper.detect_languages([Utterance(cut(sample, 12, 20)), Utterance(german)])
        assert max(english, key=english.get) == "en"
        assert max(other, key=other.get) == "de"
        assert sum(english.values()) == pytest.approx(1, abs=1e-3)

    def test_an_utterance_without_samples_has_languages_too(self, whisper):
        (scores,) = whisper.detect_languages([Utterance(np.zeros(0, np.float32))])
        assert sum(scores.values()) == pytest.approx(1, abs=1e-3)

    def test_german_is_written(self, whisper, german):
        transcript = whisper.transcribe(german, language="de")
        assert wer([(GERMAN, transcript.text)], "de") < 0.35
        assert transcript.language == "de"

    def test_german_is_translated(self, whisper, german):
        transcript = whisper.transcribe(german, language="de", task="translate")
        assert "morning" in transcript.text.lower()
        assert transcript.words

    @pytest.mark.parametrize("level", [0.001, 0.05])
    @pytest.mark.parametrize("seconds", [3, 28])
    def test_noise_has_no_text(self, whisper, level, seconds):
        noise = np.random.default_rng(0).normal(0, level, seconds * RATE).astype(np.float32)
        assert recognise(whisper, [Utterance(noise, "en")], TranscribeOptions())[0] == Transcript("")

    def test_without_word_times_there_is_text_alone(self, whisper, sample):
        utterance = Utterance(cut(sample, 21.8, 24.0), "en")
        with_times, without = (
            recognise(whisper, [utterance], TranscribeOptions(word_times=times))[0] for times in (True, False)
        )
        assert without.text == with_times.text
        assert without.words == ()

    def test_status_tells_the_types(self, whisper):
        assert whisper.status.model == "whisper-base"
        assert whisper.status.device in ("cpu", "cuda")
        assert whisper.status.dtype == "float32"
        assert whisper.status.memory_bytes == pytest.approx(290e6, rel=0.02)


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """A German sentence by espeak-ng, 16 kHz."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng (apt install espeak-ng)")
    path = tmp_path_factory.mktemp("german") / "speech.wav"
    subprocess.run(["espeak-ng", "-v", "de", "-s", "140", "-w", path, GERMAN], check=True)
    with wave.open(str(path), "rb") as sound:
        pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
        times = np.arange(0, len(pcm), sound.getframerate() / RATE)
    return np.interp(times, np.arange(len(pcm)), pcm).astype(np.float32)


class ScriptedRunner:
    """Answers jobs with takes that a test writes; keeps the jobs."""

    def __init__(self, answer):
        self.answer = answer
        self.batches = []

    def run(self, jobs, task):
        self.batches.append(list(jobs))
        return [self.answer(job) for job in jobs]


@pytest.fixture
def tiny_model(tiny_folder):
    with load_model("whisper", model=str(tiny_folder), dtype="float32", batch_size=2) as model:
        yield model


def take(text, language="en", **facts):
    words = tuple(
        Word(word, number * 0.5, number * 0.5 + 0.4, 0.9) for number, word in enumerate(text.split())
    )
    return Take(words, language, (-0.1,) * len(words), **facts)


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


class TestRounds:
    def script(self, model, answer):
        model._runner = ScriptedRunner(answer)
        return model._runner

    def test_a_broken_take_is_tried_again_with_care(self, tiny_model):
        runner = self.script(
            tiny_model, lambda job: take("second" if job.careful else "", broken=not job.careful)
        )
        (transcript,) = recognise(tiny_model, [Utterance(noise(5), "en")], TranscribeOptions())
        assert transcript.text == "second"
        assert [[job.careful for job in batch] for batch in runner.batches] == [[False], [True]]
        assert runner.batches[1][0].window_s == 30

    def test_a_rest_is_put_in_its_place(self, tiny_model):
        runner = self.script(
            tiny_model, lambda job: take("more") if job.after_end else take("some", rest=3 * RATE)
        )
        utterance = Utterance(noise(8))
        (transcript,) = recognise(tiny_model, [utterance], TranscribeOptions())
        assert transcript.text == "some more"
        assert [word.start_s for word in transcript.words] == [0.0, 3.0]
        (rest,) = runner.batches[1]
        assert rest.language == "en"  # as detected in what came before
        np.testing.assert_array_equal(rest.samples, utterance.samples[3 * RATE :])

    def test_what_was_passed_over_is_heard_alone_and_put_in_its_place(self, tiny_model):
        def answer(job):
            if job.alone:
                return take("second third" if job.duration_s > 1 else "fourth", "de")
            words = (*take("first").words, *(word.shifted(7.5) for word in take("last").words))
            spans = ((2 * RATE, 4 * RATE), (6 * RATE, 7 * RATE))
            return Take(words, "de", (-0.1, -0.1), rest=9 * RATE, passed_over=spans)

        def rest_too(job):
            return take("rest", "de") if job.after_end else answer(job)

        runner = self.script(tiny_model, rest_too)
        utterance, seen = Utterance(noise(10)), []
        (transcript,) = recognise(
            tiny_model, [utterance], TranscribeOptions(), on_progress=lambda *n: seen.append(n)
        )
        assert transcript.text == "first second third fourth last rest"
        assert [word.start_s for word in transcript.words] == [0.0, 2.0, 2.5, 6.0, 7.5, 9.0]
        (first, second), (rest,) = runner.batches[1:]
        assert (first.alone, first.language, rest.alone) == (True, "de", False)
        np.testing.assert_array_equal(second.samples, utterance.samples[6 * RATE : 7 * RATE])
        assert seen == [(0, 1), (0, 1), (1, 1)]

    def test_batches_share_a_window_and_order_is_kept(self, tiny_model):
        runner = self.script(tiny_model, lambda job: take(f"{job.duration_s:.0f}"))
        utterances = [Utterance(noise(seconds), "en") for seconds in (3, 20, 4, 5, 21)]
        transcripts = recognise(tiny_model, utterances, TranscribeOptions())
        assert [t.text for t in transcripts] == ["3", "20", "4", "5", "21"]
        assert [[job.window_s for job in batch] for batch in runner.batches] == [[25, 25], [15, 15], [15]]

    def test_silence_is_not_run(self, tiny_model):
        runner = self.script(tiny_model, lambda job: take("spoken"))
        silence = Utterance(np.zeros(RATE, np.float32), "en")
        transcripts = recognise(tiny_model, [silence, Utterance(noise(1), "en")], TranscribeOptions())
        assert transcripts[0] == Transcript("")
        assert transcripts[1].text == "spoken"
        assert len(runner.batches) == 1

    def test_progress_counts_what_is_finished(self, tiny_model):
        self.script(tiny_model, lambda job: take("x", broken=not job.careful and job.duration_s > 3))
        seen = []
        utterances = [Utterance(noise(seconds), "en") for seconds in (4, 2, 5, 1)]
        recognise(tiny_model, utterances, TranscribeOptions(), on_progress=lambda *n: seen.append(n))
        assert seen == [(1, 4), (2, 4), (4, 4)]

    def test_silence_alone_is_finished_at_once(self, tiny_model):
        seen = []
        silence = Utterance(np.zeros(RATE, np.float32), "en")
        recognise(tiny_model, [silence] * 2, TranscribeOptions(), on_progress=lambda *n: seen.append(n))
        assert seen == [(2, 2)]

    def test_languages_of_the_call_and_of_the_utterance(self, tiny_model):
        runner = self.script(tiny_model, lambda job: take("x", job.language or "fr"))
        utterances = [Utterance(noise(1), "de"), Utterance(noise(1))]
        transcripts = recognise(tiny_model, utterances, TranscribeOptions(language="es"))
        assert [job.language for job in runner.batches[0]] == ["de", "es"]
        assert [t.language for t in transcripts] == ["de", "es"]

    @pytest.mark.parametrize(
        ("task", "script", "text"),
        [
            ("transcribe", "simplified", "头发"),
            ("transcribe", "as-heard", "頭髮"),
            ("translate", "simplified", "頭髮"),
        ],
    )
    def test_mandarin_is_written_in_the_script_asked_for(self, tiny_model, task, script, text):
        self.script(tiny_model, lambda job: take("頭髮", "zh"))
        options = TranscribeOptions(task=task, model_options={"chinese": script})
        (transcript,) = recognise(tiny_model, [Utterance(noise(1), "zh")], options)
        assert transcript.text == transcript.words[0].text == text

    def test_confidence_is_the_mean_of_all_tokens(self, tiny_model):
        self.script(tiny_model, lambda job: Take(take("a b").words, "en", (-0.5, -1.5)))
        (transcript,) = recognise(tiny_model, [Utterance(noise(1), "en")], TranscribeOptions())
        assert transcript.confidence == pytest.approx(np.exp(-1))

    @pytest.mark.parametrize(
        "error",
        [
            torch.OutOfMemoryError("CUDA out of memory"),
            MemoryError(),
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
            RuntimeError("[enforce fail at alloc_cpu.cpp:75] not enough memory"),
        ],
    )
    def test_lack_of_memory_is_told_with_the_batch(self, tiny_model, error):
        def fail(job):
            raise error

        self.script(tiny_model, fail)
        with pytest.raises(OutOfMemory, match="2 utterances at once") as caught:
            recognise(tiny_model, [Utterance(noise(1), "en")] * 3, TranscribeOptions())
        assert caught.value.batch_size == 2

    def test_other_errors_are_not_taken_for_it(self, tiny_model):
        def fail(job):
            raise RuntimeError("a bug")

        self.script(tiny_model, fail)
        with pytest.raises(RuntimeError, match="a bug"):
            recognise(tiny_model, [Utterance(noise(1), "en")], TranscribeOptions())


class TestRunner:
    """What the runner makes of a draft: real alignment, the search's answer replaced."""

    @pytest.fixture
    def search(self, whisper, monkeypatch):
        return whisper._runner._engine.search, monkeypatch

    def test_sound_after_the_end_of_the_text_is_a_rest(self, whisper, sample, search):
        engine_search, monkeypatch = search
        speech = cut(sample, 14.4, 21.5)
        whole = whisper.transcribe(speech, language="en")
        plain = type(engine_search).run

        def stop_early(self, heard, requests, task):
            return [draft.only(range(6)) for draft in plain(self, heard, requests, task)]

        monkeypatch.setattr(type(engine_search), "run", stop_early)
        (early,) = whisper._runner.run([Job(speech, "en")], "transcribe")
        assert early.rest == pytest.approx(early.words[-1].end_s * RATE, abs=0.3 * RATE)
        (translated,) = whisper._runner.run([Job(speech, "en")], "translate")
        assert translated.rest is None
        monkeypatch.undo()
        (rest,) = whisper._runner.run([Job(speech[early.rest :], "en", after_end=True)], "transcribe")
        said = " ".join(word.text for word in (*early.words, *rest.words))
        assert wer([(whole.text, said)], "en") < 0.2

    def test_circles_break_a_first_attempt_and_are_cut_out_of_a_second(self, whisper, sample, search):
        engine_search, monkeypatch = search
        speech = cut(sample, 21.8, 24.0)
        plain = type(engine_search).run

        def circle(self, heard, requests, task):
            drafts = plain(self, heard, requests, task)
            return [draft.only([*range(len(draft.ids)), *[len(draft.ids) - 1] * 20]) for draft in drafts]

        whole = whisper.transcribe(speech, language="en")
        monkeypatch.setattr(type(engine_search), "run", circle)
        first, second = (
            whisper._runner.run([Job(speech, "en", careful=careful)], "transcribe")[0]
            for careful in (False, True)
        )
        assert first == Take((), "en", broken=True)
        assert not second.broken
        assert [word.text for word in second.words] == [word.text for word in whole.words]

    @pytest.mark.parametrize(
        ("facts", "phrases"), [({"after_end": True}, 2), ({"after_end": True, "alone": True}, 0), ({}, 0)]
    )
    def test_sound_after_speech_is_worth_another_hearing(self, whisper, sample, search, facts, phrases):
        engine_search, monkeypatch = search
        plain = type(engine_search).run

        def nothing(self, heard, requests, task):
            return [draft.only([]) for draft in plain(self, heard, requests, task)]

        monkeypatch.setattr(type(engine_search), "run", nothing)
        pause = np.zeros(RATE // 2, np.float32)
        speech = np.concatenate([cut(sample, 21.8, 24.0), pause, cut(sample, 12.0, 13.5), pause])
        (take,) = whisper._runner.run([Job(speech, "en", **facts)], "transcribe")
        assert take.words == ()
        assert len(take.passed_over) == phrases


class TestEnglishOnly:
    @pytest.fixture
    def english(self, tiny_model):
        tiny_model._languages, tiny_model._tasks = ("en",), ("transcribe",)
        return tiny_model

    def test_other_languages_and_tasks_are_refused(self, english):
        utterance = Utterance(noise(1), "de")
        with pytest.raises(UnsupportedLanguage, match=r"'de'.*knows: en"):
            recognise(english, [utterance], TranscribeOptions())
        with pytest.raises(UnsupportedTask, match="translate"):
            recognise(english, [Utterance(noise(1), "en")], TranscribeOptions(task="translate"))

    def test_all_speech_is_english(self, english):
        assert english.detect_languages([Utterance(noise(1))]) == [{"en": 1.0}]


def test_a_language_that_came_later_is_refused_by_this_model(tiny_model):
    with pytest.raises(UnsupportedLanguage, match="'yue'"):
        recognise(tiny_model, [Utterance(noise(1), "yue")], TranscribeOptions())


def test_a_closed_model_says_so(tiny_model):
    tiny_model.close()
    with pytest.raises(ModelUnavailable, match="closed"):
        tiny_model.transcribe(noise(1), language="en")


def test_a_device_that_is_not_there_is_refused(tiny_folder):
    with pytest.raises(InvalidOption, match="cuda:99"):
        load_model("whisper", model=str(tiny_folder), device="cuda:99")
