"""A kind of sound by its name -> as many seconds of it as wanted, without a word in it.

Silence, breath and applause are made by numpy, noise by ffmpeg; music and small sounds are recordings out of
Debian's packages (Asterisk's music on hold, CC-BY-SA 3.0; Sonic Pi's samples, CC0; Asterisk's monkeys).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from diffasr_plugin.assets import cache_home
from diffasr_plugin.evaluate.audio import resample
from diffasr_plugin.evaluate.loaders.debian import unpacked
from subtitle_cli.media import find_ffmpeg

__all__ = ["SOUNDS", "applause", "breath", "noise", "silence"]

RATE = 16_000
Samples = NDArray[np.float32]

COLOURS = ("white", "pink", "brown", "blue", "violet", "velvet")
NOISE_S = 20.0
"""Each colour, and each level, this long."""

MUSIC = ("music-on-hold", ("asterisk-moh-opsound-g722",), "usr/share/asterisk/moh/*.g722")
EFFECTS = ("sonic-pi-samples", ("sonic-pi-samples",), "usr/share/sonic-pi/samples/*.flac")
MONKEYS = (
    "asterisk-monkeys",
    ("asterisk-core-sounds-en-g722",),
    "usr/share/asterisk/sounds/en_US_f_Allison/tt-monkeys.g722",
)
PAUSE_S = 0.5


def silence(seconds: float) -> Samples:
    """Digital silence, then the faint hiss of dither at -90, -75 and -60 dB, a quarter each."""
    hiss = np.random.default_rng(0).normal(size=int(seconds * RATE))
    levels = np.repeat([0.0, *(10 ** (np.array([-90, -75, -60]) / 20))], len(hiss) // 4 + 1)
    return (hiss * levels[: len(hiss)]).astype(np.float32)


def noise(seconds: float) -> Samples:
    """Noise of six colours, and mains hum, at falling levels."""
    hum = "sine=50:sample_rate=16000,volume=0.5"
    kinds = [*(f"anoisesrc=colour={colour}:sample_rate=16000:seed=1" for colour in COLOURS), hum]
    parts = []
    for number in range(int(seconds // NOISE_S) + 1):
        made = _ffmpeg("-f", "lavfi", "-t", str(NOISE_S), "-i", kinds[number % len(kinds)])
        parts.append(made * 10 ** (-10 * (number // len(kinds)) / 20))
    return _cut(parts, seconds)


def breath(seconds: float) -> Samples:
    """Somebody breathes close to a microphone: in, out, a pause; no two breaths alike."""
    draws = np.random.default_rng(0)
    parts = []
    while sum(map(len, parts)) < seconds * RATE:
        parts.append(_puff(draws, draws.uniform(0.7, 1.6), 900, 5000) * draws.uniform(0.02, 0.12))
        parts.append(_puff(draws, draws.uniform(1.0, 2.2), 300, 2500) * draws.uniform(0.02, 0.15))
        parts.append(np.zeros(int(draws.uniform(0.2, 2.0) * RATE)))
    return _cut(parts, seconds)


def applause(seconds: float) -> Samples:
    """A hall claps: every half minute it swells, from a few hands to hundreds, and dies down."""
    draws = np.random.default_rng(0)
    total = int(seconds * RATE)
    claps = np.zeros(total + RATE)
    at_s = np.arange(total) / RATE
    rate = 300 * np.exp(-0.5 * ((at_s % 30 - 12) / 7) ** 2)  # claps a second
    for start in np.flatnonzero(draws.random(total) < rate / RATE):
        clap = _clap(draws)
        claps[start : start + len(clap)] += clap
    return (0.3 * claps[:total] / np.abs(claps).max()).astype(np.float32)


def recordings(package: tuple[str, tuple[str, ...], str], seconds: float) -> Samples:
    """All recordings of a package one after the other, with pauses, again and again.

    Raises:
        DatasetUnavailable: there is no apt-get to fetch Debian's packages with.
    """
    name, packages, pattern = package
    files = sorted(unpacked(name, packages, cache_home() / "speech" / name).glob(pattern))
    parts: list[Samples] = []
    for file in cycle(files):
        if sum(map(len, parts)) >= seconds * RATE:
            break
        parts += [_read(file), np.zeros(int(PAUSE_S * RATE), np.float32)]
    return _cut(parts, seconds)


SOUNDS: Mapping[str, Callable[[float], Samples]] = {
    "silence": silence,
    "noise": noise,
    "breath": breath,
    "applause": applause,
    "music": partial(recordings, MUSIC),
    "small sounds": partial(recordings, EFFECTS),
    "monkeys": partial(recordings, MONKEYS),
}


def _puff(draws: np.random.Generator, seconds: float, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    band = butter(2, [low_hz, high_hz], "bandpass", fs=RATE, output="sos")
    air = sosfilt(band, draws.normal(size=int(seconds * RATE)))
    rise = np.sin(np.linspace(0, np.pi, len(air))) ** draws.uniform(0.7, 2.0)
    return np.asarray(air * rise / np.abs(air).max())


def _clap(draws: np.random.Generator) -> NDArray[np.float64]:
    """A burst of noise around 1 to 2.5 kHz that dies within some hundredths of a second."""
    middle_hz = draws.uniform(1000, 2500)
    band = butter(1, [middle_hz * 0.7, middle_hz * 1.4], "bandpass", fs=RATE, output="sos")
    burst = sosfilt(band, draws.normal(size=RATE // 10)) * draws.lognormal(0, 0.8)
    return np.asarray(burst * np.exp(-np.arange(len(burst)) / (RATE * draws.uniform(0.005, 0.02))))


def _read(file: Path) -> Samples:
    if file.suffix == ".g722":
        return _ffmpeg("-f", "g722", "-i", str(file))
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return resample(samples.mean(axis=1), rate)


def _ffmpeg(*source: str) -> Samples:
    command = [find_ffmpeg(), "-v", "error", *source, "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)


def _cut(parts: list[NDArray[np.floating]], seconds: float) -> Samples:
    return np.concatenate(parts)[: int(seconds * RATE)].astype(np.float32)
