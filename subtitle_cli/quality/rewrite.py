"""The text of a subtitle file -> the same text with other times: words, styles, numbers and comments stay.

It decides nothing about times; a function says what becomes of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from ..errors import UsageError
from ..reading import SubtitleFile
from ..reading.flaws import ASS_EVENT, SRT_TIMES, VTT_TIMES
from .words import clock

__all__ = ["REWRITABLE", "check_rewritable", "rewrite_times"]

Mapping = Callable[[int], int]
"""Milliseconds in the old file to those in the new one, none below 0."""

_VTT_INLINE = re.compile(r"<((?:\d+:)?\d\d:\d\d\.\d{3})>")


def check_rewritable(file: SubtitleFile) -> None:
    """Refuse a format whose times cannot be rewritten.

    Raises:
        UsageError: it is one.
    """
    if file.format not in _REWRITERS:
        raise UsageError(
            f"{str(file.path)!r} is {file.format}, whose times cannot be rewritten in place; "
            f"convert it to one of {', '.join(REWRITABLE)} first"
        )


def rewrite_times(file: SubtitleFile, mapping: Mapping) -> str:
    """The text of a file of a format in `REWRITABLE`, with each time mapped."""
    return _REWRITERS[file.format](file.text, mapping)


def _rewrite_srt(text: str, mapping: Mapping) -> str:
    return "\n".join(_with_times(line, SRT_TIMES, mapping, ",") for line in text.split("\n"))


def _rewrite_vtt(text: str, mapping: Mapping) -> str:
    def inline(match: re.Match[str]) -> str:
        return f"<{_stamp(mapping(_milliseconds(match[1])), '.')}>"

    lines = (_with_times(line, VTT_TIMES, mapping, ".") for line in text.split("\n"))
    return "\n".join(_VTT_INLINE.sub(inline, line) for line in lines)


def _rewrite_ass(text: str, mapping: Mapping) -> str:
    def event(match: re.Match[str]) -> str:
        start, end = (_hundredths(mapping(_milliseconds(each))) for each in match.group(2, 3))
        return f"{match[1]}{start},{end}"

    return "\n".join(ASS_EVENT.sub(event, line, count=1) for line in text.split("\n"))


def _rewrite_json(text: str, mapping: Mapping) -> str:
    document = json.loads(text)
    for cue in document["cues"]:
        cue["start_ms"], cue["end_ms"] = mapping(cue["start_ms"]), mapping(cue["end_ms"])
        for word in cue["words"]:
            for key in ("start_s", "end_s"):
                word[key] = mapping(round(1000 * word[key])) / 1000
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


_REWRITERS: dict[str, Callable[[str, Mapping], str]] = {
    "srt": _rewrite_srt,
    "vtt": _rewrite_vtt,
    "ass": _rewrite_ass,
    "json": _rewrite_json,
}
REWRITABLE = tuple(_REWRITERS)
"""Names of the formats whose times can be rewritten."""


def _with_times(line: str, pattern: re.Pattern[str], mapping: Mapping, point: str) -> str:
    """A line of times with others; any other line as it is."""
    match = pattern.match(line)
    if match is None:
        return line
    start, end = (_stamp(mapping(_milliseconds(each)), point) for each in match.group(1, 3))
    return f"{line[: match.start(1)]}{start}{match[2]}{end}{line[match.end(3) :]}"


def _milliseconds(stamp: str) -> int:
    """Any of "1:02:03,4", "02:03.400" and " 0:00:05", with or without a minus, in milliseconds."""
    stamp = stamp.strip()
    sign = -1 if stamp.startswith("-") else 1
    seconds = 0
    whole, _, fraction = stamp.removeprefix("-").replace(",", ".").partition(".")
    for part in whole.split(":"):
        seconds = 60 * seconds + int(part)
    return sign * (1000 * seconds + int(fraction.ljust(3, "0")))


def _stamp(milliseconds: int, point: str) -> str:
    return clock(milliseconds).replace(",", point)


def _hundredths(milliseconds: int) -> str:
    """ASS counts hundredths, and writes hours with one digit."""
    hundredths = (milliseconds + 5) // 10
    return clock(10 * hundredths).replace(",", ".").removeprefix("0")[:-1]
