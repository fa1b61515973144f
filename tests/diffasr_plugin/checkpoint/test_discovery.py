"""A checkpoint in the published form is understood, whatever its names; what does not fit is named."""

import pytest
import torch

from diffasr_plugin.backbone import DIFFUSION_GEMMA_26B
from diffasr_plugin.checkpoint.discovery import discover
from diffasr_plugin.checkpoint.errors import MismatchedCheckpoint
from diffasr_plugin.config import ModelRef, ProjectorLayer
from tests.support.published import PREFIXES, TINY, published_adapter, published_projector

WIDTH = 24  # of the encoder


def _save(tmp_path, content):
    path = tmp_path / "diffusion_asr_small.pt"
    torch.save(content, path)
    return path


def _discover(tmp_path, content):
    return discover(_save(tmp_path, content), TINY, WIDTH)


def _published(*, rank=16, kind="linear", **names):
    projector = published_projector(kind, WIDTH, 40, TINY.hidden)
    return {
        **{f"projector.{name}": tensor for name, tensor in projector.items()},
        **published_adapter(TINY, rank, **names),
    }


@pytest.mark.parametrize("rank", [16, 32])
@pytest.mark.parametrize("kind", ["linear", "conv"])
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("adapter_name", ["", "default"])
def test_the_published_form_is_understood(tmp_path, rank, kind, prefix, adapter_name):
    content = _published(rank=rank, kind=kind, prefix=prefix, adapter_name=adapter_name)
    found = _discover(tmp_path, content)
    config = found.checked()
    assert found.problems == ()
    assert config.adapter.rank == rank
    assert set(config.adapter.targets) == set(TINY.attention_targets())
    conv = dict(kernel=3, stride=2)
    layers = {
        "linear": [
            ProjectorLayer("linear", WIDTH, 40),
            *[ProjectorLayer("conv", 40, 40, **conv)] * 3,
            ProjectorLayer("linear", 40, TINY.hidden),
        ],
        "conv": [
            ProjectorLayer("conv", WIDTH, 40, **conv),
            ProjectorLayer("conv", 40, 40, **conv),
            ProjectorLayer("conv", 40, TINY.hidden, **conv),
        ],
    }
    assert list(config.projector.layers) == layers[kind]
    assert config.projector.tokens(1500) == 188
    assert sum(t.numel() for t in {**found.adapter, **found.projector}.values()) == sum(
        t.numel() for t in content.values()
    )
    name = f"{prefix}model.encoder.language_model.layers.2.self_attn.o_proj.lora_B"
    original = next(tensor for key, tensor in content.items() if key.startswith(name))
    assert torch.equal(found.adapter["encoder.layers.2.self_attn.o_proj.lora_B"], original)


@pytest.mark.parametrize(("kind", "parameters"), [("linear", 19_341_056), ("conv", 18_683_136)])
def test_the_published_size_is_understood(tmp_path, kind, parameters):
    content = {
        "projector": published_projector(kind, 768, 1280, DIFFUSION_GEMMA_26B.hidden),
        "lora": published_adapter(DIFFUSION_GEMMA_26B, 16),
    }
    found = discover(_save(tmp_path, content))
    assert found.problems == ()
    assert sum(tensor.numel() for tensor in found.adapter.values()) == 22_978_560
    assert sum(tensor.numel() for tensor in found.projector.values()) == parameters


def test_nothing_said_means_all_assumed(tmp_path):
    config = _discover(tmp_path, _published()).checked()
    assert "alpha_ratio" in config.unknowns.assumed()
    assert config.unknowns.sources == {}


def test_what_the_checkpoint_says_is_used(tmp_path):
    content = _published() | {
        "config": {"lora_alpha": 32, "r": 16, "canvas_length": 256, "proj_activation": "silu"},
        "args": {"whisper_model": "openai/whisper-small", "ctc_blank_id": 7, "audio_token_id": 9},
        "epoch": 10,
    }
    config = _discover(tmp_path, content).checked()
    assert config.unknowns.alpha_ratio == 2.0
    assert config.unknowns.canvas_length == 256
    assert config.unknowns.activation == "silu"
    assert config.unknowns.blank == 7
    assert set(config.unknowns.sources.values()) == {"metadata"}
    assert config.encoder == ModelRef("openai/whisper-small")
    assert config.prompt_ids.audio == 9


