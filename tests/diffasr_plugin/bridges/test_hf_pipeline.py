"""transformers itself makes the pipeline; a script written for Whisper's runs on ours."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from diffasr_plugin.bridges.hf_pipeline import Backend, BackendPipeline
from diffasr_plugin.scoring import wer

TASK = "automatic-speech-recognition"


@pytest.fixture(scope="module")
def pipeline():
    from transformers import pipeline  # after the module above has made its import possible

    return pipeline


@pytest.fixture
def counter(pipeline, counting):
    return pipeline(TASK, model=Backend("counting"), pipeline_class=BackendPipeline)


@pytest.fixture(scope="module")
def ours(pipeline, whisper_folder):
    return pipeline(TASK, model=Backend("whisper"), pipeline_class=BackendPipeline, device="cpu")


@pytest.fixture(scope="module")
def theirs(pipeline, whisper_folder):
    return pipeline(TASK, model=str(whisper_folder), device="cpu")


def script(recogniser, path):
    """What people do with Whisper's pipeline; it knows nothing of ours."""
    english = {"language": "english", "num_beams": 1}
    samples, rate = soundfile.read(path, dtype="float32")
    twice = np.repeat(samples, 2)
    return SimpleNamespace(
        words=recogniser(samples, return_timestamps="word", generate_kwargs=english),
        segments=recogniser(
            {"raw": twice, "sampling_rate": 2 * rate}, return_timestamps=True, generate_kwargs=english
        ),
        many=recogniser([path, samples], batch_size=2, generate_kwargs=english),
    )


@pytest.fixture(scope="module")
def our_run(ours, speech_file):
    return script(ours, speech_file)


@pytest.fixture(scope="module")
def their_run(theirs, speech_file):
    return script(theirs, speech_file)


def test_the_same_script_gives_the_same_text(our_run, their_run):
    assert "New Jersey" in our_run.many[0]["text"]
    assert our_run.many == their_run.many


def test_the_same_script_gives_answers_of_one_shape(our_run, their_run):
    for one, other in ((our_run.words, their_run.words), (our_run.segments, their_run.segments)):
        assert one.keys() == other.keys()
        assert one["chunks"][0].keys() == other["chunks"][0].keys()
        assert wer([(other["text"], one["text"])], "en") < 0.2
        for answer in (one, other):
            assert "".join(chunk["text"] for chunk in answer["chunks"]) == answer["text"]


def test_the_same_script_finds_words_at_the_same_times(our_run, their_run):
    said = {chunk["text"]: chunk["timestamp"] for chunk in our_run.words["chunks"]}
    heard = {chunk["text"]: chunk["timestamp"] for chunk in their_run.words["chunks"]}
    names = (" Diane", " Jersey.", " Sheila")  # said once
    assert [said[name][0] for name in names] == pytest.approx([heard[name][0] for name in names], abs=0.3)


def test_the_built_in_task_stays_as_it_is(ours, theirs):
    assert type(theirs).__name__ == "AutomaticSpeechRecognitionPipeline"
    assert type(ours) is BackendPipeline
    assert ours.device.type == "cpu"
    assert "BackendPipeline" in repr(ours)


def test_audio_longer_than_the_model_takes(counter, noise):
    answer = counter(noise(25), return_timestamps="word")
    assert len(answer["chunks"]) > 40
    assert answer["chunks"][-1]["timestamp"][1] > 24
    starts = [chunk["timestamp"][0] for chunk in answer["chunks"]]
    assert starts == sorted(starts)


def test_shorter_windows_can_be_asked_for(counter, noise):
    counter(noise(9), chunk_length_s=3)
    assert counter.model.recogniser.batches[-1] > 2


def test_a_batch_is_recognised_in_one_call_and_in_order(counter, noise):
    recordings = [noise(seconds) for seconds in (1, 2, 3)]
    texts = [answer["text"] for answer in counter(recordings, batch_size=2)]
    assert texts == [" one two", " one two three four", " one two three four five six"]
    assert counter.model.recogniser.batches == [2, 1]


