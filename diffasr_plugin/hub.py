"""The name of a model -> a folder with its files: a local one, or what the hub's cache holds or fetches.

Does not know what the files are. For weights whose checksums are not known beforehand; the others are
assets (`diffasr_plugin.assets`). Never imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .assets import OFFLINE_VARIABLE, offline
from .checkpoint.errors import GatedRepository, Unreachable
from .config import ModelRef

__all__ = ["Fetched", "can_fetch", "fetch", "is_cached"]

_FILE_SUFFIXES = {".pt", ".pth", ".bin", ".ckpt", ".safetensors"}

LOG_IN = "log in with `hf auth login`, or set HF_TOKEN"


@dataclass(frozen=True)
class Fetched:
    """Files that are here now.

    Attributes:
        path: a folder, or the file that was named.
        revision: the commit they are of; None for local ones.
    """

    path: Path
    revision: str | None = None


def fetch(ref: ModelRef, patterns: Sequence[str]) -> Fetched:
    """The files of a local folder as they are, else those of a repository that match the patterns.

    Raises:
        GatedRepository: its owner has to let you in.
        Unreachable: there is no such repository or revision, or the hub cannot be reached.
    """
    local = Path(ref.repo).expanduser()
    if local.exists():
        return Fetched(local)
    if ref.repo.startswith(("/", ".", "~")) or local.suffix in _FILE_SUFFIXES:
        raise Unreachable(ref.repo, "no such file or folder: check the path")
    from huggingface_hub import errors, snapshot_download

    try:
        folder = snapshot_download(
            ref.repo, revision=ref.revision, allow_patterns=list(patterns), local_files_only=offline()
        )
    except errors.GatedRepoError as error:
        message = f"its owner has to let you in: accept the terms on its page, then {LOG_IN}"
        raise GatedRepository(ref.repo, message) from error
    except errors.RepositoryNotFoundError as error:
        message = f"no such repository, or a private one: check the name; if it is private, {LOG_IN}"
        raise Unreachable(ref.repo, message) from error
    except errors.RevisionNotFoundError as error:
        raise Unreachable(ref.repo, f"has no revision {ref.revision!r}: check it") from error
    except errors.HFValidationError as error:
        message = "neither a folder or file here nor the name of a repository: check the path"
        raise Unreachable(ref.repo, message) from error
    except errors.LocalEntryNotFoundError as error:
        reason = f"{OFFLINE_VARIABLE} is set" if offline() else "the hub cannot be reached"
        message = f"not in the cache, and {reason}: connect, or give a local folder"
        raise Unreachable(ref.repo, message) from error
    except OSError as error:  # the hub's own errors, and those of network and disk, all are
        reason = str(error).splitlines()[0]
        message = f"could not be fetched ({reason}): check the connection, or give a local folder"
        raise Unreachable(ref.repo, message) from error
    return Fetched(Path(folder), Path(folder).name)


def is_cached(ref: ModelRef, file: str) -> bool:
    """Whether one file of a model is here already."""
    if Path(ref.repo).expanduser().exists():
        return True
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(ref.repo, file, revision=ref.revision), str)


def can_fetch() -> bool:
    """Whether the hub may be asked, and knows who asks. Does not ask it."""
    from huggingface_hub import constants, get_token

    return not offline() and not constants.HF_HUB_OFFLINE and get_token() is not None
