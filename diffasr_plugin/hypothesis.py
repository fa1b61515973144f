"""What a denoised canvas holds, row by row, whatever model denoised it: tokens, and what was heard of them.

Knows no model, no samples and no words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DecodeSettings", "Hypothesis", "Request"]


@dataclass(frozen=True)
class DecodeSettings:
    """How a batch is decoded; the call's options.

    Attributes:
        steps, extra_steps: see `SamplerConfig`.
        init: what the canvas starts as.
        canvas: its length: that of training, or what CTC suggests.
        stop_early: whether rows that are done leave the batch.
    """

    steps: int = 16
    extra_steps: int = 0
    init: Literal["random", "ctc"] = "random"
    canvas: Literal["full", "auto"] = "full"
    stop_early: bool = True


@dataclass(frozen=True)
class Request:
    """One row: how long its audio is, the language if it is known, and the seed of its random numbers."""

    duration_s: float
    language: str | None
    seed: int


@dataclass(frozen=True)
class Hypothesis:
    """One row's transcript.

    Attributes:
        ids: its tokens, without the end token.
        ended: whether the canvas held an end token: if not, there may be more to say.
        full: whether the canvas had its full length.
        confidences: of each token, raw.
        starts, ends: frames in which each token is said.
        log_probs: of each token in the frame that says it most clearly.
        heard: the tokens that CTC hears by itself.
        steps: that the row took.
    """

    ids: list[int]
    ended: bool
    full: bool
    confidences: list[float]
    starts: list[int]
    ends: list[int]
    log_probs: list[float]
    heard: list[int]
    steps: int
