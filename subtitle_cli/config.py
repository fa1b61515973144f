"""Configuration files to defaults of the command line.

Two files may exist: the user's own, and one in the working folder, whose values go before. The command line
goes before both. Keys are the long names of the options of `diffsub FILM…`, without dashes in front:

    lang = "de"
    format = "srt,vtt"
    diarize = false

    [set]            # options of the recogniser, as with --set
    steps = 8
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from .errors import UsageError

__all__ = [
    "CONFIG_NAME",
    "SETTINGS",
    "Configured",
    "config_files",
    "long_options",
    "read_config",
    "split_settings",
]

CONFIG_NAME = "diffsub.toml"
SETTINGS = "set"
"""The table that holds the recogniser's options."""


@dataclass(frozen=True)
class Configured:
    """One value out of a configuration file: of an option, or of the recogniser's option `set.NAME`."""

    value: Any
    source: Path


def long_options(command: click.Command) -> dict[str, click.Option]:
    """A command's options by long name without dashes: those that a configuration file may hold."""
    options = (param for param in command.params if isinstance(param, click.Option))
    return {option.opts[-1].removeprefix("--"): option for option in options if not option.multiple}


def config_files() -> list[Path]:
    """The files that exist, the weaker first."""
    from platformdirs import user_config_path

    places = [user_config_path("diffsub", appauthor=False) / CONFIG_NAME, Path(CONFIG_NAME).absolute()]
    return [place for place in places if place.is_file()]


def read_config(files: Iterable[Path], options: Mapping[str, click.Option]) -> dict[str, Configured]:
    """Checked values by key; a later file's go before an earlier one's.

    Args:
        options: those of the command line by long name.

    Raises:
        UsageError: a file that cannot be read, an unknown key, or a value that its option does not take;
            the file is named.
    """
    configured: dict[str, Configured] = {}
    for file in files:
        for key, value in _load(file).items():
            if key == SETTINGS:
                configured |= _recogniser_settings(file, value)
            else:
                configured[key] = Configured(_checked(file, key, value, options), file)
    return configured


def split_settings(configured: Mapping[str, Configured]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of the command line's options, and of the recogniser's, each by name."""
    prefix = f"{SETTINGS}."
    own = {key: each.value for key, each in configured.items() if not key.startswith(prefix)}
    settings = {
        key.removeprefix(prefix): each.value for key, each in configured.items() if key.startswith(prefix)
    }
    return own, settings


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the configuration {file} cannot be read: {error}") from error


def _recogniser_settings(file: Path, table: object) -> dict[str, Configured]:
    if not isinstance(table, dict) or any(isinstance(value, dict | list) for value in table.values()):
        raise UsageError(f'{file}: "{SETTINGS}" must be a table of plain values, such as steps = 8')
    return {f"{SETTINGS}.{name}": Configured(value, file) for name, value in table.items()}


def _checked(file: Path, key: str, value: object, options: Mapping[str, click.Option]) -> Any:  # noqa: ANN401
    from diffasr_plugin.asr import did_you_mean

    if key not in options:
        raise UsageError(f"{file}: no option is called {key!r}; {did_you_mean(key, [*options, SETTINGS])}")
    option = options[key]
    try:
        if option.type.name == "boolean" and not isinstance(value, bool):
            raise click.BadParameter("write true or false")
        if isinstance(value, dict | list):
            raise click.BadParameter("write one plain value")
        return option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise UsageError(f"{file}: {key} = {value!r}: {error.message}") from error
