"""The contract that every recogniser keeps, held against the embedded one."""

from __future__ import annotations

import pytest

from diffasr_plugin.asr import load_model
from diffasr_plugin.asr.testing import BackendContract
from diffasr_plugin.backends.diffusion_mini.spec import LANGUAGES
from diffasr_plugin.backends.whisper.languages import LANGUAGES as ALL_LANGUAGES


class TestDiffusionMini(BackendContract):
    model_name = "diffusion-mini"

    def test_languages_are_probabilities(self, utterances):
        # It tells more languages than it writes, so that speech in the others can be handed on. (A test of
        # a subclass comes after the one that closes the model of the others.)
        with load_model(self.model_name) as model:
            found = model.detect_languages(utterances)
        for scores in found:
            assert set(LANGUAGES) < set(scores) <= set(ALL_LANGUAGES)
            assert sum(scores.values()) == pytest.approx(1.0, abs=1e-3)
            assert max(scores, key=scores.__getitem__) == "en"
