"""Unknown settings are chosen by the least loss, and the losses tell right from wrong."""

import math
from dataclasses import replace

import numpy as np
import pytest

from diffasr_plugin import calibrate as module
from diffasr_plugin.backends.diffusion_gemma.load import load_parts, plan_load
from diffasr_plugin.backends.diffusion_gemma.spec import SPEC
from diffasr_plugin.calibrate import ALPHA_RATIOS, Clip, calibrate
from diffasr_plugin.text import PROMPTS
from tests.support.oracle import oracle, say, tokens_of
from tests.support.tiny_recogniser import make_tiny_files

RIGHT = Clip(say(tokens_of("hello world")), "hello world", "en")
WRONG = Clip(RIGHT.samples, "good bye moon", "en")


@pytest.fixture(scope="module")
def parts():
    loaded = oracle()._parts()
    return loaded.front, loaded.decoder


def test_ctc_loss_is_small_for_what_is_said(parts):
    assert module._ctc_loss(*parts, RIGHT, 0) < 0.01
    assert module._ctc_loss(*parts, WRONG, 0) > 10


def test_canvas_loss_is_small_for_what_is_said(parts):
    assert module._canvas_loss(*parts, RIGHT, 0) < 0.01
    assert module._canvas_loss(*parts, WRONG, 0) > 5


def test_a_canvas_filled_with_padding_is_told_from_one_filled_with_ends(parts):
    front, decoder = parts
    padded = replace(decoder.config, unknowns=decoder.config.unknowns.answered("given", fill="pad"))
    other = replace(decoder, codec=decoder.codec.reconfigured(padded), config=padded)
    assert module._canvas_loss(front, other, RIGHT, 0) > 5


@pytest.fixture
def asked(monkeypatch):
    """Losses by formula: the answers wanted are silu, hidden, 1, chat, 4.0 and pad."""
    loaded = oracle()._parts()
    wanted = {
        "activation": "silu",
        "activation_after": "hidden",
        "blank": 1,
        "prompt": "chat",
        "alpha_ratio": 4.0,
        "fill": "pad",
    }

    def loss(front, decoder, clip, seed):
        unknowns = vars(decoder.config.unknowns)
        return sum(unknowns[name] != value for name, value in wanted.items()) + len(clip.text)

    def set_up(loaded, config):
        return loaded.front, replace(loaded.decoder, config=config)

    for name in ("_ctc_loss", "_canvas_loss"):
        monkeypatch.setattr(module, name, loss)
    monkeypatch.setattr(module, "_set_up", set_up)
    return loaded, wanted


def test_the_answers_with_the_least_loss_are_taken(asked):
    loaded, wanted = asked
    unknowns, trials = calibrate(loaded, [RIGHT, WRONG])
    assert {name: getattr(unknowns, name) for name in wanted} == wanted
    assert {unknowns.sources[name] for name in wanted} == {"measured"}
    assert unknowns.assumed() == ("output_scale",)
    ctc = [trial for trial in trials if trial.loss == "ctc"]
    canvas = [trial for trial in trials if trial.loss == "canvas"]
    assert len(ctc) == 4 * 2 * 2
    assert len(canvas) == len(PROMPTS) * len(ALPHA_RATIOS) * 2
    assert min(t.nats for t in ctc) == 3 + (len(RIGHT.text) + len(WRONG.text)) / 2


def test_what_is_known_is_not_asked_again(asked):
    loaded, _ = asked
    known = loaded.decoder.config.unknowns.answered("metadata", alpha_ratio=1.0, activation="relu", blank=0)
    known = known.answered("given", activation_after="conv")
    config = replace(loaded.decoder.config, unknowns=known)
    unknowns, trials = calibrate(replace(loaded, decoder=replace(loaded.decoder, config=config)), [RIGHT])
    assert (unknowns.alpha_ratio, unknowns.activation, unknowns.sources["activation"]) == (
        1.0,
        "relu",
        "metadata",
    )
    assert {tuple(trial.answers) for trial in trials} == {("prompt", "fill")}


def test_an_answer_that_cannot_be_tried_loses(tmp_path):
    files = make_tiny_files(tmp_path)
    loaded = load_parts(plan_load(SPEC.check_options(files.options, "load")), merge=False)
    loaded.decoder.codec._tokenizer.chat_template = None
    known = {"activation": "gelu", "activation_after": "conv", "blank": 0, "alpha_ratio": 1.0, "fill": "eos"}
    unknowns = loaded.decoder.config.unknowns.answered("given", **known)
    decoder = replace(loaded.decoder, config=replace(loaded.decoder.config, unknowns=unknowns))
    clip = Clip(np.zeros(16_000, np.float32), "abc")
    unknowns, trials = calibrate(replace(loaded, decoder=decoder), [clip])
    assert unknowns.prompt == "audio"
    losses = {trial.answers["prompt"]: trial.nats for trial in trials}
    assert losses.pop("audio") < math.inf
    assert set(losses.values()) == {math.inf}


def test_a_setting_that_is_tried_changes_the_loss(tmp_path):
    loaded = load_parts(plan_load(SPEC.check_options(make_tiny_files(tmp_path).options, "load")), merge=False)
    clip = Clip(np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32), "abc d")
    _, trials = calibrate(loaded, [clip])
    ctc = {tuple(t.answers.values()): t.nats for t in trials if t.loss == "ctc"}
    canvas = {tuple(t.answers.values()): t.nats for t in trials if t.loss == "canvas"}
    assert len(set(ctc.values())) == len(ctc) - 2  # without an activation, its place makes no difference
    assert len(set(canvas.values())) == len(canvas)
