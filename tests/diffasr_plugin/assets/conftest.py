"""A cache of its own for each test, a registry that is a folder, and small assets."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from diffasr_plugin.assets import Asset
from diffasr_plugin.compat import repair_torchaudio
from tests.support.fake_assets import pinned

VARIABLES = ("DIFFASR_HOME", "DIFFASR_OFFLINE", "DIFFASR_ASSETS")
USERS_OWN = {name: os.environ[name] for name in VARIABLES if name in os.environ}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """The cache: an empty folder that only this test uses."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DIFFASR_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def transformers() -> ModuleType:
    """The library, importable whatever torchaudio's state."""
    repair_torchaudio()
    return import_module("transformers")


@pytest.fixture
def users_cache(home, monkeypatch) -> None:
    """The cache of whoever runs the tests, for files that are too large to fetch each time."""
    monkeypatch.delenv("DIFFASR_HOME")
    for name, value in USERS_OWN.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def registry(tmp_path, monkeypatch) -> Path:
    """A folder that is all that pip knows of."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def leftovers(home) -> Callable[[], set[str]]:
    """Names of what lies in the cache, but for lock files."""
    return lambda: {path.name for path in (home / "assets").glob("*") if path.suffix != ".lock"}


@pytest.fixture
def make_asset() -> Callable[..., Asset]:
    """An asset of one file `a.bin`, unless told otherwise."""

    def make(*sources, content: bytes = b"abc", **changes) -> Asset:
        facts = {
            "name": "tiny",
            "description": "a test",
            "licence": "CC0-1.0",
            "files": (pinned("a.bin", content),),
        }
        return Asset(**{**facts, "sources": sources, **changes})

    return make


@pytest.fixture
def small_disk(tmp_path, monkeypatch) -> Iterator[Path]:
    """A real disk of 2 MB that is the cache."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a disk")
    monkeypatch.setenv("DIFFASR_HOME", str(disk))
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
