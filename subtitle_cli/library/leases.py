"""Who works on a film, and whether they still do.

A lease is held as long as its owner shows signs of life. Clocks of hosts are never compared: a sign of life
is a value that changes, and how long it has not is measured by whoever looks.
"""

from __future__ import annotations

import os
import platform
import secrets
import time
from pathlib import Path

__all__ = ["BEAT_S", "LEASE_S", "Watch", "is_gone", "this_process"]

BEAT_S = 15.0
"""An owner shows a sign of life so often."""

LEASE_S = 120.0
"""An owner on another host that shows none for so long has lost its leases."""


def this_process() -> str:
    """A name for this process that no other has or will have: place, process number, start, chance."""
    return "/".join([_place(), str(os.getpid()), _started(os.getpid()), secrets.token_hex(4)])


def is_gone(owner: str) -> bool:
    """Whether the process is known to have ended: only for processes of this very machine, else false."""
    place, pid, started, _ = owner.rsplit("/", 3)
    if place != _place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    # A later process may have been given the same number.
    return _started(int(pid)) != started


class Watch:
    """Remembers signs of life, and tells whose has not changed for `LEASE_S`."""

    def __init__(self, lease_s: float = LEASE_S) -> None:
        self._lease_s = lease_s
        self._seen: dict[str, tuple[float, float]] = {}

    def is_lost(self, owner: str, beat: float) -> bool:
        """Whether an owner whose last sign of life is `beat` is to be taken for dead."""
        if is_gone(owner):
            return True
        now_s = time.monotonic()
        last, since_s = self._seen.get(owner, (beat, now_s))
        if last != beat:
            since_s = now_s
        self._seen[owner] = (beat, since_s)
        return now_s - since_s > self._lease_s


def _place() -> str:
    """This machine since it was started; inside a container that, for its process numbers are its own."""
    parts = [platform.node()]
    for read in (_boot, _process_namespace):
        try:
            parts.append(read())
        except OSError:
            parts.append("-")  # not Linux
    return ":".join(parts)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _process_namespace() -> str:
    return os.readlink("/proc/self/ns/pid")


def _started(pid: int) -> str:
    """When a process was started, in ticks; "-" where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "-"
    # The second field is a name in brackets, which may hold anything; the start is the 22nd.
    return text.rpartition(")")[2].split()[19]