def test_a_generator_is_read_as_its_answers_are_taken(counter, noise):
    read = []

    def recordings():
        for seconds in (1, 2, 3):
            read.append(seconds)
            yield noise(seconds)

    answers = counter(recordings())
    assert next(answers)["text"] == " one two"
    assert read == [1]  # the pipeline looks at the first to see what is given
    assert [answer["text"].count(" ") for answer in answers] == [4, 6]


def test_a_data_set(counter, noise):
    from torch.utils.data import Dataset

    class Recordings(Dataset):
        def __len__(self):
            return 2

        def __getitem__(self, number):
            return noise(number + 1)

    assert [answer["text"] for answer in counter(Recordings())] == [" one two", " one two three four"]


def test_two_channels_and_what_else_a_dict_holds(counter, noise):
    both = np.stack([noise(1), noise(1)])
    answer = counter({"array": both, "sampling_rate": 16_000, "speaker": "Ann"})
    assert answer == {"text": " one two", "speaker": ["Ann"]}


def test_parameters_of_the_constructor_hold_for_each_call(pipeline, counting, noise):
    recogniser = pipeline(
        TASK,
        model=Backend("counting"),
        pipeline_class=BackendPipeline,
        return_timestamps="word",
        batch_size=3,
    )
    assert len(recogniser([noise(1)] * 3)[0]["chunks"]) == 2
    assert recogniser.model.recogniser.batches == [3]


def test_language_by_name_code_or_token(counter, noise):
    for language in ("german", "de", "<|de|>", "de-AT"):
        answer = counter(noise(1), return_language=True, generate_kwargs={"language": language})
        assert answer["chunks"] == [{"language": "german", "text": " one two"}]


def test_own_settings_reach_the_model(pipeline, counting, noise, monkeypatch):
    from tests.support.fake_models import CountingModel

    seen = []
    count = CountingModel.count
    monkeypatch.setattr(
        CountingModel,
        "count",
        lambda self, *args: seen.append(args[1].model_options["steps"]) or count(self, *args),
    )
    model = Backend("counting", {"steps": 8})
    recogniser = pipeline(TASK, model=model, pipeline_class=BackendPipeline, device=-1)
    recogniser(noise(1))
    recogniser(noise(1), generate_kwargs={"steps": 4})
    assert seen == [8, 4]
    assert recogniser.model.recogniser.options == {"device": "cpu"}


def test_numbers_of_gpus_and_dtypes_are_handed_on(pipeline, counting):
    with pytest.raises(ValueError, match="'cuda:1' is not one of auto, cpu"):
        pipeline(TASK, model=Backend("counting"), pipeline_class=BackendPipeline, device=1)
    with pytest.raises(ValueError, match="'dtype': model 'counting' has no such option"):
        pipeline(TASK, model=Backend("counting"), pipeline_class=BackendPipeline, dtype="float16")


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        (Backend("countin"), "did you mean counting"),
        (Backend("counting", {"step": 1}), "no such option; did you mean steps"),
    ],
)
def test_a_bad_choice_is_a_value_error(pipeline, counting, backend, message):
    with pytest.raises(ValueError, match=message):
        pipeline(TASK, model=backend, pipeline_class=BackendPipeline)


def test_missing_weights_are_an_os_error(pipeline, tmp_path):
    with pytest.raises(OSError, match=str(tmp_path)):
        pipeline(
            TASK, model=Backend("whisper", {"model": str(tmp_path / "gone")}), pipeline_class=BackendPipeline
        )


def test_another_kind_of_model_is_refused(pipeline):
    with pytest.raises(TypeError, match="is a int: give a Backend"):
        BackendPipeline(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"return_timestamps": "char"}, "'word' for words, True for segments"),
        ({"generate_kwargs": {"language": "french"}}, "does not know the language 'fr'"),
        ({"generate_kwargs": {"task": "translate"}}, "does not do 'translate'"),
        ({"generate_kwargs": {"beams": 3}}, "'beams' is no setting"),
    ],
)
def test_a_bad_call_is_a_value_error(counter, noise, call, message):
    with pytest.raises(ValueError, match=message):
        counter(noise(1), **call)


def test_times_are_refused_where_there_are_none(pipeline, counting, noise):
    recogniser = pipeline(TASK, model=Backend("mute"), pipeline_class=BackendPipeline)
    with pytest.raises(ValueError, match="gives no times"):
        recogniser(noise(1), return_timestamps="word")
