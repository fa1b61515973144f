"""Short clips -> one long recording, as a film has it: sentences with pauses of silence between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from ...asr import SAMPLE_RATE
from ..audio import read_samples
from ..manifest import Clip

__all__ = ["glue"]


def glue(clips: Sequence[Clip], wav: Path, length_s: float, pause_s: float = 1.0) -> Clip:
    """As many clips as fill `length_s`, from the start again if need be; what is left over is silence."""
    pause = np.zeros(int(pause_s * SAMPLE_RATE), np.float32)
    wanted = int(length_s * SAMPLE_RATE)
    parts: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    texts = []
    filled = number = 0
    while True:
        clip = clips[number % len(clips)]
        samples = read_samples(clip)
        if filled + len(samples) + len(pause) > wanted:
            break
        parts += [samples, pause]
        texts.append(clip.text)
        filled += len(samples) + len(pause)
        number += 1
    whole = np.concatenate([*parts, np.zeros(wanted - filled, np.float32)])
    soundfile.write(wav, whole, SAMPLE_RATE, subtype="PCM_16")
    return Clip(wav, " ".join(texts), clips[0].language)
