"""A graph in floats -> the same graph with fewer and larger operations, for a GPU's sake.

What it computes stays the same, but for the rounding of sums. Knows arrays only, and runs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .file import Array, Graph, Node

__all__ = ["merged", "needed"]

_FLOAT = 1


def merged(graph: Graph) -> Graph:
    """The same, in fewer operations."""
    for rule in (_with_weights_merged, _with_norms, needed, _with_linears_joined, _with_sums_of_products):
        graph = rule(graph)
    return needed(graph)


def needed(graph: Graph) -> Graph:
    """Without nodes and constants that no output hangs on."""
    wanted, nodes = set(graph.outputs), []
    for node in reversed(graph.nodes):
        if wanted.intersection(node.outputs):
            wanted.update(filter(None, node.inputs))
            nodes.append(node)
    constants = {name: values for name, values in graph.constants.items() if name in wanted}
    return replace(graph, constants=constants, nodes=tuple(reversed(nodes)))


def _uses(graph: Graph) -> Counter[str]:
    """How often each value is wanted."""
    return Counter([*graph.outputs, *(name for node in graph.nodes for name in node.inputs)])


def _with_norms(graph: Graph) -> Graph:
    """(x - mean) / sqrt(variance + epsilon) as one operation, `Normalized`."""
    makers = {node.outputs[0]: node for node in graph.nodes}
    nodes = (_norm(node, makers, graph.constants) or node for node in graph.nodes)
    return replace(graph, nodes=tuple(nodes))


def _norm(node: Node, makers: Mapping[str, Node], constants: Mapping[str, Array]) -> Node | None:
    def made(name: str, operator: str) -> tuple[str, ...]:
        maker = makers.get(name)
        return maker.inputs if maker and maker.operator == operator else ("", "")

    if node.operator != "Div":
        return None
    centred, deviation = node.inputs
    x, mean = made(centred, "Sub")
    source, axes = made(mean, "ReduceMean")
    variance, epsilon = made(made(deviation, "Sqrt")[0], "Add")
    squares, same_axes = made(variance, "ReduceMean")
    if not x or source != x or made(squares, "Mul") != (centred, centred) or epsilon not in constants:
        return None
    places = [constants[name].tolist() for name in (axes, same_axes) if name in constants]
    if len(places) < 2 or places[0] != places[1] or len(places[0]) != 1:
        return None
    attributes = {"axis": places[0][0], "epsilon": constants[epsilon].item()}
    return Node("Normalized", (x,), node.outputs, attributes)


def _with_linears_joined(graph: Graph) -> Graph:
    """Products of one value with many weights as one product, which is then split."""
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.operator == "Linear":
            groups.setdefault(node.inputs[0], []).append(node)
    constants, joined = dict(graph.constants), {}
    for x, group in groups.items():
        if len(group) > 1:
            joined[group[0].outputs[0]] = _joined(x, group, constants)
    gone = {node.outputs[0] for group in groups.values() for node in group[1:]}
    nodes = [
        new
        for node in graph.nodes
        if node.outputs[0] not in gone
        for new in joined.get(node.outputs[0], (node,))
    ]
    return replace(graph, constants=constants, nodes=tuple(nodes))


def _joined(x: str, group: list[Node], constants: dict[str, Array]) -> tuple[Node, Node]:
    weights, biases = zip(*((constants[name] for name in node.inputs[1:]) for node in group), strict=True)
    whole, weight, bias, sizes = (f"{x} {part}" for part in ("joined", "weights", "biases", "sizes"))
    constants[weight], constants[bias] = np.concatenate(weights), np.concatenate(biases)
    constants[sizes] = np.array([len(part) for part in biases])
    outputs = tuple(node.outputs[0] for node in group)
    return Node("Linear", (x, weight, bias), (whole,), {}), Node(
        "Split", (whole, sizes), outputs, {"axis": -1}
    )


def _with_sums_of_products(graph: Graph) -> Graph:
    """a + b * c as one operation, `AddMul`, but where a part is a single number."""
    uses = _uses(graph)
    products = {
        node.outputs[0]: node
        for node in graph.nodes
        if node.operator == "Mul" and uses[node.outputs[0]] == 1 and not _has_number(node, graph.constants)
    }
    nodes = []
    for node in graph.nodes:
        chosen = next((name for name in reversed(node.inputs) if name in products), None)
        if node.operator != "Add" or chosen is None or _has_number(node, graph.constants):
            nodes.append(node)
            continue
        (other,) = (name for name in node.inputs if name != chosen)
        nodes.append(Node("AddMul", (other, *products[chosen].inputs), node.outputs, {}))
    return replace(graph, nodes=tuple(nodes))


def _has_number(node: Node, constants: Mapping[str, Array]) -> bool:
    return any(name in constants and constants[name].size == 1 for name in node.inputs)


def _with_weights_merged(graph: Graph) -> Graph:
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
