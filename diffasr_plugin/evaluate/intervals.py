"""Errors of single utterances -> how far the error rate of the whole set can be trusted.

Knows counts only. Utterances are drawn anew with replacement, as many as there are, again and again; the
middle 95 % of the rates found are the interval.

Source: Bisani and Ney, Bootstrap Estimates for Confidence Intervals in ASR Performance Evaluation (2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..scoring import ErrorCounts

__all__ = ["Interval", "bootstrap"]

DRAWS = 1000


@dataclass(frozen=True)
class Interval:
    """Bounds of an error rate, as fractions; 95 % of redrawn sets lie between them."""

    low: float
    high: float


def bootstrap(counts: Sequence[ErrorCounts], seed: int = 0) -> Interval | None:
    """The interval of the rate over all utterances; None for fewer than two, or if none has a reference.

    The same counts and seed give the same interval.
    """
    errors = np.array([count.errors for count in counts])
    lengths = np.array([count.reference_length for count in counts])
    if len(counts) < 2 or not lengths.any():
        return None
    generator = np.random.default_rng(seed)
    rates = []
    for _ in range(DRAWS):
        # times drawn, for each utterance: shape (utterances,)
        drawn = np.bincount(generator.integers(0, len(counts), len(counts)), minlength=len(counts))
        length = drawn @ lengths
        if length:  # a draw of utterances without any word says nothing
            rates.append(float(drawn @ errors) / float(length))
    low, high = np.percentile(rates, [2.5, 97.5])
    return Interval(float(low), float(high))
