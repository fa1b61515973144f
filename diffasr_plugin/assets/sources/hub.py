"""Files of a repository on the model hub, at a pinned revision, fetched with huggingface_hub.

Files that an interrupted fetch brought whole are used again. An unreachable hub costs seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import ChecksumMismatch, SourceFailed
from ..store import check_file, is_disk_error
from ..types import AssetFile, Workroom

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["HubFile", "HubSource"]

_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class HubFile:
    """One file, and where it lies in the repository."""

    file: AssetFile
    path: str


@dataclass(frozen=True)
class HubSource:
    """A repository on the model hub.

    Attributes:
        repo: "owner/name".
        revision: a commit.
        files: what is taken from it.
        finished: whether `files` are the asset's own, so that there is nothing to convert.

    Raises:
        ValueError: a revision that is no commit: branches and tags move.
    """

    repo: str
    revision: str
    files: tuple[HubFile, ...]
    finished: bool = False
    needs_network: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{40}", self.revision):
            raise ValueError(f"{self.revision!r} is not a commit of {self.repo}: 40 hexadecimal digits")

    @property
    def words(self) -> str:
        return f"model hub {self.repo} at {self.revision[:8]}"

    @property
    def needed_bytes(self) -> int:
        return sum(wanted.file.size for wanted in self.files)

    def deliver(self, room: Workroom, files: tuple[AssetFile, ...]) -> None:
        """Fetch the files that an interrupted fetch did not bring, then check and move them all.

        Raises:
            SourceFailed: the hub is out of reach, or has no such repository, revision or file for this user.
            ChecksumMismatch: a file is not the one that was pinned.
        """
        done, arrived = 0, []
        for wanted in self.files:
            arrived.append(self._download(room, wanted.path, done))
            done += wanted.file.size
        for wanted, path in zip(self.files, arrived, strict=True):
            self._move(room, wanted.file, path)

    def _move(self, room: Workroom, file: AssetFile, path: Path) -> None:
        try:
            check_file(room.asset, path, file, f"do not trust {self.words}, and report it")
        except ChecksumMismatch:
            path.unlink()
            raise
        target = room.target / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)

    def _download(self, room: Workroom, path: str, done: int) -> Path:
        # Imported here: it takes 0.3 s, and most runs have their files already.
        from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_download, hf_hub_url

        # HTTPError is the HTTP client's own, and the client is another one in each major version.
        from huggingface_hub.errors import EntryNotFoundError, HTTPError  # type: ignore[attr-defined]

        bar = _bar(room, f"fetching {path}", done, self.needed_bytes)
        try:
            # Asked first, and once: the download itself would try an unreachable hub again and again.
            url = hf_hub_url(self.repo, path, revision=self.revision)
            get_hf_file_metadata(url, timeout=_TIMEOUT_S, token=get_token())
            arrived = hf_hub_download(
                self.repo,
                path,
                revision=self.revision,
                local_dir=room.downloads / self.repo.replace("/", "--"),
                etag_timeout=_TIMEOUT_S,
                tqdm_class=bar,
            )
        except (HTTPError, EntryNotFoundError, OSError) as error:
            if isinstance(error, OSError) and is_disk_error(error):
                raise
            raise SourceFailed(self._reason(error)) from error
        return Path(arrived)

    def _reason(self, error: Exception) -> str:
        from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

        page = f"https://huggingface.co/{self.repo}"
        if isinstance(error, GatedRepoError):
            return f"access must be asked for: accept the terms on {page}, then log in with: hf auth login"
        if isinstance(error, RepositoryNotFoundError):
            return f"there is no {page}, or it is private: then log in with: hf auth login"
        text = " ".join(str(error).split())[:300] or type(error).__name__
        return text if isinstance(error, HfHubHTTPError) else f"the model hub cannot be reached: {text}"


def _bar(room: Workroom, step: str, before: int, total: int) -> type[tqdm[NoReturn]]:
    """A progress bar for huggingface_hub that draws nothing and tells the room instead."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[type-arg]  # generic in the type stubs only
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
            super().__init__(*args, **{**options, "disable": True})
            self._done = before

        def update(self, n: float | None = 1) -> bool | None:
            self._done += int(n or 0)
            room.on_progress(step, self._done, total)
            return None

    room.on_progress(step, before, total)
    return Bar
