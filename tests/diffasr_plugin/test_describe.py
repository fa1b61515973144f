"""What people are shown of a checkpoint: every part, every assumption, every misfit."""

import pytest
import torch

from diffasr_plugin.backbone import DIFFUSION_GEMMA_26B
from diffasr_plugin.checkpoint.discovery import discover
from diffasr_plugin.checkpoint.disk import Checkpoint
from diffasr_plugin.describe import describe_checkpoint, describe_discovery, describe_memory
from diffasr_plugin.memory import Sizes
from tests.support.published import published_adapter, published_projector


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A checkpoint of the published size."""
    path = tmp_path_factory.mktemp("published") / "diffusion_asr_small.pt"
    content = {
        "projector": published_projector("linear", 768, 1280, DIFFUSION_GEMMA_26B.hidden),
        "lora": published_adapter(DIFFUSION_GEMMA_26B, 16),
        "config": {"lora_alpha": 32},
        "optimizer": {"lr": 1.0},
    }
    torch.save(content, path)
    return discover(path)


def test_a_foreign_checkpoint_is_shown_as_it_is_understood(found):
    text = "\n".join(describe_discovery(found))
    for part in (
        "diffusion_asr_small.pt: a foreign checkpoint",
        "LoRA of rank 16, 22,978,560 parameters",
        "encoder: k_proj of 30 layers, o_proj of 30 layers, q_proj of 30 layers, v_proj of 25 layers",
        "decoder: k_proj of 30 layers",
        "19,341,056 parameters, 188 audio tokens a window",
        "linear 768 to 1280",
        "conv 1280, width 3, stride 2",
        "linear 1280 to 2816",
        "2.0 (alpha 32), metadata",
        "audio, assumed",
        "it says           alpha 32",
        "optimizer (only for resuming a training)",
        "openai/whisper-small, newest revision",
    ):
        assert part in text
    assert "DOES NOT FIT" not in text


def test_a_converted_checkpoint_is_shown(found):
    lines = describe_checkpoint(Checkpoint(found.config, found.adapter, found.projector), "folder")
    assert lines[0] == "folder: a converted checkpoint"
    assert lines[1:] == describe_discovery(found)[1 : len(lines)]


def test_what_does_not_fit_is_shown(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"w.weight": torch.ones(3, 2)}, path)
    lines = describe_discovery(discover(path))
    assert [line for line in lines if "DOES NOT FIT" in line and "no LoRA tensors" in line]
    assert [line for line in lines if "w takes 2 channels, but the encoder gives 768" in line]


def test_memory_is_shown_for_each_choice():
    lines = describe_memory(Sizes(), (1, 8))
    assert lines[0].split() == ["GiB", "of", "memory", "weights", "batch", "1", "batch", "8"]
    assert [line.split()[0] for line in lines[1:]] == ["quantize=none", "quantize=int8", "quantize=int4"]
    assert lines[1].split()[1:] == ["49.3", "50.3", "53.6"]
