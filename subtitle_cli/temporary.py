"""A temporary folder for one run; those of runs that were killed go when the next run begins.

It knows nothing of what is kept in them. Each is locked while its run lives, and the system lets go of the
lock however the run ends. Where the file system knows no locks, nothing is cleared away.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

__all__ = ["temporary_folder"]

LOCK = ".lock"
YOUNG_S = 60.0
"""Younger folders are left alone: a run may have made its own and be about to lock it."""


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A private folder that is gone afterwards, with all that is in it."""
    # Imported here, as it takes a while.
    from filelock import FileLock

    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_prefix()) as name:
        lock = FileLock(Path(name, LOCK))
        with suppress(OSError, NotImplementedError):  # no locks here, or no room
            lock.acquire()
        try:
            yield Path(name)
        finally:
            lock.release()


def _prefix() -> str:
    """With the machine's name: on a shared drive, the locks of other machines may not be seen."""
    return f"diffsub-run-{re.sub('[^A-Za-z0-9]', '', socket.gethostname())}-"


@cache  # once a process is enough
def _sweep(parent: Path) -> None:
    """Remove the folders of this user and this machine whose runs are dead."""
    from filelock import FileLock, Timeout

    for folder in parent.glob(f"{_prefix()}*"):
        with suppress(OSError, NotImplementedError, Timeout):
            if not _is_ours(folder) or time.time() - (folder / LOCK).stat().st_mtime < YOUNG_S:
                continue
            with FileLock(folder / LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)  # Windows keeps a file that is open


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder, no link, of this user; on Windows each user has a temporary folder."""
    return not folder.is_symlink() and (not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid())
