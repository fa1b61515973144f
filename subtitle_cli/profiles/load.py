"""A TOML file of numbers -> a `Profile`, every key and value checked.

A file names the profile that it `extends`, sets what differs, and sets more for single languages:

    title = "Our house"
    extends = "netflix"          # a built-in name, or a file beside this one
    max_line_chars = 38

    [language.de]
    reading_speed = 15

The keys are the fields of `Rules`. A number set for all languages goes before those that the extended
profile has for single ones. Only where characters are full-width, as in Chinese, what counts characters or
words stays as it was, for 38 letters are not 38 such characters.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from diffasr_plugin.asr import did_you_mean

from ..errors import UsageError
from ..rules import Rules
from .profile import Profile

__all__ = ["BUILT_IN", "load_profile"]

BUILT_IN = ("netflix", "netflix-sdh", "netflix-children", "amazon", "arte", "bbc", "ted", "tiktok")
"""The names of the profiles that come along."""

_FOLDER = Path(__file__).parent

_ABOUT = ("title", "extends", "language")
"""Keys that are no numbers."""

_COUNTED = ("max_line_chars", "reading_speed", "words_a_minute")
"""What means another thing where characters are full-width."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")

_NUMBERS = {
    each.name: get_type_hints(Rules)[each.name]
    for each in fields(Rules)
    if each.name not in ("language", "frame_rate")
}
"""Type by key; language and frame rate are the film's own."""

_WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


@dataclass(frozen=True)
class _Place:
    """Where a value stands, for messages."""

    file: Path
    table: str = ""

    def wrong(self, key: str, value: object, remedy: str) -> UsageError:
        return UsageError(f"{self.file}: {self.table}{key} = {value!r}: {remedy}")


def load_profile(name_or_path: str | Path) -> Profile:
    """The profile of that name, or in that TOML file.

    Raises:
        UsageError: there is no such profile; or the file cannot be read, has an unknown key, a value of a
            wrong type, or a number that no subtitle could keep to. File, key and value are named, and the
            remedy.
    """
    return _load(str(name_or_path), Path(), ())


def _load(name: str, folder: Path, seen: tuple[Path, ...]) -> Profile:
    file = _find(name, folder)
    if file in seen:
        raise UsageError(
            f"{file}: it extends itself, by way of {', '.join(map(str, seen))}; break the circle"
        )
    table = _read(file)
    place = _Place(file)
    for key in table:
        if key not in (*_ABOUT, *_NUMBERS):
            remedy = f"no such key; {did_you_mean(key, [*_ABOUT, *_NUMBERS])}"
            raise place.wrong(key, table[key], remedy)
    title = _typed(place, "title", table.get("title", file.stem), str)
    parent = Profile(name, title, Rules())
    if "extends" in table:
        parent = _load(_typed(place, "extends", table["extends"], str), file.parent, (*seen, file))
    shared = {key: value for key, value in table.items() if key in _NUMBERS}
    base = _set(place, parent.base, shared)
    languages = {code: _set_shared(place, rules, shared) for code, rules in parent.languages.items()}
    own = _language_tables(place, table.get("language", {}))
    return Profile(name, title, base, {**languages, **_set_languages(file, own, languages, base)})


def _find(name: str, folder: Path) -> Path:
    if name in BUILT_IN:
        return _FOLDER / f"{name}.toml"
    file = folder / Path(name).expanduser()
    if not file.is_file():
        known = did_you_mean(name, BUILT_IN)
        raise UsageError(f"no profile is called {name!r}, nor is there such a TOML file; {known}")
    return file


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the profile {file} cannot be read: {error}") from error


def _language_tables(place: _Place, tables: object) -> dict[str, dict[str, Any]]:
    if not isinstance(tables, dict):
        raise place.wrong("language", tables, "it must hold tables, such as [language.de]")
    for code, table in tables.items():
        if not _LANGUAGE.fullmatch(code.lower()):
            raise place.wrong(f"language.{code}", table, "name a language by its code, such as de or pt-BR")
        if not isinstance(table, dict):
            raise place.wrong(f"language.{code}", table, f"it must be a table: [language.{code}]")
        for key, value in table.items():
            if key not in _NUMBERS:
                remedy = f"no such key for a language; {did_you_mean(key, list(_NUMBERS))}"
                raise _Place(place.file, f"language.{code}.").wrong(key, value, remedy)
    return {code.lower(): table for code, table in tables.items()}


def _set_languages(
    file: Path, tables: Mapping[str, dict[str, Any]], languages: Mapping[str, Rules], base: Rules
) -> dict[str, Rules]:
    found = {}
    for code, table in tables.items():
        inherited = languages.get(code) or languages.get(code.split("-")[0]) or base
        found[code] = _set(_Place(file, f"language.{code}."), inherited, table)
    return found


def _set_shared(place: _Place, rules: Rules, shared: Mapping[str, Any]) -> Rules:
    kept = _COUNTED if rules.full_width else ()
    return _set(place, rules, {key: value for key, value in shared.items() if key not in kept})


def _set(place: _Place, rules: Rules, table: Mapping[str, Any]) -> Rules:
    values = {key: _typed(place, key, value, _NUMBERS[key]) for key, value in table.items()}
    try:
        return replace(rules, **values)
    except UsageError as error:
        raise UsageError(f"{place.file}: {place.table or 'at the top'}: {error}") from error


def _typed(place: _Place, key: str, value: object, kind: Any) -> Any:  # noqa: ANN401
    """The value as a field of that type takes it; `false` is None where None may be."""
    kinds = get_args(kind) or (kind,)
    if NoneType in kinds and value is False:
        return None
    if kinds[0] is str and len(kinds) > 1 and kinds[1] is ...:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise place.wrong(key, value, "it must be a list of texts")
    wanted = kinds[0]
    if isinstance(value, bool) is (wanted is bool) and isinstance(
        value, (int, float) if wanted is float else wanted
    ):
        return float(value) if wanted is float else value
    off = ", or false for none" if NoneType in kinds else ""
    raise place.wrong(key, value, f"it must be {_WORDS[wanted]}{off}")
