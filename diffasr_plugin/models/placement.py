"""Devices -> which layer lives where, and hidden states that follow the layers.

Knows only that a model has two stacks of layers, numbered alike, that share their weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Places", "move_inputs", "spread"]


@dataclass(frozen=True)
class Places:
    """The device of each layer; everything outside the layers is where the first one is."""

    layers: tuple[torch.device, ...]

    def of(self, name: str) -> torch.device:
        """The device of a parameter, by its name."""
        found = re.search(r"(?:^|\.)layers\.(\d+)\.", name)
        return self.layers[int(found[1]) if found else 0]


def spread(layers: int, devices: Sequence[torch.device]) -> Places:
    """Equal runs of neighbouring layers on each device, in their order."""
    return Places(tuple(devices[layer * len(devices) // layers] for layer in range(layers)))


def move_inputs(stacks: nn.Module, places: Places) -> None:
    """Before each layer, and before the final norms, move what comes in to the weights' device.

    Does nothing where all is on one device.
    """
    if len(set(places.layers)) == 1:
        return
    for name, module in stacks.named_modules():
        if re.fullmatch(r".*\blayers\.\d+", name) or re.fullmatch(
            r"(decoder|encoder\.language_model)\.norm", name
        ):
            device = places.of(f"{name}.")

            def hook(
                _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], device: torch.device = device
            ) -> tuple[Any, Any]:
                return _moved(args, device), _moved(kwargs, device)

            module.register_forward_pre_hook(hook, with_kwargs=True)


def _moved(value: Any, device: torch.device) -> Any:  # noqa: ANN401
    """Tensors moved, in tuples and dictionaries too; the cache, which spans the devices, left alone."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, tuple):
        return tuple(_moved(item, device) for item in value)
    if isinstance(value, dict):
        return {key: _moved(item, device) for key, item in value.items()}
    return value
