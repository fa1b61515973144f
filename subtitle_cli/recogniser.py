"""What the user asked of the recogniser to one that is loaded, chosen among all that plugins offer.

Knows specs and options, no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diffasr_plugin.asr import (
    AsrModel,
    InvalidOption,
    ModelSpec,
    ModelUnavailable,
    Readiness,
    Registry,
)

from .errors import SubtitleError

__all__ = ["AUTO", "BackendChoice", "choose", "load", "parse_settings"]

AUTO = "auto"


@dataclass(frozen=True)
class BackendChoice:
    """A recogniser that can run here, and why it was taken.

    Attributes:
        spec: the recogniser.
        reason: one line for people.
        load_options, call_options: the user's options, sorted by when they are needed, unchecked.
    """

    spec: ModelSpec
    reason: str
    load_options: Mapping[str, Any] = field(default_factory=dict)
    call_options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def downloads(self) -> tuple[str, ...]:
        """Names of the assets to fetch before loading; none if other weights were asked for."""
        return () if "model" in self.load_options else self.spec.probe().downloads


def parse_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """`("steps=8", "device=cpu")` as a dict.

    Raises:
        InvalidOption: one of them is not KEY=VALUE, or a key is given twice.
    """
    parsed: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise InvalidOption(setting, "write it as KEY=VALUE, for example --set steps=8")
        if key in parsed:
            raise InvalidOption(key, "given twice")
        parsed[key] = value
    return parsed


def choose(registry: Registry, name: str, options: Mapping[str, str]) -> BackendChoice:
    """The recogniser of that name, or for "auto" the best one that can run here and has all the options.

    Raises:
        UnknownModel, InvalidOption: no such recogniser or option.
        SubtitleError: "auto" found none that can run here; the message says what each one lacks.
    """
    if name != AUTO:
        spec = registry.get(name)
        return BackendChoice(spec, "asked for", *spec.split_options(options))
    ready: list[tuple[int, ModelSpec]] = []
    passed_over: list[str] = []
    for spec in registry.models.values():
        readiness = spec.probe()
        if not readiness.ready:
            passed_over.append(f"{spec.name} cannot run here ({_first(readiness)})")
        elif not _has_all(spec, options):
            passed_over.append(f"{spec.name} has not all of the options {', '.join(options)}")
        else:
            ready.append((readiness.rank, spec))
    if not ready:
        raise SubtitleError(
            "no recogniser can be used here: " + ("; ".join(passed_over) or "none is installed")
        )
    _, best = max(ready, key=lambda item: item[0])
    reason = "; ".join(["the best that this machine can run", *passed_over])
    return BackendChoice(best, reason, *best.split_options(options))


def load(choice: BackendChoice) -> AsrModel:
    """Load the chosen recogniser, its model files fetched if need be.

    Raises:
        ModelUnavailable: it cannot run here; the message says what is missing.
        InvalidOption: a value that the model does not take.
    """
    readiness = choice.spec.probe()
    if not readiness.ready:
        raise ModelUnavailable(choice.spec.name, "; ".join(readiness.missing) or "it does not say why")
    choice.spec.check_options(choice.call_options, "call")
    return choice.spec.factory(choice.spec.check_options(choice.load_options, "load"))


def _first(readiness: Readiness) -> str:
    return readiness.missing[0] if readiness.missing else "it does not say why"


def _has_all(spec: ModelSpec, options: Mapping[str, str]) -> bool:
    return set(options) <= {option.name for option in spec.options}
