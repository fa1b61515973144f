"""ONNX's operators in torch: an operator's name and attributes -> a function of tensors.

Each runs where its tensors are. Shapes and indices stay with the processor, so that a GPU need not be waited
for; where an operator mixes both, the smaller part travels. Knows no graph, and of the operators those only
that speech synthesis needs.

Source: https://onnx.ai/onnx/operators, for opset 20.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ..errors import UnknownOperators

__all__ = ["OPERATORS", "Attributes", "Operation", "together"]

Attributes = Mapping[str, Any]
Operation = Callable[..., Any]
"""Of tensors, None for one that is left out; gives a tensor, or a tuple of them."""

_DTYPES = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
}


def together(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The same on one device: that of the first which is not with the processor."""
    device = next((tensor.device for tensor in tensors if tensor.device.type != "cpu"), None)
    if device is None:
        return tensors
    return tuple(tensor.to(device, non_blocking=True) for tensor in tensors)


def _pair(function: Operation) -> Operation:
    """For two tensors that are broadcast: a single number need not travel to a GPU."""

    def run(one: Tensor, other: Tensor) -> Tensor:
        if one.device != other.device:
            if other.numel() == 1 and other.ndim <= one.ndim:
                other = other.reshape(())
            elif one.numel() == 1 and one.ndim <= other.ndim:
                one = one.reshape(())
            else:
                one, other = together(one, other)
        result: Tensor = function(one, other)
        return result

    return run


def _div(one: Tensor, other: Tensor) -> Tensor:
    whole = not (one.is_floating_point() or other.is_floating_point())
    return torch.div(one, other, rounding_mode="trunc" if whole else None)


def _pow(base: Tensor, exponent: Tensor) -> Tensor:
    if exponent.numel() == 1 and exponent.device.type == "cpu":
        return torch.pow(base, exponent.item())
    base, exponent = together(base, exponent)
    return torch.pow(base, exponent)


def _where(condition: Tensor, one: Tensor, other: Tensor) -> Tensor:
    condition, one, other = together(condition, one, other)
    return torch.where(condition, one, other)


def _cast(attributes: Attributes) -> Operation:
    dtype = _DTYPES[attributes["to"]]
    return lambda x: x.to(dtype)


