"""Layers in small integers -> the same layers in floating point, frozen, for a gradient to pass through.

For training: rounding has no slope. Knows no model.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .exact_int8 import Int8Linear

__all__ = ["FloatLinear", "in_floats"]


class FloatLinear(nn.Module):
    """What an `Int8Linear` stands for: (..., inputs) -> (..., outputs), in the type of its weights.

    Args:
        weight: (outputs, inputs).
        bias: (outputs,), or None.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, values: Tensor) -> Tensor:
        return F.linear(values.to(self.weight.dtype), self.weight, self.bias)

    def of_codes(self, codes: Tensor, scales: Tensor) -> Tensor:
        """The same of inputs that `quantize_rows` has quantised."""
        return self.forward(codes * scales)

    def rows(self, ids: Tensor) -> Tensor:
        """Weights of some outputs (...,), as `Int8Linear.rows`: (..., inputs)."""
        return F.embedding(ids, self.weight)

    def weights(self) -> Tensor:
        return self.weight


def in_floats(module: nn.Module, dtype: torch.dtype = torch.float32) -> nn.Module:
    """Replace every `Int8Linear` inside a module, in place; gives the module itself."""
    for name, child in module.named_children():
        if isinstance(child, Int8Linear):
            bias = None if child.bias is None else child.bias.to(dtype)
            setattr(module, name, FloatLinear(child.weights().to(dtype), bias))
        else:
            in_floats(child, dtype)
    return module
