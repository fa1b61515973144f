"""ONNX's operators that hold weights, or that signals go through, in torch: see `operators`.

Source: https://onnx.ai/onnx/operators, for opset 20, and the operators of onnxruntime,
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ..errors import UnknownOperators
from .operators import Attributes, Operation, together

__all__ = ["LAYERS"]


def _convolution(attributes: Attributes) -> Operation:
    """Along one axis, with as much padding at both ends."""
    (padding,), groups = _padding(attributes), attributes.get("group", 1)
    (stride,), (dilation,) = attributes.get("strides", [1]), attributes.get("dilations", [1])
    if groups != 1:
        raise UnknownOperators("Conv in groups")

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        # By a product: a GPU's library would plan a convolution anew for each length of the signal.
        x, weight, bias = _with_bias(x, weight, bias)
        width = (weight.shape[-1] - 1) * dilation + 1
        if padding:
            x = functional.pad(x, (padding, padding))
        frames = x.unfold(-1, width, stride)[..., ::dilation].transpose(2, 3).flatten(1, 2)
        if bias is None:
            return weight.flatten(1) @ frames
        return torch.baddbmm(bias[:, None], weight.flatten(1)[None].expand(len(x), -1, -1), frames)

    return run


def _transposed_convolution(attributes: Attributes) -> Operation:
    padding = _padding(attributes)
    stride, dilation = attributes.get("strides", [1]), attributes.get("dilations", [1])
    extra, groups = attributes.get("output_padding", [0]), attributes.get("group", 1)

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        given = _with_bias(x, weight, bias)
        return functional.conv_transpose1d(*given, stride, padding, extra, groups, dilation)

    return run


def _padding(attributes: Attributes) -> list[int]:
    before, after = attributes.get("pads", [0, 0])
    if before != after:
        raise UnknownOperators(f"Conv with the pads {before} and {after}")
    return [before]


def _with_bias(x: Tensor, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    if bias is None:
        x, weight = together(x, weight)
        return x, weight, None
    x, weight, bias = together(x, weight, bias)
    return x, weight, bias


def _pad(attributes: Attributes) -> Operation:
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}[
        attributes.get("mode", "constant")
    ]

    def run(x: Tensor, pads: Tensor, *_value: Tensor | None) -> Tensor:
        sizes = pads.tolist()
        pairs = list(zip(sizes[: x.ndim], sizes[x.ndim :], strict=True))
        while len(pairs) > 1 and pairs[0] == (0, 0):  # torch pads the last axes
            pairs.pop(0)
        return functional.pad(x, [size for pair in reversed(pairs) for size in pair], mode)

    return run


def _resize(attributes: Attributes) -> Operation:
    mode, places = attributes["mode"], attributes.get("coordinate_transformation_mode", "half_pixel")
    rounding = attributes.get("nearest_mode", "round_prefer_floor")
    known = {("nearest", "asymmetric", "floor"), ("linear", "half_pixel", rounding)}
    if (mode, places, rounding) not in known:
        raise UnknownOperators(f"Resize by {mode}, {places}, {rounding}")

    def run(x: Tensor, _region: Tensor | None, scales: Tensor) -> Tensor:
        factors = tuple(scales.tolist()[2:])
        if mode == "nearest":
            return functional.interpolate(x, scale_factor=factors, mode="nearest")
        return functional.interpolate(x, scale_factor=factors, mode=mode, align_corners=False)

    return run


def _matmul(_attributes: Attributes) -> Operation:
    return lambda one, other: torch.matmul(*together(one, other))


def _fused_matmul(attributes: Attributes) -> Operation:
    if attributes.get("transBatchA") or attributes.get("transBatchB"):
        raise UnknownOperators("FusedMatMul that swaps batches")
    turned = bool(attributes.get("transA")), bool(attributes.get("transB"))
    factor = attributes.get("alpha", 1.0)

    def run(one: Tensor, other: Tensor) -> Tensor:
        parts = together(one, other)
        one, other = (part.mT if turn else part for part, turn in zip(parts, turned, strict=True))
        product = torch.matmul(one, other)
        return product if factor == 1 else product * factor

    return run


def _linear(_attributes: Attributes) -> Operation:
    """Of this package: a product and a bias in one; the weight lies as torch has it, (out, in)."""
    return lambda x, weight, bias: functional.linear(*together(x, weight, bias))


def _add_mul(_attributes: Attributes) -> Operation:
    """Of this package: a + b * c."""

    def run(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        a, b, c = together(a, b, c)
        return torch.addcmul(a, b, c)

    return run


def _normalized(attributes: Attributes) -> Operation:
    """Of this package: with the mean 0 and the variance 1 along an axis."""
    axis, epsilon = attributes["axis"], attributes["epsilon"]

    def run(x: Tensor) -> Tensor:
        turned = x.movedim(axis, -1)
        return functional.layer_norm(turned, turned.shape[-1:], eps=epsilon).movedim(-1, axis)

    return run


def _layer_normalization(attributes: Attributes) -> Operation:
    epsilon = attributes.get("epsilon", 1e-5)

    def run(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        x, weight, bias = together(x, weight, bias)
        return functional.layer_norm(x, weight.shape, weight, bias, epsilon)

    return run


def _skip_layer_normalization(attributes: Attributes) -> Operation:
    normalise = _layer_normalization(attributes)

    def run(x: Tensor, skip: Tensor, weight: Tensor, beta: Tensor, bias: Tensor | None = None) -> Tensor:
        x, skip = together(x, skip)
        total = x + skip if bias is None else x + skip + bias
        normalised: Tensor = normalise(total, weight, beta)
        return normalised

    return run


def _fast_gelu(_attributes: Attributes) -> Operation:
    def run(x: Tensor, bias: Tensor | None = None) -> Tensor:
        x = x if bias is None else torch.add(*together(x, bias))
        return functional.gelu(x, approximate="tanh")

    return run


class _Stft:
    """Called with a signal (batch, samples), a step, a window and its length."""

    def __init__(self, attributes: Attributes) -> None:
        self._onesided = bool(attributes.get("onesided", 1))
        self._waves: Tensor | None = None

    def __call__(self, signal: Tensor, step: Tensor, window: Tensor, length: Tensor) -> Tensor:
        size = int(length)
        if self._waves is None:
            self._waves = _waves(window, size, self._onesided).to(signal.device)
        # By a product: an FFT would be planned anew for each length of the signal. Weak bands need the bits.
        frames = signal.reshape(signal.shape[0], -1).unfold(-1, size, int(step))
        spectrum = (frames.double() @ self._waves).to(signal.dtype)
        return spectrum.reshape(*spectrum.shape[:-1], -1, 2)


def _waves(window: Tensor, size: int, onesided: bool) -> Tensor:
    """Windowed cosines and sines, (size, bins * 2)."""
    times = torch.arange(size, dtype=torch.float64)
    bins = torch.arange(size // 2 + 1 if onesided else size, dtype=torch.float64)
    angles = -2 * torch.pi / size * (times[:, None] * bins % size)
    waves = torch.stack((angles.cos(), angles.sin()), -1) * window.cpu()[:, None, None]
    return waves.flatten(1)


class _Lstm:
    """Of this package: DynamicQuantizeLSTM with weights in floats, both ways along the time.

    Called with x (time, batch, features), weights (2, features, 4 * units) and (2, units, 4 * units), biases
    (2, 8 * units), and the first states (2, batch, units); gives outputs (time, 2, batch, units).
    """

    def __init__(self, attributes: Attributes) -> None:
        if attributes.get("direction") != "bidirectional":
            raise UnknownOperators("LSTM in one direction")
        self._units: int = attributes["hidden_size"]
        self._layer: torch.nn.LSTM | None = None

    def __call__(self, x: Tensor, *given: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self._layer is None:  # once: weights stay, and a GPU wants them in one piece
            with torch.inference_mode(False):
                self._layer = self._made(*given[:3]).to(x.device).eval()
        _, first, cells = together(x, *given[3:])
        y, (last, last_cells) = self._layer(x, (first, cells))
        time, batch, _ = y.shape
        return y.reshape(time, batch, 2, self._units).transpose(1, 2), last, last_cells

    def _made(self, weight: Tensor, recurrent: Tensor, bias: Tensor) -> torch.nn.LSTM:
        layer = torch.nn.LSTM(weight.shape[1], self._units, bidirectional=True)
        for way, ending in enumerate(("l0", "l0_reverse")):
            halves = bias[way].chunk(2)
            parts = weight[way].t(), recurrent[way].t(), *halves
            names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
            for name, part in zip(names, parts, strict=True):
                getattr(layer, f"{name}_{ending}").data = _gates(part)
        return layer.requires_grad_(False)


def _gates(rows: Tensor) -> Tensor:
    """From ONNX's order (in, out, forget, cell) to torch's (in, forget, cell, out)."""
    into, out, forget, cell = rows.chunk(4)
    return torch.cat([into, forget, cell, out])


LAYERS: Mapping[str, Callable[[Attributes], Any]] = {
    "AddMul": _add_mul,
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "FastGelu": _fast_gelu,
    "FusedMatMul": _fused_matmul,
    "LSTM": _Lstm,
    "LayerNormalization": _layer_normalization,
    "Linear": _linear,
    "MatMul": _matmul,
    "Normalized": _normalized,
    "Pad": _pad,
    "Resize": _resize,
    "STFT": _Stft,
    "SkipLayerNormalization": _skip_layer_normalization,
}
