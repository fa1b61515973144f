"""Names -> weights, one tensor at a time, so that a model larger than the device is never held whole.

Knows no model: it is asked for names and shapes. Two sources: safetensors files, and random numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from diffasr_plugin.checkpoint.errors import (
    IncompleteCheckpoint,
    InvalidWeights,
    MismatchedCheckpoint,
    UnreadableCheckpoint,
)

__all__ = ["RandomWeights", "SafetensorsWeights", "WeightSource"]

INDEX_FILE = "model.safetensors.index.json"
"""Which of several files holds which tensor: transformers' name and form of it."""


class WeightSource(Protocol):
    """Where a model's weights come from."""

    def get(self, name: str, shape: torch.Size, device: torch.device, dtype: torch.dtype) -> Tensor:
        """The tensor of that name, if it has that shape and holds finite numbers."""
        ...


class SafetensorsWeights:
    """The weights in a folder of safetensors files.

    Args:
        folder: with one file, or several and their index.
        rename: a name in the files -> the name that it is asked for by.

    Raises:
        UnreadableCheckpoint: no such files, or damaged ones.
    """

    def __init__(self, folder: Path, rename: Callable[[str], str] = str) -> None:
        self.folder = folder
        self._places: dict[str, tuple[Path, str]] = {}  # name asked for -> (file, name in it)
        for file in _files(folder):
            with _opened(file) as tensors:
                self._places |= {rename(name): (file, name) for name in tensors.keys()}

    def get(self, name: str, shape: torch.Size, device: torch.device, dtype: torch.dtype) -> Tensor:
        """See `WeightSource`.

        Raises:
            CheckpointError: it is missing, of another shape, not finite, or its file is damaged.
        """
        if name not in self._places:
            raise IncompleteCheckpoint(self.folder, [name], "fetch the model's files again, all of them")
        file, stored_name = self._places[name]
        with _opened(file) as tensors:
            tensor: Tensor = tensors.get_tensor(stored_name)
        if tensor.shape != shape:
            problem = f"{stored_name} has shape {tuple(tensor.shape)}, not {tuple(shape)}"
            raise MismatchedCheckpoint(file, [problem], "these are the weights of another model")
        tensor = tensor.to(device, dtype)
        # The sum is NaN or infinite if any number is, and takes no memory.
        if not tensor.sum(dtype=torch.float32).isfinite():
            raise InvalidWeights(file, stored_name)
        return tensor


class RandomWeights:
    """Normally distributed weights, to run a shape without its checkpoint; vectors are all ones.

    Args:
        seed: the same seed gives the same weights on the same kind of device.
        spread: standard deviation.
    """

    def __init__(self, seed: int = 0, spread: float = 0.02) -> None:
        self.seed = seed
        self.spread = spread
        self._generators: dict[torch.device, torch.Generator] = {}

    def get(self, name: str, shape: torch.Size, device: torch.device, dtype: torch.dtype) -> Tensor:
        """See `WeightSource`."""
        if len(shape) < 2:
            return torch.ones(shape, device=device, dtype=dtype)
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self.seed)
        weights = torch.empty(shape, device=device, dtype=dtype)
        return weights.normal_(0.0, self.spread, generator=self._generators[device])


def _files(folder: Path) -> list[Path]:
    index = folder / INDEX_FILE
    if not index.is_file():
        files = sorted(folder.glob("*.safetensors"))
        if not files:
            raise UnreadableCheckpoint(folder, "holds no .safetensors files; fetch the model again")
        return files
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableCheckpoint(index, f"is no index of weights ({error!r}); fetch it again") from error
    return [folder / name for name in sorted(names)]


def _opened(file: Path) -> safe_open:
    try:
        return safe_open(file, framework="pt")
    except (OSError, SafetensorError) as error:
        raise UnreadableCheckpoint(
            file, f"missing, truncated or damaged ({error}); fetch it again"
        ) from error
