"""An asset: a named set of files, each pinned by size and sha256, and the places where it can be had.

Knows neither where files are kept nor how they travel.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

__all__ = ["Asset", "AssetFile", "Progress", "Source", "Workroom"]

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, bytes done, bytes in all; 0 where that is unknown)."""


@dataclass(frozen=True)
class AssetFile:
    """One file, pinned.

    Attributes:
        path: where it lies in its folder, with forward slashes.
        sha256: 64 hexadecimal digits, lower case.
        size: in bytes.

    Raises:
        ValueError: a path that leaves the folder, or a sum that is none.
    """

    path: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        parts = PurePosixPath(self.path).parts
        if not parts or parts[0] == "/" or ".." in parts or "\\" in self.path or ":" in self.path:
            raise ValueError(f"{self.path!r} is not a path inside a folder")
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.path}: {self.sha256!r} is not a sha256 sum")
        if self.size < 0:
            raise ValueError(f"{self.path}: a size of {self.size} bytes")


@dataclass(frozen=True)
class Workroom:
    """Where a source works while it fetches.

    Attributes:
        asset: its name, for messages.
        downloads: private folder that outlives an interrupted fetch: what is whole in it is used again.
        scratch: private folder that is emptied after each source.
        target: the folder to put the files in.
        on_progress: told of each step.
    """

    asset: str
    downloads: Path
    scratch: Path
    target: Path
    on_progress: Progress


class Source(Protocol):
    """A place where the files of an asset can be had."""

    @property
    def needs_network(self) -> bool:
        """Whether offline mode forbids it."""

    @property
    def finished(self) -> bool:
        """Whether it gives the asset's own files, so that there is nothing to convert."""

    @property
    def words(self) -> str:
        """The place, for people to read."""

    @property
    def needed_bytes(self) -> int:
        """Room on the disk that a fetch takes, beside the asset's own files."""

    def deliver(self, room: Workroom, files: tuple[AssetFile, ...]) -> None:
        """Put the files in `room.target`. A source that knows its own files leaves `files` alone.

        Raises:
            SourceFailed: they cannot be had here, and why.
            ChecksumMismatch: a file is there, but is not the one that was pinned.
        """


@dataclass(frozen=True)
class Asset:
    """A named set of model files.

    Attributes:
        name: lower case, digits, dots and hyphens.
        description: one line.
        licence: of the files, e.g. "MIT".
        files: what lies in the asset's folder once it is fetched.
        sources: tried in this order.
        convert: "package.module:function" that turns what a source gives into `files`, or None where
            sources give `files` themselves. It is called with (folder to read, folder to write).
            A `finished` source gives `files` all the same.
        shipped: a folder in an installed package that holds the files, so that nothing is fetched; where they
            are missing there, the sources serve.

    Raises:
        ValueError: a name or a converter that is none, no files, or two of one path.
    """

    name: str
    description: str
    licence: str
    files: tuple[AssetFile, ...]
    sources: tuple[Source, ...]
    convert: str | None = None
    shipped: Path | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", self.name):
            raise ValueError(f"{self.name!r} is not a name: use lower case, digits, dots and hyphens")
        paths = {file.path.lower() for file in self.files}
        if not paths or len(paths) < len(self.files):
            raise ValueError(f"asset {self.name!r} has no files, or two of one path")

        if self.convert is not None and not re.fullmatch(r"\w+(\.\w+)*:\w+", self.convert):
            raise ValueError(f"asset {self.name!r}: {self.convert!r} is not package.module:function")

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """Sum over all files' paths and sums: two assets of one fingerprint hold the same bytes."""
        lines = sorted(f"{file.sha256} {file.size} {file.path}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()
