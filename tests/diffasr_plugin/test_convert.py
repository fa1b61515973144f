"""Foreign checkpoints become folders with their models' revisions; unknowns are given or measured."""

import numpy as np
import pytest
import soundfile

from diffasr_plugin import calibrate as calibration
from diffasr_plugin.asr import InvalidAudio, InvalidOption
from diffasr_plugin.checkpoint.disk import open_checkpoint
from diffasr_plugin.config import ModelRef
from diffasr_plugin.convert import ClipLine, convert, measure, parse_answers, read_clips
from diffasr_plugin.frozen import FrozenModels, assumed_models, read_models
from tests.support.published import TINY
from tests.support.tiny_recogniser import ENCODER_WIDTH, change_config, make_tiny_files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_tiny_files(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def models(files):
    return read_models(ModelRef(str(files.base), "abc"), ModelRef(str(files.encoder)))


def test_the_shapes_are_read(models):
    assert models.backbone == TINY
    assert models.shape.width == ENCODER_WIDTH
    assert models.assumed is None


def test_published_shapes_are_assumed_where_none_can_be_had(files):
    models = assumed_models(ModelRef("/no/such/base"), ModelRef(str(files.encoder)))
    assert (models.backbone.hidden, models.shape.width) == (2816, 768)
    assert "/no/such/base" in models.assumed


def test_a_converted_folder_knows_its_models_and_answers(files, models, tmp_path):
    base, encoder = ModelRef("a/base", "123"), ModelRef("an/encoder", "456")
    pinned = FrozenModels(base, encoder, models.backbone, models.shape)
    convert(files.foreign, tmp_path / "out", pinned, {"alpha_ratio": 1.0, "prompt": "chat"})
    config = open_checkpoint(tmp_path / "out", TINY, ENCODER_WIDTH).config
    assert (config.base, config.encoder) == (base, encoder)
    assert config.unknowns.alpha_ratio == 1.0
    assert config.unknowns.sources == {"alpha_ratio": "given", "prompt": "given"}


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        ({"alpha_ratio": "2", "blank": "3"}, {"alpha_ratio": 2.0, "blank": 3}),
        ({"activation": "silu"}, {"activation": "silu"}),
        ({}, {}),
    ],
)
def test_answers_are_typed(given, answers):
    assert parse_answers(given) == answers


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": "2"}, "no such setting; did you mean alpha_ratio"),
        ({"sources": "x"}, "no such setting"),
        ({"blank": "two"}, "option 'blank'"),
        ({"activation": "tanh"}, "'activation' is 'tanh'"),
        ({"alpha_ratio": "-1"}, "not positive"),
    ],
)
def test_answers_that_are_none_are_refused(given, message):
    with pytest.raises(InvalidOption, match=message):
        parse_answers(given)


def test_a_list_of_clips_is_read(tmp_path):
    path = tmp_path / "clips.tsv"
    path.write_text("a.wav\tHello there.\ten\n\nsub/b.wav\tHallo.\n")
    assert read_clips(path) == [
        ClipLine(tmp_path / "a.wav", "Hello there.", "en"),
        ClipLine(tmp_path / "sub/b.wav", "Hallo."),
    ]


@pytest.mark.parametrize(
    ("text", "message"), [("", "names no clips"), ("a.wav\n", "line 1"), ("a.wav\t \n", "line 1")]
)
def test_a_list_that_is_none_is_refused(tmp_path, text, message):
    path = tmp_path / "clips.tsv"
    path.write_text(text)
    with pytest.raises(InvalidOption, match=message):
        read_clips(path)


def test_measured_answers_are_written_into_the_folder(files, models, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    known = {"activation": "gelu", "activation_after": "conv", "blank": 0, "fill": "eos", "canvas_length": 24}
    convert(files.foreign, folder, models, known)
    change_config(folder, prompt_ids={"begin": 190, "audio": 193, "end": 191}, eos=[1, 5])
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 16_000), 16_000)
    monkeypatch.setattr(calibration, "ALPHA_RATIOS", (1.0,))
    lines = measure(folder, [ClipLine(tmp_path / "a.wav", "ab c", "en")], "cpu")
    unknowns = open_checkpoint(folder, TINY, ENCODER_WIDTH).config.unknowns
    assert unknowns.sources["prompt"] == unknowns.sources["alpha_ratio"] == "measured"
    assert unknowns.sources["blank"] == "given"
    losses = [float(line.split()[2].rstrip(":")) for line in lines]
    assert losses == sorted(losses)
    assert lines[0].endswith(f"prompt {unknowns.prompt}, alpha_ratio {unknowns.alpha_ratio}")


@pytest.mark.parametrize("seconds", [0, 31])
def test_clips_last_up_to_a_window(files, tmp_path, seconds):
    soundfile.write(tmp_path / "a.wav", np.zeros(seconds * 16_000), 16_000)
    with pytest.raises(InvalidAudio, match=f"lasts {seconds}.0 s: clips last up to 30 s"):
        measure(files.checkpoint, [ClipLine(tmp_path / "a.wav", "a")], "cpu")
