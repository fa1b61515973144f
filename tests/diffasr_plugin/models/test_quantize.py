"""Small integers give the weights back nearly, and take the memory that is predicted."""

import pytest
import torch
from torch import nn

from diffasr_plugin.memory import bytes_per_weight
from diffasr_plugin.models.quantize import is_quantized, quantize_parameter, share_quantized


def _module(weight):
    module = nn.Module()
    module.weight = nn.Parameter(weight, requires_grad=False)
    return module


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", [(5, 128), (3, 7, 24), (4, 6, 192)])
@pytest.mark.parametrize(("bits", "levels"), [(8, 127), (4, 7)])
def test_every_weight_is_within_half_a_step(bits, levels, shape, dtype):
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(dtype)
    module = _module(weight.clone())
    quantize_parameter(module, "weight", bits)
    back = module.weight
    assert back.shape == weight.shape
    assert back.dtype == dtype
    largest = weight.float().abs().amax(dim=-1, keepdim=True)  # at least that of each group
    rounding = 2**-8 if dtype == torch.bfloat16 else 1e-6
    error = (back.float() - weight.float()).abs()
    assert bool((error <= largest * (0.5 / levels + 2 * rounding)).all())


@pytest.mark.parametrize("bits", [8, 4])
def test_weights_on_the_grid_come_back_exactly(bits):
    steps = torch.arange(-7, 8).float().repeat(2, 5)[:, :64]
    steps[:, 0] = 7 if bits == 4 else 127
    module = _module(steps.clone())
    quantize_parameter(module, "weight", bits)
    assert torch.equal(module.weight, steps)


def test_zeros_stay_zeros():
    module = _module(torch.zeros(2, 8))
    quantize_parameter(module, "weight", 4)
    assert torch.equal(module.weight, torch.zeros(2, 8))


@pytest.mark.parametrize("inputs", [64, 192, 24])
@pytest.mark.parametrize("bits", [8, 4])
def test_the_memory_is_the_predicted_one(bits, inputs):
    module = _module(torch.randn(3, 10, inputs).bfloat16())
    quantize_parameter(module, "weight", bits)
    stored = sum(part.numel() * part.itemsize for part in module.parameters())
    assert stored == 3 * 10 * inputs * bytes_per_weight(bits, inputs)


def test_large_weights_are_encoded_in_slices(monkeypatch):
    weight = torch.randn(16, 8, 64)
    whole, sliced = _module(weight.clone()), _module(weight.clone())
    quantize_parameter(whole, "weight", 8)
    monkeypatch.setattr("diffasr_plugin.models.quantize.SLICE", 3 * 8 * 64)
    quantize_parameter(sliced, "weight", 8)
    assert torch.equal(whole.weight, sliced.weight)


def test_two_layers_can_share_one_memory():
    first, second = (nn.Linear(64, 32, bias=False).requires_grad_(False) for _ in range(2))
    quantize_parameter(first, "weight", 4)
    share_quantized(second, first, "weight", 4)
    assert is_quantized(second, "weight")
    assert not is_quantized(nn.Linear(2, 2), "weight")
    assert torch.equal(second(torch.ones(1, 64)), first(torch.ones(1, 64)))
    theirs = {part.data_ptr() for part in first.parameters()}
    assert {part.data_ptr() for part in second.parameters()} == theirs
