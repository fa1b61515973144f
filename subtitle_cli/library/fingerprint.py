"""A film's content to a short name for it, so that a film is known again under another name.

It reads a sample of the file, not all of it: a library of thousands of films lies on a slow disk.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from ..errors import MediaError

__all__ = ["Stamp", "fingerprint", "stamp"]

BLOCKS = 16
BLOCK_BYTES = 1 << 16


@dataclass(frozen=True)
class Stamp:
    """What the file system says of a file: a file whose stamp is the same was not changed."""

    size: int
    mtime_ns: int


def stamp(path: Path) -> Stamp:
    """The file's stamp.

    Raises:
        MediaError: it is not there, or cannot be asked for.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise MediaError(path, f"{str(path)!r} cannot be read: {error.strerror}") from error
    return Stamp(status.st_size, status.st_mtime_ns)


def fingerprint(path: Path) -> bytes:
    """16 bytes that stand for the file's size and 16 blocks of 64 KiB out of it, the first and last included.

    Raises:
        MediaError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            digest = blake2b(size.to_bytes(8, "little"), digest_size=16)
            last = max(0, size - BLOCK_BYTES)
            for start in sorted({last * block // (BLOCKS - 1) for block in range(BLOCKS)}):
                file.seek(start)
                digest.update(file.read(BLOCK_BYTES))
    except OSError as error:
        raise MediaError(path, f"{str(path)!r} cannot be read: {error.strerror}") from error
    return digest.digest()
