"""This machine in a few words: figures without it say little."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

__all__ = ["Machine", "this_machine", "usable_cores"]

_PACKAGES = (
    *("diffsub", "torch", "transformers", "faster-whisper", "ctranslate2"),
    *("numpy", "jiwer", "whisper-normalizer"),
)


@dataclass(frozen=True)
class Machine:
    """Where something was measured: its system, the cores in use, versions of what matters."""

    system: str
    cores: int
    versions: Mapping[str, str]


def this_machine() -> Machine:
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return Machine(f"{platform.system()} {platform.machine()}", usable_cores(), versions)


def usable_cores() -> int:
    """Cores that this process may use: in a container, fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
