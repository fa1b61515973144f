"""A film, a text of subtitles and words for ffmpeg -> a new film, there whole or not at all.

Knows how ffmpeg is run for it; which words make which film is the business of `embed` and `burn`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import FfmpegFailed
from ..media.ffmpeg import Finished, failure, find_ffmpeg, run, url
from ..output import Target, whole_file
from ..temporary import temporary_folder
from .look import input_words

__all__ = ["Conversion", "convert", "encoders", "filters", "lacks"]

DONE = re.compile(rb"^out_time_us=(\d+)", re.MULTILINE)
# " V....D libx264  libx264 H.264 ...", " ... ass  V->V  ..."; newer ones tell fewer flags: " .. ass ...".
NAME_LINE = re.compile(r"^ [A-Z.]{2,6} (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Conversion:
    """What ffmpeg is to do with a film.

    Attributes:
        text: of the subtitles. It lies as `text_file` in the folder that ffmpeg works in: a name without
            surprises, whatever the film is called.
        outputs: words for the output's streams; the film is input 0.
        muxer: ffmpeg's name of the container.
        inputs: words for more inputs.
        duration_ms: of the film.
    """

    text: str
    text_file: str
    outputs: tuple[str, ...]
    muxer: str
    inputs: tuple[str, ...] = ()
    duration_ms: int | None = None


def convert(
    film: Path, conversion: Conversion, target: Target, on_progress: Callable[[float], None]
) -> Finished:
    """Write the film that is wanted.

    Raises:
        FfmpegFailed: ffmpeg is missing, crashed or hung, or cannot do it: the container may not hold what is
            in the film, or the disk is full.
        OutputError: there is a file of that name now, or it cannot be written.
    """
    assert target.path is not None, target
    ffmpeg = find_ffmpeg()
    command = [ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-y", "-loglevel", "level+warning"]
    # What it writes of its progress also shows that it is alive.
    command += ["-progress", "pipe:1", *input_words(ffmpeg, film), *conversion.inputs, *conversion.outputs]

    def listen(piece: bytes) -> None:
        for done_us in DONE.findall(piece):
            on_progress(min(1.0, int(done_us) / 1000 / (conversion.duration_ms or 1)))

    with temporary_folder() as folder:
        (folder / conversion.text_file).write_bytes(conversion.text.encode())
        with whole_file(target.path, target.overwrite) as partial:
            words = [*command, "-f", conversion.muxer, url(partial)]
            finished = run(words, film, on_output=listen, folder=folder)
            if finished.exit_code:
                what = f"ffmpeg could not write {str(target.path)!r}"
                raise failure(film, what, finished.last_lines)
            on_progress(1.0)
    return finished


def encoders() -> set[str]:
    """Names of the encoders that this ffmpeg has.

    Raises:
        FfmpegFailed: there is no ffmpeg.
    """
    return _listed("-encoders")


def filters() -> set[str]:
    """Names of the filters that this ffmpeg has.

    Raises:
        FfmpegFailed: there is no ffmpeg.
    """
    return _listed("-filters")


def lacks(target: Target, what: str) -> FfmpegFailed:
    """The error for an ffmpeg that was built without something."""
    return FfmpegFailed(
        target.path,
        f"{find_ffmpeg()} was built without {what}, so {str(target.path)!r} cannot be written; "
        "install a full build of ffmpeg, or take it off PATH and: pip install imageio-ffmpeg",
    )


def _listed(option: str) -> set[str]:
    ffmpeg = find_ffmpeg()
    written: list[bytes] = []
    run([ffmpeg, "-hide_banner", option], ffmpeg, on_output=written.append)
    return set(NAME_LINE.findall(b"".join(written).decode(errors="replace")))
