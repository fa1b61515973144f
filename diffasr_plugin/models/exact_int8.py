"""Matrix products in small integers: the same to the last bit in any batch, any shape, on any machine.

Weights have one scale for each output, inputs one for each row, found anew each time. A row's product is a
sum of integers. Integers add up to the same in any order, so a row comes out the same, to the last bit,
alone or among others, in one long pass or in many short ones: what the verifier's promise rests on.
Knows no model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

__all__ = ["LARGEST_CODE", "Int8Linear", "float_product", "integer_product", "quantize_rows"]

LARGEST_CODE = 127
"""Codes lie between minus this and this: no code has a negative of its own."""

_SMALLEST_SCALE = 1e-12

_FINER = 2 * LARGEST_CODE
"""What is left of a value after rounding is at most half a step: in steps so much smaller, it fits a code."""


def quantize_rows(values: Tensor) -> tuple[Tensor, Tensor]:
    """Codes int8 (..., n) and scales (..., 1) of values (..., n): each row's largest is 127."""
    scales = values.abs().amax(dim=-1, keepdim=True).div_(LARGEST_CODE).clamp_(min=_SMALLEST_SCALE)
    return (values / scales).round_().to(torch.int8), scales


def integer_product(codes: Tensor, weights: Tensor) -> Tensor:
    """(rows, inputs) int8 times (outputs, inputs) int8 -> (rows, outputs) int32.

    From two rows on, torch puts the weights in another order first: two rows one by one are quicker.
    """
    if len(codes) == 2:
        return torch.cat([torch._int_mm(row, weights.t()) for row in torch.split(codes, 1)])
    return torch._int_mm(codes, weights.t())


def float_product(codes: Tensor, weights: Tensor) -> Tensor:
    """The same in float32, which holds integers up to 2^24 exactly.

    Args:
        weights: integers too, as float32; of each output, 127 times their sum must be below 2^24.
    """
    return torch.nn.functional.linear(codes.to(torch.float32), weights)


@cache
def _is_exact(device: torch.device) -> bool:
    """Whether this machine's integer product is right.

    Processors without dot products of bytes add pairs of products in 16 bits, which overflow: their results
    are silently wrong for large codes. So the largest are tried.
    """
    if device.type != "cpu":
        return False  # a GPU's takes no batches of fewer than 17 rows, and float32 is quick there
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(100, 128, (3, 512), generator=generator, dtype=torch.int8)
    weights = torch.randint(100, 128, (512, 512), generator=generator, dtype=torch.int8)
    try:
        found = integer_product(codes, weights)
    except RuntimeError:  # this build of torch has none
        return False
    return torch.equal(found, codes.int() @ weights.int().t())


class Int8Linear(nn.Module):
    """A linear layer in integers: (..., inputs) float32 -> (..., outputs) float32.

    Args:
        codes: int8 (outputs, inputs).
        scales: float32 (outputs,).
        bias: float32 (outputs,), or None.

    Attributes:
        fine: whether what rounding the inputs leaves over is rounded to 8 bits too, and added: for twice the
            rows, the inputs have fifteen bits.
    """

    codes: Tensor
    scales: Tensor
    bias: Tensor | None

    def __init__(self, codes: Tensor, scales: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)
        self.register_buffer("bias", bias)
        self.fine = False
        self._product: Callable[[Tensor, Tensor], Tensor] | None = None
        self._operand = codes

    def forward(self, values: Tensor) -> Tensor:
        codes, scales = quantize_rows(values)
        if not self.fine:
            return self.of_codes(codes, scales)
        finer = scales / _FINER
        left = ((values - codes * scales) / finer).round_().to(torch.int8)
        coarse, rest = self._sums(torch.stack([codes, left]))
        return self._scaled(coarse * scales + rest * finer)

    def of_codes(self, codes: Tensor, scales: Tensor) -> Tensor:
        """The same of inputs that `quantize_rows` has quantised; several layers may share them."""
        return self._scaled(self._sums(codes) * scales)

    def _sums(self, codes: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs), integers."""
        if self._product is None:
            self._prepare()
        assert self._product is not None
        return self._product(codes.flatten(0, -2), self._operand).view(*codes.shape[:-1], -1)

    def _scaled(self, products: Tensor) -> Tensor:
        products = products.mul_(self.scales)
        return products if self.bias is None else products.add_(self.bias)

    def rows(self, ids: Tensor) -> Tensor:
        """Weights of some outputs (...,), float32 (..., inputs): of a layer of tokens, their vectors."""
        return self.codes[ids] * self.scales[ids][..., None]

    def weights(self) -> Tensor:
        """What the codes stand for, float32 (outputs, inputs)."""
        return self.codes * self.scales[:, None]

    def _prepare(self) -> None:
        if _is_exact(self.codes.device):
            self._product, self._operand = integer_product, self.codes
        else:
            self._product, self._operand = float_product, self.codes.to(torch.float32)
