"""The recogniser's own process: calls come in through a pipe, answers go out.

A recogniser that hangs or crashes takes this process with it and nothing else. It knows models by name only.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pickle import PicklingError
from threading import Thread
from typing import Any

from diffasr_plugin.asr import (
    AsrModel,
    LanguageDetector,
    ModelStatus,
    Registry,
    TranscribeOptions,
    Utterance,
    build_registry,
)
from diffasr_plugin.asr import Progress as OnProgress

__all__ = [
    "Answer",
    "Call",
    "Detect",
    "Facts",
    "Failure",
    "Load",
    "Models",
    "Progress",
    "Transcribe",
    "serve",
]


@dataclass(frozen=True)
class Load:
    """Load the model, and tell about it; answered by `Facts`."""


@dataclass(frozen=True)
class Transcribe:
    """Answered by a list of transcripts."""

    utterances: Sequence[Utterance]
    options: TranscribeOptions


@dataclass(frozen=True)
class Detect:
    """Answered by a list of languages with their probabilities."""

    utterances: Sequence[Utterance]


@dataclass(frozen=True)
class Call:
    """One thing to be done by the model of that name, loaded with these options if it is not yet."""

    model: str
    load_options: Mapping[str, Any]
    what: Load | Transcribe | Detect


@dataclass(frozen=True)
class Facts:
    """What is known of a loaded model; `detects`: whether it tells languages."""

    status: ModelStatus
    detects: bool


@dataclass(frozen=True)
class Progress:
    """The model is at work: so many utterances are done."""

    done: int
    total: int


@dataclass(frozen=True)
class Answer:
    """The call has succeeded."""

    value: Any


@dataclass(frozen=True)
class Failure:
    """The call has failed: the error's class, what it says, and where it came from."""

    kind: str
    message: str
    trace: str


@dataclass
class Models:
    """The models that this process holds."""

    registry: Registry
    loaded: dict[str, AsrModel] = field(default_factory=dict)

    def answer(self, call: Call, on_progress: OnProgress | None = None) -> Answer | Failure:
        """Do what a call asks for; whatever a plugin raises is told, and ends nothing."""
        try:
            return Answer(self._do(call, on_progress))
        except Exception as error:
            return Failure(type(error).__name__, str(error), traceback.format_exc())

    def _do(self, call: Call, on_progress: OnProgress | None) -> object:
        model = self._get(call)
        if isinstance(call.what, Load):
            return Facts(model.status, isinstance(model, LanguageDetector))
        if isinstance(call.what, Detect):
            assert isinstance(model, LanguageDetector), call.model
            return model.detect_languages(call.what.utterances)
        # The caller checks both sides of the contract.
        return model.transcribe_batch(call.what.utterances, call.what.options, on_progress=on_progress)

    def _get(self, call: Call) -> AsrModel:
        if call.model not in self.loaded:
            self.loaded[call.model] = self.registry.load(call.model, **call.load_options)
        return self.loaded[call.model]


def serve(connection: Connection, blocked: Collection[str], environment: Mapping[str, str]) -> None:
    """Answer calls until the pipe is closed.

    Args:
        blocked: plugins that are left out.
        environment: variables to set first, such as the GPU to use.
    """
    # Ctrl-C reaches all processes of a terminal; what it means is for the parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(environment)
    # Standard output is for results; what a model prints is none.
    os.dup2(sys.stderr.fileno(), 1)
    Thread(target=_die_with_parent, daemon=True).start()
    models = Models(build_registry(blocked))

    def tell(done: int, total: int) -> None:
        connection.send(Progress(done, total))

    while True:
        try:
            call = connection.recv()
        except EOFError:
            return
        try:
            connection.send(models.answer(call, tell))
        except (PicklingError, AttributeError, TypeError) as error:  # what pickle raises, by what it meets
            what = f"it gave back what cannot be sent: {error}"
            connection.send(Failure(type(error).__name__, what, traceback.format_exc()))


def _die_with_parent() -> None:
    """A parent that was killed says nothing: without this, a hung model would outlive it."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
