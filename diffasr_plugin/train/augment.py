"""Clean synthetic speech -> speech as films and telephones carry it, a batch at a time on the device.

Synthetic voices are few and spotless; what is heard of real ones is not. Each kind of damage is done to
some rows, each with an amount of its own. All is drawn from one generator. Knows no text and no model.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..asr import SAMPLE_RATE

__all__ = ["AugmentConfig", "augment", "hide"]


@dataclass(frozen=True)
class AugmentConfig:
    """Chances, each of a row to be damaged in that way.

    Attributes:
        warp: the whole row is played up to 12 % faster or slower, so that vocal tracts change with the pace.
        shape: the spectrum is bent, as by microphones and rooms.
        reverb: a room of 0.1 to 0.9 s is added.
        babble: other rows are heard beneath, 5 to 25 dB lower.
        noise: of any colour, 2 to 35 dB lower than the speech.
        band: only a telephone's band is left, or another one.
        companding: 8 bits by the mu-law, as on a telephone.
        clipping: the loudest parts are cut off.
        gaps: stretches of 20 to 120 ms are lost.
        level: louder or softer, by up to 20 dB.
    """

    warp: float = 0.5
    shape: float = 0.5
    reverb: float = 0.35
    babble: float = 0.1
    noise: float = 0.65
    band: float = 0.45
    companding: float = 0.25
    clipping: float = 0.07
    gaps: float = 0.1
    level: float = 0.8


def augment(samples: Tensor, generator: torch.Generator, config: AugmentConfig) -> Tensor:
    """Damage a batch.

    Args:
        samples: float32 (b, n) at 16 kHz, within -1 and 1.
        generator: on the samples' device.

    Returns:
        The same shape; within -1 and 1.
    """
    dice = _Dice(len(samples), generator)
    steps: tuple[tuple[float, Callable[[Tensor, _Dice], Tensor]], ...] = (
        (config.warp, _warp),
        (config.shape, _shape),
        (config.reverb, _reverb),
        (config.babble, _babble),
        (config.noise, _noise),
        (config.clipping, _clip),
        (config.band, _band),
        (config.companding, _compand),
        (config.gaps, _gaps),
        (config.level, _level),
    )
    for chance, damage in steps:
        chosen = dice.uniform(0, 1) < chance
        samples = torch.where(chosen, damage(samples, dice), samples)
    return samples.clamp(-1, 1)


def hide(states: Tensor, generator: torch.Generator, spans: int = 4, longest: int = 20) -> Tensor:
    """Encoder states (b, frames, width) with zeros in some stretches: half of the rows lose up to `spans`.

    What is said there has to be told from what is around it, as where a telephone line breaks up. Source:
    "SpecAugment", arXiv 1904.08779.

    Args:
        longest: frames of a stretch.
    """
    dice = _Dice(len(states), generator)
    places = torch.arange(states.shape[1], device=states.device)
    begins = dice.uniform(0, states.shape[1], spans)[..., None]  # (b, spans, 1)
    lengths = dice.uniform(0, longest, spans)[..., None]
    inside = ((places >= begins) & (places < begins + lengths)).any(dim=1)
    hidden = inside & (dice.uniform(0, 1) < 0.5)
    return states.masked_fill(hidden[..., None], 0.0)


@dataclass(frozen=True)
class _Dice:
    """Random numbers for the rows of a batch."""

    rows: int
    generator: torch.Generator

    def uniform(self, low: float, high: float, columns: int = 1) -> Tensor:
        """(rows, columns)."""
        drawn = torch.rand(self.rows, columns, generator=self.generator, device=self.generator.device)
        return low + (high - low) * drawn

    def normal(self, columns: int) -> Tensor:
        return torch.randn(self.rows, columns, generator=self.generator, device=self.generator.device)


def _power(samples: Tensor) -> Tensor:
    """Mean square (b, 1) of where there is sound at all."""
    squares = samples.square()
    return squares.sum(dim=1, keepdim=True) / (squares > 1e-7).sum(dim=1, keepdim=True).clamp(min=1) + 1e-8


def _decibels(values: Tensor) -> Tensor:
    """Factor of amplitude."""
    return torch.pow(10.0, values / 20)


def _frequencies(samples: Tensor) -> Tensor:
    """Hertz of each bin of the rows' real spectrum."""
    hertz: Tensor = torch.fft.rfftfreq(samples.shape[1], 1 / SAMPLE_RATE, device=samples.device)
    return hertz


def _filtered(samples: Tensor, gains: Tensor) -> Tensor:
    filtered: Tensor = torch.fft.irfft(torch.fft.rfft(samples) * gains, n=samples.shape[1])
    return filtered


