"""Why a film failed: whether trying again may help, and which failures have one cause.

Knows errors by their classes and what systems and ffmpeg say; nothing of films.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable

from ..errors import FfmpegFailed
from .errors import FilmChanged
from .journal import Entry

__all__ = ["DELAYS_S", "by_cause", "may_pass"]

DELAYS_S = (2.0, 10.0, 30.0)
"""Before each further attempt at a film whose failure may pass, so long is waited."""

PASSING = frozenset(
    getattr(errno, name)
    for name in (
        "EIO ESTALE ETIMEDOUT ENETDOWN ENETUNREACH ENETRESET ECONNRESET ECONNABORTED EHOSTDOWN EHOSTUNREACH "
        "ENOTCONN EAGAIN EBUSY ENOLCK EREMOTEIO"
    ).split()
    if hasattr(errno, name)
)
"""What network drives say while they are away. A disk that is full or not writable stays so."""

PASSING_WORDS = re.compile(
    "Input/output error|Stale (NFS )?file handle|Connection (timed out|reset)|Transport endpoint"
    "|Host is down|Network is (down|unreachable)|Remote I/O error",
    re.IGNORECASE,
)
"""The same from ffmpeg, which says it in words."""


def may_pass(error: BaseException) -> bool:
    """Whether the same film may succeed a little later: the drive was away, or the film is being replaced."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in PASSING:
            return True
        cause = cause.__cause__
    if isinstance(error, FilmChanged):
        return True
    return isinstance(error, FfmpegFailed) and PASSING_WORDS.search(str(error)) is not None


def by_cause(failed: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Failures that differ in their film's name and in numbers only, under what the first of them says."""
    groups: dict[tuple[str | None, str], list[Entry]] = {}
    for entry in sorted(failed, key=lambda entry: entry.path):
        groups.setdefault((entry.kind, _pattern(entry)), []).append(entry)
    return {_first_line(entries[0]): entries for entries in groups.values()}


def _pattern(entry: Entry) -> str:
    # Names stand in quotes; what differs between films besides are numbers.
    return re.sub(r"\d+", "0", re.sub(r"'[^']*'|\"[^\"]*\"", "…", _first_line(entry)))


def _first_line(entry: Entry) -> str:
    return (entry.reason or "no reason was told").splitlines()[0]
