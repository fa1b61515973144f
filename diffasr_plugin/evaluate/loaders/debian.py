"""Names of Debian packages -> a folder with their files, never installed.

Sources for tests and benchmarks only: recordings that no other registry has.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..errors import DatasetUnavailable

__all__ = ["unpacked"]


def unpacked(name: str, packages: Sequence[str], folder: Path) -> Path:
    """The folder that the packages are unpacked in, downloaded first if it is not there.

    Raises:
        DatasetUnavailable: there is no apt-get or dpkg here, or the download failed.
    """
    if folder.is_dir():
        return folder
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise DatasetUnavailable(
            name,
            f"it comes from Debian's packages, and there is no apt-get here; unpack "
            f"{', '.join(packages)} into {folder} by other means",
        )
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _run(name, ["apt-get", "download", "-qq", *packages], partial)
    for package in sorted(partial.glob("*.deb")):
        _run(name, ["dpkg", "-x", package.name, "."], partial)
        package.unlink()
    partial.rename(folder)
    return folder


def _run(name: str, command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise DatasetUnavailable(name, f"{' '.join(command[:2])} failed: {said[-1] if said else '?'}")
