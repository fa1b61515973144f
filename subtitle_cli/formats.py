"""Cues -> the text of a subtitle file: SRT, VTT or JSON. A format is a function in `FORMATS`.

It decides nothing about cues: their lines are written as they are, with a speaker's label if it stands in
them. All texts are for UTF-8 and have LF line ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from .types import Cue, SpokenWord

__all__ = ["FORMATS", "JSON_SCHEMA", "Subtitles"]

JSON_SCHEMA = 1
"""Version of the JSON's layout: raised when a key changes its meaning or goes, not when one is added."""


@dataclass(frozen=True)
class Subtitles:
    """All that a format may need to write the subtitles of one film.

    Attributes:
        cues: in the order of time.
        language: BCP-47, of the text.
        film: the film's file name.
        duration_ms: of the film.
        model: name of the recogniser.
        options: what the user chose, plain values only.
    """

    cues: tuple[Cue, ...]
    language: str
    film: str = ""
    duration_ms: int | None = None
    model: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def to_srt(subtitles: Subtitles) -> str:
    """SubRip. No cues: an empty text, which is a valid SRT file."""
    # pysrt is under the GPLv3. It is imported here and nowhere else, so that whoever hands on diffsub without
    # this function hands on no GPL code.
    import pysrt

    blocks = []
    for number, cue in enumerate(subtitles.cues, start=1):
        times = (pysrt.SubRipTime.from_ordinal(each) for each in (cue.start_ms, cue.end_ms))
        # An arrow in the text could be taken for a line of times.
        text = "\n".join(line.replace("-->", "→") for line, _ in _spoken_lines(cue))
        blocks.append(str(pysrt.SubRipItem(number, *times, text=text)))
    return "\n".join(blocks)


def to_vtt(subtitles: Subtitles) -> str:
    """WebVTT; where speakers are known, each speaker's lines stand in a voice span of that name."""
    blocks = ["WEBVTT\n"]
    for cue in subtitles.cues:
        times = f"{_vtt_time(cue.start_ms)} --> {_vtt_time(cue.end_ms)}"
        blocks.append("\n".join([times, *_voices(cue)]) + "\n")
    return "\n".join(blocks)


def to_json(subtitles: Subtitles) -> str:
    """Everything that is known, as JSON, keys always in the same order.

    Layout: {schema, film, duration_ms, language, model, options, speakers, cues: [{start_ms, end_ms, text,
    lines: [{text, speaker}], words: [{text, start_s, end_s, confidence, speaker, language}]}]}. Times count
    from the start of the picture; what is not known is null.
    """
    document = {
        "schema": JSON_SCHEMA,
        "film": subtitles.film,
        "duration_ms": subtitles.duration_ms,
        "language": subtitles.language,
        "model": subtitles.model,
        "options": dict(sorted(subtitles.options.items())),
        "speakers": _speakers(subtitles.cues),
        "cues": [_json_cue(cue) for cue in subtitles.cues],
    }
    # NaN is no JSON; the recogniser's interface lets none through.
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


FORMATS: dict[str, Callable[[Subtitles], str]] = {"srt": to_srt, "vtt": to_vtt, "json": to_json}
"""What `--format` may name; the name is the file's suffix too."""


def _spoken_lines(cue: Cue) -> Iterator[tuple[str, str | None]]:
    """Lines with their speakers. None is empty, which would end the cue, and none holds a line end."""
    for line, speaker in zip(cue.lines, _line_speakers(cue), strict=True):
        text = _one_line(line)
        if text.strip():
            yield text, speaker


def _line_speakers(cue: Cue) -> tuple[str | None, ...]:
    return cue.speakers or (None,) * len(cue.lines)


def _one_line(text: str) -> str:
    # Not split(): that would cost the text its no-break spaces.
    return " ".join(text.splitlines())


def _voices(cue: Cue) -> Iterator[str]:
    """The text of a VTT cue; neighbouring lines of one speaker share one voice span."""
    for speaker, lines in groupby(_spoken_lines(cue), key=lambda spoken: spoken[1]):
        text = "\n".join(_escape(line) for line, _ in lines)
        yield text if speaker is None else f"<v {_escape(_one_line(speaker))}>{text}</v>"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _vtt_time(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}"


def _speakers(cues: tuple[Cue, ...]) -> list[str]:
    """In the order in which they first speak."""
    named = (speaker for cue in cues for speaker in cue.speakers if speaker is not None)
    return list(dict.fromkeys(named))


def _json_cue(cue: Cue) -> dict[str, Any]:
    spoken = zip(cue.lines, _line_speakers(cue), strict=True)
    return {
        "start_ms": cue.start_ms,
        "end_ms": cue.end_ms,
        "text": cue.text,
        "lines": [{"text": line, "speaker": speaker} for line, speaker in spoken],
        "words": [_json_word(word) for word in cue.words],
    }


def _json_word(word: SpokenWord) -> dict[str, Any]:
    return {
        "text": word.text,
        "start_s": round(word.start_s, 3),
        "end_s": round(word.end_s, 3),
        "confidence": None if word.confidence is None else round(word.confidence, 4),
        "speaker": word.speaker,
        "language": word.language,
    }
