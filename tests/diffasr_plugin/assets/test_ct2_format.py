"""The container, against bytes laid out by hand."""

import numpy as np
import pytest

from diffasr_plugin.assets.ct2_format import read_ct2
from tests.support.ct2_files import TYPES, ct2_bytes

VARIABLES = {
    "a/weight": np.arange(6, dtype=np.float16).reshape(2, 3),
    "a/bias": np.array([-1.5, 2.5], dtype=np.float32),
    "scalar": np.array(7, dtype=np.int16),
    "many": np.arange(24, dtype=np.int32).reshape(2, 3, 4),
    "ü": np.array([-128, 127], dtype=np.int8),
}


@pytest.fixture
def write(tmp_path):
    def write(content):
        (tmp_path / "model.bin").write_bytes(content)
        return tmp_path / "model.bin"

    return write


def test_all_types_and_shapes(write):
    model = read_ct2(write(ct2_bytes(VARIABLES, [("b", "a/weight")])))
    assert (model.specification, model.aliases) == ("WhisperSpec", {"b": "a/weight"})
    assert model.variables.keys() == VARIABLES.keys()
    for name, expected in VARIABLES.items():
        found = model.variables[name]
        assert (found.dtype, found.shape, found.tolist()) == (
            expected.dtype,
            expected.shape,
            expected.tolist(),
        )
    assert {array.dtype.name for array in VARIABLES.values()} == set(TYPES)


def test_bytes_by_hand(write):
    content = b"\6\0\0\0\2\0S\0\1\0\0\0\1\0\0\0"  # version, specification, revision, count
    content += b"\2\0w\0\1\2\0\0\0\1\2\0\0\0\5\xff\0\0\0\0"  # int8 [5, -1], no aliases
    model = read_ct2(write(content))
    assert (model.specification, model.variables["w"].tolist()) == ("S", [5, -1])


@pytest.mark.parametrize("length", [1, 3, 10, 40, 60, -1])
def test_a_file_cut_short(write, length):
    with pytest.raises(ValueError, match=r"model\.bin is no .* the file ends at byte"):
        read_ct2(write(ct2_bytes(VARIABLES)[:length]))


def test_an_empty_file(write):
    with pytest.raises(ValueError, match="is empty"):
        read_ct2(write(b""))


def test_bytes_after_the_end(write):
    with pytest.raises(ValueError, match="2 bytes follow the end"):
        read_ct2(write(ct2_bytes(VARIABLES) + b"\0\0"))


def test_another_version(write):
    with pytest.raises(ValueError, match="binary version 5; known is 6"):
        read_ct2(write(ct2_bytes(VARIABLES, version=5)))


def test_an_unknown_type(write):
    content = ct2_bytes({"w": np.array([1], np.int8)})
    at = content.index(b"\2\0w\0") + 4 + 5
    with pytest.raises(ValueError, match="variable w has the unknown type 9"):
        read_ct2(write(content[:at] + b"\x09" + content[at + 1 :]))


def test_a_shape_that_does_not_fit(write):
    content = ct2_bytes({"w": np.array([1, 2], np.int8)})
    at = content.index(b"\2\0w\0") + 4 + 1
    with pytest.raises(ValueError, match=r"variable w has 2 numbers for the shape \(3,\)"):
        read_ct2(write(content[:at] + b"\x03" + content[at + 1 :]))


def test_a_name_that_is_no_text(write):
    with pytest.raises(ValueError, match=r"model\.bin is no CTranslate2 model.* 'utf-8' codec"):
        read_ct2(write(ct2_bytes({"wxyz": np.array([1], np.int8)}).replace(b"wxyz", b"\xff\xfe\xfd\xfc")))
