"""Cues and the speech of a film -> the line from the cues' clock to the film's, if they belong together.

It compares when something is shown with when somebody speaks, never words. It believes the voice detector.

Source: the correlation of subtitle and speech activity over offsets and rates is how ffsubsync and its kin
work; the test against shuffled cues is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ..errors import WeakEvidence
from ..types import Cue, Turn
from .line import Clock, fit_clock

__all__ = ["FEWEST_CUES", "RATES", "Alignment", "align"]

Spans = NDArray[np.float64]
"""(n, 2): start and end in seconds, in order."""

FRAMES_A_SECOND = 25
"""Of the on and off signals; edges are refined afterwards."""

_NTSC = Fraction(1000, 1001)
_SPEEDS = (24 * _NTSC, Fraction(24), Fraction(25), 30 * _NTSC)
RATES = tuple(sorted({a / b for a in _SPEEDS for b in _SPEEDS}, key=lambda rate: abs(rate - 1)))
"""How much longer a film runs that was made for one of the usual frame rates and is shown at another."""

FEWEST_CUES = 8
"""Fewer fit anything."""
_LONGEST_S = 24 * 3600
"""Cues over more than this are no film's, and the way to a stray one would cost time and memory."""
_LEAST_INSIDE = 0.5
"""The share of the cues' time that must lie within the film."""
_SHUFFLES = 24
_CLEAR = 1.3
"""How much better than the best shuffled cues the true ones must fit."""
_SURE = 5.0
"""By how many standard deviations of the shuffled ones they must, too."""
_ABOUT_AS_GOOD = 2.0
"""Rates whose fits are within so many of them of the best are told apart by the starts that match."""
_PLAIN_BONUS = 1.1
"""Matches count so much more at rate 1, lest short films get another by chance."""

_HEARD_EARLY_S = 0.04
"""By how much the detector hears speech before it begins: 45 ms where sentences come out of silence. In
conversations labelled by hand it is 23 ms late: labels begin early (`python -m benchmarks.retiming`)."""
_PAUSE_S = 0.3
"""Speech begins anew after such a pause: only starts after one can be heard, and are matched."""
_REACHES_S = (0.75, 0.4, 0.25)
"""How far a matching start may be from where it is expected, in rounds."""
_FEWEST_STARTS = 5
_STRETCH = 20
"""Where so many starts in a row match half as often as elsewhere, the line does not hold."""
_CHANCE = 4.0
"""And by so many standard deviations less often."""


@dataclass(frozen=True)
class Alignment:
    """How cues lie on a film.

    Attributes:
        clock: the cues' times to the film's; its `pairs` are the starts of cues that were matched with
            starts of speech.
        strength: how many times better the cues fit than the best of them shuffled.
        loose_s: stretches of the cues, by their own clock, that do not lie on this line, as after a cut.
    """

    clock: Clock
    strength: float
    loose_s: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class _Fit:
    """The best offset at one rate; `score` is a correlation, weighted with the time that it is over."""

    score: float
    rate: Fraction
    offset_s: float


