"""ONNX files written by hand, for tests of their reader: a graph -> bytes, without the package `onnx`."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

from diffasr_plugin.train.synth.onnx_torch.file import Graph, Node

_KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "bool": 9}


def file_of(graph: Graph, raw: bool = True) -> bytes:
    """The file; its constants in one piece, or one by one."""
    return number(1, 9) + piece(7, _graph(graph, raw)) + piece(8, number(2, 20))


def number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def piece(field: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _graph(graph: Graph, raw: bool) -> bytes:
    nodes = (piece(1, _node(node)) for node in graph.nodes)
    constants = (piece(5, _tensor(name, values, raw)) for name, values in graph.constants.items())
    inputs = (piece(11, piece(1, name)) for name in graph.inputs)
    outputs = (piece(12, piece(1, name)) for name in graph.outputs)
    return b"".join([*nodes, *constants, *inputs, *outputs])


def _node(node: Node) -> bytes:
    attributes = b"".join(piece(5, _attribute(*item)) for item in node.attributes.items())
    return _strings(1, node.inputs) + _strings(2, node.outputs) + piece(4, node.operator) + attributes


def _strings(field: int, names: Iterable[str]) -> bytes:
    return b"".join(piece(field, name) for name in names)


def _attribute(name: str, value: Any) -> bytes:
    start = piece(1, name)
    match value:
        case bool() | int():
            return start + number(3, int(value))
        case float():
            return start + _varint(2 << 3 | 5) + struct.pack("<f", value)
        case str():
            return start + piece(4, value)
        case np.ndarray():
            return start + piece(5, _tensor("", value, raw=True))
        case [float(), *_]:
            return start + piece(7, struct.pack(f"<{len(value)}f", *value))
        case _:
            return start + b"".join(number(8, int(part)) for part in value)


def _tensor(name: str, values: np.ndarray, raw: bool) -> bytes:
    head = (
        piece(1, b"".join(map(_varint, values.shape))) + number(2, _KINDS[values.dtype.name]) + piece(8, name)
    )
    if raw:
        return head + piece(9, values.tobytes())
    if values.dtype == np.float32:
        return head + piece(4, values.tobytes())
    field = 7 if values.dtype == np.int64 else 5
    return head + piece(field, b"".join(_varint(int(value)) for value in values.ravel()))
