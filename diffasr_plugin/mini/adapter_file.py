"""An adapter in memory <-> its folder: `adapter.safetensors`, a byte a weight, and `adapter.json`, its sizes.

Does not know the backbone, nor how an adapter is trained.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..assets.safetensors_file import write_safetensors
from ..checkpoint.errors import (
    IncompleteCheckpoint,
    InvalidConfig,
    InvalidWeights,
    MismatchedCheckpoint,
    UnreadableCheckpoint,
)
from ..config import from_dict
from .quantize import pack8

if TYPE_CHECKING:
    from ..models.mini_adapter import MiniAdapter

__all__ = ["CONFIG_FILE", "WEIGHTS_FILE", "load_adapter", "save_adapter"]

WEIGHTS_FILE = "adapter.safetensors"
CONFIG_FILE = "adapter.json"

FORMAT = 1
"""Of both files; another one is refused."""

_REMEDY = f"the file does not go with its {CONFIG_FILE}: fetch or train both again"

Array = NDArray[Any]


def save_adapter(adapter: MiniAdapter, folder: Path) -> None:
    """Write the files. Weights in 8 bits with one scale for each row, vectors in 16 bits.

    Raises:
        InvalidWeights: NaN or infinite numbers; nothing is written.
    """
    tensors: dict[str, Array] = {}
    for name, tensor in adapter.state_dict().items():
        array = tensor.detach().float().cpu().numpy()
        if not np.isfinite(array).all():
            raise InvalidWeights(folder / WEIGHTS_FILE, name)
        if array.ndim == 1:
            tensors[name] = array.astype(np.float16)
        else:
            packed = pack8(array.reshape(len(array), -1))
            tensors[f"{name}.codes"] = packed["codes"].reshape(array.shape)
            tensors[f"{name}.scales"] = packed["scales"]
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / WEIGHTS_FILE, tensors)
    config = {"format": FORMAT, **asdict(adapter.config)}
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8", newline="\n")


def load_adapter(folder: Path) -> MiniAdapter:
    """The adapter of a folder, in float32 on the CPU, ready to use.

    Raises:
        UnreadableCheckpoint: a file is missing or damaged.
        InvalidConfig: an unknown setting, a missing one or a bad value.
        IncompleteCheckpoint, MismatchedCheckpoint: the weights are not those of such an adapter.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    from ..models.mini_adapter import MiniAdapter, MiniAdapterConfig

    try:
        settings = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        stored = load_file(folder / WEIGHTS_FILE)
    except (OSError, ValueError, SafetensorError) as error:
        raise UnreadableCheckpoint(folder, f"holds no adapter, or a damaged one ({error})") from error
    if not isinstance(settings, dict) or settings.pop("format", None) != FORMAT:
        raise InvalidConfig(folder / CONFIG_FILE, f"not of format {FORMAT}; take one made for this version")
    try:
        config = from_dict(MiniAdapterConfig, settings)
    except ValueError as error:
        raise InvalidConfig(folder / CONFIG_FILE, str(error)) from error
    adapter = MiniAdapter(config)
    source = folder / WEIGHTS_FILE
    _fill(adapter, _dequantised(stored, source), source)
    return adapter.eval().requires_grad_(False)


def _dequantised(stored: Mapping[str, Array], source: Path) -> dict[str, Array]:
    tensors: dict[str, Array] = {}
    for name, array in stored.items():
        if name.endswith(".codes"):
            plain = name.removesuffix(".codes")
            scales = stored.get(f"{plain}.scales")
            if scales is None or scales.shape != array.shape[:1]:
                raise MismatchedCheckpoint(source, [f"{plain} lacks a scale for each row"], _REMEDY)
            rows = array.reshape(len(array), -1).astype(np.float32)
            tensors[plain] = (rows * scales[:, None]).reshape(array.shape)
        elif not name.endswith(".scales"):
            tensors[name] = array.astype(np.float32)
    return tensors


def _fill(adapter: MiniAdapter, tensors: Mapping[str, Array], source: Path) -> None:
    import torch

    wanted = adapter.state_dict()
    if missing := sorted(set(wanted) - set(tensors)):
        raise IncompleteCheckpoint(source, missing, _REMEDY)
    problems = [f"unknown tensor {name}" for name in sorted(set(tensors) - set(wanted))]
    problems += [
        f"{name} is {tensors[name].shape}, not {tuple(tensor.shape)}"
        for name, tensor in wanted.items()
        if tuple(tensor.shape) != tensors[name].shape
    ]
    if problems:
        raise MismatchedCheckpoint(source, problems, _REMEDY)
    adapter.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
