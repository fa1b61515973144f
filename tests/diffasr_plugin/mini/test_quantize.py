from __future__ import annotations

import numpy as np
import pytest

from diffasr_plugin.mini.quantize import GROUP, is_packed, pack, pack8, planes, unpack


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_eight_bits_keep_each_output_within_half_a_step():
    weights = normal(6, 64) * np.array([[1e-3], [1], [50], [2], [0], [1]], np.float32)
    packed = pack(weights, 8)
    assert not is_packed(packed)
    restored = packed["codes"] * packed["scales"][:, None]
    assert (np.abs(restored - weights) <= packed["scales"][:, None] * 0.5001).all()
    assert np.abs(packed["codes"]).max() == 127


@pytest.mark.parametrize(("bits", "widths"), [(5, [4, 1]), (6, [4, 2]), (7, [4, 2, 1])])
def test_fewer_bits_restore_what_they_can_say(bits, widths):
    largest = 2 ** (bits - 1) - 1
    codes = np.random.default_rng(1).integers(-largest, largest + 1, size=(3, 2 * GROUP))
    codes[:, ::GROUP] = largest
    weights = (codes * np.repeat([[0.5, 4.0]], GROUP, axis=1)).astype(np.float32)
    packed = pack(weights, bits)
    assert is_packed(packed)
    assert planes(bits) == widths
    sizes = {f"bits{width}": (3, 2 * GROUP * width // 8) for width in widths}
    assert {name: array.shape for name, array in packed.items()} == {**sizes, "scales": (3, 2)}
    assert np.array_equal(unpack(packed), weights)


def test_each_bit_halves_the_error():
    weights = normal(16, 8 * GROUP)
    errors = [np.sqrt(((unpack(pack(weights, bits)) - weights) ** 2).mean()) for bits in (5, 6, 7)]
    assert errors[0] < 0.05
    assert errors[1:] == pytest.approx([errors[0] / 2, errors[0] / 4], rel=0.15)


def test_the_scale_that_loses_least_is_taken():
    weights = normal(4, 8 * GROUP)
    groups = weights.reshape(4, 8, GROUP)
    plain = np.abs(groups).max(axis=2, keepdims=True) / 15
    lost = ((np.rint(groups / plain) * plain - groups) ** 2).sum()
    assert ((unpack(pack(weights, 5)) - weights) ** 2).sum() < lost


@pytest.mark.parametrize("value", [0.0, 1e-20, 1000.0])
def test_extremes_stay_numbers(value):
    weights = np.full((2, GROUP), value, np.float32)
    assert unpack(pack(weights, 6)) == pytest.approx(weights, rel=1e-3, abs=1e-4)
    packed = pack8(weights)
    assert packed["codes"] * packed["scales"][:, None] == pytest.approx(weights, rel=1e-2, abs=1e-6)


def test_parts_of_something_else_are_refused():
    with pytest.raises(AssertionError, match="no planes among"):
        unpack({"codes": np.zeros((1, 1), np.int8)})
