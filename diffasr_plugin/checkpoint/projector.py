"""Tensors of a foreign checkpoint that are not LoRA's -> the projector that they are the weights of.

The layers are told from the shapes, in the order of the file: a matrix is a linear layer, three dimensions
are a convolution, vectors of one size are a norm. They must form a chain from the encoder's width to the
backbone's. Activations have no weights: they stay unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ..config import ProjectorConfig, ProjectorLayer

__all__ = ["FoundProjector", "find_projector"]


@dataclass(frozen=True, eq=False)
class FoundProjector:
    """The projector that was found.

    Attributes:
        config: its layers; None where they form no chain.
        tensors: `layers.{i}.weight` and `layers.{i}.bias`.
        output_scale: a single number among the tensors, if there is one.
        problems: what does not fit, a line for each.
    """

    config: ProjectorConfig | None
    tensors: dict[str, Tensor]
    output_scale: float | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Module:
    name: str
    weight: Tensor
    bias: Tensor | None


def find_projector(
    tensors: Mapping[str, Tensor], *, inputs: int, outputs: int, subsampling: int
) -> FoundProjector:
    """Rebuild the projector.

    Args:
        tensors: all that are not LoRA's, in the file's order.
        inputs: width of the encoder.
        outputs: width of the backbone.
        subsampling: encoder frames to an audio token.
    """
    scales = {name: tensor for name, tensor in tensors.items() if tensor.numel() == 1}
    modules, problems = _modules({n: t for n, t in tensors.items() if n not in scales})
    if len(scales) > 1:
        problems.append(f"several single numbers: {', '.join(scales)}; one could be the output's scale")
    layers = [_layer(module, problems) for module in modules]
    strides = _strides([layer for layer in layers if layer.kind == "conv"], subsampling, problems)
    layers = [_with_stride(layer, strides) if layer.kind == "conv" else layer for layer in layers]
    problems += _chain_problems(modules, layers, inputs, outputs)
    named = {f"layers.{i}.weight": module.weight for i, module in enumerate(modules)}
    named |= {f"layers.{i}.bias": m.bias for i, m in enumerate(modules) if m.bias is not None}
    scale = float(next(iter(scales.values()))) if len(scales) == 1 else None
    config = None if problems else ProjectorConfig(tuple(layers))
    return FoundProjector(config, named, scale, problems)


def _modules(tensors: Mapping[str, Tensor]) -> tuple[list[_Module], list[str]]:
    """Weights with their biases, in the file's order."""
    problems = [
        f"{name} of shape {tuple(tensor.shape)}: neither a weight nor a bias of the projector"
        for name, tensor in tensors.items()
        if name.rpartition(".")[2] not in ("weight", "bias") or not 1 <= tensor.ndim <= 3
    ]
    problems += [
        f"{name} has no weight beside it"
        for name in tensors
        if name.endswith(".bias") and f"{name[: -len('bias')]}weight" not in tensors
    ]
    modules = [
        _Module(name[: -len(".weight")], tensor, tensors.get(f"{name[: -len('weight')]}bias"))
        for name, tensor in tensors.items()
        if name.endswith(".weight") and 1 <= tensor.ndim <= 3
    ]
    return modules, problems


def _layer(module: _Module, problems: list[str]) -> ProjectorLayer:
    weight, bias = module.weight, module.bias
    size = len(weight)
    if bias is not None and bias.shape != (size,):
        problems.append(f"{module.name}.bias has shape {tuple(bias.shape)}, not ({size},)")
    if weight.ndim == 1:
        return ProjectorLayer("rms_norm" if bias is None else "layer_norm", size, size, bias=bias is not None)
    kernel = weight.shape[2] if weight.ndim == 3 else 1
    kind = "conv" if weight.ndim == 3 else "linear"
    return ProjectorLayer(kind, weight.shape[1], size, kernel, bias=bias is not None)  # type: ignore[arg-type]


def _strides(convolutions: list[ProjectorLayer], subsampling: int, problems: list[str]) -> int:
    """The stride that all convolutions share: shapes do not tell it, the subsampling does."""
    count = len(convolutions)
    stride = round(subsampling ** (1 / count)) if count else 1
    if stride**count != subsampling:
        problems.append(
            f"{count} convolutions of one stride cannot shorten time by {subsampling}: "
            "the projector is of another kind than is known here"
        )
    return stride


def _with_stride(layer: ProjectorLayer, stride: int) -> ProjectorLayer:
    return ProjectorLayer(layer.kind, layer.inputs, layer.outputs, layer.kernel, stride, layer.bias)


def _chain_problems(
    modules: list[_Module], layers: list[ProjectorLayer], inputs: int, outputs: int
) -> list[str]:
    if not modules:
        return ["no projector tensors"]
    problems, width, before = [], inputs, "the encoder"
    for module, layer in zip(modules, layers, strict=True):
        if layer.inputs != width:
            problems.append(f"{module.name} takes {layer.inputs} channels, but {before} gives {width}")
        width, before = layer.outputs, module.name
    if width != outputs:
        problems.append(f"{before} gives {width} channels, but the base model takes {outputs}")
    return problems
