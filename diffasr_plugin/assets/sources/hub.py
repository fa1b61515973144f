"""Files of a repository on the model hub, at a pinned revision, fetched with huggingface_hub.

A broken download goes on where it stopped. An unreachable hub costs seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ChecksumMismatch, SourceFailed
from ..store import check_sum
from ..types import AssetFile, Workroom

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
        """Fetch the files, going on with those that an interrupted fetch began.

        Raises:
            SourceFailed: the hub is out of reach, or has no such repository, revision or file for this user.
            ChecksumMismatch: a file is not the one that was pinned.
        """
        total = sum(wanted.file.size for wanted in self.files)
        done = 0
        for wanted in self.files:
            room.on_progress(f"fetching {wanted.path}", done, total)
            path = self._download(room, wanted.path)
            try:
                check_sum(room.asset, path, wanted.file, f"do not trust {self.words}, and report it")
            except ChecksumMismatch:
                path.unlink()
                raise
            target = room.target / wanted.file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
            done += wanted.file.size

    def _download(self, room: Workroom, path: str) -> Path:
        """Ask for the file's facts first: that fails at once, while the library's download tries for long."""
        # 0.3 s to import, and only needed here
        from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_download, hf_hub_url
        from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, OfflineModeIsEnabled

        try:
            url = hf_hub_url(self.repo, path, revision=self.revision)
            get_hf_file_metadata(url, timeout=_TIMEOUT_S, token=get_token())
            got = hf_hub_download(
                self.repo,
                path,
                revision=self.revision,
                local_dir=room.downloads / self.repo.replace("/", "--"),
                etag_timeout=_TIMEOUT_S,
            )
        except GatedRepoError as error:
            raise SourceFailed(
                f"the repository is gated: ask for access on https://huggingface.co/{self.repo}, "
                "then log in with: hf auth login"
            ) from error
        except (HfHubHTTPError, OfflineModeIsEnabled) as error:
            raise SourceFailed(str(error).splitlines()[0]) from error
        return Path(got)
