"""A film and its subtitles -> a film that has them: drawn into the picture, or as a stream to switch on.

The film itself is never touched, and what is written is there whole or not at all. Knows ffmpeg and
containers; knows nothing of how subtitles come about.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..formats import Subtitles
from ..output import Target
from .burn import burn, check_burn
from .embed import check_embed, embed
from .look import Look, look_at
from .targets import FilmWish, check_wishes, film_target

__all__ = ["FILMS", "FilmWish", "Look", "check_film", "check_wishes", "film_target", "look_at"]

FILMS: dict[str, Callable[[Path, Subtitles, Target, Callable[[float], None]], None]] = {
    "embed": embed,
    "burn": burn,
}
"""What a `Target` may be besides a text. Each takes the film, its subtitles and the target, and tells the
share that is done."""


def check_film(film: Path, target: Target) -> None:
    """Find out in a moment whether this can be written, before the long work.

    Raises:
        NoPicture: the film has none.
        MediaError: the film cannot be read.
        FfmpegFailed: this ffmpeg cannot do it; the message says what it lacks.
    """
    look_at(film)
    checks = {"embed": check_embed, "burn": check_burn}
    checks[target.format](target)
