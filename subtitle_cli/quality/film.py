"""A film -> where somebody speaks in it, quiet speech included, and at which frame rate it runs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from diffasr_plugin.asr import SAMPLE_RATE

from .. import media
from ..commands import fetch_assets
from ..diarization import find_speech, needed_assets
from ..progress import Reporter
from ..temporary import temporary_folder
from ..types import Turn

__all__ = ["HeardFilm", "hear_film"]


@dataclass(frozen=True)
class HeardFilm:
    """What was heard in a film.

    Attributes:
        frame_rate: pictures a second; None without a picture, or where its pace varies.
        duration_s: of its sound.
        turns: stretches of speech in order; nobody is told apart.
    """

    path: Path
    frame_rate: Fraction | None
    duration_s: float
    turns: tuple[Turn, ...]


def hear_film(path: Path, language: str | None, audio_stream: int | None, reporter: Reporter) -> HeardFilm:
    """Decode a film and find its speech.

    Args:
        language: BCP-47; among several audio streams, the one in it is listened to.
        audio_stream: ffmpeg's number of the stream to listen to instead; None: choose.

    Raises:
        MediaError: the film cannot be read, or has no such stream.
        AssetError: the network that finds speech cannot be had.
    """
    reporter.stage("reading the film")
    film = media.probe(path)
    stream = media.choose_stream(film, language, audio_stream)
    fetch_assets(needed_assets(None), reporter)
    total_s = film.duration_s or 0.0
    with temporary_folder() as folder:
        samples = media.decode(
            film, stream, folder, lambda share: reporter.progress(share * total_s, total_s)
        )
        duration_s = len(samples) / SAMPLE_RATE
        reporter.stage("finding speech")
        speech = find_speech(samples, lambda share: reporter.progress(share * duration_s, duration_s))
    return HeardFilm(path, film.frame_rate, duration_s, speech.turns)
