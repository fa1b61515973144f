"""A film that is piped in -> a private file, as ffmpeg must be able to go back and forth in a film."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from ..errors import MediaError, UsageError

__all__ = ["spool"]

BLOCK_BYTES = 1 << 20


def spool(source: BinaryIO, folder: Path) -> Path:
    """Copy a stream to its end into a new file in the folder that only this user can read.

    Raises:
        UsageError: it is a terminal: nothing is piped in.
        MediaError: nothing came, or there is no room for it.
    """
    if source.isatty():
        raise UsageError("nothing is piped in; use it like this: ffmpeg ... | diffsub - -o -")
    descriptor, name = tempfile.mkstemp(prefix="stdin-", dir=folder)
    try:
        with open(descriptor, "wb") as target:
            shutil.copyfileobj(source, target, BLOCK_BYTES)
            size = target.tell()
    except OSError as error:
        raise MediaError("-", f"what is piped in cannot be kept in {folder}: {error.strerror}") from error
    if size == 0:
        raise MediaError("-", "nothing came through the pipe; did the program before it fail?")
    return Path(name)
