"""An ONNX file -> a function of tensors, on any device of torch.

What hangs on constants alone is computed once, when the file is read. Values that nothing needs any more
are let go while it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import UnknownOperators
from .file import Array, Graph, Node, read_graph
from .floats import in_floats
from .layers import LAYERS
from .merging import merged
from .operators import OPERATORS, Operation

__all__ = ["Network"]

_SMALL = 16
"""Elements of a constant that stays with the processor: shapes, axes, scales, single numbers."""


@dataclass(frozen=True)
class _Step:
    """An operation; its values are told by their places.

    Attributes:
        over: places of values that nothing needs after it.
    """

    operation: Operation
    inputs: tuple[int | None, ...]
    outputs: tuple[int | None, ...]
    over: tuple[int, ...]


class Network:
    """A graph that runs.

    Args:
        graph: may be quantised; it runs in floats.
        device: where it runs.

    Raises:
        UnknownOperators: the graph cannot run here.
    """

    def __init__(self, graph: Graph, device: str | torch.device = "cpu") -> None:
        graph = merged(_folded(in_floats(graph)))
        places = {name: place for place, name in enumerate(_names(graph))}
        self._device = torch.device(device)
        self._places = [places[name] for name in graph.inputs]
        self._outputs = [places[name] for name in graph.outputs]
        self._steps = _steps(graph, places)
        self._values: list[Tensor | None] = [None] * len(places)
        for name, values in graph.constants.items():
            self._values[places[name]] = _placed(values, self._device)

    @classmethod
    def read(cls, file: Path, device: str | torch.device = "cpu") -> Network:
        """The network in an ONNX file.

        Raises:
            NotAGraph: it is no such file.
            UnknownOperators: it cannot run here.
        """
        return cls(read_graph(file), device)

    @property
    def steps(self) -> int:
        """Operations in a run."""
        return len(self._steps)

    @torch.inference_mode()
    def __call__(self, *inputs: Array) -> tuple[Tensor, ...]:
        """Run it.

        Args:
            inputs: in the graph's order.
        """
        values: list[Any] = self._values.copy()
        for place, given in zip(self._places, inputs, strict=True):
            values[place] = _placed(given, self._device)
        for step in self._steps:
            given_values = [None if place is None else values[place] for place in step.inputs]
            for wanted, value in zip(step.outputs, _results(step.operation, given_values), strict=False):
                if wanted is not None:
                    values[wanted] = value
            for place in step.over:
                values[place] = None
        return tuple(values[place] for place in self._outputs)


def _placed(values: Array, device: torch.device) -> Tensor:
    tensor = torch.from_numpy(values.copy())
    stays = values.ndim < 2 and not tensor.is_floating_point()
    return tensor if stays or values.size <= _SMALL else tensor.to(device)


def _operation(node: Node) -> Operation:
    made = LAYERS.get(node.operator) or OPERATORS[node.operator]
    operation: Operation = made(node.attributes)
    return operation


def _results(operation: Operation, given: Sequence[Tensor | None]) -> Sequence[Tensor]:
    """What an operation gives, also where it is one value."""
    made: Any = operation(*given)
    return made if isinstance(made, tuple | list) else (made,)


def _folded(graph: Graph) -> Graph:
    """With all that hangs on constants alone among the constants.

    Raises:
        UnknownOperators: a node's operator is not known.
    """
    unknown = {node.operator for node in graph.nodes} - {*LAYERS, *OPERATORS}
    if unknown:
        raise UnknownOperators(*unknown)
    constants, left = dict(graph.constants), []
    for node in graph.nodes:
        if not all(name in constants for name in node.inputs if name):
            left.append(node)
            continue
        given = [torch.from_numpy(constants[name].copy()) if name else None for name in node.inputs]
        for name, value in zip(node.outputs, _results(_operation(node), given), strict=False):
            if name:
                constants[name] = value.contiguous().numpy()
    return replace(graph, constants=constants, nodes=tuple(left))


def _names(graph: Graph) -> list[str]:
    made = (name for node in graph.nodes for name in node.outputs if name)
    return list(dict.fromkeys((*graph.inputs, *graph.constants, *made)))


def _steps(graph: Graph, places: Mapping[str, int]) -> list[_Step]:
    kept = {*graph.outputs, *graph.constants}
    last: dict[str, int] = {}
    for number, node in enumerate(graph.nodes):
        last.update(dict.fromkeys((name for name in (*node.inputs, *node.outputs) if name), number))
    over: list[list[int]] = [[] for _ in graph.nodes]
    for name, number in last.items():
        if name not in kept:
            over[number].append(places[name])
    return [
        _Step(
            _operation(node),
            _places_of(node.inputs, places),
            _places_of(node.outputs, places),
            tuple(ended),
        )
        for node, ended in zip(graph.nodes, over, strict=True)
    ]


def _places_of(names: Iterable[str], places: Mapping[str, int]) -> tuple[int | None, ...]:
    """None for those that are left out."""
    return tuple(places[name] if name else None for name in names)