def test_rslora_divides_by_the_root_of_the_rank(tmp_path):
    content = _published() | {"config": {"lora_alpha": 8, "use_rslora": True}}
    assert _discover(tmp_path, content).checked().unknowns.alpha_ratio == 2.0


def test_numbers_written_as_text_are_numbers(tmp_path):
    assert _discover(tmp_path, _published() | {"lora_alpha": "8"}).checked().unknowns.alpha_ratio == 0.5


def test_a_single_number_is_the_scale_of_the_output(tmp_path):
    config = _discover(tmp_path, _published() | {"projector.scale": torch.tensor(0.5)}).checked()
    assert config.unknowns.output_scale == 0.5
    assert config.unknowns.sources["output_scale"] == "metadata"


def test_norms_between_the_layers_are_understood(tmp_path):
    projector = published_projector("linear", WIDTH, 40, TINY.hidden)
    content = {}
    for name, tensor in projector.items():
        content[f"projector.{name}"] = tensor
        if name == "convs.0.bias":
            content |= {"projector.norm.weight": torch.ones(40), "projector.norm.bias": torch.zeros(40)}
        if name == "convs.1.bias":
            content["projector.norm2.weight"] = torch.ones(40)
    config = _discover(tmp_path, content | published_adapter(TINY, 4)).checked()
    kinds = [layer.kind for layer in config.projector.layers]
    assert kinds == ["linear", "conv", "layer_norm", "conv", "rms_norm", "conv", "linear"]


def _without(content, part):
    return {name: tensor for name, tensor in content.items() if part not in name}


def _with(content, part, tensor):
    return {name: tensor if part in name else old for name, old in content.items()}


PAIR = "decoder.layers.1.self_attn.k_proj"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (_without(_published(), f"{PAIR}.lora_B"), f"{PAIR}.lora_B is missing"),
        (_without(_published(), PAIR), f"{PAIR} has no pair, but other layers do"),
        (_with(_published(), f"{PAIR}.lora_A", torch.ones(16, 9)), r"lora_A has shape \(16, 9\)"),
        (_with(_published(), f"{PAIR}.lora_A", torch.ones(8, 32)), r"lora_A has shape \(8, 32\)"),
        (_without(_published(), "lora"), "no LoRA tensors"),
        (_without(_published(), "projector"), "no projector tensors"),
        (_published() | {"x.lora_magnitude": torch.ones(2, 2)}, "x.lora_magnitude: not the name"),
        (
            _published() | {"model.decoder.layers.9.self_attn.q_proj.lora_A.weight": torch.ones(16, 32)},
            "no such linear layer",
        ),
        (_without(_published(), "convs.2"), "cannot shorten time by 8"),
        (
            _without(_published(), "projector.inp"),
            "takes 40 channels, but the encoder gives 24",
        ),
        (_without(_published(), "projector.out"), "gives 40 channels, but the base model takes 32"),
        (_published() | {"projector.table": torch.ones(2, 2)}, "projector.table of shape"),
        (_published() | {"projector.odd.bias": torch.ones(2)}, "projector.odd.bias has no weight"),
        (_with(_published(), "projector.out.bias", torch.ones(3)), r"out.bias has shape \(3,\)"),
        (_published() | {"a": torch.ones(1), "b": torch.ones(1)}, "several single numbers: a, b"),
        (_published() | {"config": {"r": 8}}, "says rank 8, its tensors 16"),
        (_published() | {"config": {"lora_alpha": [1]}}, r"lora_alpha is \[1\], which is not understood"),
        (_published() | {"config": {"canvas_length": True}}, "canvas_length is True, which is not"),
        (_published() | {"config": {"activation": "tanh"}}, "'activation' is 'tanh'"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, content, problem):
    found = _discover(tmp_path, content)
    assert found.config is None
    with pytest.raises(MismatchedCheckpoint, match=problem):
        found.checked()
