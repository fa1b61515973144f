"""What goes into a recogniser and what comes out of it: plain frozen values.

Knows nothing of any model, of films or of subtitles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidAudio

__all__ = [
    "SAMPLE_RATE",
    "ModelStatus",
    "TranscribeOptions",
    "Transcript",
    "Utterance",
    "Word",
    "as_samples",
]

SAMPLE_RATE = 16_000
"""Samples a second of all audio that crosses the interface, in Hz."""


def as_samples(audio: Any, sample_rate: int = SAMPLE_RATE) -> NDArray[np.float32]:  # noqa: ANN401
    """Check that an array is float mono audio at 16 kHz, and give it back as float32 of shape (n,).

    Raises:
        InvalidAudio: another sample rate, an integer array, more than one channel, NaN or infinity.
    """
    array = np.asarray(audio)
    if sample_rate != SAMPLE_RATE:
        raise InvalidAudio(f"audio at {sample_rate} Hz: resample it to {SAMPLE_RATE} Hz first", sample_rate)
    if array.ndim != 1:
        raise InvalidAudio(
            f"audio of shape {array.shape}: mix it to mono, shape (samples,), first", array.shape
        )
    if array.dtype.kind != "f":
        raise InvalidAudio(
            f"audio of type {array.dtype}: convert it to float32 between -1 and 1 first", array.dtype
        )
    if not np.isfinite(array).all():
        bad = int(np.flatnonzero(~np.isfinite(array))[0])
        raise InvalidAudio(f"audio holds {array[bad]} at sample {bad}: repair it first", bad)
    return np.ascontiguousarray(array, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Utterance:
    """A stretch of speech to recognise.

    Attributes:
        samples: float32 mono audio at 16 kHz, shape (n,), about -1 to 1.
        language: BCP-47 language of the speech, or None: the model detects it.
        start_s: where the stretch begins in its recording, in seconds.
        key: the caller's own mark; models leave it alone.

    Raises:
        InvalidAudio: see `as_samples`.
    """

    samples: NDArray[np.float32]
    language: str | None = None
    start_s: float = 0.0
    key: object = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", as_samples(self.samples))

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s


@dataclass(frozen=True)
class Word:
    """One word as it is written, punctuation attached, with its place in the utterance.

    Attributes:
        text: the word, without surrounding space. In scripts without spaces, any small piece of text.
        start_s, end_s: seconds from the start of the utterance.
        confidence: 0 to 1, or None where the model cannot say.
        space_before: whether a space parts it from the word before it (False inside Chinese, for one).
    """

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None
    space_before: bool = True

    def shifted(self, offset_s: float) -> Word:
        return replace(self, start_s=self.start_s + offset_s, end_s=self.end_s + offset_s)


@dataclass(frozen=True)
class Transcript:
    """What was said in one utterance.

    Attributes:
        text: the whole text; empty where nothing was said.
        language: BCP-47 language that it was recognised in, or None where nothing was said.
        words: the words in order, with times from the start of the utterance; empty where the model
            gives no times or none were asked for.
        confidence: 0 to 1, or None where the model cannot say.
        steps: denoising steps used, for diffusion models.
    """

    text: str
    language: str | None = None
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    steps: int | None = None


@dataclass(frozen=True)
class TranscribeOptions:
    """What is asked of one call, for all of its utterances.

    Attributes:
        language: BCP-47 language for utterances that name none; None: detect it for each.
        task: "transcribe", or "translate" (into English).
        seed: seed of all random draws.
        word_times: whether words with times are wanted.
        model_options: the model's own per-call options, checked against its spec.
    """

    language: str | None = None
    task: str = "transcribe"
    seed: int = 0
    word_times: bool = True
    model_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelStatus:
    """What is loaded where.

    Attributes:
        model: the name of the loaded weights, e.g. "openai/whisper-base".
        device: e.g. "cpu", "cuda:0".
        dtype: e.g. "float32", with the reason where it is not plain: "bfloat16 (GPU)".
        memory_bytes: what the weights take.
    """

    model: str
    device: str
    dtype: str
    memory_bytes: int


def is_valid_span(start_s: float, end_s: float, duration_s: float, slack_s: float = 1e-3) -> bool:
    """Whether a span in seconds is finite, not reversed and inside 0 to `duration_s`."""
    return (
        math.isfinite(start_s)
        and math.isfinite(end_s)
        and -slack_s <= start_s <= end_s <= duration_s + slack_s
    )
