"""A registered model -> a speech-to-text plugin of OpenVoiceOS, found by its entry points.

Does not know which model: the toolkit's configuration names it. Imported by ovos-plugin-manager only.

    "stt": {"module": "ovos-stt-plugin-diffasr",
            "ovos-stt-plugin-diffasr": {"backend": "whisper", "options": {"device": "cpu"}}}
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ovos_plugin_manager.templates.stt import STT
from ovos_plugin_manager.utils.audio import AudioData
from ovos_utils import classproperty

from ..asr import SAMPLE_RATE, LanguageDetector, Transcript, Utterance, list_models
from .common import as_toolkit_errors, best_backend, nearest_language, open_model

__all__ = ["NAME", "DiffasrSTT", "make_configs"]

NAME = "ovos-stt-plugin-diffasr"
"""Of the entry point, and of the plugin's section in the toolkit's configuration."""

AUTO = "auto"
"""The toolkit's word for: find out the language."""


class DiffasrSTT(STT):  # type: ignore[misc]  # the toolkit has no type information
    """Any registered model behind the toolkit's interface.

    Configuration: `lang`; `backend`, the model's name (default: the best here that knows `lang`); `model`,
    its weights, where it has such an option; `options`, its other options by name.
    """

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        """Load the model.

        Raises:
            ValueError, OSError: the configuration names what cannot be had; see `as_toolkit_errors`.
        """
        super().__init__(config)
        settings = dict(self.config.get("options") or {})
        if self.config.get("model") is not None:
            settings["model"] = self.config["model"]
        language = None if self.config.get("lang") == AUTO else self.config.get("lang")
        with as_toolkit_errors():
            backend = self.config.get("backend") or best_backend(language)
            self._model, self._call_options = open_model(backend, settings)
            if language is not None:
                nearest_language(language, self._model.spec)

    @classproperty  # type: ignore[untyped-decorator]
    def available_languages(cls) -> set[str]:
        """What the installed models know together: the class cannot know which of them will be chosen."""
        return {language for spec in list_models() for language in spec.languages}

    def execute(self, audio: AudioData, language: str | None = None) -> str:
        """The text of an utterance of any length; empty where nothing was said."""
        return self._recognise(audio, language).text

    def transcribe(self, audio: AudioData, lang: str | None = None) -> list[tuple[str, float]]:
        """The one text found, with its confidence from 0 to 1 (1 if the model cannot say)."""
        transcript = self._recognise(audio, lang)
        return [(transcript.text, 1.0 if transcript.confidence is None else transcript.confidence)]

    def detect_language(
        self, audio: AudioData, valid_langs: Collection[str] | None = None
    ) -> tuple[str, float]:
        """The likeliest language of those allowed: a bound detector says so, else the model.

        Raises:
            NotImplementedError: there is neither.
        """
        if self._detector is not None or not isinstance(self._model, LanguageDetector):
            return super().detect_language(audio, valid_langs)  # type: ignore[no-any-return]
        start = Utterance(_samples(audio)[: int(self._model.spec.max_seconds * SAMPLE_RATE)])
        with as_toolkit_errors():
            allowed = {nearest_language(tag, self._model.spec): tag for tag in valid_langs or ()}
            scores = self._model.detect_languages([start])[0]
        likeliest = max(allowed or scores, key=lambda code: scores.get(code, 0.0))
        return allowed.get(likeliest, likeliest), scores.get(likeliest, 0.0)

    def _recognise(self, audio: AudioData, language: str | None) -> Transcript:
        language = language or self.lang
        with as_toolkit_errors():
            return self._model.transcribe_long(
                _samples(audio),
                language=None if language == AUTO else nearest_language(language, self._model.spec),
                **self._call_options,
            )


def make_configs() -> dict[str, list[dict[str, Any]]]:
    """For each language, a configuration of the plugin for each model that knows it: what menus show."""
    configs: dict[str, list[dict[str, Any]]] = {}
    for spec in list_models():
        for language in spec.languages:
            name = f"{spec.name}: {spec.description}"
            config = {"lang": language, "backend": spec.name, "display_name": name, "offline": True}
            configs.setdefault(language, []).append(config)
    return configs


def _samples(audio: AudioData) -> NDArray[np.float32]:
    pcm = np.frombuffer(audio.get_raw_data(SAMPLE_RATE, 2), dtype="<i2")
    return (pcm / 32768.0).astype(np.float32)


def __getattr__(name: str) -> object:
    # The entry point of the configurations names a value; plugins are not to be loaded at import for it.
    if name == "CONFIGS":
        return make_configs()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
