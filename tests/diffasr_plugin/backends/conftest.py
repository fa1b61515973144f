"""Whisper's vocabulary and weights, a tiny Whisper with random weights, and speech."""

from importlib import import_module
from types import ModuleType

import pytest
import torch

from diffasr_plugin.asr import AssetError
from diffasr_plugin.assets import WHISPER_BASE, fetch
from diffasr_plugin.compat import repair_torchaudio


@pytest.fixture(scope="session")
def transformers() -> ModuleType:
    repair_torchaudio()
    return import_module("transformers")


@pytest.fixture(scope="session")
def whisper_folder():
    """whisper-base as transformers loads it."""
    try:
        return fetch(WHISPER_BASE)
    except AssetError as error:
        pytest.skip(f"whisper-base cannot be had here: {error}")


@pytest.fixture(scope="session")
def tiny_folder(transformers, whisper_folder, tmp_path_factory):
    """A Whisper of two small layers with random weights and the true vocabulary, as a folder."""
    folder = tmp_path_factory.mktemp("tiny-whisper")
    torch.manual_seed(0)
    config = transformers.WhisperConfig.from_pretrained(whisper_folder)
    for name in ("encoder", "decoder"):
        setattr(config, f"{name}_layers", 2)
        setattr(config, f"{name}_attention_heads", 2)
        setattr(config, f"{name}_ffn_dim", 32)
    config.d_model = 16
    config.init_std = 0.5  # far from uniform, so that the likeliest token stands out
    network = transformers.WhisperForConditionalGeneration(config)
    network.generation_config = transformers.GenerationConfig.from_pretrained(whisper_folder)
    network.generation_config.alignment_heads = None
    network.save_pretrained(folder)
    for part in (transformers.WhisperTokenizer, transformers.WhisperFeatureExtractor):
        part.from_pretrained(whisper_folder).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny(transformers, tiny_folder):
    """The tiny Whisper, loaded by transformers."""
    return transformers.WhisperForConditionalGeneration.from_pretrained(
        tiny_folder, attn_implementation="eager"
    ).eval()
