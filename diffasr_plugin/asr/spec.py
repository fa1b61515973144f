"""What is known of a model before it is loaded: its name, languages, options, needs.

Knows no model; a plugin fills these in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .errors import InvalidOption, did_you_mean

if TYPE_CHECKING:
    from .model import AsrModel

__all__ = ["API_VERSION", "ModelSpec", "Option", "Readiness", "parse_settings"]

API_VERSION = 1
"""Version of the interface; a spec of another version is refused."""

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Option:
    """One setting of a model.

    Attributes:
        name: as in `--set name=value`.
        type: int, float, str or bool.
        default: used when nothing is given; None means that the model decides.
        help: one line for people.
        scope: "load": given once when the model is loaded; "call": given with each call.
        choices: the only values allowed, if not empty.
        minimum, maximum: bounds of a number, both allowed values.
    """

    name: str
    type: type[int] | type[float] | type[str] | type[bool]
    default: Any
    help: str
    scope: Literal["load", "call"] = "call"
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def check(self, value: Any) -> Any:  # noqa: ANN401
        """The value as this option's type, text parsed.

        Raises:
            InvalidOption: not of the type, not among the choices, or out of bounds.
        """
        if value is None and self.default is None:
            return None
        try:
            parsed = self._parse(value)
        except ValueError:
            raise InvalidOption(self.name, f"{value!r} is not {_a(self.type)}") from None
        if self.choices and parsed not in self.choices:
            listed = ", ".join(str(choice) for choice in self.choices)
            raise InvalidOption(self.name, f"{value!r} is not one of {listed}")
        if self.minimum is not None and parsed < self.minimum:
            raise InvalidOption(self.name, f"{value!r} is below {self.minimum:g}")
        if self.maximum is not None and parsed > self.maximum:
            raise InvalidOption(self.name, f"{value!r} is above {self.maximum:g}")
        return parsed

    def _parse(self, value: Any) -> Any:  # noqa: ANN401
        if self.type is bool:
            text = str(value).strip().lower()
            if text not in _TRUE | _FALSE:
                raise ValueError(value)
            return text in _TRUE
        if isinstance(value, str) or self.type is str:
            return self.type(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or self.type(value) != value:
            raise ValueError(value)
        return self.type(value)


def _a(type_: type) -> str:
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}[type_]


@dataclass(frozen=True)
class Readiness:
    """Whether a model can run here.

    Attributes:
        ready: True if it would run now, after the downloads named.
        missing: what stands in the way, each with the remedy; empty if ready.
        downloads: names of the assets that the first run would fetch.
        rank: how much this model is to be preferred here over others that are ready; higher is better.
    """

    ready: bool
    missing: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()
    rank: int = 0


@dataclass(frozen=True)
class ModelSpec:
    """A model as its plugin describes it, without importing what it needs to run.

    Attributes:
        name: what users type: lower case, digits and hyphens.
        description: one line.
        languages: BCP-47 codes that it recognises.
        licence: of the weights, e.g. "MIT".
        max_seconds: longest utterance that it takes; longer ones are the caller's to cut.
        best_seconds: utterances near this length use the model best.
        word_times, confidence: whether its transcripts carry them.
        factory: makes the loaded model from checked load options. Its imports happen in there.
        probe: can it run here? Quick, without importing what it needs to run.
        tasks: of "transcribe" and "translate".
        assets: names of the model files that it needs.
        options: its own settings.
        api_version: of this interface.
    """

    name: str
    description: str
    languages: tuple[str, ...]
    licence: str
    max_seconds: float
    best_seconds: float
    word_times: bool
    confidence: bool
    factory: Callable[[Mapping[str, Any]], AsrModel]
    probe: Callable[[], Readiness]
    tasks: tuple[str, ...] = ("transcribe",)
    assets: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    api_version: int = API_VERSION

    def check_options(self, given: Mapping[str, Any], scope: Literal["load", "call"]) -> dict[str, Any]:
        """All options of a scope: the given values checked, defaults for the rest.

        Raises:
            InvalidOption: a name that this model does not have in that scope, or a bad value.
        """
        options = {option.name: option for option in self.options if option.scope == scope}
        for name in given:
            if name not in options:
                raise self._unknown_option(name, options)
        return {name: option.check(given.get(name, option.default)) for name, option in options.items()}

    def split_options(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sort options of both scopes into (load, call), unchecked but for their names.

        Raises:
            InvalidOption: a name that this model does not have.
        """
        scopes = {option.name: option.scope for option in self.options}
        for name in given:
            if name not in scopes:
                raise self._unknown_option(name, scopes)
        load = {name: value for name, value in given.items() if scopes[name] == "load"}
        return load, {name: value for name, value in given.items() if name not in load}

    def _unknown_option(self, name: str, known: Iterable[str]) -> InvalidOption:
        return InvalidOption(name, f"model {self.name!r} has no such option; {did_you_mean(name, known)}")


def parse_settings(texts: Sequence[str]) -> dict[str, str]:
    """`["steps=8", "device=cpu"]` as a dict.

    Raises:
        InvalidOption: one of them is not KEY=VALUE, or a key is given twice.
    """
    settings: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InvalidOption(text, "write it as KEY=VALUE, for example steps=8")
        if key in settings:
            raise InvalidOption(key, "given twice")
        settings[key] = value
    return settings
