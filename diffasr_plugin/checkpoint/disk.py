"""A checkpoint on disk <-> a configuration and named tensors: strictly from our own folders, and from foreign
files by way of `discovery`.

Knows neither the base model's weights nor what computes with these. Its errors: `errors`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..backbone import DIFFUSION_GEMMA_26B, Backbone
from ..config import CONFIG_FILE, RecogniserConfig, load_config, save_config
from .discovery import ENCODER_WIDTH, discover
from .errors import (
    IncompleteCheckpoint,
    InvalidWeights,
    MismatchedCheckpoint,
    UnreadableCheckpoint,
)

__all__ = ["WEIGHTS_FILE", "Checkpoint", "open_checkpoint", "save_checkpoint"]

WEIGHTS_FILE = "diffasr.safetensors"
"""Name of the file with both the adapter's and the projector's tensors, float32."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that was trained: the adapter and the projector, and how to put them to use.

    Attributes:
        config: everything but weights.
        adapter: `{target}.lora_A` and `{target}.lora_B`.
        projector: `layers.{i}.weight` and `layers.{i}.bias`.
    """

    config: RecogniserConfig
    adapter: dict[str, Tensor]
    projector: dict[str, Tensor]


def open_checkpoint(
    path: Path, backbone: Backbone = DIFFUSION_GEMMA_26B, encoder_width: int = ENCODER_WIDTH
) -> Checkpoint:
    """Open a folder that `save_checkpoint` wrote, or a foreign checkpoint file.

    Args:
        path: of either.
        backbone: of the base model that it is to be used with.
        encoder_width: of the encoder that it is to be used with.

    Raises:
        CheckpointError: missing, damaged, incomplete, of another model, or with numbers that are none.
    """
    if path.is_dir():
        checkpoint = _open_folder(path)
    else:
        found = discover(path, backbone, encoder_width)
        checkpoint = Checkpoint(found.checked(), found.adapter, found.projector)
    _check(path, checkpoint, backbone, encoder_width)
    return checkpoint


def save_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write a checkpoint as a folder; what is there of an older one is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"adapter": checkpoint.adapter, "projector": checkpoint.projector}
    tensors = {
        f"{part}.{name}": tensor.float().contiguous()
        for part, named in parts.items()
        for name, tensor in named.items()
    }
    # Not save_file(): it gives the file to its owner alone, whatever the umask says.
    (folder / WEIGHTS_FILE).write_bytes(save(tensors))
    save_config(checkpoint.config, folder)


def _open_folder(folder: Path) -> Checkpoint:
    if not (folder / CONFIG_FILE).is_file():
        raise UnreadableCheckpoint(
            folder, f"holds no {CONFIG_FILE}; make such a folder with: diffasr convert"
        )
    config = load_config(folder)
    path = folder / WEIGHTS_FILE
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError) as error:
        message = f"missing, truncated or damaged ({error}); make it again with: diffasr convert"
        raise UnreadableCheckpoint(path, message) from error
    adapter = {name.removeprefix("adapter."): t for name, t in tensors.items() if name.startswith("adapter.")}
    # Names that begin with neither stay as they are, and are found to be strangers.
    rest = {
        name.removeprefix("projector."): t for name, t in tensors.items() if not name.startswith("adapter.")
    }
    return Checkpoint(config, adapter, rest)


def _check(path: Path, checkpoint: Checkpoint, backbone: Backbone, encoder_width: int) -> None:
    """Names, shapes and numbers, against the configuration and the base model.

    Raises:
        IncompleteCheckpoint, MismatchedCheckpoint, InvalidWeights: not so.
    """
    config = checkpoint.config
    wanted = {**_adapter_shapes(path, config, backbone), **_projector_shapes(config)}
    tensors = {**checkpoint.adapter, **checkpoint.projector}
    _check_names(path, wanted, tensors)
    problems = [
        f"{name} has shape {tuple(tensors[name].shape)}, not {shape}"
        for name, shape in wanted.items()
        if tuple(tensors[name].shape) != shape
    ]
    ends, wanted_ends = (config.projector.inputs, config.projector.outputs), (encoder_width, backbone.hidden)
    if ends != wanted_ends:
        problems.append(f"the projector leads from {ends[0]} channels to {ends[1]}, not {wanted_ends}")
    if problems:
        remedy = "this checkpoint belongs to another base model or encoder"
        raise MismatchedCheckpoint(path, problems, remedy)
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise InvalidWeights(path, name)


def _check_names(path: Path, wanted: Iterable[str], tensors: Iterable[str]) -> None:
    missing, extra = sorted(set(wanted) - set(tensors)), sorted(set(tensors) - set(wanted))
    if missing:
        raise IncompleteCheckpoint(path, missing, "fetch or convert the checkpoint again")
    if extra:
        problems = [f"unknown tensor {name}" for name in extra]
        raise MismatchedCheckpoint(path, problems, "the configuration and the weights do not belong together")


def _adapter_shapes(path: Path, config: RecogniserConfig, backbone: Backbone) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    rank = config.adapter.rank
    for target in config.adapter.targets:
        _, _, layer, module = target.split(".", 3)
        shape = backbone.module_shape(int(layer), module)
        if shape is None:
            raise MismatchedCheckpoint(path, [f"no layer {target}"], "this belongs to another base model")
        shapes |= {f"{target}.lora_A": (rank, shape[1]), f"{target}.lora_B": (shape[0], rank)}
    return shapes


def _projector_shapes(config: RecogniserConfig) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for index, layer in enumerate(config.projector.layers):
        matrix = (layer.outputs, layer.inputs)
        weight = {"linear": matrix, "conv": (*matrix, layer.kernel)}.get(layer.kind, (layer.outputs,))
        shapes[f"layers.{index}.weight"] = weight
        if layer.bias:
            shapes[f"layers.{index}.bias"] = (layer.outputs,)
    return shapes
