"""Where assets live on this machine, whether one is there, and whether it is still whole.

Knows nothing of sources or of the network.
"""

from __future__ import annotations

import errno
import getpass
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

import platformdirs

from .errors import AssetMissing, CacheNotWritable, ChecksumMismatch, DiskFull
from .types import Asset, AssetFile

__all__ = [
    "HOME_VARIABLE",
    "OFFLINE_VARIABLE",
    "cache_home",
    "check_file",
    "check_room",
    "copy_checked",
    "disk_errors",
    "folder_bytes",
    "folder_of",
    "is_disk_error",
    "is_present",
    "mark_verified",
    "offline",
    "verify",
]

_LOG = logging.getLogger(__name__)

HOME_VARIABLE = "DIFFASR_HOME"
OFFLINE_VARIABLE = "DIFFASR_OFFLINE"

_MARKER = ".verified"
_CHUNK_BYTES = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def cache_home() -> Path:
    """The folder under which all assets are kept: DIFFASR_HOME, else the platform's cache folder.

    Where that folder cannot be written, as on a read-only home, a folder of this user's own among the
    temporary files stands in, and that is told.

    Raises:
        CacheNotWritable: the stand-in belongs to somebody else.
    """
    moved = os.environ.get(HOME_VARIABLE)
    if moved:
        return Path(moved).expanduser().absolute()
    home = platformdirs.user_cache_path("diffsub", False)
    return home if _is_writable(home) else _stand_in(home)


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in the folder, or the folder itself if it is not there yet."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK)


def _is_private(folder: Path) -> bool:
    facts = folder.stat()
    return facts.st_uid == os.getuid() and not facts.st_mode & 0o022


@cache
def _stand_in(home: Path) -> Path:
    user = os.getuid() if hasattr(os, "getuid") else getpass.getuser()
    folder = Path(tempfile.gettempdir()) / f"diffsub-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Whoever else may write there could have laid files in it that look verified.
    if folder.is_symlink() or (hasattr(os, "getuid") and not _is_private(folder)):
        raise CacheNotWritable("cache", folder, "others may write there too")
    _LOG.warning(
        "%s cannot be written: model files are kept in %s; %s moves them", home, folder, HOME_VARIABLE
    )
    return folder


def offline() -> bool:
    """Whether the network must not be touched: DIFFASR_OFFLINE is set, and not to 0, false or no."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in {"", "0", "false", "no", "off"}


def folder_of(asset: Asset) -> Path:
    """Where the asset's files lie, or would lie: in a package that holds them, else in the cache.

    Each version of an asset has a folder of its own.
    """
    if asset.shipped is not None and _has_sizes(asset, asset.shipped):
        return asset.shipped
    return cache_home() / "assets" / f"{asset.name}-{asset.fingerprint[:12]}"


def is_present(asset: Asset) -> bool:
    """Whether the asset came with a package, or was fetched and verified, all files of their sizes. Cheap."""
    folder = folder_of(asset)
    if folder == asset.shipped:
        return True
    try:
        if (folder / _MARKER).read_text(encoding="ascii") != asset.fingerprint:
            return False
    except (OSError, UnicodeDecodeError):
        return False
    return _has_sizes(asset, folder)


def _has_sizes(asset: Asset, folder: Path) -> bool:
    try:
        return all((folder / file.path).stat().st_size == file.size for file in asset.files)
    except OSError:
        return False


def verify(asset: Asset) -> None:
    """Compute all sums again. One that was fetched and fails counts as absent from then on: a fetch mends it.

    Raises:
        AssetMissing: it is not on this machine.
        ChecksumMismatch: a file has changed, or has gone.
    """
    folder = folder_of(asset)
    if folder == asset.shipped:
        for file in asset.files:
            check_file(
                asset.name, folder / file.path, file, "it changed on the disk; install the package again"
            )
        return
    marker = folder / _MARKER
    if not marker.exists():
        raise AssetMissing(asset.name, folder)
    remedy = f"it changed on the disk; fetch it again with: diffsub models fetch {asset.name}"
    try:
        for file in asset.files:
            check_file(asset.name, folder / file.path, file, remedy)
    except ChecksumMismatch:
        with suppress(OSError):  # where the cache cannot be written the mark stays; the error is told anyway
            marker.unlink()
        raise


def check_file(asset: str, path: Path, file: AssetFile, remedy: str) -> None:
    """Compare the file at `path` with its pinned sum and size.

    Raises:
        ChecksumMismatch: it is another one, or there is none.
    """
    found = "no file"
    if path.is_file():
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise ChecksumMismatch(asset, str(path), file.sha256, found, remedy)
    if (size := path.stat().st_size) != file.size:  # then the pin itself is wrong
        raise ChecksumMismatch(asset, str(path), f"{file.size} bytes", f"{size} bytes", remedy)


def copy_checked(asset: str, streams: Iterator[BinaryIO], target: Path, file: AssetFile, remedy: str) -> None:
    """Join streams into `target / file.path`, never more bytes than pinned, and compare the sum.

    Raises:
        ChecksumMismatch: the bytes are not those pinned. Nothing is left at the path then.
    """
    path = target / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as out:
        for stream in streams:
            while size <= file.size and (chunk := stream.read(_CHUNK_BYTES)):
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
    if size != file.size or digest.hexdigest() != file.sha256:
        path.unlink()
        found = f"more than {file.size} bytes" if size > file.size else digest.hexdigest()
        raise ChecksumMismatch(asset, file.path, file.sha256, found, remedy)


def mark_verified(asset: Asset, folder: Path) -> None:
    """Leave the mark that `is_present` looks for."""
    (folder / _MARKER).write_text(asset.fingerprint, encoding="ascii")


def folder_bytes(folder: Path) -> int:
    """Bytes in all files under a folder, whose files others may move meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def check_room(asset: str, needed_bytes: int) -> None:
    """Refuse a fetch that cannot fit, before it starts.

    Raises:
        DiskFull: fewer than `needed_bytes` are free where the cache is.
    """
    free_bytes = shutil.disk_usage(cache_home()).free
    if free_bytes < needed_bytes:
        text = f"{needed_bytes / 1e6:.0f} MB are needed and {free_bytes / 1e6:.0f} MB are free"
        raise DiskFull(asset, cache_home(), text)


def is_disk_error(error: OSError) -> bool:
    """Whether it speaks of a full disk or of missing rights, and not of, say, a network."""
    return error.errno in _FULL or error.errno in _FORBIDDEN


@contextmanager
def disk_errors(asset: str) -> Iterator[None]:
    """Say in words what the system says of the cache folder.

    Raises:
        DiskFull, CacheNotWritable: instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(asset, cache_home(), "the disk is full") from error
        raise CacheNotWritable(asset, cache_home(), f"{error.strerror}: {error.filename}") from error
