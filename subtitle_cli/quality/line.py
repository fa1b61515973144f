"""Pairs of times -> the straight line from one clock to the other: an offset, and a rate where one shows.

Robust: up to a third of the pairs may be wrong. It knows nothing of subtitles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Clock", "fit_clock"]

Seconds = NDArray[np.float64]

_MOST_PAIRS = 1500
"""The slopes of all pairs of pairs are looked at: a million take a tenth of a second."""
_CONFIDENCE = 0.999
"""A drift must be this sure to be told: there is none in nearly all pairs of files."""
_FEWEST_FOR_RATE = 10


@dataclass(frozen=True)
class Clock:
    """How the times of one clock become those of another: `offset_s + rate * time_s`.

    Attributes:
        spread_s: median distance of the pairs from the line.
        pairs: how many it was fitted to.
    """

    offset_s: float = 0.0
    rate: float = 1.0
    spread_s: float = 0.0
    pairs: int = 0

    def at(self, time_s: float) -> float:
        """The time on the other clock."""
        return self.offset_s + self.rate * time_s


def fit_clock(from_s: Seconds, to_s: Seconds) -> Clock:
    """The line by the median slope of all pairs (Theil and Sen); rate 1 unless a drift is sure.

    Args:
        from_s, to_s: times of the same events, shape (n,), n at least 1.
    """
    # Imported here, as it takes a third of a second.
    from scipy.stats import theilslopes

    keep = np.linspace(0, len(from_s) - 1, min(len(from_s), _MOST_PAIRS)).round().astype(int)
    x, late = from_s[keep], to_s[keep] - from_s[keep]
    drift = 0.0
    if len(x) >= _FEWEST_FOR_RATE and np.ptp(x) > 0:
        slope, _, low, high = theilslopes(late, x, alpha=_CONFIDENCE)
        drift = 0.0 if low <= 0 <= high else float(slope)
    rest = late - drift * x
    offset = float(np.median(rest))
    return Clock(offset, 1 + drift, float(np.median(np.abs(rest - offset))), len(from_s))