def align(cues: Sequence[Cue], turns: Iterable[Turn], duration_s: float) -> Alignment:
    """Find where cues belong on a film.

    1. Make on and off signals of cues and speech.
    2. At each usual rate, correlate them at each offset that leaves half of the cues within the film.
    3. Do the same with durations and pauses of the cues shuffled: so well does chance fit.
    4. Refuse what is not clearly better than chance.
    5. At each rate that fits about as well as the best, match starts of cues with starts of speech near
       them, and fit a line through them; of these lines take the one along which most starts match.

    Args:
        cues: in any order.
        turns: stretches of speech, in order.
        duration_s: of the film.

    Raises:
        WeakEvidence: there are too few cues, there is no speech, or they do not fit together clearly.
    """
    shown = np.array(sorted((cue.start_ms, cue.end_ms) for cue in cues if cue.duration_ms > 0)) / 1000
    spoken = np.array([(turn.start_s, turn.end_s) for turn in turns])
    if len(shown) < FEWEST_CUES:
        raise WeakEvidence(f"{len(shown)} cues are too few to find where they belong: it takes {FEWEST_CUES}")
    if np.ptp(shown) > _LONGEST_S:
        raise WeakEvidence(
            f"the cues reach over {np.ptp(shown) / 3600:.0f} hours, and {_LONGEST_S // 3600} is the most: "
            "is there a stray one, far from the others?"
        )
    if not len(spoken):
        raise WeakEvidence("nobody speaks in the film, as far as can be heard")
    # 1. and 2.
    film = _Film(spoken, duration_s, longest_s=float(np.ptp(shown) * max(RATES)))
    fits = film.fits(shown)
    if not fits:
        raise WeakEvidence("the cues are so much longer than the film that not even half of them fit in")
    # 3. and 4.
    random = np.random.default_rng(0)
    chance = np.array([_best(film.fits(_shuffled(shown, random))) for _ in range(_SHUFFLES)])
    best, chance_best, spread = _best(fits), float(chance.max()), float(chance.std())
    # Where speech never pauses, nothing fits better than anything else: all are 0.
    strength = best / chance_best if chance_best > 0 else 0.0
    if strength < _CLEAR or best < chance.mean() + _SURE * spread:
        raise WeakEvidence(
            f"the cues fit the film's speech only {strength:.2f} times as well as shuffled ones do; "
            f"to be sure it takes {_CLEAR}"
        )
    # 5.
    starts = _Starts(shown, spoken)
    clocks = [starts.refined(fit) for fit in fits if fit.score >= best - _ABOUT_AS_GOOD * spread]
    clock = max(clocks, key=starts.agreement)
    return Alignment(clock, strength, starts.loose(clock))


