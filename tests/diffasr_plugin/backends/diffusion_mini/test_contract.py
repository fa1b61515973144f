"""The contract that every recogniser keeps, held against the embedded one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import ClassVar

import pytest

from diffasr_plugin.asr import AsrModel, load_model
from diffasr_plugin.asr.testing import BackendContract
from diffasr_plugin.backends.diffusion_mini.modes import MODES_FILE
from diffasr_plugin.backends.diffusion_mini.spec import LANGUAGES
from diffasr_plugin.backends.whisper.languages import LANGUAGES as ALL_LANGUAGES


class DetectsMore(BackendContract):
    model_name = "diffusion-mini"

    def test_languages_are_probabilities(self, utterances):
        # It tells more languages than it writes, so that speech in the others can be handed on. (A test of
        # a subclass comes after the one that closes the model of the others.)
        with load_model("diffusion-mini") as model:
            found = model.detect_languages(utterances)
        for scores in found:
            assert set(LANGUAGES) < set(scores) <= set(ALL_LANGUAGES)
            assert sum(scores.values()) == pytest.approx(1.0, abs=1e-3)
            assert max(scores, key=scores.__getitem__) == "en"


class TestDiffusionMini(DetectsMore):
    """As it comes."""


class InAMode(DetectsMore):
    """With an adapter that knows nothing, and its folder's file for the mode."""

    way: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, adapter_folder, tmp_path_factory) -> Iterator[AsrModel]:
        folder = tmp_path_factory.mktemp("in-a-mode")
        for file in adapter_folder.iterdir():
            shutil.copy(file, folder)
        (folder / MODES_FILE).write_text(f"[ways.default]\n{cls.way}\n")
        with load_model(cls.model_name, adapter=str(folder)) as model:
            yield model


class TestVerified(InAMode):
    way = 'mode = "verified"\nsteps = 1'


class TestDiffusion(InAMode):
    way = 'mode = "diffusion"\nsteps = 1'


class TestGreedy(InAMode):
    way = 'mode = "greedy"'
