"""Whisper's encoder, frozen: log-mel spectrograms in, frames of 20 ms out.

Any size of Whisper; the decoder is never loaded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from diffasr_plugin.checkpoint.errors import InvalidConfig, UnreadableCheckpoint
from diffasr_plugin.compat import repair_torchaudio

from .weights import SafetensorsWeights, WeightSource

__all__ = ["EncoderShape", "WhisperEncoder", "build_whisper_encoder", "load_whisper_encoder"]


@dataclass(frozen=True)
class EncoderShape:
    """Dimensions of a Whisper encoder.

    Attributes:
        mels: bands of its input.
        width: of its output.
        frames: in a window of 30 s.
        layers, mlp_width: as they say.
    """

    mels: int = 80
    width: int = 768
    frames: int = 1500
    layers: int = 12
    mlp_width: int = 3072

    @classmethod
    def from_config_file(cls, path: Path) -> EncoderShape:
        """Read the `config.json` of a Whisper model.

        Raises:
            UnreadableCheckpoint, InvalidConfig: not such a file.
        """
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnreadableCheckpoint(path, f"not readable as JSON ({error}); fetch it again") from error
        names = ("num_mel_bins", "d_model", "max_source_positions", "encoder_layers", "encoder_ffn_dim")
        missing = [name for name in names if not isinstance(config.get(name), int)]
        if config.get("model_type") != "whisper" or missing:
            raise InvalidConfig(path, "is not the configuration of a Whisper model; give one as the encoder")
        return cls(*(config[name] for name in names))

    def parameters(self) -> int:
        """All of the encoder's weights."""
        attention = 4 * self.width * self.width + 3 * self.width
        mlp = 2 * self.width * self.mlp_width + self.mlp_width + self.width
        convolutions = 3 * self.width * (self.mels + self.width) + 2 * self.width
        norms = 2 * self.width
        layers = self.layers * (attention + mlp + 2 * norms)
        return layers + convolutions + norms + self.frames * self.width


class WhisperEncoder(nn.Module):
    """(b, mels, 2 · frames) float -> (b, frames, width) in the encoder's dtype.

    Args:
        model: transformers' `WhisperEncoder`.
        shape: its dimensions.
    """

    def __init__(self, model: Any, shape: EncoderShape) -> None:  # noqa: ANN401
        super().__init__()
        self.model = model.requires_grad_(False).eval()
        self.shape = shape

    @torch.no_grad()
    def forward(self, log_mel: Tensor) -> Tensor:
        weights = self.model.conv1.weight
        return self.model(log_mel.to(weights.device, weights.dtype)).last_hidden_state  # type: ignore[no-any-return]


def load_whisper_encoder(folder: Path, *, device: torch.device, dtype: torch.dtype) -> WhisperEncoder:
    """Load the encoder of a Whisper model from a folder of its files, strictly.

    Raises:
        CheckpointError: the files are missing, damaged, or of another model.
    """
    shape = EncoderShape.from_config_file(folder / "config.json")
    source = SafetensorsWeights(folder, rename=lambda name: name.removeprefix("model."))
    return build_whisper_encoder(_read_config(folder), shape, source, device=device, dtype=dtype)


def build_whisper_encoder(
    config: Any,  # noqa: ANN401
    shape: EncoderShape,
    source: WeightSource,
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> WhisperEncoder:
    """Build the encoder from transformers' `WhisperConfig` and weights named `encoder.…`."""
    repair_torchaudio()
    from transformers.models.whisper.modeling_whisper import WhisperEncoder as TheirEncoder

    with torch.device("meta"):
        model = TheirEncoder(config)
    weights = {
        name: source.get(f"encoder.{name}", tensor.shape, device, dtype)
        for name, tensor in model.state_dict().items()
    }
    model.load_state_dict(weights, assign=True)
    return WhisperEncoder(model, shape)


def _read_config(folder: Path) -> Any:  # noqa: ANN401
    repair_torchaudio()
    from transformers import WhisperConfig

    return WhisperConfig.from_pretrained(folder)
