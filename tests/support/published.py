"""Checkpoints in the form that the published one is believed to have, of any size, with random weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from diffasr_plugin.backbone import Backbone

__all__ = ["PREFIXES", "TINY", "published_adapter", "published_projector"]

TINY = Backbone(
    hidden=32,
    layers=3,
    full_layers=(2,),
    heads=4,
    kv_heads=2,
    head_dim=8,
    full_kv_heads=1,
    full_head_dim=16,
    mlp_width=24,
    experts=4,
    experts_used=2,
    expert_width=16,
    vocab=199,
)
"""What `tests.support.tiny_gemma` makes with `moe_intermediate_size=16`."""

PREFIXES = ("base.", "base_model.model.", "module.")


def published_adapter(
    backbone: Backbone, rank: int, *, prefix: str = "", adapter_name: str = "", seed: int = 0
) -> dict[str, Tensor]:
    """LoRA pairs of all attention projections of both stacks, under peft's names."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for target in backbone.attention_targets():
        stack, _, layer, module = target.split(".", 3)
        outputs, inputs = backbone.module_shape(int(layer), module)
        inside = "encoder.language_model" if stack == "encoder" else "decoder"
        name = f"{prefix}model.{inside}.layers.{layer}.{module}"
        tail = f".{adapter_name}.weight" if adapter_name else ".weight"
        tensors[f"{name}.lora_A{tail}"] = torch.randn(rank, inputs, generator=generator) * inputs**-0.5
        tensors[f"{name}.lora_B{tail}"] = torch.randn(outputs, rank, generator=generator) * 0.1
    return tensors


class _LinearFirst(nn.Module):
    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        super().__init__()
        self.inp = nn.Linear(inputs, width)
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 3, 2, 1) for _ in range(3))
        self.out = nn.Linear(width, outputs)


class _Convolutions(nn.Module):
    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        super().__init__()
        sizes = [(inputs, width), (width, width), (width, outputs)]
        self.net = nn.Sequential()
        for number, (a, b) in enumerate(sizes):
            self.net.add_module(str(2 * number), nn.Conv1d(a, b, 3, 2, 1))


def published_projector(
    kind: Literal["linear", "conv"], inputs: int, width: int, outputs: int, *, seed: int = 0
) -> Mapping[str, Tensor]:
    """State dict of either rival: linear, three convolutions, linear; or three convolutions."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = (_LinearFirst if kind == "linear" else _Convolutions)(inputs, width, outputs)
    return module.state_dict()
