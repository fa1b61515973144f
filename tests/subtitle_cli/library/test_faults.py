"""Disks full or not writable, films that go away, decoders that hang or crash: told, and survived."""

import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from subtitle_cli.library import run
from subtitle_cli.library.recognition import Recognition
from subtitle_cli.media import ffmpeg, find_ffmpeg
from tests.support import libraries
from tests.support.libraries import make_library, subtitles


@pytest.fixture
def library(tmp_path):
    return make_library(tmp_path / "library", 3)


@pytest.fixture
def put_ffmpeg_first(tmp_path, monkeypatch):
    """Put a shell script before the ffmpeg on PATH; it may `exec` the genuine one."""
    folder = tmp_path / "programs"
    folder.mkdir()

    def put(script):
        program = folder / "ffmpeg"
        program.write_text(f"#!/bin/sh\ngenuine={shlex.quote(find_ffmpeg())}\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return put


def small_disk(tmp_path, most_bytes):
    """A folder with a sitecustomize.py: in every Python with it on its path, files end at that size."""
    folder = tmp_path / "limits"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, {most_bytes}))\n"
    )
    return str(folder)


def test_a_disk_without_room_for_the_sound_fails_the_films_that_need_it(library, tmp_path, monkeypatch):
    # Sounds take 576 kB and more, all other files less than 300 kB.
    monkeypatch.setenv("PYTHONPATH", small_disk(tmp_path, 300_000))
    libraries.make_library(library / "short", 1, seconds=2.0)
    done = libraries.caption(library)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "make room there, or set TMPDIR" in done.stderr
    assert sorted(subtitles(library)) == ["short/series 0/film000.en.srt"]
    assert not list(library.rglob(".diffsub-*"))
    # There is room again.
    monkeypatch.setenv("PYTHONPATH", "")
    assert libraries.caption(library, "--retry-failed").returncode == 0
    assert len(subtitles(library)) == 4


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no folder that root cannot write")
def test_an_output_folder_that_is_read_only_is_told_before_anything_is_recognised(caption, library, tmp_path):
    log = tmp_path / "heard.log"
    code, _, err = caption(library, "-o", "/proc/subtitles", "--set", f"log={log}")
    assert code == 1
    assert "cannot write" in err
    assert "3 films: " in err
    assert libraries.heard(log) == []


def test_a_film_that_is_deleted_while_it_is_read_fails_alone(caption, library, monkeypatch):
    film = library / "film001.wav"
    genuine = Recognition.transcribe

    def late(recognition, *arguments):
        film.unlink(missing_ok=True)
        return genuine(recognition, *arguments)

    monkeypatch.setattr(Recognition, "transcribe", late)
    monkeypatch.setattr(run, "DELAYS_S", (0.0, 0.1))
    code, _, err = caption(library)
    assert code == 1
    assert "film001.wav: failed: " in err
    assert "Traceback" not in err
    assert sorted(subtitles(library)) == ["film002.en.srt", "series 0/film000.en.srt"]


def test_an_ffmpeg_that_hangs_on_a_film_is_killed_with_its_children(
    caption, library, put_ffmpeg_first, monkeypatch, tmp_path
):
    pids = tmp_path / "pids"
    hang = f"echo $$ >> {pids}; sleep 300 & echo $! >> {pids}; wait"
    put_ffmpeg_first(f'case "$*" in *film001*) {hang} ;; *) exec "$genuine" "$@" ;; esac')
    monkeypatch.setattr(ffmpeg, "IDLE_S", 1.0)
    code, _, err = caption(library)
    assert code == 1
    assert "film001.wav: failed: " in err
    assert "wrote nothing for 1 s" in err
    assert sorted(subtitles(library)) == ["film002.en.srt", "series 0/film000.en.srt"]
    left = [int(pid) for pid in pids.read_text().split()]
    deadline_s = time.monotonic() + 5
    while any(_is_running(pid) for pid in left) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert [pid for pid in left if _is_running(pid)] == []


def _is_running(pid):
    """Not so of the dead that nobody has waited for."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_decoder_that_crashes_on_a_film_fails_it_alone(caption, library, put_ffmpeg_first):
    put_ffmpeg_first('case "$*" in *film001*) kill -SEGV $$ ;; *) exec "$genuine" "$@" ;; esac')
    code, _, err = caption(library)
    assert code == 1
    assert "crashed on" in err
    assert signal.SIGSEGV.name in err
    assert sorted(subtitles(library)) == ["film002.en.srt", "series 0/film000.en.srt"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_playlist_makes_nobody_open_the_file_it_names(library, tmp_path):
    secret = make_library(tmp_path / "elsewhere", 1) / "series 0" / "film000.wav"
    (library / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{secret}'\n")
    trace = tmp_path / "trace"
    watching = ["strace", "-f", "-o", str(trace), "-e", "trace=open,openat,connect"]
    command = [*watching, *libraries.command(library)]
    subprocess.run(command, env=libraries.environment(), capture_output=True, timeout=240)
    assert "list.mp4" in trace.read_text()
    assert str(secret) not in trace.read_text()


def test_links_to_films_are_followed_and_links_to_folders_are_not(caption, tmp_path):
    elsewhere = make_library(tmp_path / "elsewhere", 2)
    library = make_library(tmp_path / "library", 1)
    (library / "linked.wav").symlink_to(elsewhere / "film001.wav")
    (library / "folder").symlink_to(elsewhere)
    (library / "circle").symlink_to(library)
    (library / "nowhere.wav").symlink_to(tmp_path / "gone.wav")
    code, _, err = caption(library)
    assert code == 1
    assert "nowhere.wav: failed: " in err
    assert sorted(subtitles(library)) == ["linked.en.srt", "series 0/film000.en.srt"]
    assert subtitles(elsewhere) == {}


def test_a_name_that_looks_like_an_option_or_an_address_is_a_name(caption, tmp_path):
    library = make_library(tmp_path / "library", 3)
    (library / "film001.wav").rename(library / "-i concat:a|b.wav")
    (library / "film002.wav").rename(library / "http:%2d%03d `id` ; 'q' \"x\".wav")
    assert caption(library)[0] == 0
    assert len(subtitles(library)) == 3
