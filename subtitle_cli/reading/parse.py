"""The text of a subtitle file -> cues and flaws, by a reader for each format.

The libraries read; what they would pass over in silence was found, told and taken out before.
"""

from __future__ import annotations

import html
import json
import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import SubtitlesUnreadable
from ..types import Cue, SpokenWord
from .flaws import SRT_TIMES, VTT_TIMES, find_lost_text, without_bad_events, without_bad_times
from .parsed import Parsed
from .ttml import parse_ttml

__all__ = ["PARSERS", "READABLE", "find_format"]

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_VTT_TAG = re.compile(r"<[^>]*>")
_TTML = re.compile(r"<(?:\w+:)?tt[\s>]")


def find_format(path: Path, text: str) -> str | None:
    """The format of a text, by what it looks like; its file's name counts only where nothing is in it.

    Subtitles with the wrong suffix are common, and players do not mind.
    """
    start = text.lstrip()
    if start.startswith("WEBVTT"):
        return "vtt"
    if start.startswith("[Script Info]") or "[V4+ Styles]" in text or "[V4 Styles]" in text:
        return "ass"
    if start.startswith("<") and _TTML.search(text):
        return "ttml"
    if start.startswith("{") and '"cues"' in text:
        return "json"
    if "-->" in text:
        return "srt"
    return "srt" if not start and path.suffix.lower() == ".srt" else None


def parse_srt(path: Path, text: str) -> Parsed:
    import pysubs2

    readable, flaws = without_bad_times(text, SRT_TIMES)
    # pysubs2 takes a number that ends a cue for that of the next one: this one is for the last cue to lose.
    events = pysubs2.SSAFile.from_string(readable + "\n\n0\n", "srt")
    cues = [Cue(event.start, event.end, _lines(event.plaintext)) for event in events]
    return Parsed(cues, sorted([*find_lost_text(readable), *flaws]))


def parse_ass(path: Path, text: str) -> Parsed:
    """Dialogue events in the order of the file; comments and drawings are no subtitles."""
    import pysubs2

    readable, flaws = without_bad_events(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles that are odd: nothing of them is used
        try:
            events = pysubs2.SSAFile.from_string(readable, "ass")
        except (IndexError, ValueError, pysubs2.Pysubs2Error) as error:
            raise SubtitlesUnreadable(path, f"{str(path)!r} is damaged ASS: {error}") from error
    cues = [Cue(event.start, event.end, _lines(event.plaintext)) for event in events if event.is_text]
    return Parsed(cues, flaws)


def parse_vtt(path: Path, text: str) -> Parsed:
    """Cues with the speaker of each line, where voice spans name one."""
    import webvtt

    readable, flaws = without_bad_times(text, VTT_TIMES)
    try:
        captions = webvtt.from_string(readable.lstrip()).captions
    except webvtt.errors.MalformedFileError as error:  # its first line was taken out for looking like times
        raise SubtitlesUnreadable(path, f"{str(path)!r} is damaged WebVTT: {flaws[0]}") from error
    cues = []
    for caption in captions:
        lines, speakers = _voices(caption.lines)
        times = caption.start_time.in_milliseconds(), caption.end_time.in_milliseconds()
        cues.append(Cue(*times, lines, speakers=speakers if any(speakers) else ()))
    return Parsed(cues, flaws)


def parse_json(path: Path, text: str) -> Parsed:
    """The JSON that `diffsub` writes itself."""
    try:
        document = json.loads(text)
        cues = [_json_cue(each) for each in document["cues"]]
        return Parsed(cues, language=document.get("language") or None)
    except json.JSONDecodeError as error:
        raise SubtitlesUnreadable(path, f"{str(path)!r} is damaged JSON: {error}") from error
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise SubtitlesUnreadable(
            path, f"{str(path)!r} is not the JSON that diffsub writes: {type(error).__name__} {error}"
        ) from error


PARSERS: dict[str, Callable[[Path, str], Parsed]] = {
    "srt": parse_srt,
    "vtt": parse_vtt,
    "ass": parse_ass,
    "ttml": parse_ttml,
    "json": parse_json,
}
READABLE = tuple(PARSERS)
"""Names of the formats that can be read."""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _voices(lines: Sequence[str]) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """The lines of a VTT cue without their tags, and who speaks each; a voice lasts until it is closed."""
    speaker: str | None = None
    spoken = []
    for line in lines:
        voice = _VOICE.search(line)
        speaker = html.unescape(voice[1].strip()) if voice else speaker
        text = html.unescape(_VTT_TAG.sub("", line)).strip()
        if text:
            spoken.append((text, speaker))
        if "</v>" in line:
            speaker = None
    return tuple(text for text, _ in spoken), tuple(speaker for _, speaker in spoken)


def _json_cue(cue: dict[str, Any]) -> Cue:
    return Cue(
        int(cue["start_ms"]),
        int(cue["end_ms"]),
        tuple(line["text"] for line in cue["lines"]),
        tuple(
            SpokenWord(
                word["text"],
                word["start_s"],
                word["end_s"],
                word["speaker"],
                word["confidence"],
                language=word["language"],
            )
            for word in cue["words"]
        ),
        tuple(line["speaker"] for line in cue["lines"]),
    )
