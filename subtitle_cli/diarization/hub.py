"""The name of a diarization model on the hub -> a folder on this machine.

Knows nothing of what is in it. What the hub's cache holds is used without asking the hub.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, overload

from diffasr_plugin.assets import offline

from ..errors import DiarizationError

__all__ = ["can_fetch", "find_snapshot", "is_repository_name"]

_TIMEOUT_S = 5.0
_FILES = ["config.yaml", "*.bin", "*.npz"]


def can_fetch() -> bool:
    """Whether the hub may be asked, and knows who asks. Does not ask it."""
    from huggingface_hub import get_token, is_offline_mode

    return not offline() and not is_offline_mode() and get_token() is not None


def is_repository_name(name: str) -> bool:
    """Whether a name has the form of those on the hub: owner/name."""
    return re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) is not None


@overload
def find_snapshot(name: str, file: str) -> Path | None: ...
@overload
def find_snapshot(name: str, file: str, *, fetch: Literal[True]) -> Path: ...
def find_snapshot(name: str, file: str, *, fetch: bool = False) -> Path | None:
    """The folder in the hub's cache, if it holds `file`; else, if told to fetch, one that is fetched now.

    Raises:
        DiarizationError: it is neither here nor to be had.
    """
    from huggingface_hub import errors, snapshot_download

    try:
        cached = Path(snapshot_download(name, local_files_only=True))
        if (cached / file).is_file():
            return cached
    except errors.LocalEntryNotFoundError:
        pass
    if not fetch:
        return None
    if offline():
        raise DiarizationError(
            f"diarization model {name!r} is not in the hub's cache, and offline mode forbids the network; "
            "run once without --offline and DIFFASR_OFFLINE"
        )
    try:
        return Path(snapshot_download(name, allow_patterns=_FILES, etag_timeout=_TIMEOUT_S))
    except errors.GatedRepoError as error:
        raise DiarizationError(
            f"diarization model {name!r} is gated: accept the conditions on https://hf.co/{name}, then log "
            "in with `hf auth login`"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise DiarizationError(
            f"the hub knows no diarization model {name!r}, or it is private: check the name on "
            f"https://hf.co/{name}; if it is private, log in with `hf auth login`"
        ) from error
    except OSError as error:  # the hub's other errors, and those of network and disk, all are
        reason = str(error).splitlines()[0]
        raise DiarizationError(
            f"diarization model {name!r} could not be fetched ({reason}): check the connection to "
            f"https://hf.co/{name}; if it is gated, accept its conditions there and log in with "
            "`hf auth login`"
        ) from error
