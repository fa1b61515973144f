"""Weights of Whisper -> the tensors of the file that ships, in 8 or 4 bits; and back.

Plain arithmetic, number by number, so that every machine makes the same bytes. Knows no model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["GROUP", "pack4", "pack8", "unpack4"]

Floats = NDArray[np.float32]

GROUP = 32
"""Inputs that share a scale in 4 bits."""

_STEPS = 16
_SHRINKS = [np.float32(1 - 0.025 * step) for step in range(_STEPS)]
"""How much of a group's range is kept: cutting the largest a little serves the others."""


def pack8(weights: Floats) -> dict[str, NDArray[Any]]:
    """(outputs, inputs) -> codes int8 of the same shape and scales float32 (outputs,)."""
    scales = np.maximum(np.abs(weights).max(axis=1), np.float32(1e-12)) / np.float32(127)
    codes = np.rint(weights / scales[:, None]).astype(np.int8)
    return {"codes": codes, "scales": scales}


def pack4(weights: Floats) -> dict[str, NDArray[Any]]:
    """(outputs, inputs) -> nibbles uint8 (outputs, inputs / 2) and scales float16 (outputs, inputs / GROUP).

    A scale for each group of inputs, that which loses least. The low half of byte i is weight 2i, the high
    half weight 2i + 1; 8 stands for 0.
    """
    outputs, inputs = weights.shape
    groups = weights.reshape(outputs, inputs // GROUP, GROUP)
    largest = np.maximum(np.abs(groups).max(axis=2), np.float32(1e-6)) / np.float32(7)
    best = np.full(largest.shape, np.inf, np.float32)
    scales = np.zeros(largest.shape, np.float16)
    for shrink in _SHRINKS:
        tried = (largest * shrink).astype(np.float16)
        loss = _loss(groups, tried.astype(np.float32))
        better = loss < best
        best[better], scales[better] = loss[better], tried[better]
    codes = (_codes4(groups, scales.astype(np.float32)) + 8).astype(np.uint8).reshape(outputs, inputs)
    return {"nibbles": codes[:, 0::2] | (codes[:, 1::2] << 4), "scales": scales}


def unpack4(nibbles: NDArray[np.uint8], scales: NDArray[np.float16]) -> Floats:
    """What `pack4` made, as weights (outputs, inputs)."""
    codes = np.stack([nibbles & 15, nibbles >> 4], axis=2).reshape(len(nibbles), -1).astype(np.int8) - 8
    groups = codes.reshape(len(nibbles), -1, GROUP).astype(np.float32) * scales.astype(np.float32)[..., None]
    weights: Floats = groups.reshape(len(nibbles), -1)
    return weights


def _codes4(groups: Floats, scales: Floats) -> Floats:
    codes: Floats = np.clip(np.rint(groups / scales[..., None]), -7, 7)
    return codes


def _loss(groups: Floats, scales: Floats) -> Floats:
    """Sum of squared errors of each group, added up in one fixed order."""
    errors = (groups - _codes4(groups, scales) * scales[..., None]) ** 2
    total = np.zeros(scales.shape, np.float32)
    for place in range(GROUP):
        total += errors[..., place]
    return total
