from __future__ import annotations

import pytest
import torch

from diffasr_plugin.models import exact_int8
from diffasr_plugin.models.exact_int8 import Int8Linear, float_product, integer_product, quantize_rows


def integers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(-127, 128, shape, generator=torch.Generator().manual_seed(seed), dtype=torch.int8)


def a_layer(bias: bool = True) -> Int8Linear:
    generator = torch.Generator().manual_seed(5)
    scales = torch.rand(24, generator=generator) / 100
    return Int8Linear(
        integers(24, 64, seed=1), scales, torch.randn(24, generator=generator) if bias else None
    )


def test_rows_are_quantised_to_their_largest():
    codes, scales = quantize_rows(torch.tensor([[1.0, -2.0, 0.5], [0.0, 0.0, 0.0], [100.0, 50.0, 1e-3]]))
    assert codes.tolist() == [[64, -127, 32], [0, 0, 0], [127, 64, 0]]
    assert scales[:, 0].tolist() == pytest.approx([2 / 127, 1e-12, 100 / 127])


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_float32_adds_integers_up_exactly(rows):
    codes, weights = integers(rows, 512), integers(96, 512, seed=1)
    assert torch.equal(float_product(codes, weights.float()).int(), codes.int() @ weights.int().t())


def test_a_layer_computes_what_its_codes_stand_for():
    layer = a_layer()
    values = torch.randn(2, 5, 64, generator=torch.Generator().manual_seed(2))
    codes, scales = quantize_rows(values)
    expected = torch.nn.functional.linear(codes * scales, layer.weights(), layer.bias)
    assert torch.allclose(layer(values), expected, atol=1e-5)
    assert layer(values).shape == (2, 5, 24)


@pytest.mark.parametrize("exact", [True, False], ids=["integers", "float32"])
def test_a_row_is_the_same_in_any_batch_by_either_way(monkeypatch, exact):
    values = torch.randn(37, 64, generator=torch.Generator().manual_seed(3))
    usual = a_layer()(values)
    if exact and not exact_int8._is_exact(torch.device("cpu")):
        pytest.skip("this processor has no exact products of bytes")
    monkeypatch.setattr(exact_int8, "_is_exact", lambda device: exact)
    together = a_layer()(values)
    alone = torch.cat([a_layer()(row[None]) for row in values])
    assert torch.equal(together, alone)
    assert torch.equal(together, usual)


@pytest.mark.parametrize("wrong", ["overflows", "is not there"])
def test_a_wrong_product_is_found_out(monkeypatch, wrong):
    def product(codes, weights):
        if wrong == "is not there":
            raise RuntimeError("not implemented")
        return integer_product(codes, weights).clamp(max=2**15 * 100)

    monkeypatch.setattr(exact_int8, "integer_product", product)
    exact_int8._is_exact.cache_clear()
    try:
        assert not exact_int8._is_exact(torch.device("cpu"))
    finally:
        exact_int8._is_exact.cache_clear()


def test_a_gpu_computes_in_float32():
    assert not exact_int8._is_exact(torch.device("cuda"))


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_fine_layer_rounds_its_inputs_to_fifteen_bits(rows):
    values = torch.randn(1, rows, 64, generator=torch.Generator().manual_seed(4))
    layer = a_layer()
    exact = torch.nn.functional.linear(values, layer.weights(), layer.bias)
    coarse = (layer(values) - exact).abs().mean()
    layer.fine = True
    assert (layer(values) - exact).abs().mean() < coarse / 100
    alone = torch.cat([layer(values[:, n : n + 1]) for n in range(rows)], dim=1)
    assert torch.equal(layer(values), alone)
