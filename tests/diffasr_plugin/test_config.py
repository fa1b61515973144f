"""Configurations survive the file; what does not belong in one is refused by name."""

import json
from dataclasses import asdict, replace

import pytest

from diffasr_plugin.checkpoint.errors import InvalidConfig, UnreadableCheckpoint
from diffasr_plugin.config import (
    CONFIG_FILE,
    AdapterConfig,
    ModelRef,
    ProjectorConfig,
    ProjectorLayer,
    RecogniserConfig,
    Unknowns,
    from_dict,
    load_config,
    save_config,
)

CONVOLUTIONS = ProjectorConfig(
    (
        ProjectorLayer("linear", 768, 1280),
        *[ProjectorLayer("conv", 1280, 1280, kernel=3, stride=2)] * 3,
        ProjectorLayer("linear", 1280, 2816),
    )
)
CONFIG = RecogniserConfig(CONVOLUTIONS, AdapterConfig(16, ("decoder.layers.0.self_attn.q_proj",)))


def test_a_config_survives_the_file(tmp_path):
    config = replace(
        CONFIG,
        base=ModelRef("somewhere/gemma", "abc123"),
        calibration=(1.5, -0.2),
        unknowns=CONFIG.unknowns.answered("measured", alpha_ratio=1, prompt="chat"),
    )
    save_config(config, tmp_path)
    assert load_config(tmp_path) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"canvas": 192}, "unknown key 'canvas'"),
        ({"eos": "1"}, "'eos' is '1', not a list"),
        ({"eos": []}, "no token ends a transcript"),
        ({"pad": 0.5}, "'pad' is 0.5, not int"),
        ({"pad": True}, "'pad' is True, not int"),
        ({"calibration": [1.0]}, "'calibration' holds 1 values"),
        ({"format": 2}, "format 2"),
        ({"adapter": {"rank": 16}}, "AdapterConfig lacks 'targets'"),
        ({"adapter": {"rank": 0, "targets": []}}, "rank 0"),
        ({"adapter": 7}, "expected a table for AdapterConfig"),
        ({"projector": {"layers": []}}, "a projector has layers"),
        ({"projector": {"layers": [{"kind": "rnn", "inputs": 1, "outputs": 1}]}}, "'kind' is 'rnn'"),
        ({"projector": {"layers": [{"kind": "conv", "inputs": 0, "outputs": 1}]}}, "sizes must be positive"),
        ({"projector": {"layers": [{"kind": "rms_norm", "inputs": 1, "outputs": 2}]}}, "keeps its channels"),
        ({"unknowns": {"alpha_ratio": 0}}, "alpha_ratio 0"),
        ({"unknowns": {"canvas_length": 0}}, "canvas_length 0"),
        ({"unknowns": {"blank": -1}}, "blank -1"),
        ({"unknowns": {"activation": "tanh"}}, "'activation' is 'tanh'"),
        ({"unknowns": {"sources": {"alpha": "given"}}}, "sources of unknown settings: alpha"),
    ],
)
def test_what_does_not_belong_is_refused(tmp_path, change, message):
    values = json.loads(json.dumps(asdict(CONFIG))) | change
    (tmp_path / CONFIG_FILE).write_text(json.dumps(values))
    with pytest.raises(InvalidConfig, match=message) as raised:
        load_config(tmp_path)
    assert CONFIG_FILE in str(raised.value)


def test_a_projector_whose_layers_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="4 outputs is followed by one with 5 inputs"):
        ProjectorConfig((ProjectorLayer("linear", 3, 4), ProjectorLayer("linear", 5, 6)))


@pytest.mark.parametrize("text", [None, "{", "[1]"])
def test_what_is_no_config_file_is_refused(tmp_path, text):
    if text is not None:
        (tmp_path / CONFIG_FILE).write_text(text)
    with pytest.raises((UnreadableCheckpoint, InvalidConfig), match="diffasr convert"):
        load_config(tmp_path)


def test_the_published_projector_makes_188_tokens_of_1500_frames():
    assert CONVOLUTIONS.tokens(1500) == 188
    assert (CONVOLUTIONS.inputs, CONVOLUTIONS.outputs) == (768, 2816)


def test_every_unknown_is_assumed_until_it_is_answered():
    names = {"prompt", "alpha_ratio", "activation", "activation_after", "output_scale", "blank"}
    names |= {"canvas_length", "fill"}
    assert set(Unknowns().assumed()) == names
    answered = Unknowns().answered("given", blank=3).answered("measured", alpha_ratio=2)
    assert set(answered.assumed()) == names - {"blank", "alpha_ratio"}
    assert answered.sources == {"blank": "given", "alpha_ratio": "measured"}


@pytest.mark.parametrize("answer", [{"colour": 1}, {"sources": {}}, {"blank": "x"}])
def test_an_answer_to_no_question_is_refused(answer):
    with pytest.raises(ValueError, match=next(iter(answer))):
        Unknowns().answered("given", **answer)


def test_a_whole_number_will_do_for_a_float():
    assert from_dict(Unknowns, {"alpha_ratio": 2}).alpha_ratio == 2.0
