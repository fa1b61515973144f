"""One audio stream of a film -> float32 samples, 16 kHz mono, the first of them at the picture's start.

It knows nothing of speech, and never holds a film's sound in memory: a three-hour film is 690 MB on disk.
"""

from __future__ import annotations

import logging
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE

from ..errors import FfmpegFailed, MediaError, NoAudio
from .ffmpeg import Finished, failure, find_ffmpeg, input_options, run, url
from .film import AudioStream, Film
from .timeline import Stretch, Timeline

__all__ = ["decode"]

logger = logging.getLogger(__name__)

SAMPLE = np.dtype("<f4")
BLOCK = 1 << 20
"""Samples that are in memory at once."""
FILM = "the film"
"""Stands in for its name while the command is put together."""
LEAST_RATE = 1000
"""Hertz. No speech is heard at a lower rate, and a small file that states one would fill the disk."""
STATED_LAYOUTS = 8
"""ffmpeg knows where the speakers stand for so many channels; for more only if the film says so."""
LONGEST_S = 48 * 3600
"""Sound that goes on for longer has damaged or hostile time stamps, or would fill the disk."""
PATIENCE_S = 3600.0
"""ffmpeg may lag so far behind a player. It is a hundred times as fast and more, but drives may be slow."""
EARLY_END_S = 5.0
EARLY_END_SHARE = 0.02
"""Sound that ends so much before the film's stated end is worth a warning."""

# "[Parsed_ashowinfo_1 @ 0x55] [info] n:7 pts:2240 pts_time:0.14 fmt:flt channels:1 ... nb_samples:325 ..."
PIECE_LINE = re.compile(rb"ashowinfo.*\bpts:(-?\d+|NOPTS) .*\bnb_samples:(\d+)")


@dataclass
class _Listener:
    """Hears from ffmpeg's stderr where each decoded piece belongs, and counts its complaints."""

    film: Path
    timeline: Timeline
    report: Callable[[float], None]
    pieces: int = 0
    complaints: int = 0
    begun_s: float = field(default_factory=time.monotonic)

    def take(self, line: bytes) -> bool:
        """Whether the line is dealt with; false for complaints, that an error should show.

        Raises:
            MediaError: the sound has no end within reason.
            FfmpegFailed: ffmpeg gets nowhere.
        """
        piece = PIECE_LINE.search(line)
        if piece:
            self.pieces += 1
            self.timeline.add(None if piece[1] == b"NOPTS" else int(piece[1]), int(piece[2]))
            self.report(self.timeline.end / SAMPLE_RATE)
        self._check_pace(self.timeline.end / SAMPLE_RATE, time.monotonic() - self.begun_s)
        # Stamps that step back are the timeline's affair; the output has none at all.
        if b"[info]" in line or b"monoton" in line.lower():
            return True
        # Before the first sound ffmpeg looks at the picture too, which in broadcasts begins incomplete.
        self.complaints += self.pieces > 0 and (b"[error]" in line or b"[fatal]" in line)
        return False

    def _check_pace(self, heard_s: float, elapsed_s: float) -> None:
        if heard_s > LONGEST_S:
            raise MediaError(
                self.film,
                f"the sound of {str(self.film)!r} goes on past {LONGEST_S / 3600:g} hours: cut the film; "
                "or make new time stamps, if they are damaged: "
                "ffmpeg -i FILM -af asetpts=N/SR/TB -c:v copy NEW",
            )
        if elapsed_s > PATIENCE_S + max(0.0, heard_s):
            progress = f"{heard_s:.0f} s of sound in {elapsed_s:.0f} s"
            raise FfmpegFailed(self.film, f"ffmpeg gave {progress} of {str(self.film)!r} and was stopped")


def decode(
    film: Film,
    stream: AudioStream,
    folder: Path,
    on_progress: Callable[[float], None] | None = None,
) -> NDArray[np.float32]:
    """The stream's sound on the picture's clock.

    Time stamps decide where sound lies: a late start and holes are silent; sound before the picture's start
    is left out. Channels are mixed as ffmpeg does, but never clipped: the centre of 5.1 at full level, left
    and right at -3 dB each, and where the sum passes full scale the whole film is made softer. So a dead
    channel costs 3 dB at most, and dialogue keeps its dynamics. More than eight channels are averaged.

    Damaged sound is not fatal: what could be decoded is returned, and a warning tells what is missing.

    Args:
        folder: a private one, for temporary files; they are gone when the samples are.
        on_progress: told the share that is done, where the film says how long it is.

    Returns:
        (n,) samples, backed by a file on disk.

    Raises:
        NoAudio: no sound could be decoded, or its sample rate is too low for speech.
        FfmpegFailed: ffmpeg is missing, crashed, hung, or was slower than a player for an hour.
        MediaError: the temporary files cannot be written, or the sound has no end within reason.
    """
    if 0 < stream.sample_rate < LEAST_RATE:
        stated = f"{str(film.path)!r} is sampled at {stream.sample_rate} Hz"
        raise NoAudio(film.path, f"audio stream {stream.index} of {stated}: no speech can be in it")
    # The container's clock, as players do: their zero is its start_time.
    timeline = Timeline(zero=round(film.start_s * SAMPLE_RATE))
    listener = _Listener(film.path, timeline, _share_teller(film.duration_s, on_progress))
    command = _command(find_ffmpeg(), film, stream)
    try:
        with tempfile.TemporaryFile(dir=folder) as raw:
            finished = run(command, film.path, on_output=raw.write, on_line=listener.take)
            _check(film, stream, listener, finished)
            return _lay_out(raw, timeline.stretches, folder)
    except OSError as error:
        raise MediaError(
            film.path,
            f"the sound of {str(film.path)!r} cannot be kept in {folder}: {error.strerror}; "
            "make room there, or set TMPDIR to a folder with room",
        ) from error


