"""Recognisers whose answers are known by construction, and entry points that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import numpy as np

from diffasr_plugin.asr import (
    AsrModel,
    Cancelled,
    ModelSpec,
    ModelStatus,
    Option,
    Readiness,
    TranscribeOptions,
    Transcript,
    Utterance,
    Word,
    hookimpl,
)


class CountingModel(AsrModel):
    """Says "one two three …": one word for each full half second of sound, silent halves left out."""

    NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

    def __init__(self, spec: ModelSpec, options: dict) -> None:
        self.spec = spec
        self.options = options
        self.status = ModelStatus(spec.name, "cpu", "none", 0)
        self.closed = 0
        self.batches: list[int] = []

    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress=None,
        should_stop=None,
    ) -> list[Transcript]:
        self.batches.append(len(utterances))
        transcripts = []
        for done, utterance in enumerate(utterances, 1):
            if should_stop is not None and should_stop():
                raise Cancelled
            transcripts.append(self.count(utterance, options))
            if on_progress is not None:
                on_progress(done, len(utterances))
        return transcripts

    def count(self, utterance: Utterance, options: TranscribeOptions) -> Transcript:
        words = []
        for half in range(int(utterance.duration_s * 2)):
            if np.abs(utterance.samples[half * 8000 : (half + 1) * 8000]).max(initial=0) > 1e-4:
                name = self.NAMES[len(words) % 10]
                words.append(Word(name, half / 2 + 0.05, half / 2 + 0.45, 0.9))
        text = " ".join(word.text for word in words)
        language = utterance.language or options.language or "en"
        return Transcript(text, language if text else None, tuple(words), 0.9 if words else None)

    def close(self) -> None:
        self.closed += 1


def make_spec(name: str = "counting", model: Callable = CountingModel, **changes) -> ModelSpec:
    fields = {
        "name": name,
        "description": "Counts half seconds.",
        "languages": ("en", "de"),
        "licence": "Apache-2.0",
        "max_seconds": 10.0,
        "best_seconds": 8.0,
        "word_times": True,
        "confidence": True,
        "factory": lambda options: model(spec, dict(options)),
        "probe": lambda: Readiness(True),
        "options": (
            Option("device", str, "auto", "where it runs", scope="load", choices=("auto", "cpu")),
            Option("steps", int, 16, "denoising steps", minimum=1, maximum=48),
        ),
    }
    spec = ModelSpec(**{**fields, **changes})
    return spec


def make_plugin(*specs) -> object:
    class Plugin:
        @hookimpl
        def register_asr_models(self, register):
            for spec in specs:
                register(spec)

    return Plugin()


def make_point(name: str, plugin: object | Exception, distribution: str = "some-plugin") -> EntryPoint:
    """An entry point that loads `plugin`, or fails with it if it is an exception."""

    class Point(EntryPoint):
        def load(self):
            if isinstance(plugin, Exception):
                raise plugin
            return plugin

    return Point(name, "unused", "diffasr")._for(SimpleNamespace(name=distribution, version="1.0"))
