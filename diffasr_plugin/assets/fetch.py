"""An asset's files from the first source that has them into the asset's folder: all, verified, or none.

Knows nothing of what the files are for. Steps:

    1. take the asset's lock: of two fetches at once, one works and the other finds the files there
    2. let a source deliver into a private folder beside the asset's own
    3. convert, where the asset says so
    4. check every file's sum, leave the mark, and rename the folder to its name
"""

from __future__ import annotations

import pkgutil
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import AssetNotFound, AssetOffline, ConversionFailed, DiskFull, SourceFailed
from .store import (
    check_file,
    check_room,
    disk_errors,
    folder_bytes,
    folder_of,
    is_present,
    mark_verified,
    offline,
)
from .types import Asset, Progress, Source, Workroom

__all__ = ["fetch"]

_DOWNLOADS = "downloads"


def fetch(asset: Asset, *, on_progress: Progress | None = None) -> Path:
    """The asset's folder, fetched if it is not there yet.

    An interrupted fetch is taken up again by the next one. Files that changed on the disk since they were
    verified are found by `verify`; where only a size changed or a file has gone, this fetches anew.

    Args:
        on_progress: called with (what is being done, bytes done, bytes in all; 0 where unknown).

    Raises:
        AssetOffline: not on this machine, and DIFFASR_OFFLINE is set.
        AssetNotFound: no source could give the files.
        ChecksumMismatch: a source gave a file other than the one pinned; no further source is tried.
        ConversionFailed, DiskFull, CacheNotWritable: as they say.
    """
    folder = folder_of(asset)
    if is_present(asset):
        return folder
    tell = on_progress or _silent
    with disk_errors(asset.name), _lock(folder, tell):
        if not is_present(asset):
            with _private_folder(folder) as work, disk_errors(asset.name):
                ready = _deliver_first(asset, work, tell)
                _check(asset, ready, tell)
                mark_verified(asset, ready)
                if folder.exists():  # an earlier copy that is no longer whole
                    folder.rename(work / "broken")
                ready.rename(folder)
    return folder


def _silent(step: str, done: int, total: int) -> None:
    pass


@contextmanager
def _lock(folder: Path, on_progress: Progress) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.parent / f".{folder.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        on_progress("waiting for another run that fetches them", 0, 0)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _private_folder(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` to work in. After a failure it keeps whole downloads for the next attempt."""
    work = folder.parent / f".{folder.name}.partial"
    work.mkdir(mode=0o700, exist_ok=True)
    _clear(work)  # a fetch that was killed may have left more than downloads
    try:
        yield work
    except DiskFull:
        shutil.rmtree(work)
        raise
    except BaseException:  # Ctrl-C too
        _clear(work)
        with suppress(OSError):  # it stays if there are downloads in it
            work.rmdir()
        raise
    shutil.rmtree(work)


def _clear(work: Path) -> None:
    for entry in work.iterdir():
        if entry.name != _DOWNLOADS or not any(entry.iterdir()):
            shutil.rmtree(entry)


def _deliver_first(asset: Asset, work: Path, on_progress: Progress) -> Path:
    """The folder with the asset's own files, from the first source that has them."""
    reasons = []
    for source in asset.sources:
        if source.needs_network and offline():
            continue
        try:
            return _deliver(asset, source, work, on_progress)
        except SourceFailed as failure:
            reasons.append(f"{source.words}: {failure}")
            _clear(work)
    if offline():
        raise AssetOffline(asset.name, folder_of(asset), reasons)
    raise AssetNotFound(asset.name, reasons)


def _deliver(asset: Asset, source: Source, work: Path, on_progress: Progress) -> Path:
    room = Workroom(asset.name, work / _DOWNLOADS, work / "scratch", work / "delivered", on_progress)
    for folder in (room.downloads, room.scratch, room.target):
        folder.mkdir(exist_ok=True)
    check_room(asset.name, asset.size + source.needed_bytes - folder_bytes(room.downloads))
    source.deliver(room, asset.files)
    if asset.convert is None or source.finished:
        return room.target
    on_progress("converting", 0, asset.size)
    return _convert(asset.name, asset.convert, room.target, work / "ready")


def _convert(asset: str, converter: str, source: Path, target: Path) -> Path:
    try:
        function = pkgutil.resolve_name(converter)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConversionFailed(asset, f"the converter {converter} cannot be loaded: {error}") from error
    target.mkdir()
    try:
        function(source, target)
    except ValueError as error:
        raise ConversionFailed(asset, f"the converter {converter} cannot read them: {error}") from error
    return target


def _check(asset: Asset, folder: Path, on_progress: Progress) -> None:
    done = 0
    for file in asset.files:
        on_progress("checking", done, asset.size)
        check_file(asset.name, folder / file.path, file, "do not use it, and report it")
        done += file.size
    on_progress("done", asset.size, asset.size)
