"""What a toolkit's user writes (name, settings, language tag) -> a loaded model, its options, its language.

Does not know which toolkit asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..asr import (
    SAMPLE_RATE,
    AsrModel,
    AssetError,
    Cancelled,
    DiffasrError,
    ModelSpec,
    ModelUnavailable,
    OutOfMemory,
    PluginError,
    UnsupportedLanguage,
    Utterance,
    build_registry,
)
from ..asr.long import cut_points

__all__ = ["as_toolkit_errors", "best_backend", "nearest_language", "open_model", "windows_of"]

SAME_LANGUAGE = 10
"""langcodes' distance below which two tags are one language: en-AU en 0, nb no 1; nn no 20, de gsw 84."""


@contextmanager
def as_toolkit_errors() -> Iterator[None]:
    """Say in Python's own kinds, which toolkits raise and catch, what went wrong; the message stays ours.

    Raises:
        OSError: the model, or its files, cannot be had here.
        RuntimeError: memory ran out, or a plugin is at fault.
        ValueError: what was asked does not fit: name, option, language, audio.
    """
    try:
        yield
    except (AssetError, ModelUnavailable) as error:
        raise OSError(str(error)) from error
    except (OutOfMemory, PluginError, Cancelled) as error:
        raise RuntimeError(str(error)) from error
    except DiffasrError as error:
        raise ValueError(str(error)) from error


def best_backend(language: str | None = None) -> str:
    """The name of the best model that can run here, if possible one that knows a language.

    Raises:
        ModelUnavailable: there is none.
    """
    ready = []
    for spec in build_registry().models.values():
        readiness = spec.probe()
        if readiness.ready:
            ready.append((language is None or _knows(spec, language), readiness.rank, spec.name))
    if not ready:
        raise ModelUnavailable("any", "no recogniser is ready (see: diffsub backends)")
    return max(ready)[2]


def _knows(spec: ModelSpec, language: str) -> bool:
    try:
        nearest_language(language, spec)
    except UnsupportedLanguage:
        return False
    return True


def open_model(name: str, settings: Mapping[str, Any]) -> tuple[AsrModel, dict[str, Any]]:
    """Load a model; settings of both scopes come together, those of each call are given back, checked.

    Raises:
        UnknownModel, InvalidOption, ModelUnavailable, AssetError: it cannot be had.
    """
    registry = build_registry()
    spec = registry.get(name)
    load_options, call_options = spec.split_options(settings)
    checked = {key: spec.check_options(call_options, "call")[key] for key in call_options}
    return registry.load(name, **load_options), checked


def nearest_language(tag: str, spec: ModelSpec) -> str:
    """The model's own code for a language tag: "en-US" is "en" for a model that knows no regions.

    Raises:
        UnsupportedLanguage: it knows no language that near.
    """
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    if tag in spec.languages:
        return tag
    for wanted in (tag, tag.partition("-")[0]):  # region and script matter little to the ear: zh-TW is zh
        try:
            nearest = langcodes.closest_supported_match(
                wanted, list(spec.languages), max_distance=SAME_LANGUAGE
            )
        except LanguageTagError:  # not a tag at all
            break
        if nearest is not None:
            return nearest
    raise UnsupportedLanguage(tag, spec.name, spec.languages)


def windows_of(samples: NDArray[np.float32], max_s: float) -> list[Utterance]:
    """A recording of shape (n,) at 16 kHz as utterances of at most `max_s` seconds, cut in pauses."""
    spans = cut_points(samples, max_s)
    return [Utterance(samples[start:end], None, start / SAMPLE_RATE) for start, end in spans]
