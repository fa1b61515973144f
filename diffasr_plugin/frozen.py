"""The names of the frozen models -> their shapes and revisions, with none of their weights.

Reads their small configuration files only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .backbone import DIFFUSION_GEMMA_26B, Backbone
from .checkpoint.errors import Unreachable
from .config import ModelRef
from .hub import fetch
from .models.whisper_encoder import EncoderShape

__all__ = ["FrozenModels", "assumed_models", "read_models"]

CONFIG = "config.json"


@dataclass(frozen=True)
class FrozenModels:
    """The base model and the encoder that a checkpoint is used with.

    Attributes:
        base, encoder: where they are, with the revision that was looked at.
        backbone, shape: their dimensions.
        assumed: why the published dimensions were assumed; None if they were read.
    """

    base: ModelRef
    encoder: ModelRef
    backbone: Backbone = DIFFUSION_GEMMA_26B
    shape: EncoderShape = field(default_factory=EncoderShape)
    assumed: str | None = None


def read_models(base: ModelRef, encoder: ModelRef) -> FrozenModels:
    """Fetch and read both configuration files.

    Raises:
        CheckpointError: they cannot be had, or are of other models.
    """
    found_base, found_encoder = fetch(base, [CONFIG]), fetch(encoder, [CONFIG])
    return FrozenModels(
        ModelRef(base.repo, found_base.revision),
        ModelRef(encoder.repo, found_encoder.revision),
        Backbone.from_config_file(found_base.path / CONFIG),
        EncoderShape.from_config_file(found_encoder.path / CONFIG),
    )


def assumed_models(base: ModelRef, encoder: ModelRef) -> FrozenModels:
    """The same; but where the files cannot be fetched, the published dimensions are assumed."""
    try:
        return read_models(base, encoder)
    except Unreachable as error:
        return FrozenModels(base, encoder, assumed=str(error))
