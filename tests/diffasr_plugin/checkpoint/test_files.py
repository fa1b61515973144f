"""Foreign files: tensors and plain values come out, code never runs, damage is named."""

import argparse
import os
import pickle
import sys
from dataclasses import dataclass
from types import ModuleType

import pytest
import torch
from safetensors.torch import save_file

from diffasr_plugin.checkpoint.errors import UnreadableCheckpoint, UnsafeCheckpoint
from diffasr_plugin.checkpoint.files import read_foreign

WEIGHT = torch.ones(2, 3)


def test_nested_tables_are_joined_by_dots(tmp_path):
    path = tmp_path / "a.pt"
    content = {"projector": {"out.weight": WEIGHT}, "step": torch.tensor(7), "config": {"r": 16}, "name": "x"}
    torch.save(content, path)
    file = read_foreign(path)
    assert list(file.tensors) == ["projector.out.weight"]
    assert file.metadata == {"step": 7, "config.r": 16, "name": "x"}


def test_what_only_training_needs_is_left_out(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"w.weight": WEIGHT, "optimizer": {"state": {0: {"exp_avg": WEIGHT}}}, "scheduler": {}}, path)
    file = read_foreign(path)
    assert file.ignored == ("optimizer", "scheduler")
    assert list(file.tensors) == ["w.weight"]


def test_safetensors_are_read_with_their_metadata(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"w.weight": WEIGHT}, path, {"lora_alpha": "32"})
    file = read_foreign(path)
    assert torch.equal(file.tensors["w.weight"], WEIGHT)
    assert file.metadata == {"lora_alpha": "32"}


def _foreign_class(monkeypatch, name):
    """A dataclass of a module of someone else's, as pickle sees it."""
    module = ModuleType("their_model")
    cls = dataclass(type(name, (), {"__annotations__": {"lora_alpha": float}, "__module__": "their_model"}))
    setattr(module, name, cls)
    monkeypatch.setitem(sys.modules, "their_model", module)
    return cls


def test_a_settings_class_is_taken_as_its_values(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    config = _foreign_class(monkeypatch, "TrainConfig")(32.0)
    torch.save({"w.weight": WEIGHT, "config": config, "args": argparse.Namespace(r=16)}, path)
    monkeypatch.delitem(sys.modules, "their_model")
    assert read_foreign(path).metadata == {"config.lora_alpha": 32.0, "args.r": 16}


def test_any_other_class_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    torch.save({"w.weight": WEIGHT, "x": _foreign_class(monkeypatch, "Trainer")(1.0)}, path)
    with pytest.raises(UnsafeCheckpoint, match=r"wants to run their_model\.Trainer") as raised:
        read_foreign(path)
    assert raised.value.wanted == ("their_model.Trainer",)


class _Runs:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


def test_a_pickle_that_wants_to_run_code_is_refused_and_does_not_run_it(tmp_path):
    path, target = tmp_path / "a.pt", tmp_path / "made"
    torch.save({"w.weight": WEIGHT, "x": _Runs(target)}, path)
    with pytest.raises(UnsafeCheckpoint, match="mkdir"):
        read_foreign(path)
    assert not target.exists()


def test_a_settings_class_that_must_be_called_is_refused(tmp_path, monkeypatch):
    class Called(_foreign_class(monkeypatch, "BaseConfig")):
        def __reduce__(self):
            return type(self), (1.0,)

    Called.__module__, Called.__qualname__, Called.__name__ = "their_model", "OurConfig", "OurConfig"
    sys.modules["their_model"].OurConfig = Called
    path = tmp_path / "a.pt"
    torch.save({"w.weight": WEIGHT, "x": Called(1.0)}, path)
    with pytest.raises(UnsafeCheckpoint, match="OurConfig"):
        read_foreign(path)


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
@pytest.mark.parametrize("kept", [0, 40, 0.6])
def test_a_truncated_file_is_named(tmp_path, suffix, kept):
    path = tmp_path / f"a.{suffix}"
    tensors = {"w.weight": torch.randn(100, 100)}
    if suffix == "pt":
        torch.save(tensors, path)
    else:
        save_file(tensors, path)
    data = path.read_bytes()
    path.write_bytes(data[: kept if isinstance(kept, int) else int(kept * len(data))])
    with pytest.raises(UnreadableCheckpoint, match="truncated") as raised:
        read_foreign(path)
    assert raised.value.source == str(path)


@pytest.mark.parametrize("content", [[WEIGHT], WEIGHT, {"a": 1}, {}])
def test_a_file_without_a_table_of_tensors_is_refused(tmp_path, content):
    path = tmp_path / "a.pt"
    torch.save(content, path)
    with pytest.raises(UnreadableCheckpoint, match="tensors"):
        read_foreign(path)


def test_a_plain_pickle_and_a_missing_file_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    with pytest.raises(UnreadableCheckpoint, match="missing"):
        read_foreign(path)
    path.write_bytes(pickle.dumps({"w": 1}))
    with pytest.raises(UnreadableCheckpoint, match="no checkpoint"):
        read_foreign(path)
