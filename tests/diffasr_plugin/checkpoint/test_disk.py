"""Checkpoints survive the folder, which is read strictly."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from diffasr_plugin.checkpoint.discovery import discover
from diffasr_plugin.checkpoint.disk import WEIGHTS_FILE, Checkpoint, open_checkpoint, save_checkpoint
from diffasr_plugin.checkpoint.errors import (
    IncompleteCheckpoint,
    InvalidConfig,
    InvalidWeights,
    MismatchedCheckpoint,
    UnreadableCheckpoint,
)
from diffasr_plugin.config import CONFIG_FILE
from tests.support.published import TINY, published_adapter, published_projector

WIDTH = 24


@pytest.fixture
def foreign(tmp_path):
    path = tmp_path / "published.pt"
    projector = published_projector("linear", WIDTH, 40, TINY.hidden)
    torch.save({"projector": projector, "lora": published_adapter(TINY, 4)}, path)
    return path


@pytest.fixture
def folder(tmp_path, foreign):
    found = discover(foreign, TINY, WIDTH)
    save_checkpoint(Checkpoint(found.checked(), found.adapter, found.projector), tmp_path / "converted")
    return tmp_path / "converted"


def _open(path, backbone=TINY, width=WIDTH):
    return open_checkpoint(path, backbone, width)


def test_a_converted_folder_holds_what_the_foreign_file_does(foreign, folder):
    ours, theirs = _open(folder), _open(foreign)
    assert ours.config == theirs.config
    for part in ("adapter", "projector"):
        mine, other = getattr(ours, part), getattr(theirs, part)
        assert mine.keys() == other.keys()
        assert all(torch.equal(mine[name], other[name]) for name in mine)


def test_a_saved_checkpoint_may_be_read_by_whoever_may_read_its_folder(folder):
    (folder / "new").touch()
    assert (folder / WEIGHTS_FILE).stat().st_mode == (folder / "new").stat().st_mode


def test_a_lost_tensor_is_named(folder):
    tensors = load_file(folder / WEIGHTS_FILE)
    del tensors["projector.layers.2.weight"]
    save_file(tensors, folder / WEIGHTS_FILE)
    with pytest.raises(IncompleteCheckpoint, match=r"layers.2.weight missing"):
        _open(folder)


@pytest.mark.parametrize("name", ["projector.extra", "adapter.extra", "stranger"])
def test_an_unknown_tensor_is_named(folder, name):
    save_file(load_file(folder / WEIGHTS_FILE) | {name: torch.ones(1)}, folder / WEIGHTS_FILE)
    with pytest.raises(MismatchedCheckpoint, match="unknown tensor"):
        _open(folder)


def test_a_shape_that_does_not_fit_is_named(folder):
    tensors = load_file(folder / WEIGHTS_FILE) | {"projector.layers.0.bias": torch.ones(3)}
    save_file(tensors, folder / WEIGHTS_FILE)
    with pytest.raises(MismatchedCheckpoint, match=r"layers.0.bias has shape \(3,\), not \(40,\)"):
        _open(folder)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_numbers_that_are_none_are_named(folder, bad):
    tensors = load_file(folder / WEIGHTS_FILE)
    tensors["projector.layers.0.bias"][7] = bad
    save_file(tensors, folder / WEIGHTS_FILE)
    with pytest.raises(InvalidWeights, match=r"layers.0.bias"):
        _open(folder)


def test_another_base_model_or_encoder_is_refused(folder):
    with pytest.raises(MismatchedCheckpoint, match="from 24 channels to 32"):
        _open(folder, width=48)
    with pytest.raises(MismatchedCheckpoint, match="no layer"):
        _open(folder, replace(TINY, layers=2, full_layers=(1,)))
    with pytest.raises(MismatchedCheckpoint, match="another base model"):
        _open(folder, replace(TINY, hidden=64))


def test_an_unknown_key_of_the_config_is_refused(folder):
    values = json.loads((folder / CONFIG_FILE).read_text()) | {"colour": "red"}
    (folder / CONFIG_FILE).write_text(json.dumps(values))
    with pytest.raises(InvalidConfig, match="unknown key 'colour'"):
        _open(folder)


def test_a_truncated_file_and_a_folder_without_one_are_refused(folder, tmp_path):
    data = (folder / WEIGHTS_FILE).read_bytes()
    (folder / WEIGHTS_FILE).write_bytes(data[: len(data) // 2])
    with pytest.raises(UnreadableCheckpoint, match="truncated"):
        _open(folder)
    (folder / WEIGHTS_FILE).unlink()
    with pytest.raises(UnreadableCheckpoint, match="missing"):
        _open(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableCheckpoint, match="diffasr convert"):
        _open(tmp_path / "empty")
