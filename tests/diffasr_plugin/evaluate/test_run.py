"""Runs over clips whose words are counted by construction."""

import pytest

from diffasr_plugin.asr import InvalidAudio, Transcript, UnsupportedLanguage, Word
from diffasr_plugin.evaluate.run import Recognition, Run, RunOptions, run
from tests.support.fake_models import CountingModel, make_spec


def texts(done):
    return [item.transcript.text for item in done.recognitions]


def test_all_clips_in_order(record, counting):
    clips = [record(f"{halves}.wav", halves, "") for halves in (3, 1, 2)]
    told = []
    done = run(counting, clips, RunOptions(batch=2), lambda done, total: told.append((done, total)))
    assert texts(done) == ["one two three", "one", "one two"]
    assert [item.clip for item in done.recognitions] == clips
    assert done.audio_s == pytest.approx(3.0)
    assert counting.batches == [1, 2, 1]  # the first clip once more, beforehand
    assert told == [(2, 3), (3, 3)]


class LongWinded(CountingModel):
    def transcribe_long(self, samples, *, language=None, **model_options):
        return Transcript(f"{len(samples)} samples, {language}, {model_options}")


def test_a_clip_longer_than_the_model_takes(record):
    clips = [record("a.wav", 2, ""), record("long.wav", 24, ""), record("b.wav", 1, "")]
    done = run(make_spec(model=LongWinded).factory({}), clips, RunOptions(model_options={"steps": 4}))
    assert texts(done) == ["one two", "192000 samples, en, {'steps': 4}", "one"]
    assert done.recognitions[1].duration_s == 12.0


def test_speed_and_passes():
    def item(seconds, steps):
        return Recognition(None, seconds, Transcript("", steps=steps))

    done = Run((item(4.0, 8), item(2.0, 4), item(0.0, None)), 1.5)
    assert (done.times_real_time, done.passes) == (4.0, 6.0)
    assert Run((item(1.0, None),), 1.0).passes is None


class Listening(CountingModel):
    """Remembers what it was asked."""

    def transcribe_batch(self, utterances, options, **callbacks):
        self.asked = ([utterance.language for utterance in utterances], options)
        return super().transcribe_batch(utterances, options, **callbacks)


@pytest.fixture
def listening():
    return make_spec(model=Listening).factory({})


def test_what_the_model_is_asked(record, listening):
    clip = record("a.wav", 2, "", "de")
    run(listening, [clip], RunOptions(seed=5, model_options={"steps": 3}))
    languages, options = listening.asked
    assert languages == ["de"]
    assert (options.seed, options.word_times, options.model_options) == (5, False, {"steps": 3})


def test_the_language_may_be_kept_from_the_model(record, listening):
    run(listening, [record("a.wav", 2, "", "de")], RunOptions(tell_language=False))
    assert listening.asked[0] == [None]


def test_word_times_are_asked_for_where_they_are_needed(record, listening):
    run(listening, [record("a.wav", 2, "", words=(Word("one", 0, 0.5),))], RunOptions())
    assert listening.asked[1].word_times
    run(listening, [record("a.wav", 2, "")], RunOptions(word_times=True))
    assert listening.asked[1].word_times


def test_errors_of_files_and_models_come_through(record, counting):
    with pytest.raises(UnsupportedLanguage):
        run(counting, [record("a.wav", 2, "", "fr")], RunOptions())
    clip = record("b.wav", 2, "")
    clip.audio.unlink()
    with pytest.raises(InvalidAudio):
        run(counting, [clip], RunOptions())
