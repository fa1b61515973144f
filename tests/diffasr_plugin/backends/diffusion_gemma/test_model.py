"""What the backend makes of a model that writes what it hears: text, times, confidence, nothing lost."""

import json
import string

import numpy as np
import pytest
import torch

from diffasr_plugin.asr import (
    SAMPLE_RATE,
    Cancelled,
    InvalidAudio,
    InvalidOption,
    OutOfMemory,
    Traceable,
    TranscribeOptions,
    UnsupportedLanguage,
    Utterance,
    recognise,
)
from tests.support import oracle as support
from tests.support.oracle import oracle, say, tokens_of

TEXT = "hello world, here."


@pytest.fixture(scope="module")
def model():
    return oracle()


def test_what_is_said_is_written(model):
    transcript = model.transcribe(say(tokens_of(TEXT)), language="en")
    assert transcript.text == TEXT
    assert transcript.language == "en"
    assert [word.text for word in transcript.words] == ["hello", "world,", "here."]


def test_words_are_where_they_are_said(model):
    transcript = model.transcribe(say(tokens_of("ab c"), gap=4), language="en")
    frame = 0.16
    first, second = transcript.words
    assert (first.text, second.text) == ("ab", "c")
    assert first.start_s == pytest.approx(0.0)
    assert first.end_s == pytest.approx(5 * frame + frame / 2)
    assert second.start_s == pytest.approx(10 * frame - frame / 2)


def test_sure_tokens_have_high_confidence(model):
    transcript = model.transcribe(say(tokens_of(TEXT)), language="en")
    assert transcript.confidence == pytest.approx(0.98, abs=0.01)
    assert all(word.confidence == pytest.approx(0.98, abs=0.01) for word in transcript.words)


def test_calibration_bends_the_confidence():
    transcript = oracle(calibration=(0.0, 0.0)).transcribe(say(tokens_of(TEXT)), language="en")
    assert transcript.confidence == pytest.approx(0.5)


def test_a_done_row_takes_no_more_steps(model):
    transcript = model.transcribe(say(tokens_of(TEXT)), language="en", steps=48)
    assert transcript.steps == 2  # the second one repeats the first


def test_the_language_is_told_by_the_text(model):
    assert model.transcribe(say(tokens_of("the cat and the dog is here"))).language == "en"
    assert model.transcribe(say(tokens_of("der hund und die katze"))).language == "de"
    assert model.transcribe(say(tokens_of("你好世界"))).language == "zh"


def test_han_characters_are_words_without_spaces(model):
    transcript = model.transcribe(say(tokens_of("你好")), language="zh")
    assert [(word.text, word.space_before) for word in transcript.words] == [("你", False), ("好", False)]


def test_languages_are_detected(model):
    speech = [Utterance(say(tokens_of(text))) for text in ("wo ist der hund", "where is the dog")]
    scores = model.detect_languages(speech)
    assert [max(each, key=each.get) for each in scores] == ["de", "en"]


@pytest.mark.parametrize("option", [{"init": "ctc"}, {"canvas": "auto"}, {"steps": 1}, {"extra_steps": 4}])
def test_options_change_the_way_not_the_words(model, option):
    assert model.transcribe(say(tokens_of(TEXT)), language="en", **option).text == TEXT


LONG = " ".join(string.ascii_lowercase) * 2  # 52 tokens: more than a canvas of 32 holds


def test_dense_speech_is_halved_not_truncated(model):
    transcript = model.transcribe(say(tokens_of(LONG)), language="en")
    assert transcript.text.replace(" ", "") == LONG.replace(" ", "")
    starts = [word.start_s for word in transcript.words]
    assert starts == sorted(starts)
    assert starts[-1] > 12


def test_a_canvas_that_was_cut_too_short_is_done_again_at_full_length():
    class Forgetful(support._Gemma):
        """Writes past the end of short canvases: CTC's estimate was wrong."""

        def denoise(self, canvas, context, self_conditioning, *, lengths):
            logits = super().denoise(canvas, context, self_conditioning, lengths=lengths)
            if canvas.shape[1] < 32:
                logits[:, :, 1] = -30.0
                logits[:, -3:, 20] = 60.0
            return logits

    transcript = oracle(gemma=Forgetful()).transcribe(
        say(tokens_of("abc")), language="en", canvas="auto", guard=False
    )
    assert transcript.text == "abc"


