"""What may go wrong before a recogniser is asked anything.

DiffasrError
├── InvalidManifest      a manifest that cannot be read, or a line of it
└── DatasetUnavailable   a test set that cannot be had here
"""

from __future__ import annotations

from pathlib import Path

from ..asr import DiffasrError

__all__ = ["DatasetUnavailable", "InvalidManifest"]


class InvalidManifest(DiffasrError):
    """A manifest that cannot be read, or a line of it.

    Attributes:
        path: of the manifest.
        line: counted from 1; None: all of it is meant.
    """

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        place = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"manifest {place}: {message}")
        self.path = path
        self.line = line


class DatasetUnavailable(DiffasrError):
    """A test set cannot be had here; `name` is its name, the message says what to do."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"test set {name!r}: {message}")
        self.name = name
