"""Frozen dataclasses to JSON bytes and back, by their annotations: what is kept in a journal.

It runs no code that it reads, and knows the fields of no class: a new field in a class needs no change here.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zlib import compress, decompress
from zlib import error as ZlibError

import numpy as np

__all__ = ["NotReadable", "from_bytes", "to_bytes", "to_plain"]

Kind = TypeVar("Kind")


class NotReadable(ValueError):
    """The bytes do not hold such a value: they are damaged, or of another version."""


def to_bytes(value: object) -> bytes:
    """A value as compressed JSON; floats keep all their digits."""
    return compress(json.dumps(to_plain(value), separators=(",", ":")).encode(), level=6)


def from_bytes(kind: type[Kind], data: bytes) -> Kind:
    """The value that `to_bytes` was given; a field that is not there takes its default.

    Raises:
        NotReadable: the bytes do not hold a value of that kind.
    """
    try:
        value = _from_plain(kind, json.loads(decompress(data)))
    except (ZlibError, KeyError, TypeError, ValueError) as error:
        raise NotReadable(f"no {kind.__name__}: {error}") from error
    return typing.cast(Kind, value)


def to_plain(value: object) -> Any:  # noqa: ANN401
    """A value as lists, dicts, texts and numbers. The same value gives the same result in every process."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path | Fraction):
        return str(value)
    if is_dataclass(value):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in sorted(value.items())}
    if isinstance(value, tuple | list):
        return [to_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(to_plain(each) for each in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be kept in a journal")


def _from_plain(kind: Any, plain: Any) -> Any:  # noqa: ANN401
    if kind is Any or kind is None or kind is type(None):
        return plain
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if plain is None else _from_plain(_some(arguments), plain)
    if origin is tuple:
        kinds = arguments[:1] * len(plain) if arguments[-1] is Ellipsis else arguments
        return tuple(_from_plain(each, item) for each, item in zip(kinds, plain, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {key: _from_plain(arguments[1], item) for key, item in dict(plain).items()}
    if isinstance(kind, type) and is_dataclass(kind):
        known = _annotations(kind)
        if not isinstance(plain, dict):
            raise TypeError(f"a {type(plain).__name__} in the place of a {kind.__name__}")
        return kind(**{name: _from_plain(known[name], item) for name, item in plain.items() if name in known})
    return kind(plain)


def _some(kinds: tuple[Any, ...]) -> Any:  # noqa: ANN401
    (kind,) = (each for each in kinds if each is not type(None))
    return kind


@cache
def _annotations(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