def _command(ffmpeg: str, film: Film, stream: AudioStream) -> list[str]:
    # Imported here, as it takes a while.
    import ffmpeg as graph

    # Filter options of a kind that ffmpeg 4 and 9 both understand. Samples stay floats to the end: a sum of
    # channels that passes full scale is whole until `_lay_out` scales it.
    sound = graph.input(FILM, copyts=None, **input_options(ffmpeg))[str(stream.index)]
    if stream.channels > STATED_LAYOUTS:
        everything = "+".join(f"c{channel}" for channel in range(stream.channels))
        sound = sound.filter("aformat", sample_fmts="flt").filter("pan", f"mono|c0<{everything}")
    sound = sound.filter("aformat", sample_fmts="flt", sample_rates=SAMPLE_RATE, channel_layouts="mono")
    # ashowinfo tells each piece's time stamp. The output's own would not do: it bends stamps that step back.
    output = sound.filter("ashowinfo").output("pipe:", format="f32le")
    opening = [ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info"]
    # ffmpeg-python takes text only, and a file's name need not be text.
    return [url(film.path) if word == FILM else word for word in graph.compile(output, cmd=opening)]


def _share_teller(
    duration_s: float | None, on_progress: Callable[[float], None] | None
) -> Callable[[float], None]:
    """Tells `on_progress` of every further hundredth, given seconds."""
    told = 0.0

    def tell(done_s: float) -> None:
        nonlocal told
        share = min(1.0, done_s / duration_s) if duration_s else 0.0
        if on_progress and share >= told + 0.01:
            told = share
            on_progress(share)

    return tell


def _check(film: Film, stream: AudioStream, listener: _Listener, finished: Finished) -> None:
    name, last_lines = str(film.path), finished.last_lines
    if finished.exit_code:
        raise failure(film.path, f"ffmpeg failed on {name!r} with exit code {finished.exit_code}", last_lines)
    end_s = listener.timeline.end / SAMPLE_RATE
    if end_s <= 0:
        said = f": {last_lines[-1]}" if last_lines else ""
        raise NoAudio(film.path, f"audio stream {stream.index} of {name!r} holds no sound{said}")
    if listener.complaints:
        logger.warning(
            "%s: damaged, parts of its sound may be missing (%d complaints of ffmpeg, the last: %s)",
            name,
            listener.complaints,
            last_lines[-1],
        )
    stated_s = film.duration_s or 0.0
    if stated_s - end_s > max(EARLY_END_S, EARLY_END_SHARE * stated_s):
        logger.warning(
            "%s: its sound ends after %.0f s, though it says that it is %.0f s long; "
            "it is cut off, silent at the end, or states a wrong length",
            name,
            end_s,
            stated_s,
        )


def _lay_out(raw: IO[bytes], stretches: tuple[Stretch, ...], folder: Path) -> NDArray[np.float32]:
    """The samples that lie one after the other in `raw`, each stretch at its place, none above full scale."""
    peak, finite = _peak(raw)
    if not finite:
        logger.warning("the sound holds samples that are no numbers; they are silence now")
    if peak <= 1.0 and finite and [each.start for each in stretches] == [0]:
        return _mapped(raw)
    with tempfile.TemporaryFile(dir=folder) as placed:
        raw.seek(0)
        for stretch in stretches:
            _place(raw, stretch, placed, gain=1.0 / max(1.0, peak))
        return _mapped(placed)


def _place(raw: IO[bytes], stretch: Stretch, placed: IO[bytes], gain: float) -> None:
    position = stretch.start
    for block in _blocks(raw, stretch.length):
        kept = np.nan_to_num(block[max(0, -position) :], nan=0.0, posinf=0.0, neginf=0.0)
        # What is jumped over stays a hole in the file: silence that takes no room on the disk.
        placed.seek(max(0, position) * SAMPLE.itemsize)
        placed.write((kept * gain).astype(SAMPLE).tobytes())
        position += len(block)


def _mapped(file: IO[bytes]) -> NDArray[np.float32]:
    """The file as an array that outlives it; changes to the array stay in memory."""
    file.flush()
    return np.memmap(file, SAMPLE, "c")


def _peak(raw: IO[bytes]) -> tuple[float, bool]:
    """The highest absolute value of all that are numbers, and whether all are."""
    peak, finite = 0.0, True
    length = raw.tell() // SAMPLE.itemsize
    raw.seek(0)
    for block in _blocks(raw, length):
        numbers = np.isfinite(block)
        finite = finite and bool(numbers.all())
        peak = max(peak, float(np.abs(block).max(where=numbers, initial=0.0)))
    return peak, finite


def _blocks(raw: IO[bytes], length: int) -> Iterator[NDArray[np.float32]]:
    """The next `length` samples, some at a time."""
    while length > 0:
        block = np.frombuffer(raw.read(min(BLOCK, length) * SAMPLE.itemsize), SAMPLE)
        if not len(block):
            return
        yield block
        length -= len(block)
