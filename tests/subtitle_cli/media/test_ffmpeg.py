import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from subtitle_cli.errors import FfmpegFailed
from subtitle_cli.media import ffmpeg
from subtitle_cli.media.ffmpeg import TAIL_LINES, failure, find_ffmpeg, input_options, run

SHELL = ["sh", "-c"]
HANGS = "echo $$ >> pids; sleep 300 & echo $! >> pids; echo busy >&2; wait"
"""A program that hangs, and a child of it; both tell their ids."""


def is_running(pid):
    """Not so of the dead that nobody has waited for."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def assert_all_gone(count=2):
    pids = [int(line) for line in Path("pids").read_text().split()]
    assert len(pids) == count
    deadline = time.monotonic() + 5
    while any(is_running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [pid for pid in pids if is_running(pid)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_output_and_lines_come_apart():
    written, lines = [], []
    program = "printf 'a\\nb'; printf 'one\\ntwo' >&2; exit 3"
    finished = run([*SHELL, program], "film", written.append, lambda line: lines.append(line) or True)
    assert b"".join(written) == b"a\nb"
    assert lines == [b"one\n", b"two"]
    assert (finished.exit_code, finished.last_lines) == (3, ())


def test_a_program_works_where_it_is_told_to(tmp_path):
    told = []
    run(["pwd"], "film", on_output=told.append, folder=tmp_path)
    assert b"".join(told).decode().strip() == str(tmp_path)


def test_the_last_lines_are_kept():
    finished = run([*SHELL, "seq 100 >&2"], "film")
    assert finished.last_lines == tuple(str(number) for number in range(101 - TAIL_LINES, 101))


def test_a_program_cannot_read_our_stdin():
    program = "from subtitle_cli.media.ffmpeg import run; run(['cat'], 'film', on_output=print)"
    done = subprocess.run([sys.executable, "-c", program], input=b"ours", capture_output=True, check=True)
    assert done.stdout == b""


def test_no_colours_are_mixed_into_the_lines(monkeypatch):
    monkeypatch.setenv("AV_LOG_FORCE_COLOR", "1")
    finished = run([find_ffmpeg(), "-hide_banner", "-i", "file:/nothing"], "film")
    assert finished.last_lines
    assert "\x1b" not in "".join(finished.last_lines)


def test_a_program_that_hangs_is_stopped_with_its_children(folder, monkeypatch):
    monkeypatch.setattr(ffmpeg, "IDLE_S", 0.5)
    with pytest.raises(FfmpegFailed, match=r"wrote nothing for 0\.5 s on 'film' .*stopped: busy") as caught:
        run([*SHELL, HANGS], "film")
    assert caught.value.path == "film"
    assert_all_gone()


def test_a_program_that_closes_its_outputs_and_hangs_is_stopped_too(folder, monkeypatch):
    monkeypatch.setattr(ffmpeg, "IDLE_S", 0.5)
    with pytest.raises(FfmpegFailed, match="wrote nothing"):
        run([*SHELL, "echo $$ > pids; exec sleep 300 >&- 2>&-"], "film")
    assert_all_gone(1)


def test_a_stranger_who_holds_the_pipe_is_not_waited_for(folder, monkeypatch):
    setsid = shutil.which("setsid") or pytest.skip("there is no setsid")
    monkeypatch.setattr(ffmpeg, "IDLE_S", 0.3)
    monkeypatch.setattr(ffmpeg, "LAST_WORDS_S", 0.3)
    with pytest.raises(FfmpegFailed, match="wrote nothing"):
        run([*SHELL, f"{setsid} sh -c 'echo $$ > pids; exec sleep 300' & sleep 0.1"], "film")
    os.kill(int(Path("pids").read_text()), signal.SIGKILL)


def test_a_slow_program_that_goes_on_writing_is_left_alone(monkeypatch):
    monkeypatch.setattr(ffmpeg, "IDLE_S", 0.5)
    written = []
    run([*SHELL, "for i in 1 2 3 4 5 6; do sleep 0.2; echo $i; done"], "film", written.append)
    assert b"".join(written) == b"1\n2\n3\n4\n5\n6\n"


def test_a_crash_is_told_with_its_last_words():
    with pytest.raises(FfmpegFailed, match=r"crashed on 'film' \(SIGSEGV\): oh no\n    first\n    oh no"):
        run([*SHELL, "echo first >&2; echo oh no >&2; kill -SEGV $$"], "film")


def test_a_fault_of_ours_leaves_no_program_behind(folder):
    def fault(line):
        raise KeyError(line)

    with pytest.raises(KeyError):
        run([*SHELL, HANGS], "film", on_line=fault)
    assert_all_gone()


def test_a_full_disk_leaves_no_program_behind(folder):
    """Nor does a program that writes without end keep it waiting."""
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        run([*SHELL, "echo $$ > pids; exec cat /dev/zero"], "film", full.write)
    assert_all_gone(1)


def test_an_interrupt_leaves_no_program_behind(folder):
    program = (
        "from subtitle_cli.media.ffmpeg import run\n"
        f"run(['sh', '-c', {HANGS!r}], 'film', on_line=lambda line: print(line, flush=True))"
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # A shell may have started the tests with interrupts ignored, which is handed down.
    heard = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen([sys.executable, "-c", program], **pipes, **heard) as ours:
        assert "busy" in ours.stdout.readline()
        ours.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in ours.communicate(timeout=10)[1]
    assert_all_gone()


def test_a_program_that_cannot_be_started_is_told(tmp_path):
    (tmp_path / "ffmpeg").write_text("no program")
    with pytest.raises(FfmpegFailed, match=r"cannot be started \(.*Permission denied.*apt install ffmpeg"):
        run([str(tmp_path / "ffmpeg")], "film")


def test_no_words_are_no_list():
    assert str(failure("film", "it failed", [" ", ""])) == "it failed"


def test_ffmpeg_on_the_path_is_taken_first(tmp_path, monkeypatch):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg() == str(fake)


def test_without_one_the_package_has_one(monkeypatch):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setenv("PATH", "")
    assert find_ffmpeg() == imageio_ffmpeg.get_ffmpeg_exe()


@pytest.mark.parametrize("fault", [RuntimeError("no binary for this machine"), ImportError("not installed")])
def test_without_any_it_is_told_how_to_install_one(monkeypatch, fault):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")

    def fail():
        raise fault

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", fail)
    with pytest.raises(
        FfmpegFailed, match=r"not found; install it: apt install ffmpeg .* pip install imageio"
    ):
        find_ffmpeg()


def test_films_are_allowed_and_what_leads_elsewhere_is_not():
    options = input_options(find_ffmpeg())
    formats = options["format_whitelist"].split(",")
    assert options["protocol_whitelist"] == "file"
    assert {"matroska", "mov", "mp4", "mpegts", "avi", "wav", "mp3", "flac", "ogg", "asf", "flv"} <= set(
        formats
    )
    assert not {"concat", "hls", "dash", "image2", "sdp", "lavfi", "tty", "=", "d"} & set(formats)


@pytest.mark.skipif(shutil.which("true") is None, reason="there is no program that says nothing")
def test_an_ffmpeg_that_cannot_tell_its_formats_is_told():
    with pytest.raises(FfmpegFailed, match="cannot list the formats it reads"):
        input_options(shutil.which("true"))
