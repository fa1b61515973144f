"""What a speech synthesiser is here: a text, a voice and a manner of speaking -> samples.

Knows none in particular.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...asr import SAMPLE_RATE

__all__ = ["Engine", "Manner", "Samples", "to_rate"]

Samples = NDArray[np.float32]
"""Mono, at 16 kHz, within -1 and 1."""


@dataclass(frozen=True)
class Manner:
    """How something is said; 1 is the voice's own way.

    Attributes:
        speed: 2 is twice as fast.
        pitch: 2 is an octave higher; not every synthesiser follows.
        tract: length of the vocal tract: 1.1 sounds like a larger person (all of the spectrum 10 % lower).
    """

    speed: float = 1.0
    pitch: float = 1.0
    tract: float = 1.0


class Engine(Protocol):
    """A synthesiser. It is made in the process that uses it, and only there."""

    def voices(self, language: str) -> tuple[str, ...]:
        """Names of the voices that speak a language; none if it knows none."""
        ...

    def say(self, text: str, language: str, voice: str, manner: Manner) -> Samples:
        """Speech.

        Raises:
            SynthesisFailed: this text cannot be said.
        """
        ...


def to_rate(samples: Samples, rate: float) -> Samples:
    """Samples at any rate as samples at 16 kHz, by band-limited interpolation."""
    if rate == SAMPLE_RATE:
        return samples
    size = round(len(samples) * SAMPLE_RATE / rate)
    # By the spectrum: exact but for the last hundred-thousandth of the rate, which has to be a whole number.
    padded = _smooth_length(len(samples))
    spectrum = np.fft.rfft(samples, padded)
    wanted = round(padded * SAMPLE_RATE / rate)
    resampled = np.fft.irfft(spectrum[: wanted // 2 + 1], wanted) * (wanted / padded)
    return resampled[:size].clip(-1, 1).astype(np.float32)


def _smooth_length(size: int, step: int = 960) -> int:
    """The next multiple of a product of small numbers, in which a spectrum is quick to compute."""
    return -(-size // step) * step
