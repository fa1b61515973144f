"""A film and its subtitles -> a film with the subtitles drawn into its picture, for any player.

The picture is encoded anew; the sound is copied bit for bit.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..formats import FORMATS, Subtitles
from ..output import Target
from .containers import VideoEncoder, container_of
from .convert import Conversion, convert, encoders, filters, lacks
from .look import look_at

__all__ = ["burn", "check_burn"]

logger = logging.getLogger(__name__)

TEXT_FILE = "subtitles.ass"
# Encoders want even numbers of pixels, and players this kind of colours.
SUIT_PLAYERS = "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0,format=yuv420p"
NO_GLYPH = re.compile(r"failed to find any fallback with glyph 0x([0-9A-Fa-f]+)")


def check_burn(target: Target) -> None:
    """Find out whether this ffmpeg can do it.

    Raises:
        FfmpegFailed: it cannot draw text, or encode the picture.
    """
    if "ass" not in filters():
        raise lacks(target, "libass, which draws subtitles")
    _video_encoder(target)


def burn(film: Path, subtitles: Subtitles, target: Target, on_progress: Callable[[float], None]) -> None:
    """Write the film with the subtitles in its picture.

    Only the picture and the sound are taken over: subtitle streams would be drawn over the new ones.

    Raises:
        NoPicture, FfmpegFailed, OutputError: it cannot be done; nothing is left of it.
    """
    assert target.path is not None, target
    look, encoder = look_at(film), _video_encoder(target)
    size = (look.width, look.height)
    # original_size: where pixels are not square, libass must know how the picture is shown.
    drawing = f"ass={TEXT_FILE}:original_size={look.width}x{look.height},{SUIT_PLAYERS}"
    conversion = Conversion(
        text=FORMATS["ass"](replace(subtitles, picture_size=size)),
        text_file=TEXT_FILE,
        outputs=(
            *("-map", "0:V:0", "-map", "0:a?", "-c:a", "copy"),
            *("-vf", drawing, "-c:v", encoder.name, *encoder.options),
        ),
        muxer=container_of(target.path).muxer,
        duration_ms=subtitles.duration_ms,
    )
    finished = convert(film, conversion, target, on_progress)
    missing = dict.fromkeys(chr(int(code, 16)) for code in NO_GLYPH.findall("\n".join(finished.last_lines)))
    if missing:
        logger.warning(
            "%s: no font here has %s, so boxes stand there; install one that has them, such as fonts-noto",
            target.path,
            " ".join(missing),
        )


def _video_encoder(target: Target) -> VideoEncoder:
    assert target.path is not None, target
    known, wanted = encoders(), container_of(target.path).video
    for encoder in wanted:
        if encoder.name in known:
            return encoder
    raise lacks(target, f"any of the encoders {', '.join(encoder.name for encoder in wanted)}")
