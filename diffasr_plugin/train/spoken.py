"""Training sets, on the hub or on disk -> an endless stream of clips with their texts, always in one order.

Rows of a set on the hub come as they are wanted; a clip's sound is decoded only if somebody asks for it.
Knows no model.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluate.audio import read_samples, resample
from ..evaluate.manifest import Clip, read_manifest
from .errors import NoTrainingData
from .model_recipes import StreamedSet

__all__ = ["Spoken", "mixed", "shuffled_manifest", "streamed"]

Samples = NDArray[np.float32]

_SHUFFLED = 1000
"""Rows of a streamed set that are drawn from at a time: a set is stored speaker by speaker."""


@dataclass(frozen=True)
class Spoken:
    """A clip: what is said in it, and how to get its samples, float32 mono at 16 kHz."""

    text: str
    language: str
    samples: Callable[[], Samples]


def mixed(streams: Sequence[Iterator[Spoken]], shares: Sequence[float], seed: int) -> Iterator[Spoken]:
    """Clips of several endless streams, each as often as its share says."""
    dice = random.Random(seed)
    while True:
        (stream,) = dice.choices(streams, shares)
        yield next(stream)


def shuffled_manifest(path: Path, seed: int) -> Iterator[Spoken]:
    """The clips of a manifest, again and again, each time in another order.

    Raises:
        InvalidManifest: it cannot be read, or holds nothing.
    """
    clips, dice = read_manifest(path), random.Random(seed)
    while True:
        for clip in dice.sample(clips, len(clips)):
            yield Spoken(clip.text, clip.language, _reader(clip))


def streamed(source: StreamedSet, seed: int) -> Iterator[Spoken]:
    """The rows of a set on the hub, again and again.

    Raises:
        NoTrainingData: `datasets` is not installed, or the hub cannot be reached.
    """
    # The HTTP client's own error; which client that is differs with the version of the hub's library.
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    rounds = 0
    while True:
        try:
            for row in _rows(source, seed + rounds):
                yield Spoken(row[source.text], source.language, _decoder(row["audio"]))
        except (HTTPError, OSError, ValueError, RuntimeError) as error:
            # `datasets` has no error of its own for all that can go wrong between here and the hub.
            raise NoTrainingData(source.repository, f"it cannot be had from the hub: {error}") from error
        rounds += 1


def _rows(source: StreamedSet, seed: int) -> Iterator[Mapping[str, Any]]:
    try:
        from datasets import Audio, load_dataset
    except ImportError as error:
        message = f'needs datasets: pip install "diffsub[train]" ({error})'
        raise NoTrainingData(source.repository, message) from error
    files = {"data_files": source.files} if source.files else {}
    rows = load_dataset(source.repository, source.config, split=source.split, streaming=True, **files)
    yield from rows.cast_column("audio", Audio(decode=False)).shuffle(seed=seed, buffer_size=_SHUFFLED)


def _reader(clip: Clip) -> Callable[[], Samples]:
    return lambda: read_samples(clip)


def _decoder(sound: Mapping[str, Any]) -> Callable[[], Samples]:
    def decode() -> Samples:
        import soundfile

        data = sound["bytes"] if sound["bytes"] is not None else Path(sound["path"]).read_bytes()
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
        return resample(samples.mean(axis=1), rate)

    return decode
