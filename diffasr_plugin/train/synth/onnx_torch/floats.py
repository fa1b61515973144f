"""A quantised ONNX graph -> the same graph in floats.

What was rounded when the graph ran is no longer: its values differ from the quantised graph's by the
rounding. Weights keep the values that they were rounded to. Knows arrays only, and runs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from .file import Array, Graph, Node

__all__ = ["in_floats"]

_INT32 = 6


def in_floats(graph: Graph) -> Graph:
    """Without quantised products, convolutions and LSTMs.

    Values are handed on as they are, in units of one, where the graph would round them: its scales turn into
    constants, and what it multiplies by them stays right.
    """
    return _Floats(graph).made()


class _Floats:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._constants = dict(graph.constants)
        self._same: dict[str, str] = {}
        self._rounded = _rounded_biases(graph)

    def made(self) -> Graph:
        rules: Mapping[str, Callable[[Node], Node | None]] = {
            "DynamicQuantizeLinear": self._pass_on,
            "MatMulInteger": self._product,
            "ConvInteger": self._product,
            "DynamicQuantizeLSTM": self._lstm,
        }
        nodes = []
        for node in self._graph.nodes:
            known = replace(node, inputs=tuple(self._same.get(name, name) for name in node.inputs))
            if node.outputs[0] in self._rounded:
                self._same[node.outputs[0]] = known.inputs[0]
            elif (made := rules.get(node.operator, _as_it_is)(known)) is not None:
                nodes.append(made)
        return replace(self._graph, constants=self._constants, nodes=tuple(nodes))

    def _pass_on(self, node: Node) -> None:
        value, scale, zero = node.outputs
        self._same[value] = node.inputs[0]
        self._constants[scale] = np.array(1, np.float32)
        self._constants[zero] = np.array(0, np.float32)

    def _product(self, node: Node) -> Node:
        x, weight, _, zero = node.inputs
        centred = self._constants[weight].astype(np.float32) - self._constants[zero].astype(np.float32)
        return Node(
            node.operator.removesuffix("Integer"),
            (x, self._keep(weight, centred)),
            node.outputs,
            node.attributes,
        )

    def _lstm(self, node: Node) -> Node:
        x, weight, recurrent, bias, _lengths, first, cells, _peepholes, *quantised = node.inputs
        scale, zero, recurrent_scale, recurrent_zero = quantised
        inputs = (
            x,
            self._keep(weight, self._scaled(weight, scale, zero)),
            self._keep(recurrent, self._scaled(recurrent, recurrent_scale, recurrent_zero)),
            bias,
            first,
            cells,
        )
        return Node("LSTM", inputs, node.outputs, node.attributes)

    def _scaled(self, weight: str, scale: str, zero: str) -> Array:
        ways = len(self._constants[weight])
        parts = (self._constants[name].astype(np.float32) for name in (weight, scale, zero))
        values, scales, zeros = (part if part.ndim == 3 else part.reshape(ways, 1, -1) for part in parts)
        return (values - zeros) * scales

    def _keep(self, name: str, values: Array) -> str:
        self._constants[f"{name} in floats"] = values
        return f"{name} in floats"


def _as_it_is(node: Node) -> Node:
    return node


def _rounded_biases(graph: Graph) -> set[str]:
    """Values that only round a bias to whole units of a sum: floors that are made integers, and those."""
    uses = Counter(name for node in graph.nodes for name in node.inputs)
    floors = {node.outputs[0] for node in graph.nodes if node.operator == "Floor"}
    rounded = set()
    for node in graph.nodes:
        source = node.inputs[0] if node.inputs else ""
        if node.operator == "Cast" and node.attributes["to"] == _INT32 and source in floors:
            rounded |= {source, node.outputs[0]} if uses[source] == 1 else set()
    return rounded
