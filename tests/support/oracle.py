"""A recogniser that writes what it hears, for tests whose answer is known by construction.

The audio is a code: each frame of 0.16 s says one token by its amplitude. In place of the networks stand two
functions: one turns amplitudes into embeddings, the other predicts just the tokens that are in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import torch

from diffasr_plugin.asr import SAMPLE_RATE
from diffasr_plugin.backends.diffusion_gemma.decode import Decoder
from diffasr_plugin.backends.diffusion_gemma.load import Loaded
from diffasr_plugin.backends.diffusion_gemma.model import DiffusionGemma
from diffasr_plugin.backends.diffusion_gemma.spec import SPEC
from diffasr_plugin.config import AdapterConfig, ProjectorConfig, ProjectorLayer, RecogniserConfig
from diffasr_plugin.ctc import FrameClock
from diffasr_plugin.memory import Sizes
from diffasr_plugin.text import TextCodec

from .published import TINY
from .tiny_recogniser import IDS, tiny_tokenizer

__all__ = ["FRAME", "oracle", "say", "tokens_of"]

FRAME = int(0.16 * SAMPLE_RATE)
FRAMES = 188
BLANK = 0
LOUDNESS = 0.002
"""Amplitude of one token id."""


def tokens_of(text: str) -> list[int]:
    """Ids of the tiny tokenizer."""
    return tiny_tokenizer()(text, add_special_tokens=False).input_ids


def say(tokens: Sequence[int], *, gap: int = 1, seconds: float | None = None) -> np.ndarray:
    """Audio that says each token for one frame, with `gap` frames of silence after each."""
    levels = np.array([level for token in tokens for level in (token * LOUDNESS, *[0.0] * gap)])
    samples = np.repeat(levels, FRAME) * np.tile([1.0, -1.0], len(levels) * FRAME // 2)
    # Frame i is centred on 0.16 i s: the first one begins half a frame before the audio does.
    samples = samples[FRAME // 2 :]
    if seconds is not None:
        samples = np.concatenate([samples, np.zeros(max(0, int(seconds * SAMPLE_RATE) - len(samples)))])
    return samples.astype(np.float32)


@dataclass
class _Front:
    """Amplitude of each frame -> the embedding of its token."""

    gemma: _Gemma
    tokens: int = FRAMES
    token_s: float = 0.16

    @property
    def device(self):
        return torch.device("cpu")

    def listen(self, batch):
        heard = torch.zeros(len(batch), FRAMES, dtype=torch.int64)
        for row, samples in enumerate(batch):
            padded = np.concatenate([np.zeros(FRAME // 2), samples, np.zeros(FRAME)])
            frames = padded[: len(padded) // FRAME * FRAME].reshape(-1, FRAME)[:FRAMES]
            levels = np.rint(np.sort(np.abs(frames), axis=1)[:, FRAME * 3 // 4] / LOUDNESS)
            heard[row, : len(levels)] = torch.from_numpy(levels).long()
        return self.gemma.output_weights[heard]


class _Gemma:
    """Predicts what CTC hears in its context, surely, with end tokens after it."""

    backbone = TINY
    dtype = torch.float32
    device = torch.device("cpu")

    def __init__(self):
        self.output_weights = 30.0 * torch.eye(TINY.vocab)
        self.calls: list[int] = []

    def embed(self, ids):
        return self.output_weights[ids]

    def encode_context(self, embeds, mask):
        return _Context(embeds[:, -FRAMES - 1 : -1].argmax(dim=-1))

    def denoise(self, canvas, context, self_conditioning=None, *, lengths=None):
        self.calls.append(len(canvas))
        logits = torch.zeros(*canvas.shape, TINY.vocab)
        for row, heard in enumerate(context.heard.tolist()):
            said = [token for i, token in enumerate(heard) if token != BLANK and heard[i - 1 : i] != [token]]
            said = (said + [1] * canvas.shape[1])[: canvas.shape[1]]
            logits[row, torch.arange(canvas.shape[1]), torch.tensor(said)] = 30.0
        return logits


@dataclass(frozen=True)
class _Context:
    heard: torch.Tensor

    def select(self, rows):
        return _Context(self.heard[rows])


def oracle(*, canvas_length: int = 32, gemma: object = None, **changes: object) -> DiffusionGemma:
    """The backend around it; `changes` are fields of its configuration."""
    layers = (ProjectorLayer("linear", 1, TINY.vocab),)
    config = RecogniserConfig(ProjectorConfig(layers), AdapterConfig(1, ()), prompt_ids=IDS, eos=(1, 5))
    unknowns = config.unknowns.answered("given", canvas_length=canvas_length)
    config = replace(config, unknowns=unknowns, **changes)
    gemma = gemma or _Gemma()
    codec = TextCodec(tiny_tokenizer(), config, FRAMES)
    clock = FrameClock(0.16, -0.08, FRAMES)
    plan = SimpleNamespace(
        models=SimpleNamespace(base=SimpleNamespace(repo="oracle")),
        devices=(torch.device("cpu"),),
        dtype=torch.float32,
        quantize="none",
        batch_size=4,
        sizes=Sizes(backbone=TINY),
    )
    return DiffusionGemma(SPEC, Loaded(plan, _Front(gemma), Decoder(gemma, codec, config, clock)))
