"""Adapters written and read back, and files that are not what they should be."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from diffasr_plugin.checkpoint.errors import (
    IncompleteCheckpoint,
    InvalidConfig,
    InvalidWeights,
    MismatchedCheckpoint,
    UnreadableCheckpoint,
)
from diffasr_plugin.mini.adapter_file import CONFIG_FILE, WEIGHTS_FILE, load_adapter, save_adapter
from diffasr_plugin.models.mini_adapter import MiniAdapter, MiniAdapterConfig

CONFIG = MiniAdapterConfig(
    units=9, vocabulary=20, rank=2, conditioning=4, reader_width=8, reader_layers=1, width=16, layers=1
)


@pytest.fixture
def adapter() -> MiniAdapter:
    torch.manual_seed(0)
    adapter = MiniAdapter(CONFIG)
    with torch.no_grad():
        for tensor in adapter.parameters():
            tensor += torch.randn_like(tensor)
    return adapter


@pytest.fixture
def folder(adapter, tmp_path):
    save_adapter(adapter, tmp_path / "a")
    return tmp_path / "a"


def edit(folder, change) -> None:
    tensors = load_file(folder / WEIGHTS_FILE)
    change(tensors)
    save_file(tensors, folder / WEIGHTS_FILE)


def test_it_comes_back_in_a_byte_a_weight(adapter, folder):
    again = load_adapter(folder)
    assert again.config == CONFIG
    assert not any(tensor.requires_grad for tensor in again.parameters())
    for name, tensor in adapter.state_dict().items():
        step = tensor.abs().amax() / 127 if tensor.ndim > 1 else tensor.abs().amax() / 1000
        assert (again.state_dict()[name] - tensor).abs().amax() <= step, name


def test_the_file_is_the_same_each_time(adapter, folder, tmp_path):
    save_adapter(adapter, tmp_path / "b")
    assert (tmp_path / "b" / WEIGHTS_FILE).read_bytes() == (folder / WEIGHTS_FILE).read_bytes()


def test_nan_is_not_written(adapter, tmp_path):
    with torch.no_grad():
        adapter.reader.units[0, 0] = torch.nan
    with pytest.raises(InvalidWeights, match=r"reader\.units"):
        save_adapter(adapter, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_missing_or_damaged_files_are_told(folder, tmp_path):
    with pytest.raises(UnreadableCheckpoint):
        load_adapter(tmp_path / "nothing")
    (folder / WEIGHTS_FILE).write_bytes(b"1234")
    with pytest.raises(UnreadableCheckpoint):
        load_adapter(folder)


@pytest.mark.parametrize(
    ("change", "said"), [({"format": 2}, "format"), ({"rnak": 3}, "rnak"), ({"rank": "3"}, "rank")]
)
def test_bad_settings_are_refused(folder, change, said):
    file = folder / CONFIG_FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(InvalidConfig, match=said):
        load_adapter(folder)


def test_a_missing_tensor_is_named(folder):
    edit(folder, lambda tensors: tensors.pop("reader.norm.weight"))
    with pytest.raises(IncompleteCheckpoint, match=r"reader\.norm\.weight"):
        load_adapter(folder)


def test_strangers_and_wrong_shapes_are_named(folder):
    edit(folder, lambda tensors: tensors.update({"more": torch.zeros(2)}))
    with pytest.raises(MismatchedCheckpoint, match="more"):
        load_adapter(folder)
    edit(folder, lambda tensors: (tensors.pop("more"), tensors.update({"reader.norm.bias": torch.zeros(3)})))
    with pytest.raises(MismatchedCheckpoint, match=r"reader\.norm\.bias"):
        load_adapter(folder)


def test_codes_without_their_scales_are_refused(folder):
    edit(folder, lambda tensors: tensors.pop("reader.units.scales"))
    with pytest.raises(MismatchedCheckpoint, match=r"reader\.units"):
        load_adapter(folder)
