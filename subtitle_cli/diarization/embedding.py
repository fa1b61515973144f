"""Audio chunks and masks -> speaker embeddings, in the shape in which pyannote's pipelines ask for them.

Knows neither clusters nor films. Importing this module imports torch and pyannote.
"""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from pyannote.audio import Model
from torch import Tensor
from torchaudio.compliance.kaldi import fbank

from .campplus import CamPlusPlus

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SpeakerEmbedding", "load_speaker_embedding"]

_INT16_SCALE = 32768.0  # the network was trained on 16-bit sample values
_MIN_FRAMES = 25  # a quarter of a second


class SpeakerEmbedding(Model):  # type: ignore[misc]  # pyannote has no type information
    """CAM++ behind pyannote's interface of a speaker embedding."""

    def __init__(self, dimension: int = 192) -> None:
        super().__init__(sample_rate=16000, num_channels=1)
        self.dimension = dimension
        self.network = CamPlusPlus(dimension)

    def forward(self, waveforms: Tensor, weights: Tensor | None = None) -> Tensor:
        """Embed one speaker of each chunk.

        Args:
            waveforms: (batch, 1, samples) at 16 kHz.
            weights: (batch, frames) 1 where the speaker is to be heard, else 0, at any frame rate.
                None: everywhere.

        Returns:
            (batch, dimension); NaN where a speaker is never to be heard, which pyannote reads as "unknown".

        Raises:
            ValueError: chunks of less than a quarter of a second, from which no voice can be told.
        """
        embeddings = waveforms.new_full((len(waveforms), self.dimension), float("nan"))
        for index, mels in enumerate(_mel_frames(waveforms)):
            spoken = mels if weights is None else mels[_stretch(weights[index], len(mels))]
            if len(spoken) > 0:
                embeddings[index] = self.network(_normalise(spoken).unsqueeze(0))[0]
        return embeddings


def load_speaker_embedding(weights: Path) -> SpeakerEmbedding:
    """The published network, ready to use; `weights` is its state dict on the disk."""
    model = SpeakerEmbedding()
    # weights_only: the file is data; nothing in it is run.
    model.network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    model.eval()
    return model


def _mel_frames(waveforms: Tensor) -> Iterator[Tensor]:
    """(frames, 80) of each chunk; computed once for neighbours that are equal (speakers of one chunk)."""
    last: Tensor | None = None
    for waveform in waveforms[:, 0]:
        if last is None or not torch.equal(waveform, last):
            last = waveform
            mels = fbank(waveform[None] * _INT16_SCALE, num_mel_bins=80, sample_frequency=16000, dither=0.0)
            if len(mels) < _MIN_FRAMES:
                raise ValueError(f"{len(waveform)} samples are too few to tell a voice")
        yield mels


def _stretch(weights: Tensor, frames: int) -> Tensor:
    """The boolean mask at another frame rate."""
    positions = torch.arange(frames, device=weights.device) * len(weights) // frames
    return weights[positions] > 0.5


def _normalise(mels: Tensor) -> Tensor:
    """Take off each band's mean; repeat what is shorter than a quarter of a second up to that length."""
    repeats = ceil(_MIN_FRAMES / len(mels))
    mels = mels - mels.mean(dim=0)
    return mels.repeat(repeats, 1)
