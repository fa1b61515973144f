"""What a film is to us: its picture's pace and its audio streams; and which of them to listen to.

It does not know ffmpeg, only the numbers that ffmpeg gives to streams.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..errors import NoAudio

__all__ = ["AudioStream", "Film", "choose_stream", "language_tag", "steady_rate"]

logger = logging.getLogger(__name__)

NO_LANGUAGE = frozenset({"und", "mul", "mis", "zxx", "root"})
"""Tags that say "unknown", "several", "uncoded" and "none"."""
SAME_LANGUAGE = 10
"""langcodes' distance below which two tags are one language: nb-no 1, zh-cmn 0; nn-no 20, de-gsw 84."""
ODD_RATES = (Fraction(25, 2), *(Fraction(whole * 1000, 1001) for whole in (15, 24, 30, 48, 60, 120)))
"""Frame rates in use that are no whole number: half of PAL's, and NTSC's."""


@dataclass(frozen=True)
class AudioStream:
    """One audio stream of a film.

    Attributes:
        index: ffmpeg's number of the stream among all of the film's.
        language: BCP-47, shortest form ("de", "pt-BR"); None if the film does not say.
        title: as the film has it, such as "Director's commentary".
        channels, sample_rate: 0 where ffmpeg cannot tell before it decodes.
        codec: ffmpeg's name of it.
        default: whether players choose it by default.
    """

    index: int
    language: str | None
    title: str | None
    channels: int
    sample_rate: int
    codec: str
    default: bool


@dataclass(frozen=True)
class Film:
    """What a film's container says; it may lie about the duration.

    Attributes:
        duration_s: to a hundredth of a second; None if it does not say.
        start_s: the container's time at which players begin: their zero.
        frame_rate: pictures a second; None without a picture, or where its pace varies.
        subtitles: languages of its subtitle streams, as BCP-47, without streams that show some lines only.
    """

    path: Path
    duration_s: float | None
    start_s: float
    frame_rate: Fraction | None
    audio: tuple[AudioStream, ...]
    subtitles: tuple[str, ...] = ()


def choose_stream(film: Film, language: str | None = None, index: int | None = None) -> AudioStream:
    """The stream to listen to: that of the index, else of the language, else the default one.

    Among several of the language it is the default one, else the first.

    Raises:
        NoAudio: the film has no audio stream, or none of that index; the message lists those it has.
    """
    if not film.audio:
        raise NoAudio(film.path, f"{str(film.path)!r} has no audio stream, so there is nothing to caption")
    if index is not None:
        return _by_index(film, index)
    spoken = [stream for stream in film.audio if _is_spoken(language, stream)]
    chosen = max(spoken or film.audio, key=lambda stream: stream.default)
    if language is not None and not spoken and chosen.language is not None:
        logger.warning(
            "%s: no audio stream is tagged %r; listening to the default one. It has: %s",
            film.path,
            language,
            _listing(film.audio),
        )
    return chosen


def language_tag(tag: str | None) -> str | None:
    """A container's tag ("ger", "deu", "en_US") as BCP-47 in its shortest form; None for none or unknown."""
    # MIT licence; knows the two sets of three-letter codes that containers use.
    import langcodes

    try:
        standard = langcodes.standardize_tag(tag or "und")
    except ValueError:
        return None
    language = standard.partition("-")[0]
    # qaa to qtz are free for private use: broadcasters tag "original sound" so.
    private = len(language) == 3 and "qaa" <= language <= "qtz"
    return None if language in NO_LANGUAGE or private else standard


def steady_rate(average: Fraction | None, base: Fraction | None) -> Fraction | None:
    """The exact frame rate of a picture, or None if its pace varies.

    Args:
        average: frames by duration, perhaps rounded to two places.
        base: the lowest rate that all its time stamps fit; twice the average where fields are counted.
    """
    if not average or not base or average < 1:
        return None
    multiple = max(1, round(base / average))
    if multiple > 2 or abs(base / average / multiple - 1) > Fraction(2, 100):
        return None
    wanted = base / multiple
    exact = [Fraction(max(1, round(wanted))), *ODD_RATES]
    nearest = min(exact, key=lambda rate: abs(rate - wanted))
    return nearest if abs(nearest - wanted) < Fraction(1, 100) else None


def _by_index(film: Film, index: int) -> AudioStream:
    for stream in film.audio:
        if stream.index == index:
            return stream
    raise NoAudio(
        film.path,
        f"{str(film.path)!r} has no audio stream number {index}; it has: {_listing(film.audio)}",
    )


def _is_spoken(language: str | None, stream: AudioStream) -> bool:
    import langcodes

    wanted, spoken = language_tag(language), stream.language
    if wanted is None or spoken is None:
        return False
    # Without script and country: neither can be heard.
    return langcodes.tag_distance(wanted.partition("-")[0], spoken.partition("-")[0]) < SAME_LANGUAGE


def _listing(streams: Sequence[AudioStream]) -> str:
    return ", ".join(_describe_stream(stream) for stream in streams)


def _describe_stream(stream: AudioStream) -> str:
    facts = [stream.language or "no language", stream.codec, f"{stream.channels} channels"]
    if stream.title:
        facts.append(repr(stream.title))
    if stream.default:
        facts.append("default")
    return f"{stream.index} ({', '.join(facts)})"
