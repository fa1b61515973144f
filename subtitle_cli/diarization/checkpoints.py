"""Model files of pyannote -> loaded as data: tensors and plain values; a file that would run code is refused.

Importing this module imports torch and pyannote.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from pyannote.audio import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from torch.torch_version import TorchVersion

__all__ = ["data_only", "read_model"]

_SWITCH = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
_PLAIN_CLASSES = [Specifications, Problem, Resolution, TorchVersion]
"""What pyannote's checkpoints hold beside tensors: records and numbers without behaviour."""


@contextmanager
def data_only() -> Iterator[None]:
    """Inside, nothing that torch loads can run code.

    pyannote loads its checkpoints with `weights_only=False`, and lets nobody say otherwise: whatever a file
    names is called. torch's own switch overrules that argument, and is an environment variable only.

    Raises:
        pickle.UnpicklingError: inside, where a file names anything else than tensors and plain classes.
    """
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "1"
    try:
        with torch.serialization.safe_globals(_PLAIN_CLASSES):
            yield
    finally:
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before


def read_model(weights: Path) -> Model:
    """A network of pyannote from its checkpoint, ready to use."""
    with data_only():
        return Model.from_pretrained(weights).eval()
