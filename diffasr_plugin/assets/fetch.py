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
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import AssetNotFound, AssetOffline, ConversionFailed, DiskFull, SourceFailed
from .store import check_file, check_room, disk_errors, folder_of, is_present, mark_verified, offline
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
    if is_present(asset):
        return folder_of(asset)
    with disk_errors(asset), _lock(asset, on_progress or _silent):
        if not is_present(asset):
            _fetch_locked(asset, on_progress or _silent)
    return folder_of(asset)


def _silent(step: str, done: int, total: int) -> None:
    pass


@contextmanager
def _lock(asset: Asset, on_progress: Progress) -> Iterator[None]:
    folder = folder_of(asset)
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


def _fetch_locked(asset: Asset, on_progress: Progress) -> None:
    """Steps 2 to 4. A failed attempt leaves what the next one can use, and on a full disk nothing."""
    folder = folder_of(asset)
    work = folder.parent / f".{folder.name}.partial"
    if work.exists():  # of a fetch that was killed
        _clear(work, keep=_DOWNLOADS)
    work.mkdir(mode=0o700, exist_ok=True)
    try:
        with disk_errors(asset):
            ready = _deliver_first(asset, work, on_progress)
            _check(asset, ready, on_progress)
            mark_verified(asset, ready)
            if folder.exists():  # an earlier copy that is no longer whole
                folder.rename(work / "broken")
            ready.rename(folder)
    except DiskFull:
        shutil.rmtree(work)
        raise
    finally:
        if work.exists():
            _clear(work, keep="" if is_present(asset) else _DOWNLOADS)


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
            _clear(work, keep=_DOWNLOADS)
            work.mkdir(mode=0o700, exist_ok=True)
    if offline():
        raise AssetOffline(asset.name, folder_of(asset), reasons)
    raise AssetNotFound(asset.name, reasons)


def _deliver(asset: Asset, source: Source, work: Path, on_progress: Progress) -> Path:
    check_room(asset, asset.size + source.needed_bytes)
    delivered, ready = work / "delivered", work / "ready"
    room = Workroom(asset.name, work / _DOWNLOADS, work / "scratch", delivered, on_progress)
    for folder in (room.downloads, room.scratch, delivered):
        folder.mkdir(exist_ok=True)
    source.deliver(room, asset.files)
    if asset.convert is None or source.finished:
        return delivered
    on_progress("converting", 0, asset.size)
    ready.mkdir()
    try:
        pkgutil.resolve_name(asset.convert)(delivered, ready)
    except ValueError as error:
        raise ConversionFailed(asset.name, f"{asset.convert} cannot read them: {error}") from error
    return ready


def _check(asset: Asset, folder: Path, on_progress: Progress) -> None:
    done = 0
    for file in asset.files:
        on_progress("checking", done, asset.size)
        check_file(asset.name, folder, file, "do not use it, and report it")
        done += file.size
    on_progress("done", asset.size, asset.size)


def _clear(work: Path, keep: str) -> None:
    """Empty the private folder but for one entry that holds something; with nothing left it goes too."""
    for entry in work.iterdir():
        if entry.name == keep and any(entry.iterdir()):
            continue
        shutil.rmtree(entry)
    if not any(work.iterdir()):
        work.rmdir()
