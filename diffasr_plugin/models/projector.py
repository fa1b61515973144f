"""Encoder frames -> audio tokens in the backbone's embedding space, by convolutions that shorten time.

Built from a configuration alone; knows no checkpoint and no names but its own.
"""

from __future__ import annotations

from torch import Tensor, nn

from diffasr_plugin.config import ProjectorConfig, ProjectorLayer, Unknowns

__all__ = ["Projector"]

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "none": nn.Identity,
}


class Projector(nn.Module):
    """(b, frames, inputs) -> (b, tokens, outputs); weights are `layers.{i}.weight` and `layers.{i}.bias`.

    Args:
        config: the layers.
        unknowns: the activation, where it stands, and the factor on the output.
    """

    def __init__(self, config: ProjectorConfig, unknowns: Unknowns) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(_module(layer) for layer in config.layers)
        self.activation = _ACTIVATIONS[unknowns.activation]()
        self.activated = _activated(config, unknowns.activation_after)
        self.output_scale = unknowns.output_scale

    def forward(self, frames: Tensor) -> Tensor:
        hidden = frames
        for index, (layer, module) in enumerate(zip(self.config.layers, self.layers, strict=True)):
            if layer.kind == "conv":
                hidden = module(hidden.transpose(1, 2)).transpose(1, 2)  # channels to the middle and back
            else:
                hidden = module(hidden)
            if index in self.activated:
                hidden = self.activation(hidden)
        return hidden * self.output_scale


def _module(layer: ProjectorLayer) -> nn.Module:
    if layer.kind == "linear":
        return nn.Linear(layer.inputs, layer.outputs, bias=layer.bias)
    if layer.kind == "layer_norm":
        return nn.LayerNorm(layer.outputs)
    if layer.kind == "rms_norm":
        return nn.RMSNorm(layer.outputs, eps=1e-6)
    padding = (layer.kernel - 1) // 2
    return nn.Conv1d(layer.inputs, layer.outputs, layer.kernel, layer.stride, padding, bias=layer.bias)


def _activated(config: ProjectorConfig, after: str) -> frozenset[int]:
    """Indices of the layers whose output is activated: a norm takes the place of the layer before it."""
    chosen: set[int] = set()
    for index, layer in enumerate(config.layers[:-1]):
        if "norm" in layer.kind:
            if index - 1 in chosen:
                chosen.remove(index - 1)
                chosen.add(index)
        elif after == "hidden" or layer.kind == "conv":
            chosen.add(index)
    return frozenset(chosen)
