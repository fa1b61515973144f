"""Samples -> audio tokens in the base model's embedding space: features, encoder, projector.

On a GPU, the next batch's audio tokens are computed while the one before is denoised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diffasr_plugin.features import WINDOW_S, log_mel
from diffasr_plugin.models.projector import Projector
from diffasr_plugin.models.whisper_encoder import WhisperEncoder

__all__ = ["Front", "listen_ahead"]

Samples = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Front:
    """What listens.

    Attributes:
        encoder: Whisper's.
        projector: the trained one.
        device: where both are.
    """

    encoder: WhisperEncoder
    projector: Projector
    device: torch.device

    @property
    def tokens(self) -> int:
        """Audio tokens of a window."""
        return self.projector.config.tokens(self.encoder.shape.frames)

    @property
    def token_s(self) -> float:
        """Seconds from one audio token to the next."""
        stride = 1
        for layer in self.projector.config.layers:
            stride *= layer.stride
        return WINDOW_S / self.encoder.shape.frames * stride

    @cached_property
    def stream(self) -> torch.cuda.Stream:
        """Where the GPU listens. One for good: each new one would take a workspace that is never freed."""
        return torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def listen(self, batch: Sequence[Samples]) -> Tensor:
        """Audio tokens (b, tokens, hidden) of utterances of at most 30 s."""
        features = log_mel(batch, mels=self.encoder.shape.mels, device=self.device)
        return self.projector(self.encoder(features))  # type: ignore[no-any-return]


def listen_ahead(front: Front, batches: Sequence[Sequence[Samples]]) -> Iterator[Tensor]:
    """The audio tokens of each batch, in order.

    On a GPU each batch is begun, on a stream of its own, before the one ahead of it is handed out.
    """
    if front.device.type != "cuda":
        yield from map(front.listen, batches)
        return
    pending: Tensor | None = None
    for batch in [*batches, None]:
        done = pending
        if done is not None:
            here = torch.cuda.current_stream(front.device)
            here.wait_stream(front.stream)
            done.record_stream(here)  # its memory is not for reuse by the other stream meanwhile
        if batch is not None:
            with torch.cuda.stream(front.stream):
                pending = front.listen(batch)
        if done is not None:
            yield done
