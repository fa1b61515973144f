"""Weights of Whisper -> the tensors of the file that ships, in 5 to 8 bits; and back.

Plain arithmetic, number by number, so that every machine makes the same bytes. Knows no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["GROUP", "is_packed", "pack", "pack8", "planes", "unpack"]

Array = NDArray[Any]
Floats = NDArray[np.float32]

GROUP = 64
"""Inputs that share a scale in fewer than 8 bits."""

_SHRINKS = [np.float32(1 - 0.03 * step) for step in range(12)]
"""How much of a group's range is kept: cutting the largest a little serves the others."""


def planes(bits: int) -> list[int]:
    """The widths of the pieces that a code is cut into, so that whole numbers of them fill a byte."""
    return [width for width in (4, 2, 1) if bits & width]


def pack8(weights: Floats) -> dict[str, Array]:
    """(outputs, inputs) -> codes int8 of the same shape and scales float32 (outputs,)."""
    scales = np.maximum(np.abs(weights).max(axis=1), np.float32(1e-12)) / np.float32(127)
    codes = np.rint(weights / scales[:, None]).astype(np.int8)
    return {"codes": codes, "scales": scales}


def pack(weights: Floats, bits: int) -> dict[str, Array]:
    """(outputs, inputs) -> planes of codes, and scales float16 (outputs, inputs / GROUP); 8 bits: `pack8`.

    Each group has the scale that loses least. The plane "bits4" holds the lowest 4 bits of the codes, two to
    a byte, the next ones the bits above: see `planes`. Codes are stored without sign: half of the range is 0.
    """
    if bits == 8:
        return pack8(weights)
    outputs, inputs = weights.shape
    groups = weights.reshape(outputs, inputs // GROUP, GROUP)
    largest = 2 ** (bits - 1) - 1
    scales = _best_scales(groups, largest)
    codes = _codes(groups, scales.astype(np.float32), largest) + (largest + 1)
    unsigned = codes.astype(np.uint8).reshape(outputs, inputs)
    packed: dict[str, Array] = {"scales": scales}
    for width in planes(bits):
        packed[f"bits{width}"] = _pack_plane(unsigned & (2**width - 1), width)
        unsigned = unsigned >> width
    return packed


def is_packed(parts: Mapping[str, Array]) -> bool:
    """Whether a layer's parts are what `pack` makes of fewer than 8 bits."""
    return "bits4" in parts


def unpack(parts: Mapping[str, Array]) -> Floats:
    """What `pack` made of fewer than 8 bits, as weights (outputs, inputs)."""
    codes: Array | None = None
    bits = 0
    for width in (width for width in (4, 2, 1) if f"bits{width}" in parts):
        plane = _unpack_plane(parts[f"bits{width}"], width)
        codes = plane if codes is None else codes | (plane << bits)
        bits += width
    assert codes is not None, f"no planes among {sorted(parts)}"
    signed = (codes.view(np.int8) - np.int8(2 ** (bits - 1))).reshape(len(codes), -1, GROUP)
    weights: Floats = (signed * parts["scales"].astype(np.float32)[..., None]).reshape(len(codes), -1)
    return weights


def _pack_plane(values: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Numbers of `width` bits -> bytes, the first part of a row in their lowest bits."""
    packed = np.zeros((len(values), values.shape[1] * width // 8), np.uint8)
    for place, part in enumerate(np.split(values, 8 // width, axis=1)):
        packed |= part << np.uint8(place * width)
    return packed


def _unpack_plane(packed: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    mask = np.uint8(2**width - 1)
    return np.concatenate([(packed >> np.uint8(place)) & mask for place in range(0, 8, width)], axis=1)


def _best_scales(groups: Floats, largest: int) -> NDArray[np.float16]:
    """Of each group (outputs, groups, GROUP), the scale with the least squared error."""
    widest = np.maximum(np.abs(groups).max(axis=2), np.float32(1e-5)) / np.float32(largest)
    least = np.full(widest.shape, np.inf, np.float32)
    scales = np.zeros(widest.shape, np.float16)
    for shrink in _SHRINKS:
        tried = (widest * shrink).astype(np.float16)
        loss = _loss(groups, tried.astype(np.float32), largest)
        better = loss < least
        least[better], scales[better] = loss[better], tried[better]
    return scales


def _codes(groups: Floats, scales: Floats, largest: int) -> Floats:
    codes: Floats = np.clip(np.rint(groups / scales[..., None]), -largest, largest)
    return codes


def _loss(groups: Floats, scales: Floats, largest: int) -> Floats:
    """Sum of squared errors of each group, added up in one fixed order."""
    errors = (groups - _codes(groups, scales, largest) * scales[..., None]) ** 2
    total = np.zeros(scales.shape, np.float32)
    for place in range(GROUP):
        total += errors[..., place]
    return total
