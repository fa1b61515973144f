"""Token entropies -> which tokens of a canvas are accepted in this step.

Knows neither the tokens nor the model. Source: "Accelerated sampling from masked diffusion models via entropy
bounded unmasking", arXiv 2505.24857.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["accept", "token_entropy"]


def token_entropy(logits: Tensor) -> Tensor:
    """Entropy in nats of the distributions over the last axis: (…, vocab) -> (…).

    The operations and their order are those of `torch.distributions.Categorical.entropy`, which
    transformers' sampler uses, so that both agree to the last bit.
    """
    log_p = logits - logits.logsumexp(dim=-1, keepdim=True)
    p = log_p.softmax(dim=-1)
    # A forbidden token has p = 0 and log p = -inf: their product must be 0, not NaN.
    log_p.clamp_(min=torch.finfo(log_p.dtype).min)
    return -log_p.mul_(p).sum(dim=-1)


def accept(entropy: Tensor, bound: float) -> Tensor:
    """The surest tokens of each row that are nearly independent of each other: bool, like `entropy` (b, n).

    In order of rising entropy H, a token is accepted while the sum of the entropies before it is at most
    `bound`: that sum bounds the information that the accepted tokens hold about each other. The surest
    token is always accepted, a token of infinite entropy never.
    """
    # Stable: equal entropies do occur, and their order must not depend on how far a row is padded.
    ranked, order = entropy.sort(dim=-1, stable=True)
    before = ranked.cumsum(dim=-1) - ranked
    # inf - inf is NaN, and a comparison with NaN is False; with one infinity alone it is not.
    within = (before <= bound) & ranked.isfinite()
    return torch.zeros_like(within).scatter(-1, order, within)
