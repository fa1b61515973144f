"""A foreign checkpoint -> how it is understood: adapter, projector, settings, and what does not fit.

What it does not say stays an assumption, and is listed as one (`config.Unknowns`). Nothing is loaded but the
checkpoint itself, so all of this is known before the base model's weights are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from ..backbone import DIFFUSION_GEMMA_26B, Backbone
from ..config import ModelRef, PromptIds, RecogniserConfig, Unknowns
from .adapter import find_adapter
from .errors import MismatchedCheckpoint
from .files import read_foreign
from .projector import find_projector

__all__ = ["ENCODER_WIDTH", "Discovery", "discover"]

ENCODER_WIDTH = 768
"""Of whisper-small; used where the encoder's own configuration is not at hand."""

SUBSAMPLING = 8
"""Encoder frames to an audio token, where the checkpoint does not say."""

_SETTINGS: dict[str, tuple[type | tuple[type, ...], tuple[str, ...]]] = {
    "alpha": ((int, float), ("lora_alpha", "alpha")),
    "rank": (int, ("lora_rank", "lora_r", "rank", "r")),
    "rslora": (bool, ("use_rslora", "rslora")),
    "subsampling": (int, ("subsample_factor", "subsampling")),
    "activation": (str, ("proj_activation", "activation", "hidden_act")),
    "output_scale": ((int, float), ("output_scale", "proj_scale")),
    "blank": (int, ("ctc_blank_id", "ctc_blank", "blank_id", "blank")),
    "canvas_length": (int, ("canvas_length", "canvas_len", "canvas_size")),
    "prompt": (str, ("prompt_style", "prompt")),
    "begin": (int, ("boa_token_id", "boa_id")),
    "audio": (int, ("audio_token_id", "audio_id")),
    "end": (int, ("eoa_token_id", "eoa_id")),
    "encoder": (str, ("whisper_model", "whisper_name", "encoder_name", "audio_encoder")),
    "base": (str, ("base_model_name_or_path", "base_model", "backbone", "gemma_model")),
}
"""What is looked for among a checkpoint's plain values: its type, and the names that it may have there."""

_AS_THEY_ARE = ("activation", "output_scale", "blank", "canvas_length", "prompt")
"""Settings that are answers to unknowns without any arithmetic."""


@dataclass(frozen=True, eq=False)
class Discovery:
    """A foreign checkpoint, understood.

    Attributes:
        path: of the file.
        config: None where something does not fit.
        adapter: `{target}.lora_A` and `{target}.lora_B`.
        projector: `layers.{i}.weight` and `layers.{i}.bias`.
        found: plain values of the checkpoint that were used, by our names for them.
        ignored: parts that only a resumed training needs.
        problems: what does not fit, a line for each; empty if it can be loaded.
    """

    path: Path
    config: RecogniserConfig | None
    adapter: dict[str, Tensor]
    projector: dict[str, Tensor]
    found: dict[str, Any]
    ignored: tuple[str, ...]
    problems: tuple[str, ...]

    def checked(self) -> RecogniserConfig:
        """The configuration, if all fits.

        Raises:
            MismatchedCheckpoint: it does not.
        """
        if self.config is None:
            remedy = "see all of it with: diffasr inspect"
            raise MismatchedCheckpoint(self.path, self.problems, remedy)
        return self.config


def discover(
    path: Path, backbone: Backbone = DIFFUSION_GEMMA_26B, encoder_width: int = ENCODER_WIDTH
) -> Discovery:
    """Understand a foreign checkpoint.

    Raises:
        UnreadableCheckpoint, UnsafeCheckpoint: it cannot even be read.
    """
    file = read_foreign(path)
    problems: list[str] = []
    found = _settings(file.metadata, problems)
    adapter = find_adapter(file.tensors, backbone)
    projector = find_projector(
        {name: tensor for name, tensor in file.tensors.items() if name not in adapter.foreign},
        inputs=encoder_width,
        outputs=backbone.hidden,
        subsampling=found.get("subsampling", SUBSAMPLING),
    )
    problems += [*adapter.problems, *projector.problems]
    config = None
    if adapter.config is not None and projector.config is not None:
        if found.get("rank", adapter.config.rank) != adapter.config.rank:
            problems.append(f"the checkpoint says rank {found['rank']}, its tensors {adapter.config.rank}")
        if projector.output_scale is not None:
            found.setdefault("output_scale", projector.output_scale)
        config = RecogniserConfig(projector.config, adapter.config)
        config = _with_settings(config, found, problems)
    return Discovery(
        path,
        None if problems else config,
        adapter.tensors,
        projector.tensors,
        found,
        file.ignored,
        tuple(problems),
    )


def _settings(metadata: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Known settings, wherever in the checkpoint's tables they are; the first name that occurs counts."""
    by_last_part = {name.rpartition(".")[2].lower(): value for name, value in metadata.items()}
    found = {}
    for ours, (kind, names) in _SETTINGS.items():
        present = [name for name in names if by_last_part.get(name) is not None]
        if not present:
            continue
        value = _parsed(by_last_part[present[0]])
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            found[ours] = value
        else:
            problems.append(f"the checkpoint's {present[0]} is {value!r}, which is not understood")
    return found


def _parsed(value: Any) -> Any:  # noqa: ANN401
    """A number or truth value written as text, as safetensors' metadata are; other values as they are."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _with_settings(
    config: RecogniserConfig, found: Mapping[str, Any], problems: list[str]
) -> RecogniserConfig:
    answers = {name: found[name] for name in _AS_THEY_ARE if name in found}
    if "alpha" in found:
        rank = config.adapter.rank
        answers["alpha_ratio"] = found["alpha"] / (rank**0.5 if found.get("rslora") else rank)
    ids = {name: found[name] for name in ("begin", "audio", "end") if name in found}
    refs: dict[str, Any] = {name: ModelRef(found[name]) for name in ("encoder", "base") if name in found}
    unknowns = Unknowns()
    for name, answer in answers.items():
        try:
            unknowns = unknowns.answered("metadata", **{name: answer})
        except ValueError as error:
            problems.append(f"the checkpoint's {name} is not understood: {error}")
    return replace(config, unknowns=unknowns, prompt_ids=replace(PromptIds(), **ids), **refs)
