"""Our writer, read back with the library."""

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from diffasr_plugin.assets.safetensors_file import write_safetensors


def test_the_library_reads_what_was_written(tmp_path):
    tensors = {
        "z": np.arange(6, dtype=np.float16).reshape(2, 3),
        "a": np.array([1.5], np.float32),
        "ü/strided": np.arange(12, dtype=np.float32).reshape(3, 4).T,
    }
    path = tmp_path / "x.safetensors"
    write_safetensors(path, tensors)
    found = load_file(path)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert (found[name].dtype, found[name].tolist()) == (tensor.dtype, tensor.tolist())
    with safe_open(path, "numpy") as file:
        assert file.metadata() == {"format": "pt"}


def test_bytes_depend_on_the_tensors_only(tmp_path):
    one, two = np.ones(3, np.float32), np.zeros((2, 2), np.float16)
    write_safetensors(tmp_path / "1", {"a": one, "b": two})
    write_safetensors(tmp_path / "2", {"b": two, "a": one})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    size = int.from_bytes((tmp_path / "1").read_bytes()[:8], "little")
    assert size % 8 == 0


def test_integers_are_refused(tmp_path):
    with pytest.raises(ValueError, match="tensor a is int64"):
        write_safetensors(tmp_path / "x", {"a": np.arange(3)})
