"""Temporary folders of runs that live, that were killed, and that are none of our business."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from subtitle_cli import temporary
from subtitle_cli.temporary import temporary_folder

RUN = """
import sys
from subtitle_cli.temporary import temporary_folder
with temporary_folder() as folder:
    (folder / "sound").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The system's folder for temporary files is empty, and nothing was cleared away yet."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    temporary._sweep.cache_clear()
    yield tmp_path
    temporary._sweep.cache_clear()


@pytest.fixture
def run():
    """Start a run, which has a folder from an hour ago."""
    started = []

    def start():
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen([sys.executable, "-c", RUN], **pipes)
        started.append(process)
        folder = Path(process.stdout.readline().strip())
        make_old(folder)
        return process, folder

    yield start
    for process in started:
        process.kill()
        process.communicate()


def make_old(folder):
    os.utime(folder / temporary.LOCK, (time.time() - 3600,) * 2)


def sweep():
    with temporary_folder():
        pass


def test_a_folder_is_private_and_gone_afterwards(here):
    with temporary_folder() as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "file").touch()
        assert folder.parent == here
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(here.iterdir()) == []


def test_what_a_killed_run_left_goes_at_the_next_start(here, run):
    process, folder = run()
    process.kill()
    process.wait()
    assert (folder / "sound").exists()
    sweep()
    assert list(here.iterdir()) == []


def test_the_folder_of_a_live_run_stays(run):
    _, folder = run()
    sweep()
    assert (folder / "sound").exists()


def test_a_folder_that_was_just_made_stays(run):
    process, folder = run()
    process.kill()
    process.wait()
    os.utime(folder / temporary.LOCK)
    sweep()
    assert folder.exists()


@pytest.fixture
def dead(here):
    """A folder of a dead run, made by name."""

    def make(name):
        folder = here / name
        folder.mkdir()
        (folder / temporary.LOCK).touch()
        make_old(folder)
        return folder

    return make


def test_other_machines_and_other_folders_stay(dead, here):
    own = dead(f"{temporary._prefix()}abc")
    others = [dead("diffsub-run-elsewhere-abc"), dead("diffsub-1000"), dead("diffsub-abcdefgh")]
    unlocked = dead(f"{temporary._prefix()}def")
    (unlocked / temporary.LOCK).unlink()
    sweep()
    assert not own.exists()
    assert set(here.iterdir()) == {*others, unlocked}


def test_other_users_folders_stay(dead, monkeypatch):
    folder = dead(f"{temporary._prefix()}abc")
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    sweep()
    assert folder.exists()


def test_a_link_leads_nowhere(dead, here):
    target = dead("target")
    (here / f"{temporary._prefix()}abc").symlink_to(target)
    sweep()
    assert (target / temporary.LOCK).exists()


def test_without_locks_runs_go_on_and_nothing_is_cleared_away(dead, monkeypatch):
    def refuse(*_):
        raise NotImplementedError("FileSystem does not appear to support flock")

    folder = dead(f"{temporary._prefix()}abc")
    monkeypatch.setattr("filelock.FileLock._acquire", refuse)
    with temporary_folder() as own:
        assert own.exists()
    assert folder.exists()
