"""Model files are data: what would run code is refused, and does not run."""

import os
from pathlib import Path
from pickle import UnpicklingError

import pytest
import torch

from diffasr_plugin.assets import fetch
from subtitle_cli.diarization.assets import SEGMENTATION, SEGMENTATION_FILE
from subtitle_cli.diarization.checkpoints import data_only, read_model


class Trap:
    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return Path.touch, (self.witness,)


def test_the_published_checkpoint_is_read():
    model = read_model(fetch(SEGMENTATION) / SEGMENTATION_FILE)
    assert model.specifications.powerset
    assert model.specifications.duration == 10.0
    assert not model.training


def test_a_checkpoint_with_code_is_refused(tmp_path):
    witness = tmp_path / "ran"
    torch.save({"state_dict": {}, "trap": Trap(witness)}, tmp_path / "pytorch_model.bin")
    with pytest.raises(UnpicklingError):
        read_model(tmp_path / "pytorch_model.bin")
    assert not witness.exists()


@pytest.mark.parametrize("before", [None, "0"])
def test_the_switch_is_put_back(before, monkeypatch):
    name = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    monkeypatch.delenv(name, raising=False)
    if before is not None:
        monkeypatch.setenv(name, before)
    with pytest.raises(KeyError), data_only():
        raise KeyError
    assert os.environ.get(name) == before
