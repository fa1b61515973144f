"""A training's state -> a folder on disk, whole or not at all, and back.

    RUN/checkpoints/00000500/{weights.safetensors, optimiser.pt, state.json}

Knows no model: weights are named tensors.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from .errors import InvalidRun

__all__ = ["Checkpoint", "latest", "load", "load_weights", "save"]

WEIGHTS, OPTIMISER, STATE = "weights.safetensors", "optimiser.pt", "state.json"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training after a number of steps.

    Attributes:
        step: steps done.
        weights: of all that may be trained.
        optimiser: its state dict.
    """

    step: int
    weights: Mapping[str, Tensor]
    optimiser: Mapping[str, Any]


def save(run: Path, checkpoint: Checkpoint, keep: int) -> Path:
    """Write a checkpoint; of older ones, all but the latest `keep` in all go."""
    from safetensors.torch import save_file

    folder = run / "checkpoints" / f"{checkpoint.step:08d}"
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file(
        {name: t.detach().cpu().contiguous() for name, t in checkpoint.weights.items()}, partial / WEIGHTS
    )
    torch.save(checkpoint.optimiser, partial / OPTIMISER)
    (partial / STATE).write_text(json.dumps({"step": checkpoint.step}) + "\n", encoding="utf-8")
    if folder.exists():  # the same step of an earlier try
        shutil.rmtree(folder)
    os.replace(partial, folder)
    for old in _all(run)[:-keep]:
        shutil.rmtree(old)
    return folder


def latest(run: Path) -> Path | None:
    """The folder of a run's last checkpoint."""
    return next(reversed(_all(run)), None)


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        InvalidRun: damaged, or no checkpoint.
    """
    try:
        step = json.loads((folder / STATE).read_text(encoding="utf-8"))["step"]
        optimiser = torch.load(folder / OPTIMISER, map_location="cpu", weights_only=True)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, UnpicklingError) as error:
        raise InvalidRun(folder, f"is no checkpoint, or a damaged one ({error})") from error
    return Checkpoint(step, load_weights(folder), optimiser)


def load_weights(folder: Path) -> dict[str, Tensor]:
    """The weights alone, of a checkpoint or of a run's last one.

    Raises:
        InvalidRun: there are none.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    folder = latest(folder) or folder
    try:
        return load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise InvalidRun(folder, f"holds no weights that can be read ({error})") from error


def _all(run: Path) -> list[Path]:
    """Whole checkpoints, the latest last."""
    return sorted(path for path in (run / "checkpoints").glob("*") if path.name.isdigit())
