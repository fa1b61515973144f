"""A CTranslate2 model file into named numpy arrays.

Knows the container, not what the arrays are for. The layout, little-endian throughout: format version (u32),
name of the model's specification (string), its revision (u32), number of variables (u32); then for each its
name (string), rank (u8), dimensions (u32 each), type (u8), number of bytes (u32) and bytes; then the number
of aliases (u32) and for each two names (strings). A string is its length with the closing zero (u16), its
bytes and the zero.

Source: CTranslate2, python/ctranslate2/specs/model_spec.py, `ModelSpec._serialize`, binary version 6.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ct2Model", "read_ct2"]

_BINARY_VERSION = 6
_TYPES = tuple(np.dtype(kind) for kind in ("<f4", "i1", "<i2", "<i4", "<f2"))


@dataclass(frozen=True)
class Ct2Model:
    """What is in the file.

    Attributes:
        specification: the architecture, e.g. "WhisperSpec".
        variables: views into the file, read-only; scalars have shape ().
        aliases: names that stand for another variable.
    """

    specification: str
    variables: dict[str, NDArray[Any]]
    aliases: dict[str, str]


def read_ct2(path: Path) -> Ct2Model:
    """Read the file; the arrays are mapped, not loaded.

    Raises:
        ValueError: not such a file, of another version, or cut short.
    """
    if not path.stat().st_size:
        raise ValueError(f"{path.name} is empty")
    try:
        return _read(_Reader(np.memmap(path, dtype=np.uint8, mode="r")))
    except ValueError as error:
        raise ValueError(f"{path.name} is no CTranslate2 model, or not all of one: {error}") from error


def _read(reader: _Reader) -> Ct2Model:
    version = reader.number("I")
    if version != _BINARY_VERSION:
        raise ValueError(f"binary version {version}; known is {_BINARY_VERSION}")
    specification = reader.string()
    reader.number("I")  # the specification's revision adds variables; names and shapes are checked anyway
    variables = dict(reader.variable() for _ in range(reader.number("I")))
    aliases = {reader.string(): reader.string() for _ in range(reader.number("I"))}
    reader.end()
    return Ct2Model(specification, variables, aliases)


class _Reader:
    """A place in the bytes of the file, moving forward."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def _take(self, count: int) -> NDArray[np.uint8]:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise ValueError(f"the file ends at byte {len(self._data)}, within something of {count} bytes")
        self._at += count
        return piece

    def number(self, kind: str) -> int:
        value: int = struct.unpack("<" + kind, self._take(struct.calcsize("<" + kind)).tobytes())[0]
        return value

    def string(self) -> str:
        return self._take(self.number("H"))[:-1].tobytes().decode("utf-8")

    def variable(self) -> tuple[str, NDArray[Any]]:
        name = self.string()
        shape = tuple(self.number("I") for _ in range(self.number("B")))
        kind = self.number("B")
        if kind >= len(_TYPES):
            raise ValueError(f"variable {name} has the unknown type {kind}")
        piece = self._take(self.number("I")).view(_TYPES[kind])
        if piece.size != math.prod(shape):
            raise ValueError(f"variable {name} has {piece.size} numbers for the shape {shape}")
        return name, piece.reshape(shape)

    def end(self) -> None:
        if self._at != len(self._data):
            raise ValueError(f"{len(self._data) - self._at} bytes follow the end of the model")