def test_a_canvas_without_end_in_a_second_of_audio_is_left_as_it_is():
    class Endless(support._Gemma):
        def denoise(self, canvas, context, self_conditioning, *, lengths):
            logits = super().denoise(canvas, context, self_conditioning, lengths=lengths)
            logits[:, :, 1] = -30.0
            logits[:, :, 20] += 1.0
            return logits

    transcript = oracle(gemma=Endless()).transcribe(say(tokens_of("abc")), language="en", guard=False)
    assert transcript.text.startswith("abc")


def test_text_that_is_not_in_the_audio_is_dropped():
    class Dreamer(support._Gemma):
        def denoise(self, canvas, context, self_conditioning, *, lengths):
            context = support._Context(torch.tensor([tokens_of("thank you")] * len(canvas)))
            return super().denoise(canvas, context, self_conditioning, lengths=lengths)

    dreamer = oracle(gemma=Dreamer())
    speech = say(tokens_of("abc"))
    assert dreamer.transcribe(speech, language="en").text == ""
    assert dreamer.transcribe(speech, language="en", guard=False).text == "thank you"


@pytest.mark.parametrize("loud", [0.0, 1e-4])
def test_silence_never_reaches_the_model(loud):
    model = oracle()
    noise = np.random.default_rng(0).normal(0, loud, 5 * SAMPLE_RATE).astype(np.float32)
    assert model.transcribe(noise).text == ""
    assert model._parts().decoder.gemma.calls == []


def test_rows_leave_the_batch_and_come_back_in_their_order():
    model = oracle()
    texts = ["one", "two", "", "three", "four", "five", "six"]
    utterances = [Utterance(say(tokens_of(text), seconds=3), "en") for text in texts]
    seen = []
    transcripts = recognise(
        model, utterances, TranscribeOptions(), on_progress=lambda *done: seen.append(done)
    )
    assert [t.text for t in transcripts] == texts
    assert seen == [(5, 7), (7, 7)]  # the silent one, and four at once


def test_a_call_can_be_stopped_between_batches():
    answers = iter([False, False])  # the caller's, and before the first batch
    with pytest.raises(Cancelled):
        recognise(
            oracle(),
            [Utterance(say(tokens_of("abc")), "en")] * 2,
            TranscribeOptions(model_options={"batch_size": 1}),
            should_stop=lambda: next(answers, True),
        )


def test_running_out_of_memory_is_told_with_the_batch():
    class Full(support._Gemma):
        def denoise(self, *args, **kwargs):
            raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(OutOfMemory, match="2 utterances at once") as raised:
        recognise(oracle(gemma=Full()), [Utterance(say(tokens_of("abc")), "en")] * 2, TranscribeOptions())
    assert raised.value.batch_size == 2


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (np.full(SAMPLE_RATE, np.nan, np.float32), SAMPLE_RATE, "holds nan"),
        (np.zeros(SAMPLE_RATE, np.uint8), SAMPLE_RATE, "uint8"),
        (np.zeros((SAMPLE_RATE, 2), np.float32), SAMPLE_RATE, "mono"),
        (np.zeros(8000, np.float32), 8000, "8000 Hz"),
        (np.zeros(31 * SAMPLE_RATE, np.float32), SAMPLE_RATE, "at most 30 s"),
    ],
)
def test_audio_that_no_model_takes_is_refused(model, samples, rate, message):
    with pytest.raises(InvalidAudio, match=message):
        model.transcribe(samples, sample_rate=rate)


def test_other_languages_and_options_are_refused(model):
    with pytest.raises(UnsupportedLanguage, match=r"de, en, es, fr, hi, zh.*--backend"):
        model.transcribe(say(tokens_of("abc")), language="ru")
    with pytest.raises(InvalidOption, match="above 48"):
        model.transcribe(say(tokens_of("abc")), language="en", steps=49)


def test_long_audio_is_cut_and_joined(model):
    words = [letter * 2 for letter in "abcdefghijklmnop"]
    parts = [say(tokens_of(f" {word}"), seconds=3.0) for word in words]
    transcript = model.transcribe_long(np.concatenate(parts), language="en", init="ctc")
    assert transcript.text.split() == words
    assert len(transcript.words) == len(words)


def test_a_trace_shows_every_step(model):
    assert isinstance(model, Traceable)
    utterance = Utterance(say(tokens_of("abc")), "en")
    trace = model.trace(utterance, TranscribeOptions())
    again = json.loads(json.dumps(trace, allow_nan=False))
    assert again["transcript"]["text"] == "abc"
    assert again["unknowns"]["prompt"] == "audio"
    steps = again["rows"][0]["steps"]
    assert [step["step"] for step in steps] == [1, 2]
    assert steps[-1]["stopped"]
    assert [again["pieces"][str(token)] for token in steps[-1]["best"][:3]] == ["a", "b", "c"]
