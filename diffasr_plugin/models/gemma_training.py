"""What only training asks of DiffusionGemma: its causal reading of a text, and less memory for gradients.

Knows no losses and no data.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from diffasr_plugin.config import AdapterConfig

from .gemma import Context, Gemma
from .lora import add_adapter, live_name

__all__ = ["add_learning_adapter", "checkpoint_decoder", "following_logits", "learnt_adapter"]


def add_learning_adapter(gemma: Gemma, config: AdapterConfig, alpha_ratio: float, seed: int = 0) -> None:
    """Put new low-rank pairs, to be trained, beside the frozen layers; at first they add nothing."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for target in config.targets:
        layer: Any = gemma.stacks.get_submodule(live_name(target))
        outputs, inputs = layer.weight.shape
        tensors[f"{target}.lora_A"] = torch.randn(config.rank, inputs, generator=generator) / inputs**0.5
        tensors[f"{target}.lora_B"] = torch.zeros(outputs, config.rank)
    add_adapter(gemma.stacks, config, alpha_ratio, tensors)
    for target in config.targets:
        for weight in _pair(gemma, target).values():
            # In bfloat16, small steps would be lost in rounding.
            weight.data = weight.data.float()
            weight.requires_grad_(True)


def learnt_adapter(gemma: Gemma, config: AdapterConfig) -> dict[str, Tensor]:
    """The pairs as a checkpoint holds them: `{target}.lora_A` and `{target}.lora_B`."""
    return {
        f"{target}.{part}": weight.detach().cpu().float()
        for target in config.targets
        for part, weight in _pair(gemma, target).items()
    }


def following_logits(gemma: Gemma, context: Context, ids: Tensor) -> Tensor:
    """What the causal encoder expects after each token of texts that follow the prompts.

    Args:
        context: of the prompts; it stays as it is.
        ids: int64 (b, n).

    Returns:
        Logits (b, n, vocab) float32.
    """
    rows = torch.arange(len(ids), device=ids.device)
    cache = context.select(rows).cache  # a copy: reading makes a cache longer
    mask = None
    if context.mask is not None:
        mask = torch.cat([context.mask, torch.ones_like(ids, dtype=torch.bool)], dim=1)
    encoder = gemma.model.model.encoder.language_model
    hidden = encoder(inputs_embeds=gemma.embed(ids), attention_mask=mask, past_key_values=cache)
    logits: Tensor = gemma.model.lm_head(hidden.last_hidden_state).float()
    cap: float = gemma.model.final_logit_softcapping
    return torch.tanh(logits / cap) * cap


def checkpoint_decoder(gemma: Gemma) -> None:
    """From now on keep only what goes into each decoder layer, and compute the layer again for its gradient.

    The decoder alone: the encoder's layers write into the cache, and may not run twice.
    """
    layers: Any = gemma.stacks.get_submodule("decoder.layers")
    for layer in layers:
        _recompute(layer)


def _recompute(layer: nn.Module) -> None:
    forward = layer.forward

    def forward_again(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if not torch.is_grad_enabled():
            return forward(*args, **kwargs)
        return checkpoint(forward, *args, use_reentrant=False, **kwargs)

    layer.forward = forward_again


def _pair(gemma: Gemma, target: str) -> dict[str, nn.Parameter]:
    layer: Any = gemma.stacks.get_submodule(live_name(target))
    return {part: getattr(layer, part)["default"].weight for part in ("lora_A", "lora_B")}
