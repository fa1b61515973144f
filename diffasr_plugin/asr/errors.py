"""Every error that a caller of a recogniser may meet; each holds the offending value.

A message says what happened, with which value, and what to do about it. The tree:

    DiffasrError
    ├── PluginError                  a plugin is at fault, and is named
    │   ├── InvalidPlugin            its hooks or specs do not fit the interface
    │   ├── DuplicateModel           two plugins offer a model of one name
    │   └── ContractViolation        a model gave back what the interface forbids
    ├── UnknownPlugin                no plugin of that name
    ├── UnknownModel                 no model of that name
    ├── InvalidOption                an option that the model does not have, or a value it does not take
    ├── InvalidAudio                 samples that no model can take
    ├── UnsupportedLanguage          the model does not know the language
    ├── UnsupportedTask              the model does not do the task
    ├── ModelUnavailable             the model cannot run here: what is missing
    ├── OutOfMemory                  the device has no room for this batch
    ├── Cancelled                    `should_stop()` said so
    └── AssetError                   model files: see `diffasr_plugin.assets`
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "AssetError",
    "Cancelled",
    "ContractViolation",
    "DiffasrError",
    "DuplicateModel",
    "InvalidAudio",
    "InvalidOption",
    "InvalidPlugin",
    "ModelUnavailable",
    "OutOfMemory",
    "PluginError",
    "UnknownModel",
    "UnknownPlugin",
    "UnsupportedLanguage",
    "UnsupportedTask",
    "did_you_mean",
]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A remedy for a name that is not among the known: the nearest ones, else all of them."""
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"known: {', '.join(names) or 'none'}"


class DiffasrError(Exception):
    """Base of all errors of this project; a command line catches this one only."""


class PluginError(DiffasrError):
    """A plugin is at fault; `plugin` is its name."""

    def __init__(self, plugin: str, message: str) -> None:
        super().__init__(f"plugin {plugin!r}: {message}")
        self.plugin = plugin


class InvalidPlugin(PluginError):
    """A plugin's hooks or specs do not fit the interface."""


class DuplicateModel(PluginError):
    """Two plugins offer a model of one name."""

    def __init__(self, plugin: str, model: str, other_plugin: str) -> None:
        super().__init__(
            plugin,
            f"offers a model {model!r}, but plugin {other_plugin!r} already does; "
            f"leave one out with --no-plugin {plugin}",
        )
        self.model = model


class ContractViolation(PluginError):
    """A model gave back something that the interface forbids: a fault of that model, never of the film."""


class UnknownPlugin(DiffasrError):
    """No installed plugin has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no plugin is called {name!r}; {did_you_mean(name, known)}")
        self.name = name


class UnknownModel(DiffasrError):
    """No registered model has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no recogniser is called {name!r}; {did_you_mean(name, known)}")
        self.name = name


class InvalidOption(DiffasrError):
    """An option that the model does not have, or a value that it does not take."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(f"option {option!r}: {message}")
        self.option = option


class InvalidAudio(DiffasrError):
    """Samples that no model can take; `value` is what was wrong with them."""

    def __init__(self, message: str, value: object) -> None:
        super().__init__(message)
        self.value = value


class UnsupportedLanguage(DiffasrError):
    """The model does not know the language."""

    def __init__(self, language: str, model: str, languages: Iterable[str]) -> None:
        known = ", ".join(sorted(languages))
        super().__init__(
            f"model {model!r} does not know the language {language!r}; it knows: {known}. "
            "Choose another recogniser with --backend (see: diffsub backends)"
        )
        self.language = language


class UnsupportedTask(DiffasrError):
    """The model does not do the task."""

    def __init__(self, task: str, model: str, tasks: Iterable[str]) -> None:
        super().__init__(f"model {model!r} does not do {task!r}; it does: {', '.join(tasks)}")
        self.task = task


class ModelUnavailable(DiffasrError):
    """The model cannot run here; the message says what is missing and how to get it."""

    def __init__(self, model: str, message: str) -> None:
        super().__init__(f"model {model!r} cannot run here: {message}")
        self.model = model


class OutOfMemory(DiffasrError):
    """The device has no room for a batch of `batch_size` utterances; a smaller batch may fit."""

    def __init__(self, model: str, batch_size: int, device: str) -> None:
        super().__init__(
            f"model {model!r} ran out of memory on {device} with {batch_size} utterances at once; "
            "try a smaller batch or a smaller model"
        )
        self.batch_size = batch_size


class Cancelled(DiffasrError):
    """The caller's `should_stop()` said so; nothing is kept of the call."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class AssetError(DiffasrError):
    """Model files could not be had; `asset` is the name of the set of files."""

    def __init__(self, asset: str, message: str) -> None:
        super().__init__(f"model files {asset!r}: {message}")
        self.asset = asset
