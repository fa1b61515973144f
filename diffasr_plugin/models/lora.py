"""A trained adapter -> low-rank pairs on a model's attention, added on the fly or merged into its weights.

By peft. Encoder and decoder share their base weights, yet each has pairs of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from diffasr_plugin.config import AdapterConfig

__all__ = ["add_adapter", "merge_adapter", "random_adapter", "set_alpha_ratio"]


def live_name(target: str) -> str:
    """`encoder.layers.0.self_attn.q_proj` -> that layer's name inside `Gemma.stacks`."""
    stack, _, rest = target.partition(".")
    return f"encoder.language_model.{rest}" if stack == "encoder" else target


def add_adapter(
    stacks: nn.Module, config: AdapterConfig, alpha_ratio: float, tensors: Mapping[str, Tensor]
) -> None:
    """Put the low-rank pairs beside their base layers: y = W x + ratio · B A x.

    Args:
        stacks: `Gemma.stacks`.
        config: rank and targets.
        alpha_ratio: alpha / rank.
        tensors: `{target}.lora_A` (rank, in) and `{target}.lora_B` (out, rank), for every target.
    """
    from peft import LoraConfig, inject_adapter_in_model

    names = "|".join(re.escape(live_name(target)) for target in config.targets)
    inject_adapter_in_model(
        LoraConfig(r=config.rank, lora_alpha=config.rank, target_modules=rf"(?:{names})"), stacks
    )
    for target in config.targets:
        layer: Any = stacks.get_submodule(live_name(target))
        for part in ("lora_A", "lora_B"):
            weight = getattr(layer, part)["default"].weight
            weight.data.copy_(tensors[f"{target}.{part}"])
            weight.requires_grad_(False)
    set_alpha_ratio(stacks, alpha_ratio)


def set_alpha_ratio(stacks: nn.Module, ratio: float) -> None:
    """Scale what an adapter that is not merged adds."""
    for _, layer in _lora_layers(stacks):
        layer.set_scale("default", ratio)  # alpha was given as the rank: the scale is alpha / rank


def merge_adapter(stacks: nn.Module) -> None:
    """Add the pairs into the base weights: quicker, and the adapter is no longer there.

    The stacks share their base weights, so each adapted layer first gets weights of its own.
    """
    for name, layer in _lora_layers(stacks):
        base = layer.base_layer
        base.weight = nn.Parameter(base.weight.detach().clone(), requires_grad=False)
        layer.merge()
        parent, _, leaf = name.rpartition(".")
        setattr(stacks.get_submodule(parent), leaf, base)


def random_adapter(
    config: AdapterConfig, shapes: Mapping[str, tuple[int, int]], seed: int = 0
) -> dict[str, Tensor]:
    """An adapter of random pairs, for targets of the given (out, in) shapes: to measure, not to use."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for target in config.targets:
        outputs, inputs = shapes[target]
        tensors[f"{target}.lora_A"] = torch.randn(config.rank, inputs, generator=generator) / inputs**0.5
        tensors[f"{target}.lora_B"] = torch.randn(outputs, config.rank, generator=generator) * 0.01
    return tensors


def _lora_layers(stacks: nn.Module) -> list[tuple[str, Any]]:
    from peft.tuners.lora import LoraLayer

    return [(name, module) for name, module in stacks.named_modules() if isinstance(module, LoraLayer)]