def _dequantized(x: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
    x, scale, zero = together(x, scale, zero)
    values: Tensor = (x.to(scale.dtype) - zero.to(scale.dtype)) * scale
    return values


def _atan(x: Tensor) -> Tensor:
    """Where x is 0 / 0, the phase of nothing, 0: one such number would spoil a whole signal."""
    return torch.atan(x).nan_to_num_()


def _clip(x: Tensor, least: Tensor | None = None, most: Tensor | None = None) -> Tensor:
    low, high = (None if bound is None else bound.item() for bound in (least, most))
    return torch.clamp(x, low, high)


def _part_reshape(x: Tensor, shape: Tensor) -> Tensor:
    target = [x.shape[n] if size == 0 else size for n, size in enumerate(shape.tolist())]
    return x.reshape(target)


def _reshape(attributes: Attributes) -> Operation:
    if attributes.get("allowzero"):
        return lambda x, shape: x.reshape(shape.tolist())
    return _part_reshape


def _unsqueeze(x: Tensor, axes: Tensor) -> Tensor:
    places = axes.reshape(-1).tolist()
    rank = x.ndim + len(places)
    for place in sorted(place % rank for place in places):
        x = x.unsqueeze(place)
    return x


def _squeeze(x: Tensor, axes: Tensor | None = None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(tuple(axes.tolist()))


def _shape(attributes: Attributes) -> Operation:
    part = slice(attributes.get("start", 0), attributes.get("end"))
    return lambda x: torch.tensor(x.shape[part], dtype=torch.int64)


def _slice(
    x: Tensor, starts: Tensor, ends: Tensor, axes: Tensor | None = None, steps: Tensor | None = None
) -> Tensor:
    first, last = starts.tolist(), ends.tolist()
    places = range(len(first)) if axes is None else axes.tolist()
    strides = [1] * len(first) if steps is None else steps.tolist()
    parts = [slice(None)] * x.ndim
    for place, start, end, stride in zip(places, first, last, strides, strict=True):
        if stride < 0:
            taken = range(*slice(start, end, stride).indices(x.shape[place]))
            x = x.index_select(place, torch.tensor(taken, dtype=torch.int64).to(x.device, non_blocking=True))
        else:
            parts[place] = slice(start, end, stride)
    return x[tuple(parts)]


def _gather(attributes: Attributes) -> Operation:
    axis = attributes.get("axis", 0)

    def run(x: Tensor, indices: Tensor) -> Tensor:
        if not indices.ndim and indices.device.type == "cpu":
            return x.select(axis, int(indices))
        x, indices = together(x, indices)
        size = x.shape[axis]
        flat = indices.reshape(-1)
        flat = torch.where(flat < 0, flat + size, flat)
        chosen = x.index_select(axis, flat)
        place = axis % x.ndim
        return chosen.reshape(x.shape[:place] + indices.shape + x.shape[place + 1 :])

    return run


def _concat(attributes: Attributes) -> Operation:
    axis = attributes["axis"]
    return lambda *parts: torch.cat(together(*parts), axis)


def _split(attributes: Attributes) -> Operation:
    axis = attributes.get("axis", 0)
    return lambda x, sizes: torch.split(x, sizes.tolist(), axis)


def _expand(x: Tensor, shape: Tensor) -> Tensor:
    wanted = shape.tolist()
    kept = [1] * (len(wanted) - x.ndim) + list(x.shape)  # the shorter shape counts from its end
    wanted = [1] * (len(kept) - len(wanted)) + wanted
    return x.expand([old if new == 1 else new for old, new in zip(kept, wanted, strict=True)])


def _constant_of_shape(attributes: Attributes) -> Operation:
    value = torch.tensor(attributes["value"]).reshape(()) if "value" in attributes else torch.tensor(0.0)
    return lambda shape: value.expand(shape.tolist()).clone()


def _range(start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
    return torch.arange(start.item(), limit.item(), delta.item(), dtype=start.dtype)


def _scatter(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    x, indices, updates = together(x, indices, updates)
    return x.index_put(tuple(indices.unbind(-1)), updates)


def _reduce(function: Operation) -> Callable[[Attributes], Operation]:
    def made(attributes: Attributes) -> Operation:
        keep = bool(attributes.get("keepdims", 1))

        def run(x: Tensor, axes: Tensor | None = None) -> Tensor:
            places = list(range(x.ndim)) if axes is None else axes.tolist()
            reduced: Tensor = function(x, places, keep)
            return reduced

        return run

    return made


def _cumsum(attributes: Attributes) -> Operation:
    if attributes.get("exclusive") or attributes.get("reverse"):
        raise UnknownOperators("CumSum that is exclusive or reversed")
    return lambda x, axis: torch.cumsum(x, int(axis), dtype=x.dtype)


def _non_zero(x: Tensor) -> Tensor:
    return torch.nonzero(x).t()


def _plain(operation: Operation) -> Callable[[Attributes], Operation]:
    """For an operator without attributes."""
    return lambda _attributes: operation


def _leaky_relu(attributes: Attributes) -> Operation:
    return partial(functional.leaky_relu, negative_slope=attributes.get("alpha", 0.01))


def _softmax(attributes: Attributes) -> Operation:
    return partial(torch.softmax, dim=attributes.get("axis", -1))


def _transpose(attributes: Attributes) -> Operation:
    order = attributes["perm"]
    return lambda x: x.permute(order)


_OF_ONE: Mapping[str, Operation] = {
    "Atan": _atan,
    "Cos": torch.cos,
    "Exp": torch.exp,
    "Floor": torch.floor,
    "NonZero": _non_zero,
    "Round": torch.round,
    "Sigmoid": torch.sigmoid,
    "Sin": torch.sin,
    "Sqrt": torch.sqrt,
    "Tanh": torch.tanh,
}

_OF_TWO: Mapping[str, Operation] = {
    "Add": torch.add,
    "And": torch.logical_and,
    "Div": _div,
    "Equal": torch.eq,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Less": torch.lt,
    "Mul": torch.mul,
    "Sub": torch.sub,
}

OPERATORS: Mapping[str, Callable[[Attributes], Operation]] = {
    **{name: _plain(function) for name, function in _OF_ONE.items()},
    **{name: _plain(_pair(function)) for name, function in _OF_TWO.items()},
    "Cast": _cast,
    "Clip": _plain(_clip),
    "Concat": _concat,
    "ConstantOfShape": _constant_of_shape,
    "CumSum": _cumsum,
    "DequantizeLinear": _plain(_dequantized),
    "Expand": _plain(_expand),
    "Gather": _gather,
    "LeakyRelu": _leaky_relu,
    "Pow": _plain(_pow),
    "Range": _plain(_range),
    "ReduceMean": _reduce(torch.mean),
    "ReduceSum": _reduce(torch.sum),
    "Reshape": _reshape,
    "ScatterND": _plain(_scatter),
    "Shape": _shape,
    "Slice": _plain(_slice),
    "Softmax": _softmax,
    "Split": _split,
    "Squeeze": _plain(_squeeze),
    "Transpose": _transpose,
    "Unsqueeze": _plain(_unsqueeze),
    "Where": _plain(_where),
}
"""Those that shape, choose and count."""
