"""A few transcribed clips -> the settings that a checkpoint does not say, by which ones it was trained with.

Training made the losses small; with a wrong setting they are large. Two losses answer the questions:

1. CTC of the audio tokens: the projector's activation and where it stands, and the blank.
2. Teacher-forced denoising: the prompt, the adapter's factor, and what fills a canvas.

Knows no files: the parts are loaded already, the adapter not merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from .asr import SAMPLE_RATE
from .backends.diffusion_gemma.decode import Decoder
from .backends.diffusion_gemma.front import Front
from .backends.diffusion_gemma.load import Loaded
from .checkpoint.errors import InvalidConfig
from .config import RecogniserConfig, Unknowns
from .ctc import ctc_log_probs, read_frames
from .models.lora import set_alpha_ratio
from .models.projector import Projector
from .text import PROMPTS

__all__ = ["Clip", "Trial", "calibrate"]

ALPHA_RATIOS = (0.5, 1.0, 2.0, 4.0)
"""Usual values of LoRA's alpha / rank."""

NOISE = (0.3, 0.6, 0.9)
"""Shares of a canvas that are random tokens."""

_CTC_QUESTIONS: dict[str, tuple[Any, ...]] = {
    "activation": ("gelu", "relu", "silu", "none"),
    "activation_after": ("conv", "hidden"),
    "blank": (0, 1),
}
_CANVAS_QUESTIONS: dict[str, tuple[Any, ...]] = {
    "prompt": tuple(PROMPTS),
    "alpha_ratio": ALPHA_RATIOS,
    "fill": ("eos", "pad"),
}


@dataclass(frozen=True, eq=False)
class Clip:
    """Transcribed speech: samples at 16 kHz (at most 30 s), what is said, and the language if known."""

    samples: NDArray[np.float32]
    text: str
    language: str | None = None


@dataclass(frozen=True)
class Trial:
    """One set of answers, and the mean loss with it in nats; infinite where it cannot be used at all."""

    loss: str
    answers: Mapping[str, Any]
    nats: float


def calibrate(loaded: Loaded, clips: Sequence[Clip], *, seed: int = 0) -> tuple[Unknowns, list[Trial]]:
    """Try all answers to what is only assumed; the best ones, marked "measured", and all trials.

    What is known from elsewhere is not asked again.
    """
    config, trials = loaded.decoder.config, []
    for loss, questions in (("ctc", _CTC_QUESTIONS), ("canvas", _CANVAS_QUESTIONS)):
        open_ones = {name: values for name, values in questions.items() if name in config.unknowns.assumed()}
        if not open_ones:
            continue
        tried = [_try(loaded, clips, config, loss, answers, seed) for answers in _combinations(open_ones)]
        best = min(tried, key=lambda trial: trial.nats)
        config = replace(config, unknowns=config.unknowns.answered("measured", **best.answers))
        trials += tried
    return config.unknowns, trials


def _combinations(questions: Mapping[str, Sequence[Any]]) -> Iterable[dict[str, Any]]:
    return (dict(zip(questions, values, strict=True)) for values in product(*questions.values()))


def _try(
    loaded: Loaded,
    clips: Sequence[Clip],
    config: RecogniserConfig,
    loss: str,
    answers: Mapping[str, Any],
    seed: int,
) -> Trial:
    config = replace(config, unknowns=config.unknowns.answered("measured", **answers))
    try:
        front, decoder = _set_up(loaded, config)
    except InvalidConfig:  # a tokenizer without mark-up for turns
        return Trial(loss, answers, float("inf"))
    measure = _ctc_loss if loss == "ctc" else _canvas_loss
    losses = [measure(front, decoder, clip, seed) for clip in clips]
    return Trial(loss, answers, sum(losses) / len(losses))


def _set_up(loaded: Loaded, config: RecogniserConfig) -> tuple[Front, Decoder]:
    """The loaded parts, used as a configuration says."""
    old = loaded.front.projector
    projector = Projector(config.projector, config.unknowns)
    projector.load_state_dict(old.state_dict(), assign=True)
    set_alpha_ratio(loaded.decoder.gemma.stacks, config.unknowns.alpha_ratio)
    codec = loaded.decoder.codec.reconfigured(config)
    return replace(loaded.front, projector=projector), replace(loaded.decoder, codec=codec, config=config)


@torch.no_grad()
def _ctc_loss(front: Front, decoder: Decoder, clip: Clip, seed: int) -> float:
    """Nats a token of the clip's text under CTC, normalised over the whole vocabulary."""
    audio = front.listen([clip.samples])[:, : decoder.clock.count(len(clip.samples) / SAMPLE_RATE)]
    said, _ = decoder.codec.trim(decoder.codec.target(clip.text))
    # Equal tokens must share a column: between them CTC wants a blank.
    tokens, column = torch.unique(torch.tensor(said), return_inverse=True)
    reading = read_frames(audio, decoder.head)
    columns = ctc_log_probs(audio, decoder.head, tokens[None].to(audio.device), reading.log_norm)
    frames, count = torch.tensor([audio.shape[1]]), torch.tensor([len(said)])
    loss = functional.ctc_loss(
        columns.float().cpu().transpose(0, 1), column[None] + 1, frames, count, zero_infinity=False
    )
    return float(loss)


@torch.no_grad()
def _canvas_loss(front: Front, decoder: Decoder, clip: Clip, seed: int) -> float:
    """Nats a token of the canvas, predicted from canvases that are partly noise."""
    device, vocab = decoder.gemma.device, decoder.gemma.backbone.vocab
    target = torch.tensor(decoder.codec.target(clip.text))
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randint(vocab, (len(NOISE), len(target)), generator=generator)
    noisy = torch.rand(noise.shape, generator=generator) < torch.tensor(NOISE)[:, None]
    canvas = torch.where(noisy, noise, target).to(device)
    context = decoder.context(front.listen([clip.samples]), [clip.language])
    context = context.select(torch.zeros(len(NOISE), dtype=torch.int64, device=device))
    logits = decoder.gemma.denoise(canvas, context)
    # Padding and text weigh the same: text is what tells, so each part has half of the weight.
    losses = functional.cross_entropy(
        logits.transpose(1, 2), target.to(device).expand(len(NOISE), -1), reduction="none"
    )
    text = len(decoder.codec.trim(target.tolist())[0]) + 1
    parts = [part.mean() for part in (losses[:, :text], losses[:, text:]) if part.numel()]
    return float(torch.stack(parts).mean())
