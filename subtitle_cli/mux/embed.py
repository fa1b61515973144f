"""A film and its subtitles -> the same film with one stream more, that players can switch on.

Every other stream is copied bit for bit, subtitles that are there already too. Only data streams, such as
time codes, are left out: ffmpeg cannot write them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..formats import FORMATS, Subtitles
from ..output import Target
from .containers import Container, container_of
from .convert import Conversion, convert, encoders, lacks
from .look import look_at

__all__ = ["check_embed", "embed", "language_code"]

DEMUXERS = {"srt": "srt", "ass": "ass", "vtt": "webvtt"}
"""ffmpeg's names of the formats."""


def check_embed(target: Target) -> None:
    """Find out whether this ffmpeg can do it.

    Raises:
        FfmpegFailed: it lacks an encoder.
    """
    container = _container(target)
    wanted = {container.encoder, *(container.coloured or ())[1:]}
    for encoder in sorted(wanted - encoders()):
        raise lacks(target, f"the encoder {encoder!r}")


def embed(film: Path, subtitles: Subtitles, target: Target, on_progress: Callable[[float], None]) -> None:
    """Write the film with the subtitles as its last subtitle stream, tagged with their language.

    Raises:
        NoPicture, FfmpegFailed, OutputError: it cannot be done; nothing is left of it.
    """
    container = _container(target)
    format, encoder = container.format, container.encoder
    if subtitles.colours and container.coloured:
        format, encoder = container.coloured
    else:
        subtitles = replace(subtitles, colours={})
    look = look_at(film)
    number = look.subtitle_streams
    code = language_code(subtitles.language, container)
    text_file = f"subtitles.{format}"
    conversion = Conversion(
        text=FORMATS[format](subtitles),
        text_file=text_file,
        # The film keeps its clock; cues count from where players begin.
        inputs=("-itsoffset", look.start, "-f", DEMUXERS[format], "-i", text_file),
        outputs=(
            *("-copyts", "-map", "0", "-map", "-0:d?", "-map", "1", "-c", "copy", "-ignore_unknown"),
            *(f"-c:s:{number}", encoder, f"-metadata:s:s:{number}", f"language={code}"),
            # Players show it when asked to; what showed by itself before still does.
            *(f"-disposition:s:{number}", "0"),
        ),
        muxer=container.muxer,
        duration_ms=subtitles.duration_ms,
    )
    convert(film, conversion, target, on_progress)


def language_code(language: str, container: Container) -> str:
    """A BCP-47 language as this container names it: "de" is "ger" or "deu"; "und" where it has no code."""
    import langcodes

    try:
        code = langcodes.get(language).to_alpha3(variant=container.language_codes)
    except (LookupError, ValueError):
        return "und"
    return container.respelled.get(code, code)


def _container(target: Target) -> Container:
    assert target.path is not None, target
    return container_of(target.path)
