"""Packages unpacked by commands that are stood in for."""

import shutil
import subprocess
from types import SimpleNamespace

import pytest

from diffasr_plugin.evaluate.errors import DatasetUnavailable
from diffasr_plugin.evaluate.loaders.debian import unpacked


def commands(monkeypatch, fails=""):
    """Stands in for apt-get, which leaves a file, and dpkg, which unpacks it."""

    def run(command, cwd, **_):
        if command[0] == fails:
            return SimpleNamespace(returncode=1, stdout="", stderr="W: a warning\nE: no such package\n")
        if command[0] == "apt-get":
            (cwd / "a_1.0.deb").touch()
        else:
            (cwd / "usr").mkdir()
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


def test_packages_are_unpacked_once(monkeypatch, tmp_path):
    commands(monkeypatch)
    folder = tmp_path / "packages"
    assert unpacked("set", ["a"], folder) == folder
    assert [path.name for path in folder.iterdir()] == ["usr"]
    assert [path.name for path in tmp_path.iterdir()] == ["packages"]
    monkeypatch.setattr(subprocess, "run", None)
    assert unpacked("set", ["a"], folder) == folder


@pytest.mark.parametrize("fails", ["apt-get", "dpkg"])
def test_a_failure_says_what_was_said(monkeypatch, tmp_path, fails):
    commands(monkeypatch, fails)
    with pytest.raises(DatasetUnavailable, match=f"{fails} .* failed: E: no such package"):
        unpacked("set", ["a"], tmp_path / "packages")
    assert not (tmp_path / "packages").exists()


def test_where_there_is_no_apt(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DatasetUnavailable, match="no apt-get here; unpack a, b into"):
        unpacked("set", ["a", "b"], tmp_path / "packages")
