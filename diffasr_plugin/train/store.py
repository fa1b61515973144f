"""Manifests of recordings -> all their samples in one tensor on the device, and the clips in it.

A clip is then a stretch of that tensor: windows are put together without touching a disk. Knows no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..asr import SAMPLE_RATE
from ..evaluate.audio import resample
from ..evaluate.manifest import Clip, read_manifest
from .errors import NoTrainingData

__all__ = ["Store", "StoredClip", "read_store"]


@dataclass(frozen=True)
class StoredClip:
    """A recording with what is to be written for it.

    Attributes:
        source: what kind of recording it is: its speaker's name up to a colon.
        start, samples: the stretch of the store's audio.
        text: as it is to be written.
        ids: its tokens.
        units: what the CTC reader is to read.
        distilled: whether the text is the teacher's own.
    """

    language: str
    source: str
    start: int
    samples: int
    text: str
    ids: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    distilled: bool = False

    def written(self, text: str, ids: Sequence[int], units: Sequence[int], *, distilled: bool) -> StoredClip:
        return replace(self, text=text, ids=tuple(ids), units=tuple(units), distilled=distilled)


@dataclass(frozen=True, eq=False)
class Store:
    """Clips and their samples.

    Attributes:
        audio: int16 (n,) mono at 16 kHz.
    """

    audio: Tensor
    clips: tuple[StoredClip, ...]

    @cached_property
    def by_language(self) -> dict[str, dict[str, list[StoredClip]]]:
        """Clips by language and source."""
        found: dict[str, dict[str, list[StoredClip]]] = {}
        for clip in self.clips:
            found.setdefault(clip.language, {}).setdefault(clip.source, []).append(clip)
        return found

    def told(self) -> str:
        """What is in it, for people."""
        counts = (
            f"{language} {source} {len(clips)}"
            for language, sources in sorted(self.by_language.items())
            for source, clips in sorted(sources.items())
        )
        return f"{self.hours:.1f} hours of speech; clips: {', '.join(counts)}"

    @property
    def hours(self) -> float:
        return sum(clip.samples for clip in self.clips) / SAMPLE_RATE / 3600

    def with_clips(self, clips: Iterable[StoredClip]) -> Store:
        return Store(self.audio, tuple(clips))


def read_store(
    manifests: Sequence[Path], languages: Iterable[str], longest_s: float, device: torch.device
) -> Store:
    """Read all recordings in these languages that are not too long.

    Raises:
        NoTrainingData: there is none.
        InvalidManifest, InvalidAudio: a manifest or a recording is damaged.
    """
    wanted, clips = set(languages), []
    for manifest in manifests:
        clips += [clip for clip in read_manifest(manifest) if clip.language in wanted]
    parts: list[Tensor] = []
    stored: list[StoredClip] = []
    size = 0
    for audio, group in groupby(sorted(clips, key=_place), key=lambda clip: clip.audio):
        samples = _samples(audio)
        parts.append(torch.from_numpy(samples).to(device))
        for clip in group:
            start = round(clip.start_s * SAMPLE_RATE)
            end = len(samples) if clip.end_s is None else min(round(clip.end_s * SAMPLE_RATE), len(samples))
            if 0 < end - start <= longest_s * SAMPLE_RATE:
                source = (clip.speaker or "").partition(":")[0]
                stored.append(StoredClip(clip.language, source, size + start, end - start, clip.text))
        size += len(samples)
    if not stored:
        raise NoTrainingData(", ".join(map(str, manifests)), f"no clip in {', '.join(sorted(wanted))}")
    return Store(torch.cat(parts), tuple(stored))


def _place(clip: Clip) -> tuple[str, float]:
    return str(clip.audio), clip.start_s


def _samples(audio: Path) -> NDArray[np.int16]:
    """A whole file: as it is where it is 16 kHz mono, as training data mostly is."""
    import soundfile

    from ..asr import InvalidAudio

    try:
        samples: NDArray[Any]
        samples, rate = soundfile.read(audio, dtype="int16", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise InvalidAudio(f"{audio} cannot be read: {error}", audio) from error
    if rate == SAMPLE_RATE and samples.shape[1] == 1:
        return samples[:, 0]
    mono = resample(samples.astype(np.float32).mean(axis=1) / 32768, rate)
    return np.clip(np.round(mono * 32768), -32768, 32767).astype(np.int16)
