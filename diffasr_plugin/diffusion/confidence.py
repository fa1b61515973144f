"""How the denoising went -> how sure each token is, 0 to 1.

Knows neither the tokens nor the audio; what the audio says of them is the guard's matter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from .sampler import Sampled

__all__ = ["calibrated", "token_confidence", "transcript_confidence"]

# Log odds of the raw confidence: no fit, only plausible. A token without doubt has 0.98, one torn between two
# (H = ln 2) even odds, one that was never accepted is held for less. `calibrated` is for what labels say.
BIAS, PER_NAT, LATENESS = 4.0, -5.8, -2.0


def token_confidence(sampled: Sampled) -> Tensor:
    """Raw confidence of each position: float32 (b, n); 0 at positions that a row does not use.

    sigmoid(BIAS + PER_NAT · H + LATENESS · λ), with H the final entropy in nats and λ the share of the row's
    steps that had passed before the token was accepted for good: 0 from the first step on, 1 never.
    """
    steps = sampled.steps[:, None].clamp(min=1)
    late = (sampled.accepted_since - 1) / steps
    late = late.where(sampled.accepted_since > 0, 1.0)
    odds = BIAS + PER_NAT * sampled.entropies + LATENESS * late
    return torch.sigmoid(odds).where(sampled.entropies.isfinite(), 0.0)


def calibrated(confidence: float, slope: float, offset: float) -> float:
    """Raw confidence as the share of right words that goes with it, by a fitted logistic curve.

    sigmoid(slope · logit(confidence) + offset); slope 1 and offset 0 change nothing.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    inside = min(max(confidence, 1e-6), 1 - 1e-6)
    return 1 / (1 + math.exp(-(slope * math.log(inside / (1 - inside)) + offset)))


def transcript_confidence(confidences: Sequence[float]) -> float | None:
    """Mean of the tokens' confidences; None for no tokens. (A word is as sure as its weakest token.)"""
    return sum(confidences) / len(confidences) if confidences else None