class _Film:
    """The speech of a film as a signal, ready to be correlated with many sets of cues."""

    def __init__(self, spoken: Spans, duration_s: float, longest_s: float) -> None:
        from scipy.fft import next_fast_len, rfft

        self._signal = _signal(spoken, duration_s)
        self._sums = _running(self._signal)
        self._size = next_fast_len(len(self._signal) + int(longest_s * FRAMES_A_SECOND) + 2, real=True)
        self._spectrum = rfft(self._signal, self._size)

    def fits(self, shown: Spans) -> list[_Fit]:
        """The best fit at each rate at which there is one."""
        return [fit for rate in RATES if (fit := self._fit(shown * float(rate), rate)) is not None]

    def _fit(self, shown: Spans, rate: Fraction) -> _Fit | None:
        first_s = shown[0, 0]
        scores = self._scores(_signal(shown - first_s, float(shown[:, 1].max() - first_s)))
        best = int(scores.argmax())
        if not np.isfinite(scores[best]):
            return None
        lag = best - (len(scores) - len(self._signal))
        return _Fit(float(scores[best]), rate, lag / FRAMES_A_SECOND - first_s)

    def _scores(self, cues: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pearson's correlation over the common time at each lag, times the root of that time's length.

        Args:
            cues: on and off, shape (m,).

        Returns:
            Shape (m - 1 + n,), for the lags from -(m - 1) to n - 1, n being the film's frames. It is minus
            infinity where too little of the cues is within the film.
        """
        from scipy.fft import irfft, rfft

        n, m = len(self._signal), len(cues)
        lags = np.arange(1 - m, n)
        products = irfft(self._spectrum * np.conj(rfft(cues, self._size)), self._size)[lags]
        cue_sums = _running(cues)
        # The common time of both: [lag, lag + m) of the film within [0, n).
        common = np.clip(lags + m, 0, n) - np.clip(lags, 0, n)
        speech = self._sums[np.clip(lags + m, 0, n)] - self._sums[np.clip(lags, 0, n)]
        inside = cue_sums[np.clip(n - lags, 0, m)] - cue_sums[np.clip(-lags, 0, m)]
        # On and off are 1 and 0, so sums of squares are sums.
        covariance = products - inside * speech / common
        variances = (speech - speech**2 / common) * (inside - inside**2 / common)
        scores = covariance * np.sqrt(common / np.maximum(variances, 1.0))
        return np.where(inside >= _LEAST_INSIDE * cue_sums[-1], scores, -np.inf)


def _signal(spans: Spans, duration_s: float) -> NDArray[np.float64]:
    """1 in each frame within a span, else 0."""
    count = max(1, int(duration_s * FRAMES_A_SECOND) + 1)
    edges = np.clip(np.round(spans * FRAMES_A_SECOND).astype(int), 0, count)
    steps = np.bincount(edges[:, 0], minlength=count + 1) - np.bincount(edges[:, 1], minlength=count + 1)
    return (np.cumsum(steps)[:count] > 0).astype(np.float64)


def _running(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums up to each frame, one more than there are frames."""
    return np.concatenate([[0.0], np.cumsum(signal)])


def _shuffled(shown: Spans, random: np.random.Generator) -> Spans:
    """As many cues with the same durations and pauses, in another order."""
    durations = random.permutation(np.diff(shown, axis=1)[:, 0])
    pauses = random.permutation(np.maximum(0, shown[1:, 0] - shown[:-1, 1]))
    starts = shown[0, 0] + np.concatenate([[0.0], np.cumsum(durations[:-1] + pauses)])
    return np.stack([starts, starts + durations], axis=1)


def _best(fits: Sequence[_Fit]) -> float:
    return max((fit.score for fit in fits), default=0.0)


class _Starts:
    """Starts of cues and of speech, ready to be matched along many lines."""

    def __init__(self, shown: Spans, spoken: Spans) -> None:
        pauses = shown[1:, 0] - shown[:-1, 1]
        self._cues = shown[np.concatenate([[True], pauses >= _PAUSE_S]), 0]
        self._speech = spoken[:, 0] + _HEARD_EARLY_S

    def refined(self, fit: _Fit) -> Clock:
        """The line through the starts that match; the coarse one where too few do."""
        clock = Clock(fit.offset_s, float(fit.rate))
        for reach_s in _REACHES_S:
            nearest, distances = self._nearest(clock)
            near = distances < reach_s
            if near.sum() < _FEWEST_STARTS:
                break
            # Fitted at the usual rate, so that a drift beside it must be sure; both count.
            line = fit_clock(self._cues[near] * float(fit.rate), nearest[near])
            clock = Clock(line.offset_s, line.rate * float(fit.rate), line.spread_s, line.pairs)
        return clock

    def agreement(self, clock: Clock) -> float:
        """How many starts match along a line, near ones counting more."""
        _, distances = self._nearest(clock)
        matches = float(np.maximum(0, 1 - distances / _REACHES_S[-1]).sum())
        return matches * (_PLAIN_BONUS if clock.rate == 1 else 1)

    def loose(self, clock: Clock) -> tuple[tuple[float, float], ...]:
        """Stretches of cues, by their own clock, in which far fewer starts match than elsewhere."""
        _, distances = self._nearest(clock)
        stretches = np.array_split(np.arange(len(distances)), max(1, len(distances) // _STRETCH))
        shares = [float((distances[each] < _REACHES_S[-1]).mean()) for each in stretches]
        usual = float(np.percentile(shares, 75))
        least = min(usual / 2, usual - _CHANCE * float(np.sqrt(usual * (1 - usual) / _STRETCH)))
        found: list[tuple[float, float]] = []
        for is_loose, group in groupby(zip(shares, stretches, strict=True), lambda pair: pair[0] < least):
            if is_loose:
                cues = self._cues[np.concatenate([each for _, each in group])]
                found.append((float(cues[0]), float(cues[-1])))
        return tuple(found)

    def _nearest(self, clock: Clock) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The start of speech nearest to each cue's, and how far it is."""
        expected = clock.offset_s + clock.rate * self._cues
        after = np.searchsorted(self._speech, expected).clip(1, len(self._speech) - 1)
        before = after - 1
        is_before = expected - self._speech[before] < self._speech[after] - expected
        nearest = self._speech[np.where(is_before, before, after)]
        return nearest, np.abs(nearest - expected)