def _warp(samples: Tensor, dice: _Dice) -> Tensor:
    """Another speed; a row is drawn out no further than its speech has room for."""
    n = samples.shape[1]
    last = (samples.abs() > 1e-4).float().mul(torch.arange(n, device=samples.device)).amax(1, keepdim=True)
    room = (n - 0.5 * SAMPLE_RATE) / last.clamp(min=1)  # by how much the row may be drawn out
    factor = torch.minimum(dice.uniform(0.88, 1.12), room.clamp(min=0.88))
    places = torch.arange(n, device=samples.device) / factor  # (b, n)
    below = places.floor().long()
    rest = places - below
    padded = F.pad(samples, (0, n))
    near = padded.gather(1, below.clamp(max=2 * n - 2))
    far = padded.gather(1, (below + 1).clamp(max=2 * n - 1))
    return near + rest * (far - near)


def _shape(samples: Tensor, dice: _Dice) -> Tensor:
    """A gain of -8 to 8 dB in each of eight bands, smooth between them."""
    knots = dice.uniform(-8, 8, 8)
    mel = torch.log1p(_frequencies(samples) / 700) / math.log1p(SAMPLE_RATE / 2 / 700) * 7  # 0 to 7
    below = mel.floor().long().clamp(max=6)
    rest = mel - below
    return _filtered(samples, _decibels(knots[:, below] * (1 - rest) + knots[:, below + 1] * rest))


def _reverb(samples: Tensor, dice: _Dice) -> Tensor:
    """Convolved with noise that dies away: a room, with the speaker at some distance."""
    size = SAMPLE_RATE // 2
    seconds = torch.arange(size, device=samples.device) / SAMPLE_RATE
    decay = dice.uniform(0.1, 0.9)  # s, until it is 60 dB lower
    tail = dice.normal(size) * torch.exp(-6.9 * seconds / decay)
    tail[:, : SAMPLE_RATE // 400] = 0
    tail = tail / tail.square().sum(dim=1, keepdim=True).sqrt()
    tail = tail * _decibels(dice.uniform(-18, 0))
    tail[:, 0] += 1
    whole = samples.shape[1] + size
    wet: Tensor = torch.fft.irfft(torch.fft.rfft(samples, whole) * torch.fft.rfft(tail, whole), n=whole)
    wet = wet[:, : samples.shape[1]]
    return wet * (_power(samples) / _power(wet)).sqrt()


def _babble(samples: Tensor, dice: _Dice) -> Tensor:
    others = samples.roll(1, dims=0) + samples.roll(2, dims=0)
    return samples + others * (_power(samples) / _power(others)).sqrt() * _decibels(dice.uniform(-25, -8))


def _noise(samples: Tensor, dice: _Dice) -> Tensor:
    """White to brown noise; where nobody speaks, as loud as it would be beneath speech."""
    slope = dice.uniform(0, 1)
    colour = (_frequencies(samples).clamp(min=50) / 1000).pow(-slope)
    noise = _filtered(dice.normal(samples.shape[1]), colour)
    loud = torch.maximum(_power(samples), torch.full_like(slope, 1e-4))
    return samples + noise * (loud / _power(noise)).sqrt() * _decibels(dice.uniform(-35, -2))


def _clip(samples: Tensor, dice: _Dice) -> Tensor:
    limit = samples.abs().amax(dim=1, keepdim=True) * dice.uniform(0.15, 0.7)
    return samples.clamp(-limit, limit)


def _band(samples: Tensor, dice: _Dice) -> Tensor:
    """A band with soft edges: half of the rows get a telephone's, 300 to 3400 Hz."""
    telephone = dice.uniform(0, 1) < 0.5
    low = torch.where(telephone, dice.uniform(150, 350), dice.uniform(20, 250))
    high = torch.where(telephone, dice.uniform(3200, 3900), dice.uniform(2800, 7800))
    hertz = _frequencies(samples)
    return _filtered(samples, torch.sigmoid((hertz - low) / 30) * torch.sigmoid((high - hertz) / 60))


def _compand(samples: Tensor, dice: _Dice) -> Tensor:
    peak = samples.abs().amax(dim=1, keepdim=True).clamp(min=1e-6) / dice.uniform(0.1, 1)
    mu = 255.0
    within = (samples / peak).clamp(-1, 1)
    coded = within.sign() * torch.log1p(mu * within.abs()) / math.log1p(mu)
    coded = (coded * 127).round() / 127
    return coded.sign() * torch.expm1(coded.abs() * math.log1p(mu)) / mu * peak


def _gaps(samples: Tensor, dice: _Dice) -> Tensor:
    times = torch.arange(samples.shape[1], device=samples.device)
    for _ in range(3):
        begin = dice.uniform(0, samples.shape[1])
        length = dice.uniform(0.02, 0.12) * SAMPLE_RATE
        samples = samples * ~((times >= begin) & (times < begin + length))
    return samples


def _level(samples: Tensor, dice: _Dice) -> Tensor:
    louder = samples * _decibels(dice.uniform(-20, 6))
    return louder / louder.abs().amax(dim=1, keepdim=True).clamp(min=1)
