"""A path -> `Film`: what its container says, asked of ffprobe, or of `ffmpeg -i` where there is no ffprobe.

Both ways give the same `Film`. It decodes nothing and believes nothing but what ffmpeg says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..errors import FilmNotFound, MediaError
from .ffmpeg import failure, find_ffmpeg, find_ffprobe, input_options, run, url
from .film import AudioStream, Film, language_tag, steady_rate

__all__ = ["ask_ffmpeg", "ask_ffprobe", "probe"]

HINTS = {
    "moov atom not found": "it is no mp4, or was cut off before its index was written",
    "not on whitelist": "it is a playlist or the like, that leads to other files; give the film itself",
    "Invalid data found": "it is no film or sound file, or it is damaged",
}
"""What ffmpeg says of a file that it cannot read -> what that means for people."""

# "  Stream #0:1[0x2](ger): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, 5.1, fltp, 171 kb/s (default)"
STREAM_LINE = re.compile(
    r"^  Stream #0:(\d+)(?:\[\w+\])?(?:\((\w[\w-]*)\))?: (Audio|Video|Subtitle): (\w+)(.*)$"
)
TITLE_LINE = re.compile(r"^ {6}title\s*: (.*)$")
DURATION_LINE = re.compile(r"^  Duration: (?:(\d+):(\d\d):(\d\d\.\d\d)|N/A)(?:, start: (-?[\d.]+))?")
NAMED_LAYOUTS = {"mono": 1, "stereo": 2, "downmix": 2, "binaural": 2, "quad": 4, "hexagonal": 6, "cube": 8}
NAMED_LAYOUTS |= {"octagonal": 8, "hexadecagonal": 16}


@dataclass(frozen=True)
class _Stream:
    """A stream as either program tells of it; its kind is "audio", "video" or "subtitle"."""

    index: int
    kind: str
    codec: str
    language: str | None = None
    title: str | None = None
    channels: int = 0
    sample_rate: int = 0
    default: bool = False
    forced: bool = False
    is_cover: bool = False
    average_rate: Fraction | None = None
    base_rate: Fraction | None = None


def probe(path: Path | str) -> Film:
    """What the film's container says.

    Raises:
        FilmNotFound: there is no such file.
        MediaError: it is a folder, empty, not readable, or nothing that ffmpeg can read.
        FfmpegFailed: ffmpeg is missing, crashed or hung.
    """
    path = Path(path)
    _check_file(path)
    ffprobe = find_ffprobe()
    return ask_ffprobe(path, ffprobe) if ffprobe else ask_ffmpeg(path, find_ffmpeg())


def ask_ffprobe(path: Path, ffprobe: str) -> Film:
    """As `probe`, of a file that is there."""
    written: list[bytes] = []
    # ffmpeg-python's own probe() knows no time limit, so it is not used.
    command = [ffprobe, "-hide_banner", "-v", "error", *_fence(ffprobe), "-show_format", "-show_streams"]
    finished = run([*command, "-of", "json", "-i", url(path)], path, on_output=written.append)
    if finished.exit_code:
        raise _unreadable(path, finished.last_lines)
    answer = json.loads(b"".join(written).decode(errors="replace"))
    container = answer.get("format", {})
    duration, start = container.get("duration"), container.get("start_time")
    streams = [_from_json(each) for each in answer.get("streams", ()) if "codec_type" in each]
    return _film(path, _seconds(duration), _seconds(start), [each for each in streams if each])


def ask_ffmpeg(path: Path, ffmpeg: str) -> Film:
    """As `probe`, of a file that is there."""
    lines: list[str] = []

    def keep(line: bytes) -> bool:
        lines.append(line.decode(errors="replace").rstrip("\r\n"))
        return False

    # Without an output it tells what it found and exits with 1, as it does where it found nothing.
    finished = run([ffmpeg, "-hide_banner", "-nostdin", *_fence(ffmpeg), "-i", url(path)], path, on_line=keep)
    container = next((match for match in map(DURATION_LINE.match, lines) if match), None)
    if container is None:
        raise _unreadable(path, finished.last_lines)
    hours, minutes, seconds, start = container.groups()
    duration_s = None if seconds is None else int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return _film(path, duration_s, _seconds(start), _from_lines(lines))


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise MediaError(path, f"{str(path)!r} is a folder, not a film: name the files in it")
        if not path.exists():
            raise FilmNotFound(path, f"there is no file {str(path)!r}")
        if not path.is_file():
            raise MediaError(
                path, f"{str(path)!r} is not a regular file; to read from a pipe, give - instead"
            )
        if path.stat().st_size == 0:
            raise MediaError(path, f"{str(path)!r} is empty (0 bytes)")
        path.open("rb").close()
    except OSError as error:
        raise MediaError(path, f"{str(path)!r} cannot be read: {error.strerror}") from error


def _fence(program: str) -> list[str]:
    return [word for name, value in input_options(program).items() for word in (f"-{name}", value)]


def _unreadable(path: Path, last_lines: Sequence[str]) -> MediaError:
    said = "\n".join(last_lines)
    for words, meaning in HINTS.items():
        if words in said:
            return MediaError(path, f"{str(path)!r} cannot be read: {meaning} (ffmpeg: {words})")
    return failure(path, f"{str(path)!r} cannot be read by ffmpeg", last_lines)


def _seconds(text: str | None) -> float | None:
    return None if text is None or text == "N/A" else float(text)


def _film(path: Path, duration_s: float | None, start_s: float | None, streams: Sequence[_Stream]) -> Film:
    pictures = [each for each in streams if each.kind == "video" and not each.is_cover]
    rates = [steady_rate(each.average_rate, each.base_rate) for each in pictures]
    audio = sorted((each for each in streams if each.kind == "audio"), key=lambda each: each.index)
    subtitles = [each for each in streams if each.kind == "subtitle" and not each.forced]
    return Film(
        path=path,
        # `ffmpeg -i` tells hundredths only, halves rounded up.
        duration_s=None if duration_s is None else (round(duration_s * 1e6) + 5000) // 10000 / 100,
        start_s=start_s or 0.0,
        frame_rate=rates[0] if rates else None,
        audio=tuple(_audio(each) for each in audio),
        subtitles=tuple(tag for each in subtitles if (tag := language_tag(each.language))),
    )


def _audio(stream: _Stream) -> AudioStream:
    return AudioStream(
        index=stream.index,
        language=language_tag(stream.language),
        title=stream.title,
        channels=stream.channels,
        sample_rate=stream.sample_rate,
        codec=stream.codec,
        default=stream.default,
    )


def _from_json(stream: Mapping[str, Any]) -> _Stream | None:
    kind = stream["codec_type"]
    if kind not in ("audio", "video", "subtitle"):
        return None
    tags, disposition = stream.get("tags", {}), stream.get("disposition", {})
    return _Stream(
        index=stream["index"],
        kind=kind,
        codec=stream.get("codec_name", "unknown"),
        language=tags.get("language"),
        # `ffmpeg -i` breaks a title at its line ends; its first line is enough to tell a stream by.
        title=tags.get("title", "").partition("\n")[0] or None,
        channels=stream.get("channels", 0),
        sample_rate=int(stream.get("sample_rate", 0)),
        default=bool(disposition.get("default")),
        forced=bool(disposition.get("forced")),
        is_cover=bool(disposition.get("attached_pic")),
        average_rate=_fraction(stream.get("avg_frame_rate")),
        base_rate=_fraction(stream.get("r_frame_rate")),
    )


def _fraction(text: str | None) -> Fraction | None:
    above, _, below = (text or "0/0").partition("/")
    return Fraction(int(above), int(below)) if int(below) else None


def _from_lines(lines: Sequence[str]) -> list[_Stream]:
    """Sound, pictures and subtitles among the streams that `ffmpeg -i` lists."""
    # A stream that belongs to two programs of a broadcast is listed twice.
    found: dict[int, _Stream] = {}
    for number, line in enumerate(lines):
        match = STREAM_LINE.match(line)
        if match:
            found[int(match[1])] = _from_line(match, _title(lines[number + 1 :]))
    return list(found.values())


def _title(lines_after: Sequence[str]) -> str | None:
    for line in lines_after:
        match = TITLE_LINE.match(line)
        if match or not line.startswith("    "):
            return (match[1] or None) if match else None
    return None


def _from_line(match: re.Match[str], title: str | None) -> _Stream:
    index, language, kind, codec, rest = match.groups()
    facts = rest.split(", ")
    return _Stream(
        index=int(index),
        kind=kind.lower(),
        codec="unknown" if codec == "none" else codec,
        language=language,
        title=title,
        channels=_channels(facts),
        sample_rate=int(_number(r"(\d+) Hz", facts) or 0),
        default="(default)" in rest,
        forced="(forced)" in rest,
        is_cover="(attached pic)" in rest,
        average_rate=_number(r"([\d.]+k?) fps", facts),
        base_rate=_number(r"([\d.]+k?) tbr", facts),
    )


def _number(pattern: str, facts: Sequence[str]) -> Fraction | None:
    for fact in facts:
        match = re.match(pattern, fact)
        if match:
            value = match[1]
            return Fraction(value[:-1]) * 1000 if value.endswith("k") else Fraction(value)
    return None


def _channels(facts: Sequence[str]) -> int:
    """Of "mono", "stereo", "5.1(side)", "22.2", "9 channels (...)"; it stands right after the sample rate."""
    for before, fact in pairwise(facts):
        if before.endswith(" Hz"):
            layout = re.match(r"[a-z]+|[\d.]+", fact)
            name = layout[0] if layout else ""
            return NAMED_LAYOUTS.get(name) or sum(int(part) for part in name.split(".") if part.isdigit())
    return 0
