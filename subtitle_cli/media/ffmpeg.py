"""A command for ffmpeg or ffprobe -> what it writes, watched so that none hangs and none is left behind.

It knows nothing of films or time: only how such a program is found, fenced in, started, heard and ended.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path
from threading import Thread
from typing import IO, TypeAlias

from ..errors import FfmpegFailed

__all__ = ["Finished", "failure", "find_ffmpeg", "find_ffprobe", "input_options", "run", "url"]

IDLE_S = 60.0
"""A program that writes nothing for so long hangs, and is killed."""
LAST_WORDS_S = 5.0
"""After its end, so long is waited for the end of what it wrote."""
TAIL_LINES = 20
"""So many of its last lines stand in an error."""
CHUNK_BYTES = 1 << 18
QUEUE_PIECES = 64

LEADS_ELSEWHERE = frozenset(
    # Playlists and the like: they make ffmpeg open other files or addresses.
    "avisynth concat dash hls imf image2 mlv rtp rtsp sap sdp vapoursynth vobsub "
    "webm_dash_manifest "
    # Devices and discs, which newer versions mark with a "d" and older ones do not.
    "alsa android_camera avfoundation bktr decklink dshow dvdvideo fbdev gdigrab iec61883 jack kmsgrab lavfi "
    "libcdio libdc1394 libndi_newtek openal oss pulse sndio v4l2 vfwcap video4linux2 x11grab xcbgrab "
    # Any text is a film to this one.
    "tty".split()
)
"""Formats that a film may never have, whatever its name says: a film is one file, and leads to no other."""

HOW_TO_INSTALL = (
    "install it: apt install ffmpeg (Debian, Ubuntu), dnf install ffmpeg-free (Fedora), "
    "brew install ffmpeg (macOS), winget install ffmpeg (Windows), or anywhere: pip install imageio-ffmpeg"
)

Pieces: TypeAlias = queue.Queue[tuple[IO[bytes], bytes]]
"""What a program wrote, each piece with the pipe it came through."""


@dataclass(frozen=True)
class Finished:
    """How a program ended: its exit code, and its last lines on stderr."""

    exit_code: int
    last_lines: tuple[str, ...]


def find_ffmpeg() -> str:
    """Path of the ffmpeg on PATH, else of the one inside the package imageio-ffmpeg.

    Raises:
        FfmpegFailed: there is neither; the message says how to install one.
    """
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise FfmpegFailed("ffmpeg", f"ffmpeg was not found; {HOW_TO_INSTALL}") from error


def find_ffprobe() -> str | None:
    """Path of the ffprobe on PATH, if any; the package imageio-ffmpeg has none."""
    return shutil.which("ffprobe")


def url(path: Path) -> str:
    """How ffmpeg is told of a file, so that no name is taken for an option, an address or a pattern."""
    return f"file:{path.absolute()}"


@cache
def input_options(ffmpeg: str) -> dict[str, str]:
    """Options that fence in what ffmpeg may open: this one local file, in a format that leads nowhere else.

    They also let it look further into a film than usual, so that it knows sound that starts late.

    Raises:
        FfmpegFailed: ffmpeg cannot list its formats.
    """
    listing: list[bytes] = []
    finished = run([ffmpeg, "-hide_banner", "-demuxers"], ffmpeg, on_output=listing.append)
    # Lines such as " D  matroska,webm  Matroska / WebM", or " D d alsa  ALSA audio input".
    names = re.findall(r"^ D[ E][ d]? +([a-z0-9_,]+) ", b"".join(listing).decode(), re.MULTILINE)
    formats = [name for group in names for name in group.split(",") if name not in LEADS_ELSEWHERE]
    if finished.exit_code or not formats:
        raise failure(ffmpeg, f"{ffmpeg} cannot list the formats it reads", finished.last_lines)
    return {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(formats),
        "probesize": "50M",
        "analyzeduration": "60M",
    }


def run(
    command: Sequence[str],
    path: object,
    on_output: Callable[[bytes], object] = bytes,
    on_line: Callable[[bytes], bool] = lambda line: False,
    folder: Path | None = None,
) -> Finished:
    """Run a program to its end, with no stdin, in a process group of its own.

    Whatever ends this call early, an interrupt or an exception of a callback too, ends the program with it.

    Args:
        path: of the film, for the error.
        on_output: takes what it writes to stdout, piece by piece.
        on_line: takes each line of its stderr; true: the line is dealt with and is not kept for the error.
        folder: it works there; None: where we do.

    Raises:
        FfmpegFailed: it cannot be started, is killed by a signal, or is silent for `IDLE_S`.
    """
    process = _start(command, path, folder)
    readers: list[Thread] = []
    pieces: Pieces = queue.Queue(QUEUE_PIECES)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    try:
        output, errors = _pipes(process)
        readers += [_reader(output, output.read1, pieces), _reader(errors, errors.readline, pieces)]
        open_pipes = len(readers)
        while open_pipes:
            pipe, piece = pieces.get(timeout=IDLE_S)
            if not piece:
                open_pipes -= 1
            elif pipe is output:
                on_output(piece)
            elif not on_line(piece):
                tail.append(piece.decode(errors="replace").rstrip())
        exit_code = process.wait(IDLE_S)
    except (queue.Empty, subprocess.TimeoutExpired):
        what = f"{command[0]} wrote nothing for {IDLE_S:g} s on {str(path)!r} and was stopped"
        raise failure(path, what, tail) from None
    finally:
        _end(process, readers, pieces)
    if exit_code < 0:
        name = signal.Signals(-exit_code).name
        raise failure(path, f"{command[0]} crashed on {str(path)!r} ({name})", tail)
    return Finished(exit_code, tuple(tail))


def _start(command: Sequence[str], path: object, folder: Path | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=folder,
            env=os.environ | {"AV_LOG_FORCE_NOCOLOR": "1"},
        )
    except OSError as error:
        raise FfmpegFailed(path, f"{command[0]} cannot be started ({error}); {HOW_TO_INSTALL}") from error


def _reader(pipe: IO[bytes], read: Callable[[int], bytes], pieces: Pieces) -> Thread:
    """A thread that moves what it reads from a pipe to the queue, and b"" at its end.

    Threads, as Windows cannot wait for several pipes at once.
    """

    def pump() -> None:
        while piece := read(CHUNK_BYTES):
            pieces.put((pipe, piece))
        pieces.put((pipe, b""))

    thread = Thread(target=pump, daemon=True)
    thread.start()
    return thread


def _pipes(process: subprocess.Popen[bytes]) -> tuple[BufferedReader, BufferedReader]:
    """Its stdout and stderr; `Popen` types them as they would be without PIPE or without a buffer."""
    assert isinstance(process.stdout, BufferedReader)
    assert isinstance(process.stderr, BufferedReader)
    return process.stdout, process.stderr


def _end(process: subprocess.Popen[bytes], readers: Sequence[Thread], pieces: Pieces) -> None:
    """Kill what still runs, let the readers come to their end, and close the pipes."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    # A reader may wait for room in the queue; or for a stranger who holds the pipe, and then in vain.
    deadline_s = time.monotonic() + LAST_WORDS_S
    while any(reader.is_alive() for reader in readers) and time.monotonic() < deadline_s:
        with contextlib.suppress(queue.Empty):
            pieces.get(timeout=0.01)
    for reader, pipe in zip(readers, _pipes(process), strict=False):
        if not reader.is_alive():
            pipe.close()


def failure(path: object, what: str, last_lines: Sequence[str]) -> FfmpegFailed:
    """The error for a film: its first line tells all in short, the rest is the end of ffmpeg's stderr."""
    lines = [line for line in last_lines if line.strip()]
    if not lines:
        return FfmpegFailed(path, what)
    return FfmpegFailed(path, "\n    ".join([f"{what}: {lines[-1]}", *lines]))
