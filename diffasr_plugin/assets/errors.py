"""Why model files cannot be had; each error names the asset and what to do. The tree:

AssetError                   (diffasr_plugin.asr)
├── UnknownAsset             no asset has that name
├── AssetMissing             not fetched yet, and asked for as if it were
├── AssetOffline             not fetched yet, and the network is forbidden
├── AssetNotFound            every source failed: each with its own reason
├── ChecksumMismatch         a file is not the one that was pinned
├── ConversionFailed         the files of a source are not in the format that the converter reads
├── DiskFull                 no room for the files
└── CacheNotWritable         the cache folder cannot be written

SourceFailed                 inside a fetch only: one source could not give its files; the next is tried
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..asr import AssetError, did_you_mean

__all__ = [
    "AssetError",
    "AssetMissing",
    "AssetNotFound",
    "AssetOffline",
    "CacheNotWritable",
    "ChecksumMismatch",
    "ConversionFailed",
    "DiskFull",
    "SourceFailed",
    "UnknownAsset",
]


class UnknownAsset(AssetError):
    """No registered asset has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name, f"no such set of files; {did_you_mean(name, known)}")


class AssetMissing(AssetError):
    """The asset is not on this machine, or not whole."""

    def __init__(self, asset: str, folder: Path) -> None:
        super().__init__(asset, f"not in {folder}; fetch them with: diffsub models fetch {asset}")
        self.folder = folder


class AssetOffline(AssetError):
    """The asset is not on this machine, and the network is forbidden."""

    def __init__(self, asset: str, folder: Path, reasons: Sequence[str]) -> None:
        tried = "".join(f"; {reason}" for reason in reasons)
        super().__init__(
            asset,
            f"not in {folder}, and offline mode forbids the network{tried}; fetch them once, without "
            f"--offline and DIFFASR_OFFLINE: diffsub models fetch {asset}",
        )
        self.folder = folder
        self.reasons = tuple(reasons)


class AssetNotFound(AssetError):
    """No source could give the files; `reasons` holds one for each source, in order."""

    def __init__(self, asset: str, reasons: Sequence[str]) -> None:
        listed = "; ".join(f"({number}) {reason}" for number, reason in enumerate(reasons, 1))
        super().__init__(asset, f"no source could give them: {listed or 'there is none'}")
        self.reasons = tuple(reasons)


class ChecksumMismatch(AssetError):
    """A file differs from the one that was pinned; `expected` and `found` are sha256 sums or sizes."""

    def __init__(self, asset: str, file: str, expected: str, found: str, remedy: str) -> None:
        super().__init__(
            asset, f"{file} is not the file expected: expected {expected}, found {found}; {remedy}"
        )
        self.file = file
        self.expected = expected
        self.found = found


class ConversionFailed(AssetError):
    """The files of a source are not what the converter reads."""


class DiskFull(AssetError):
    """There is no room for the files in `folder`."""

    def __init__(self, asset: str, folder: Path, message: str) -> None:
        super().__init__(
            asset, f"{message} in {folder}; free some room, or set DIFFASR_HOME to a folder on a larger disk"
        )
        self.folder = folder


class CacheNotWritable(AssetError):
    """The cache folder cannot be written."""

    def __init__(self, asset: str, folder: Path, reason: str) -> None:
        super().__init__(
            asset,
            f"cannot write to the cache folder {folder} ({reason}); set DIFFASR_HOME to one that you can",
        )
        self.folder = folder


class SourceFailed(Exception):
    """One source could not give its files; the text is the reason in words."""
