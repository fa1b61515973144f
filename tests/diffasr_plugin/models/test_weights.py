"""Weights come by name from files, and whatever is wrong with them is told."""

import json

import pytest
import torch
from safetensors.torch import save_file

from diffasr_plugin.checkpoint.errors import (
    IncompleteCheckpoint,
    InvalidWeights,
    MismatchedCheckpoint,
    UnreadableCheckpoint,
)
from diffasr_plugin.models.weights import INDEX_FILE, RandomWeights, SafetensorsWeights

CPU = torch.device("cpu")
WEIGHT = torch.arange(6.0).view(2, 3)


def _get(source, name, shape=(2, 3), dtype=torch.float32):
    return source.get(name, torch.Size(shape), CPU, dtype)


def test_one_file_or_several_with_an_index(tmp_path):
    save_file({"a": WEIGHT}, tmp_path / "one.safetensors")
    assert torch.equal(_get(SafetensorsWeights(tmp_path), "a"), WEIGHT)
    save_file({"b": WEIGHT + 1}, tmp_path / "two.safetensors")
    save_file({"a": WEIGHT * 0}, tmp_path / "stranger.safetensors")
    index = {"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}
    (tmp_path / INDEX_FILE).write_text(json.dumps(index))
    source = SafetensorsWeights(tmp_path, rename=str.upper)
    assert torch.equal(_get(source, "A"), WEIGHT)
    assert _get(source, "B", dtype=torch.bfloat16).dtype == torch.bfloat16


def test_a_missing_tensor_is_named(tmp_path):
    save_file({"a": WEIGHT}, tmp_path / "one.safetensors")
    with pytest.raises(IncompleteCheckpoint, match="b missing"):
        _get(SafetensorsWeights(tmp_path), "b")


def test_another_shape_is_named(tmp_path):
    save_file({"a": WEIGHT}, tmp_path / "one.safetensors")
    with pytest.raises(MismatchedCheckpoint, match=r"a has shape \(2, 3\), not \(3, 2\)"):
        _get(SafetensorsWeights(tmp_path), "a", (3, 2))


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_numbers_that_are_none_are_named(tmp_path, bad):
    save_file({"a": WEIGHT.index_fill(1, torch.tensor([1]), bad)}, tmp_path / "one.safetensors")
    with pytest.raises(InvalidWeights, match="tensor a holds NaN or infinity"):
        _get(SafetensorsWeights(tmp_path), "a")


def test_no_files_and_damaged_files_are_told(tmp_path):
    with pytest.raises(UnreadableCheckpoint, match="holds no"):
        SafetensorsWeights(tmp_path)
    path = tmp_path / "one.safetensors"
    save_file({"a": WEIGHT}, path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(UnreadableCheckpoint, match="truncated"):
        SafetensorsWeights(tmp_path)


@pytest.mark.parametrize("text", ["{", "{}", "[]"])
def test_a_damaged_index_is_told(tmp_path, text):
    (tmp_path / INDEX_FILE).write_text(text)
    with pytest.raises(UnreadableCheckpoint, match="no index of weights"):
        SafetensorsWeights(tmp_path)


def test_a_file_of_the_index_that_is_not_there_is_told(tmp_path):
    (tmp_path / INDEX_FILE).write_text(json.dumps({"weight_map": {"a": "lost.safetensors"}}))
    with pytest.raises(UnreadableCheckpoint, match="lost"):
        SafetensorsWeights(tmp_path)


def test_random_weights_are_the_same_for_a_seed():
    first, second, other = (_get(RandomWeights(seed, 0.5), "a", (50, 60)) for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert first.std().item() == pytest.approx(0.5, rel=0.05)
    assert torch.equal(_get(RandomWeights(), "a", (4,)), torch.ones(4))
