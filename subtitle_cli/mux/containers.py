"""A film file's suffix -> what its container can hold, in ffmpeg's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError

__all__ = ["DEFAULT_SUFFIX", "Container", "VideoEncoder", "container_of", "is_known"]


@dataclass(frozen=True)
class VideoEncoder:
    """An encoder of pictures, with options for a quality at which losses are hard to see."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Container:
    """What goes into a kind of file.

    Attributes:
        muxer: ffmpeg's name of the container.
        format: the one of `FORMATS` that its subtitles are made from.
        encoder: ffmpeg's name of the encoder that makes them.
        coloured: the same two for speakers with colours; None: it cannot hold colours.
        language_codes: "B" or "T": which of ISO 639-2's two sets of codes it names languages by.
        video: encoders for the picture, the best first.
        respelled: codes that it names otherwise.
    """

    muxer: str
    format: str
    encoder: str
    coloured: tuple[str, str] | None
    language_codes: str
    video: tuple[VideoEncoder, ...]
    respelled: Mapping[str, str] = field(default_factory=dict)


H264 = (VideoEncoder("libx264", ("-crf", "18")), VideoEncoder("mpeg4", ("-q:v", "2")))
VP9 = (VideoEncoder("libvpx-vp9", ("-crf", "24", "-b:v", "0", "-row-mt", "1")),)
MATROSKA = Container("matroska", "srt", "subrip", ("ass", "ass"), "B", H264)
WEBM = Container("webm", "vtt", "webvtt", None, "B", VP9)
MP4 = Container("mp4", "srt", "mov_text", None, "T", H264)
# ffmpeg knows QuickTime's old numbers of languages by these codes, and writes no others.
QUICKTIME_CODES = {"fre": "fra", "rum": "ron", "cze": "ces", "slo": "slk", "swe": "sve"}
MOV = Container("mov", "srt", "mov_text", None, "B", H264, QUICKTIME_CODES)
CONTAINERS = {".mkv": MATROSKA, ".webm": WEBM, ".mp4": MP4, ".m4v": MP4, ".mov": MOV}
DEFAULT_SUFFIX = ".mkv"
"""Of films in other containers: this one takes nearly everything as it is."""


def is_known(path: Path) -> bool:
    """Whether files of this name are of a container that we write."""
    return path.suffix.lower() in CONTAINERS


def container_of(path: Path) -> Container:
    """The container of a file of this name.

    Raises:
        UsageError: we do not write such files.
    """
    if not is_known(path):
        raise UsageError(f"a film cannot be written to {str(path)!r}: name a file in {', '.join(CONTAINERS)}")
    return CONTAINERS[path.suffix.lower()]
