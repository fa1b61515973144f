"""How the denoising went -> how sure each token is, 0 to 1.

Knows neither the tokens nor the audio; what the audio says of them is the guard's matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .sampler import Sampled

__all__ = ["Calibration", "token_confidence", "transcript_confidence"]


@dataclass(frozen=True)
class Calibration:
    """Coefficients of the logistic curve from (entropy, lateness) to the chance that a token is right.

    The defaults are no fit, only plausible: 0.98 for a token without doubt, even odds for one torn between
    two, less where it was accepted late. Fit them by logistic regression where labelled speech is at hand.

    Attributes:
        bias: log odds of a token of no entropy that was accepted in the first step.
        per_nat: change for each nat of final entropy.
        lateness: change for a token that was never accepted; in proportion for one accepted late.
    """

    bias: float = 4.0
    per_nat: float = -5.8
    lateness: float = -2.0


def token_confidence(sampled: Sampled, calibration: Calibration | None = None) -> Tensor:
    """Confidence of each position: float32 (b, n); 0 at positions that a row does not use.

    sigmoid(bias + per_nat · H + lateness · λ), with H the final entropy and λ the share of the row's steps
    that had passed before the token was accepted for good: 0 from the first step on, 1 never.
    """
    calibration = calibration or Calibration()
    steps = sampled.steps[:, None].clamp(min=1)
    late = (sampled.accepted_since - 1) / steps
    late = late.where(sampled.accepted_since > 0, 1.0)
    odds = calibration.bias + calibration.per_nat * sampled.entropies + calibration.lateness * late
    return torch.sigmoid(odds).where(sampled.entropies.isfinite(), 0.0)


def transcript_confidence(confidences: Sequence[float]) -> float | None:
    """Mean of the tokens' confidences; None for no tokens. (A word is as sure as its weakest token.)"""
    return sum(confidences) / len(confidences) if confidences else None
