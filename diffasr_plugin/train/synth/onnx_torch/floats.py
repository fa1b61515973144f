"""A quantised ONNX graph -> the same graph in floats, with fewer operations.

What was rounded when the graph ran is no longer: its values differ from the quantised graph's by the
rounding. Weights keep the values that they were rounded to. Knows arrays only, and runs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from .file import Array, Graph, Node

__all__ = ["in_floats", "merged"]

_FLOAT, _INT32 = 1, 6


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


def merged(graph: Graph) -> Graph:
    """Constants that a product or convolution is multiplied by, or added to, as part of its weights and bias.

    Each is one operation fewer, over a whole signal.
    """
    users: dict[str, list[Node]] = {name: [] for name in graph.outputs}
    for node in graph.nodes:
        for name in node.inputs:
            users.setdefault(name, []).append(node)
    constants, gone, made = dict(graph.constants), set(), {}
    for node in graph.nodes:
        if not _has_weight_alone(node, constants):
            continue
        weighted = _Weighted(node, constants[node.inputs[1]])
        while len(use := users.get(weighted.output, [])) == 1 and weighted.output not in graph.outputs:
            if not weighted.takes(use[0], constants):
                break
            gone.add(use[0].outputs[0])
        if weighted.output != node.outputs[0]:
            made[node.outputs[0]] = weighted.node(constants)
    nodes = [made.get(node.outputs[0], node) for node in graph.nodes if node.outputs[0] not in gone]
    return replace(graph, constants=constants, nodes=tuple(nodes))


def _has_weight_alone(node: Node, constants: Mapping[str, Array]) -> bool:
    """A product or convolution, with a constant and without a bias."""
    if node.operator not in ("Conv", "MatMul") or len(node.inputs) != 2 or node.inputs[1] not in constants:
        return False
    return constants[node.inputs[1]].ndim == (3 if node.operator == "Conv" else 2)


class _Weighted:
    """A product or convolution that takes in what follows it."""

    def __init__(self, node: Node, weight: Array) -> None:
        self._node, self._weight = node, weight
        self._first = node.operator == "Conv"  # where a weight's channels are: on its first axis, or its last
        self._channels = weight.shape[0 if self._first else -1]
        self._bias = np.zeros(self._channels, np.float32)
        self.output = node.outputs[0]

    def takes(self, node: Node, constants: Mapping[str, Array]) -> bool:
        """Take in an operation on the output, if it is one that can be taken in."""
        if node.operator == "Cast" and node.attributes["to"] == _FLOAT:
            self.output = node.outputs[0]
            return True
        others = [name for name in node.inputs if name != self.output]
        if node.operator not in ("Add", "Mul") or len(others) != 1 or others[0] not in constants:
            return False
        values = self._of_channels(constants[others[0]])
        if values is None:
            return False
        if node.operator == "Add":
            self._bias = self._bias + values
        else:
            self._bias = self._bias * values
            self._weight = self._weight * (values.reshape(-1, 1, 1) if self._first else values)
        self.output = node.outputs[0]
        return True

    def node(self, constants: dict[str, Array]) -> Node:
        """The one operation; its weights are put among the constants."""
        weight, bias = f"{self.output} weight", f"{self.output} bias"
        constants[weight] = self._weight if self._first else np.ascontiguousarray(self._weight.T)
        constants[bias] = self._bias
        operator = "Conv" if self._first else "Linear"
        return Node(operator, (self._node.inputs[0], weight, bias), (self.output,), self._node.attributes)

    def _of_channels(self, values: Array) -> Array | None:
        """One number for each channel; None if they differ along other axes."""
        place = 1 if self._first else -1
        if values.size == 1 and values.ndim <= 3:
            return np.full(self._channels, values.item(), np.float32)
        shape = [1, 1, 1]
        shape[place] = self._channels
        padded = (1,) * (3 - values.ndim) + values.shape
        return values.reshape(-1) if padded == tuple(shape) else None
