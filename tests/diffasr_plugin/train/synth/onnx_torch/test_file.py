"""The reader of ONNX files, on files written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from diffasr_plugin.train.synth.errors import NotAGraph
from diffasr_plugin.train.synth.onnx_torch.file import Graph, Node, read_graph
from tests.support.onnx_bytes import file_of, number, piece

GRAPH = Graph(
    ("x", "speed"),
    ("y",),
    {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,
        "axes": np.array([-1, 300], np.int64),
        "one": np.array(-7, np.int32),
        "none": np.zeros((0, 2), np.float32),
    },
    (
        Node("Mul", ("x", "w"), ("a",), {}),
        Node(
            "Thing",
            ("a", "", "axes"),
            ("y", ""),
            {"axis": -1, "alpha": 0.5, "mode": "reflect", "pads": [1, -2], "scales": [1.5, 2.0]},
        ),
        Node("Fill", ("one",), ("b",), {"value": np.array([3], np.int64)}),
    ),
)


@pytest.mark.parametrize("raw", [True, False])
def test_a_graph_is_read_as_it_was_written(tmp_path, raw):
    file = tmp_path / "a.onnx"
    file.write_bytes(file_of(GRAPH, raw))
    read = read_graph(file)
    assert (read.inputs, read.outputs) == (GRAPH.inputs, GRAPH.outputs)
    assert read.nodes[:2] == GRAPH.nodes[:2]
    assert read.nodes[2].attributes["value"].tolist() == [3]
    assert list(read.constants) == list(GRAPH.constants)
    for name, values in GRAPH.constants.items():
        assert read.constants[name].dtype == values.dtype
        np.testing.assert_array_equal(read.constants[name], values)


def test_a_constant_is_no_input(tmp_path):
    file = tmp_path / "a.onnx"
    file.write_bytes(file_of(Graph(("x", "w"), (), {"w": np.ones(1, np.float32)}, ())))
    assert read_graph(file).inputs == ("x",)


TOO_SHORT = number(1, 2) + number(2, 1) + piece(9, bytes(4)) + piece(8, "w")
"""A constant of one number, where its shape says two."""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no graph"),
        (file_of(GRAPH)[:-40], "ends too early"),
        (b"\x80", "IndexError"),
        (b"\x0b", "unknown kind"),
        (piece(7, piece(5, number(2, 99))), "KeyError"),
        (
            piece(7, piece(5, number(1, 2) + number(2, 1) + piece(9, b"\0\0\0\0") + piece(8, "w"))),
            "1 elements",
        ),
        (piece(7, piece(1, piece(1, b"\xff"))), "Unicode"),
        (piece(7, piece(1, piece(1, "x"))), "IndexError"),
        (piece(7, piece(11, b"")), "without a name"),
    ],
)
def test_what_is_no_graph_is_refused(tmp_path, content, reason):
    file = tmp_path / "a.onnx"
    file.write_bytes(content)
    with pytest.raises(NotAGraph, match=reason):
        read_graph(file)
