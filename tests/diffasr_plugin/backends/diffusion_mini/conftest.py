"""An adapter that has learnt nothing: it shows that the ways through the code hold, whatever it says."""

from __future__ import annotations

import pytest
import torch

from diffasr_plugin.backends.diffusion_mini.load import load
from diffasr_plugin.backends.diffusion_mini.spec import DATA
from diffasr_plugin.mini.adapter_file import save_adapter
from diffasr_plugin.mini.units import Units
from diffasr_plugin.models.mini_adapter import MiniAdapter, MiniAdapterConfig


@pytest.fixture(scope="session")
def backbone():
    return load(DATA, torch.device("cpu"))


@pytest.fixture(scope="session")
def untrained(backbone) -> MiniAdapter:
    """An adapter whose every part changes something."""
    torch.manual_seed(0)
    sizes = {"rank": 4, "conditioning": 16, "reader_width": 32, "reader_layers": 1}
    adapter = MiniAdapter(MiniAdapterConfig(len(Units.read()), backbone.codec.size, **sizes))
    with torch.no_grad():
        for tensor in adapter.parameters():
            tensor += 0.01 * torch.randn_like(tensor)
    return adapter.eval()


@pytest.fixture(scope="session")
def adapter_folder(untrained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapter")
    save_adapter(untrained, folder)
    return folder
