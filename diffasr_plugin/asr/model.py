"""The recogniser as callers see it: one abstract method, the rest concrete on top of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from .checks import check_request, check_transcripts
from .errors import Cancelled
from .long import cut_points, join
from .spec import ModelSpec
from .types import SAMPLE_RATE, ModelStatus, TranscribeOptions, Transcript, Utterance, as_samples

__all__ = ["AsrModel", "LanguageDetector", "Progress", "ShouldStop", "Traceable", "recognise"]

Progress = Callable[[int, int], None]
"""Called with (utterances done, utterances in all)."""

ShouldStop = Callable[[], bool]
"""Asked between batches; True ends the call with `Cancelled`."""


class AsrModel(ABC):
    """A loaded recogniser. Backends write `transcribe_batch`, and set `spec` and `status`.

    A context manager: leaving it frees what the model holds.
    """

    spec: ModelSpec
    status: ModelStatus

    @abstractmethod
    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[Transcript]:
        """Recognise any number of utterances: one transcript for each, in their order.

        An utterance's result does not depend on the others of the call. Silence gives an empty text.

        Raises:
            UnsupportedLanguage, UnsupportedTask, InvalidOption, InvalidAudio: the request does not fit.
            OutOfMemory: a smaller batch may fit.
            Cancelled: `should_stop()` said so.
        """

    def transcribe(
        self,
        samples: Any,  # noqa: ANN401
        *,
        language: str | None = None,
        sample_rate: int = SAMPLE_RATE,
        task: str = "transcribe",
        seed: int = 0,
        **model_options: Any,  # noqa: ANN401
    ) -> Transcript:
        """Recognise one array of mono float audio at 16 kHz, of at most the model's `max_seconds`."""
        utterance = Utterance(as_samples(samples, sample_rate), language)
        return recognise(self, [utterance], TranscribeOptions(None, task, seed, True, model_options))[0]

    def transcribe_long(
        self,
        samples: Any,  # noqa: ANN401
        *,
        language: str | None = None,
        sample_rate: int = SAMPLE_RATE,
        should_stop: ShouldStop | None = None,
        **model_options: Any,  # noqa: ANN401
    ) -> Transcript:
        """Recognise audio of any length: cut at quiet places, recognised in windows, joined again."""
        audio = as_samples(samples, sample_rate)
        spans = cut_points(audio, self.spec.max_seconds)
        windows = [Utterance(audio[start:end], language, start / SAMPLE_RATE) for start, end in spans]
        options = TranscribeOptions(model_options=model_options)
        return join(windows, recognise(self, windows, options, should_stop=should_stop))

    def close(self) -> None:
        """Free what the model holds; calling it again does nothing."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def recognise(
    model: AsrModel,
    utterances: Sequence[Utterance],
    options: TranscribeOptions,
    *,
    on_progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> list[Transcript]:
    """`model.transcribe_batch` with both sides of the contract checked: what every caller should use.

    Raises:
        ContractViolation: the model's plugin broke the interface; it is named.
        InvalidAudio, UnsupportedLanguage, UnsupportedTask, InvalidOption: the request does not fit the model.
    """
    options = check_request(model.spec, utterances, options)
    if should_stop is not None and should_stop():
        raise Cancelled
    transcripts = model.transcribe_batch(
        utterances, options, on_progress=on_progress, should_stop=should_stop
    )
    return check_transcripts(model.spec, utterances, transcripts)


@runtime_checkable
class LanguageDetector(Protocol):
    """A model that can tell the language of speech."""

    def detect_languages(self, utterances: Sequence[Utterance]) -> list[dict[str, float]]:
        """Probability of each language, for each utterance; each dict sums to 1."""
        ...


@runtime_checkable
class Traceable(Protocol):
    """A model that can show how it came to its transcript, step by step, as JSON-like data."""

    def trace(self, utterance: Utterance, options: TranscribeOptions) -> Mapping[str, Any]: ...
