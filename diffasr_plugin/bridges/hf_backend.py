"""A model's name and options -> a loaded model, with what transformers' pipelines ask of a network.

Does not know transformers, nor how audio becomes text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from ..asr import SAMPLE_RATE
from .common import as_toolkit_errors, best_backend, open_model

__all__ = ["Backend", "LoadedBackend", "PlainSamples"]


@dataclass(frozen=True)
class Backend:
    """What to give `pipeline` as its model: a registered model by name, with its options of both scopes.

    Attributes:
        name: as `diffsub backends` lists it; None: the best that can run here.
        options: its own settings, e.g. {"model": "openai/whisper-large-v3"}.
    """

    name: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class LoadedBackend:
    """The loaded model, with what the base class asks of a network."""

    config = SimpleNamespace(model_type="diffasr")
    input_modalities = ("audio",)

    def __init__(
        self, backend: Backend, device: int | str | torch.device | None, dtype: str | torch.dtype | None
    ) -> None:
        """Load it; a device and dtype become its options of these names, unless the backend names its own.

        Raises:
            ValueError, OSError: it cannot be had; see `as_toolkit_errors`.
        """
        with as_toolkit_errors():
            self.recogniser, self.call_options = open_model(
                backend.name or best_backend(), {**_settings(device, dtype), **backend.options}
            )
        self.spec = self.recogniser.spec
        self.device = torch.device(self.recogniser.status.device.partition(",")[0])

    def can_generate(self) -> bool:
        """No: the base class would look for transformers' own way of generating."""
        return False


class PlainSamples:
    """Stands where a network's feature extractor stands: the models take samples as they are."""

    sampling_rate = SAMPLE_RATE

    def __call__(self, samples: Any, **_: object) -> dict[str, Any]:  # noqa: ANN401
        return {"samples": np.asarray(samples)}


def _settings(device: int | str | torch.device | None, dtype: str | torch.dtype | None) -> dict[str, str]:
    """The constructor's device and dtype as load options; what is left open is the model's to choose."""
    settings = {}
    if device is not None:
        settings["device"] = (
            ("cpu" if device < 0 else f"cuda:{device}") if isinstance(device, int) else str(device)
        )
    if dtype not in (None, "auto"):
        settings["dtype"] = str(dtype).removeprefix("torch.")
    return settings
