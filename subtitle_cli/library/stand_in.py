"""A recogniser in another process -> one that is called as if it were here.

Knows neither where that process is nor how it is reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from diffasr_plugin.asr import (
    AsrModel,
    ModelSpec,
    OutOfMemory,
    ShouldStop,
    TranscribeOptions,
    Transcript,
    Utterance,
)
from diffasr_plugin.asr import Progress as OnProgress

from ..recogniser import Choice
from .errors import RecogniserFailed
from .worker import Call, Detect, Facts, Transcribe

__all__ = ["Asker", "make_stand_in"]


class Asker(Protocol):
    """Whatever takes calls to where the models are."""

    def ask(self, call: Call, on_progress: OnProgress | None = None) -> Any:  # noqa: ANN401
        """What is answered.

        Raises:
            RecogniserDied, RecogniserFailed: so it is.
        """


def make_stand_in(executor: Asker, choice: Choice, facts: Facts) -> AsrModel:
    """A stand-in for a loaded model; it tells languages if that does."""
    kind = _DetectingStandIn if facts.detects else _StandIn
    return kind(executor, choice.spec, choice.load_options, facts)


class _StandIn(AsrModel):
    """A model that lives in an executor's processes."""

    def __init__(
        self, executor: Asker, spec: ModelSpec, load_options: Mapping[str, Any], facts: Facts
    ) -> None:
        self.spec = spec
        self.status = facts.status
        self._executor = executor
        self._load_options = load_options

    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[Transcript]:
        try:
            answer = self._ask(Transcribe(utterances, options), on_progress)
        except RecogniserFailed as error:
            if error.kind == OutOfMemory.__name__:
                raise OutOfMemory(self.spec.name, len(utterances), self.status.device) from error
            raise
        found: list[Transcript] = answer
        return found

    def _ask(self, what: Transcribe | Detect, on_progress: OnProgress | None = None) -> Any:  # noqa: ANN401
        return self._executor.ask(Call(self.spec.name, self._load_options, what), on_progress)


class _DetectingStandIn(_StandIn):
    """One that tells languages, too."""

    def detect_languages(self, utterances: Sequence[Utterance]) -> list[dict[str, float]]:
        found: list[dict[str, float]] = self._ask(Detect(utterances))
        return found
