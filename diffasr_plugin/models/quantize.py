"""Weights -> small integers and scales, turned back into weights each time they are used.

Weight-only: what the layers compute stays in the model's own dtype. Knows no model; any parameter of at
least two dimensions will do, three-dimensional stacks of experts included.

- int8: a scale for each output channel.
- int4: a scale for each group of 64 inputs; two numbers to a byte.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from diffasr_plugin.memory import group_of

__all__ = ["Bits", "is_quantized", "quantize_parameter", "share_quantized"]

Bits = Literal[8, 4]

SLICE = 2**25
"""Weights that are quantised at once."""


class _Int8(nn.Module):
    """Codes (..., out, in) int8 and scales (..., out, 1) <-> weights (..., out, in)."""

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return _in_slices(weight, self._encode)

    @staticmethod
    def _encode(weight: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        scale = (weight.abs().amax(dim=-1, keepdim=True) / 127).clamp_(min=1e-12).to(dtype)
        return (weight / scale).round_().clamp_(-127, 127).to(torch.int8), scale

    def forward(self, codes: Tensor, scale: Tensor) -> Tensor:
        return codes * scale  # type promotion gives the scale's dtype, in one pass over memory


class _Int4(nn.Module):
    """Codes (..., out, groups, half) uint8 and scales (..., out, groups, 1) <-> weights (..., out, in).

    The low half of a byte is a weight of the group's first half, the high half one of its second.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.group = group_of(inputs)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return _in_slices(weight, self._encode)

    def _encode(self, weight: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        groups = weight.view(*weight.shape[:-1], -1, self.group)  # (..., out, groups, group)
        scale = (groups.abs().amax(dim=-1, keepdim=True) / 7).clamp_(min=1e-12).to(dtype)
        codes = ((groups / scale).round_().clamp_(-7, 7) + 8).to(torch.uint8)
        low, high = codes.chunk(2, dim=-1)
        return low | (high << 4), scale

    def forward(self, codes: Tensor, scale: Tensor) -> Tensor:
        half = self.group // 2
        groups = torch.empty((*codes.shape[:-1], self.group), dtype=scale.dtype, device=codes.device)
        # Each half is written straight to its place: a stack or a cat would pass over the memory again.
        torch.mul((codes & 15).view(torch.int8).sub_(8), scale, out=groups[..., :half])
        torch.mul((codes >> 4).view(torch.int8).sub_(8), scale, out=groups[..., half:])
        return groups.flatten(-2)


def quantize_parameter(module: nn.Module, name: str, bits: Bits) -> None:
    """Keep the parameter `name` of a module as integers. Reading it gives the weights, computed anew.

    The parameter must not require gradients: integers have none.
    """
    weight = getattr(module, name)
    assert weight.ndim >= 2, f"{name} of shape {tuple(weight.shape)} has no output channels"
    assert not weight.requires_grad, f"{name} requires gradients"
    form = _Int8() if bits == 8 else _Int4(weight.shape[-1])
    # unsafe: the library's own checks would compare dtypes, and those of integers and weights differ.
    parametrize.register_parametrization(module, name, form, unsafe=True)


def share_quantized(target: nn.Module, source: nn.Module, name: str, bits: Bits) -> None:
    """Let the parameter `name` of `target` be the quantised one of `source`: one memory for both."""
    quantize_parameter(target, name, bits)
    ours: Any = target.parametrizations[name]  # type: ignore[index]
    theirs: Any = source.parametrizations[name]  # type: ignore[index]
    ours.original0, ours.original1 = theirs.original0, theirs.original1


def is_quantized(module: nn.Module, name: str) -> bool:
    """Whether `quantize_parameter` was called for this parameter."""
    return bool(parametrize.is_parametrized(module, name))


def _in_slices(
    weight: Tensor, encode: Callable[[Tensor, torch.dtype], tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """Encode in float32, a slice at a time: a layer's experts in float32 might not fit beside the model."""
    rows = max(1, len(weight) * SLICE // weight.numel())
    parts = [encode(part.float(), weight.dtype) for part in torch.split(weight, rows)]
    codes, scales = zip(*parts, strict=True)
    return torch.cat(codes), torch.cat(scales)
