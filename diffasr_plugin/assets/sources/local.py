"""A folder on this machine that holds an asset's files already: copied over, and checked.

Knows nothing of the network.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ..errors import SourceFailed
from ..store import copy_checked
from ..types import AssetFile, Workroom

__all__ = ["FOLDERS_VARIABLE", "LocalSource"]

FOLDERS_VARIABLE = "DIFFASR_ASSETS"
"""Environment variable: a folder that holds one folder for each asset, called by the asset's name."""


@dataclass(frozen=True)
class LocalSource:
    """A folder that holds the asset's own files, nothing to convert.

    Attributes:
        folder: the folder; None: the one that has the asset's name in the folder DIFFASR_ASSETS.
    """

    folder: Path | None = None
    needs_network: bool = field(default=False, init=False)
    finished: bool = field(default=True, init=False)

    @property
    def words(self) -> str:
        return f"folder {self.folder}" if self.folder else f"your own folder ({FOLDERS_VARIABLE})"

    @property
    def needed_bytes(self) -> int:
        return 0

    def deliver(self, room: Workroom, files: tuple[AssetFile, ...]) -> None:
        """Copy the files, checking each.

        Raises:
            SourceFailed: no such folder, or not all of the files in it.
            ChecksumMismatch: a file in it is another one.
        """
        folder = self._folder(room.asset)
        missing = [file.path for file in files if not (folder / file.path).is_file()]
        if missing:
            raise SourceFailed(f"{folder} does not hold {', '.join(missing)}")
        done, total = 0, sum(file.size for file in files)
        for file in files:
            room.on_progress(f"copying {file.path}", done, total)
            with _open(folder / file.path) as stream:
                remedy = f"mend or remove the folder {folder}"
                copy_checked(room.asset, iter([stream]), room.target, file, remedy)
            done += file.size

    def _folder(self, asset: str) -> Path:
        if self.folder is not None:
            return self.folder
        named = os.environ.get(FOLDERS_VARIABLE)
        if not named:
            raise SourceFailed("not set")
        return Path(named).expanduser() / asset


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceFailed(f"{path} cannot be read: {error.strerror}") from error
