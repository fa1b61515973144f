"""Tokens and units: which token is said where, and what a canvas starts as."""

from __future__ import annotations

import pytest
import torch

from diffasr_plugin.align import Alignment
from diffasr_plugin.backends.diffusion_mini.diffuse import MiniDiffuser, Writing, _said
from diffasr_plugin.backends.diffusion_mini.hearing import MiniHeard
from diffasr_plugin.backends.diffusion_mini.scripts import may_occur
from diffasr_plugin.backends.diffusion_mini.spec import DATA, WEIGHTS_FILE
from diffasr_plugin.hypothesis import DecodeSettings, Request
from diffasr_plugin.mini.units import Units
from diffasr_plugin.models.mini_adapter import MiniDenoiser

needs_weights = pytest.mark.skipif(
    not (DATA / WEIGHTS_FILE).is_file(),
    reason="its weights are not built here: python -m diffasr_plugin.mini.build",
)


def aligned(*spans: tuple[int, int, float]) -> Alignment:
    starts, ends, log_probs = zip(*spans, strict=True)
    return Alignment(
        torch.tensor([starts]), torch.tensor([ends]), torch.tensor([log_probs]), torch.tensor([True])
    )


def test_a_token_is_said_where_its_units_are():
    # " Ab", "c": units " ", "A", "bc"; the space is no sound, and "bc" belongs to both tokens
    found = _said(
        [" Ab", "c"], [(0, 1), (1, 2), (2, 4)], aligned((0, 3, -9.0), (5, 6, -1.0), (8, 10, -3.0)), 0
    )
    assert found == [(5, 10, -2.0), (8, 10, -3.0)]


def test_tokens_without_units_are_said_where_the_next_begins():
    # half a character, a whole one, a mark that has no unit, the rest
    found = _said(["", "A", "♫", "b"], [(0, 1), (2, 3)], aligned((2, 4, -1.0), (6, 7, -2.0)), 0)
    assert found == [(2, 2, 0.0), (2, 4, -1.0), (6, 6, 0.0), (6, 7, -2.0)]
    assert _said(["♫"], [], aligned((0, 0, 0.0)), 0) == [(0, 0, 0.0)]


@pytest.fixture
def diffuser(backbone, untrained):
    denoiser = MiniDenoiser(backbone.decoder, untrained).eval()
    return MiniDiffuser(denoiser, backbone.codec, Units.read(), Writing(("en",)))


@pytest.fixture
def heard(backbone):
    states = torch.randn(2, 100, 512, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return MiniHeard(backbone.decoder.listen(states), states, (0.8, 1.9))


REQUESTS = [Request(0.8, "en", 0), Request(1.9, "en", 0)]


@needs_weights
def test_without_steps_the_text_is_what_ctc_hears(diffuser, heard):
    reading = diffuser.ear.read(heard)
    found = diffuser.decode(heard, REQUESTS, DecodeSettings(steps=0, init="ctc", canvas="auto"))
    guesses = diffuser.guesses(heard, ["en", "en"], DecodeSettings(steps=0))
    drafts = diffuser.ear.read(heard, ["en", "en"]).path
    for row, hypothesis in enumerate(found):
        assert diffuser.codec.vocabulary.text(hypothesis.ids).strip() == reading.texts[row]
        assert hypothesis.ids == hypothesis.heard
        assert guesses[row].ids == drafts.ids[row, : drafts.counts[row]].tolist()
        assert (hypothesis.steps, guesses[row].steps) == (0, 0)
        assert len(hypothesis.ids) == len(hypothesis.starts) == len(hypothesis.confidences)


@needs_weights
def test_drafts_keep_to_the_letters_of_their_language(diffuser, heard):
    free = diffuser.ear.read(heard)
    assert not may_occur(free.texts[1], "en"), "an untrained reader hears letters of all scripts"
    kept = diffuser.ear.read(heard, ["en", "hi"])
    for text, language in zip(kept.texts, ("en", "hi"), strict=True):
        assert text
        assert may_occur(text, language)
    assert not may_occur(kept.texts[1], "en")


@needs_weights
def test_only_the_sound_of_a_row_is_read(diffuser, heard):
    assert diffuser.ear.read(heard).lengths.tolist() == [20, 48]
    alone = diffuser.ear.read(heard.rows([0]))
    assert alone.texts[0] == diffuser.ear.read(heard).texts[0]


@needs_weights
def test_a_row_does_not_hang_on_those_beside_it(diffuser, heard):
    settings = DecodeSettings(steps=2, init="ctc", canvas="auto")
    both = diffuser.decode(heard, REQUESTS, settings)
    (alone,) = diffuser.decode(heard.rows([1]), REQUESTS[1:], settings)
    assert both[1].ids == alone.ids


@needs_weights
@pytest.mark.parametrize(
    "text", ["Please wait, it's 5 o'clock.", "मैं आज घर जा रहा हूँ।", "你好，请输入你的号码。"]
)
def test_texts_come_back_from_their_tokens(backbone, text):
    codec = backbone.codec
    ids = codec.encode(f"  {text} ")
    assert "".join(codec.pieces(ids)).strip() == text
    assert codec.trim([*ids, codec.end, codec.end]) == (ids, True)
    assert codec.trim(ids) == (ids, False)
    assert max(ids) < codec.end < codec.size


@needs_weights
def test_broken_characters_do_not_stop_a_text(backbone):
    codec = backbone.codec
    half = codec.encode("घ")[:1]
    whole = codec.encode("Please wait")
    assert "".join(codec.pieces([*half, *whole])).strip() == "Please wait"
    assert codec.pieces(half) == [""] or codec.pieces(half) == [" "]
    assert codec.text_of(codec.end) == "<|end|>"
