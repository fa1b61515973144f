"""Candidate cues -> the cheapest way to cut the whole film into them. Exact, by dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .candidates import Candidates

__all__ = ["Span", "cheapest"]


@dataclass(frozen=True)
class Span:
    """The tokens of one cue: from `first` up to `last`, exclusive; `second` begins its lower line, if any."""

    first: int
    last: int
    second: int | None = None


def cheapest(candidates: Candidates) -> list[Span]:
    """The cues of least total cost, that hold each token once and in order.

    1. From the end back, find for each token the size of the cue to go on with, and the cost ahead.
    2. Follow the sizes from the first token.
    """
    count, most = candidates.cost.shape
    ahead = np.full(count + most + 1, np.inf)
    ahead[count] = 0.0
    sizes = [0] * count
    for first in range(count - 1, -1, -1):  # 1.
        totals = candidates.cost[first] + ahead[first + 1 : first + 1 + most]
        best = int(totals.argmin())
        sizes[first], ahead[first] = best + 1, totals[best]
    spans: list[Span] = []
    first = 0
    while first < count:  # 2.
        size = sizes[first]
        upper = int(candidates.upper[first, size - 1])
        spans.append(Span(first, first + size, first + upper if upper else None))
        first += size
    return spans
