"""The backend on a tiny random model keeps the contract of all recognisers.

In float64: a random network is chaotic, and the last bit of a sum, which depends on the batch's size, would
change its text.
"""

from dataclasses import replace

import pytest
import torch

from diffasr_plugin.asr import SAMPLE_RATE, ModelUnavailable
from diffasr_plugin.asr.testing import BackendContract, sample_speech
from diffasr_plugin.backends.diffusion_gemma.load import load_parts, plan_load
from diffasr_plugin.backends.diffusion_gemma.model import DiffusionGemma
from diffasr_plugin.backends.diffusion_gemma.spec import SPEC
from tests.support.tiny_recogniser import make_tiny_files


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    files = make_tiny_files(tmp_path_factory.mktemp("tiny"))
    return replace(plan_load(SPEC.check_options(files.options, "load")), dtype=torch.float64)


def _load(spec, plan):
    loaded = load_parts(plan)
    loaded.decoder.gemma.model.set_experts_implementation("eager")  # the other one knows no float64
    return DiffusionGemma(spec, loaded)


class TestAsItComes(BackendContract):
    model_name = "diffusion-gemma"

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, plan):
        with _load(SPEC, plan) as model:
            yield model


def _unguarded():
    options = [replace(o, default=False) if o.name == "guard" else o for o in SPEC.options]
    return replace(SPEC, options=tuple(options))


class TestWithoutGuard(BackendContract):
    """Random weights write random text, which the guard may drop: here it may speak."""

    model_name = "diffusion-gemma"

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, plan):
        with _load(_unguarded(), plan) as model:
            yield model


def test_random_weights_do_write_text(plan):
    with _load(_unguarded(), plan) as model:
        transcript = model.transcribe(sample_speech()[: 5 * SAMPLE_RATE])
    assert transcript.text
    assert transcript.words


def test_a_closed_model_says_so(plan):
    model = _load(SPEC, plan)
    model.close()
    with pytest.raises(ModelUnavailable, match="closed"):
        model.transcribe(sample_speech()[:SAMPLE_RATE])
