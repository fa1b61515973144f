"""An ONNX file -> its graph: nodes, constants, names; without the package `onnx`.

Reads the few fields of the format that a graph of tensors needs. Knows no operator.

Source: onnx.proto of ONNX, https://github.com/onnx/onnx; the encoding of Protocol Buffers.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NotAGraph

__all__ = ["Array", "Graph", "Node", "read_graph"]

Array = NDArray[Any]

_TYPES: Mapping[int, str] = {
    1: "<f4",
    2: "u1",
    3: "i1",
    4: "<u2",
    5: "<i2",
    6: "<i4",
    7: "<i8",
    9: "?",
    10: "<f2",
    11: "<f8",
}
"""Numbers of the element types, as numpy writes them."""

_LISTS = {4: "<f4", 5: "i4", 7: "i8", 10: "<f8"}
"""Fields that hold a tensor's elements one by one, and as what."""

_NUMBER, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


@dataclass(frozen=True)
class Node:
    """One operation.

    Attributes:
        operator: its name, as `Add`.
        inputs: names of values; empty where one is left out.
        outputs: the same.
        attributes: numbers, lists of numbers, strings and arrays.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """Operations in an order in which they can run.

    Attributes:
        inputs: names of what has to be given.
        outputs: names of what comes out.
        constants: arrays by their names.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, Array]
    nodes: tuple[Node, ...]


def read_graph(file: Path) -> Graph:
    """The graph of an ONNX file whose constants are all within it.

    Raises:
        NotAGraph: it is no such file.
    """
    try:
        graphs = [value for number, value in _fields(memoryview(file.read_bytes())) if number == 7]
        if not graphs:
            raise ValueError("it has no graph")
        return _graph(graphs[0])
    except (IndexError, KeyError, ValueError, TypeError, struct.error) as error:
        raise NotAGraph(file, f"{type(error).__name__}: {error}") from error


def _graph(data: memoryview) -> Graph:
    parts: dict[int, list[memoryview]] = {}
    for number, value in _fields(data):
        parts.setdefault(number, []).append(value)
    constants = dict(_tensor(part) for part in parts.get(5, []))
    inputs = [_name(part) for part in parts.get(11, [])]
    return Graph(
        tuple(name for name in inputs if name not in constants),
        tuple(_name(part) for part in parts.get(12, [])),
        constants,
        tuple(_node(part) for part in parts.get(1, [])),
    )


def _name(data: memoryview) -> str:
    names = [_text(value) for number, value in _fields(data) if number == 1]
    if not names:
        raise ValueError("a value without a name")
    return names[0]


def _node(data: memoryview) -> Node:
    names: dict[int, list[str]] = {1: [], 2: [], 4: []}
    attributes = {}
    for number, value in _fields(data):
        if number in names:
            names[number].append(_text(value))
        elif number == 5:
            name, content = _attribute(value)
            attributes[name] = content
    return Node(names[4][0], tuple(names[1]), tuple(names[2]), attributes)


def _attribute(data: memoryview) -> tuple[str, Any]:
    """Its name and its value; a list stays one, however short."""
    name, single, numbers = "", None, []
    for number, value in _fields(data):
        match number:
            case 1:
                name = _text(value)
            case 2:
                single = struct.unpack("<f", value)[0]
            case 3:
                single = _signed(value)
            case 4:
                single = _text(value)
            case 5:
                single = _tensor(value)[1]
            case 7:
                numbers += np.frombuffer(value, "<f4").tolist()
            case 8:
                numbers += _integers(value)
    return name, numbers if single is None else single


def _tensor(data: memoryview) -> tuple[str, Array]:
    name, kind, shape = "", "", []
    raw: memoryview | None = None
    listed: list[Any] = []
    for number, value in _fields(data):
        if number == 1:
            shape += _integers(value)
        elif number == 2:
            kind = _TYPES[value]
        elif number == 8:
            name = _text(value)
        elif number == 9:
            raw = value
        elif number in _LISTS:
            as_floats = "f" in _LISTS[number]
            listed += np.frombuffer(value, _LISTS[number]).tolist() if as_floats else _integers(value)
    elements = np.array(listed, kind) if raw is None else np.frombuffer(raw, kind)
    if elements.size != math.prod(shape):
        raise ValueError(f"{name} has {elements.size} elements where its shape is {shape}")
    return name, elements.reshape(shape)


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Numbers of the fields, each with its value: a number, or bytes."""
    place = 0
    while place < len(data):
        key, place = _number(data, place)
        kind = key & 7
        if kind == _NUMBER:
            value, place = _number(data, place)
            yield key >> 3, value
            continue
        size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind, 0)
        if kind == _BYTES:
            size, place = _number(data, place)
        elif not size:
            raise ValueError(f"a field of the unknown kind {kind}")
        if place + size > len(data):
            raise ValueError("it ends too early")
        yield key >> 3, data[place : place + size]
        place += size


def _number(data: memoryview, place: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the place after it."""
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
        shift += 7


def _integers(value: int | memoryview) -> list[int]:
    """A list's part: one number, or many packed."""
    if isinstance(value, int):
        return [_signed(value)]
    numbers, place = [], 0
    while place < len(value):
        number, place = _number(value, place)
        numbers.append(_signed(number))
    return numbers


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _text(value: memoryview) -> str:
    return bytes(value).decode()
