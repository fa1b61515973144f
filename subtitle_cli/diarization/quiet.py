"""Sound and the speech found in it -> the quiet speech between that, which a second look finds.

The network hears ten seconds at once, at one level: what is quiet beside something loud drowns. A gap between
the speech found, heard on its own, is as loud as any other sound.

Importing this module imports torch and pyannote.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from diffasr_plugin.asr import SAMPLE_RATE

from .segmentation import Samples, Sensitivity, Stretch, find_stretches

__all__ = ["SECOND_LOOK", "find_quiet_speech"]

SECOND_LOOK = Sensitivity(onset=0.9, offset=0.3)
"""The onset is high: a gap holds no speech most of the time, and noise is heard as loud as speech. Chosen on
the training files of pyannote's own tests, as they are and with parts of them 35 dB fainter:
`python -m benchmarks.diarization --tune`."""

LONG_GAP_S = 3.0
SHORT_GAP_S = 1.0
DROWNED_DB = 30.0
"""A short gap is heard again too, if it is by so much fainter than what the network heard it with."""
AROUND_S = 10.0
_BLOCK = SAMPLE_RATE // 10


def find_quiet_speech(
    samples: Samples, found: Sequence[Stretch], sensitivity: Sensitivity = SECOND_LOOK
) -> list[Stretch]:
    """Stretches of speech between those found, in order.

    Args:
        samples: float32 mono at 16 kHz, shape (n,); may be a memory map.
        found: in order, never overlapping.
    """
    quiet = []
    for start_s, end_s in _gaps(found, len(samples) / SAMPLE_RATE):
        if end_s - start_s > LONG_GAP_S or _is_drowned(samples, start_s, end_s):
            alone = _cut(samples, start_s, end_s)
            quiet += [(start_s + a, min(start_s + b, end_s)) for a, b in find_stretches(alone, sensitivity)]
    return quiet


def _gaps(found: Sequence[Stretch], duration_s: float) -> list[Stretch]:
    edges = [(0.0, 0.0), *found, (duration_s, duration_s)]
    return [(end, start) for (_, end), (start, _) in pairwise(edges) if start - end > SHORT_GAP_S]


def _is_drowned(samples: Samples, start_s: float, end_s: float) -> bool:
    around = _peak_db(_cut(samples, start_s - AROUND_S, end_s + AROUND_S))
    # The edges of speech are inexact: the first and last tenth of a second may be part of it.
    return _peak_db(_cut(samples, start_s + 0.1, end_s - 0.1)) < around - DROWNED_DB


def _peak_db(samples: Samples) -> float:
    """Level of the loudest tenth of a second, in dB below full scale."""
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    power = np.square(blocks, dtype=np.float64).mean(axis=1).max(initial=0.0)
    return float(10 * np.log10(power + 1e-20))


def _cut(samples: Samples, start_s: float, end_s: float) -> Samples:
    return samples[max(0, round(start_s * SAMPLE_RATE)) : max(0, round(end_s * SAMPLE_RATE))]
