"""The text of a subtitle file -> the same without what no library can read, and what is wrong with that.

Libraries take a line of times that they do not understand for text of the cue before, or skip it, or refuse
the whole file. None of that may happen unseen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "ASS_EVENT",
    "SRT_TIMES",
    "VTT_TIMES",
    "Flaw",
    "find_lost_characters",
    "find_lost_text",
    "without_bad_events",
    "without_bad_times",
]


@dataclass(frozen=True, order=True)
class Flaw:
    """What could not be read of a subtitle file.

    Attributes:
        line: counted from 1; None where the format's library does not tell.
        message: what is wrong there, with the text in question.
    """

    line: int | None
    message: str

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


_CLOCK = r"{hours}[0-5]?\d:[0-5]?\d{point}\d{{1,3}}"
_SRT_CLOCK = _CLOCK.format(hours=r"\d{1,2}:", point="[,.]")
_VTT_CLOCK = _CLOCK.format(hours=r"(?:\d{1,10}:)?", point=r"\.")
SRT_TIMES = re.compile(rf"\s*({_SRT_CLOCK})([^\w\n]+)({_SRT_CLOCK})(?!\d)(?!.*{_SRT_CLOCK})")
VTT_TIMES = re.compile(rf"\s*({_VTT_CLOCK})(\s*-->\s*)({_VTT_CLOCK})(?!\d)")
"""A line of times, with the times as groups 1 and 3. In SRT, arrows such as "->" and "–>" are common too."""

_ALMOST_TIMES = re.compile(rf"\d\s*:.*-->|-->.*\d\s*:|{_SRT_CLOCK}.*{_SRT_CLOCK}")
"""An arrow with something like a time beside it, or two times; other arrows are text."""

_ASS_CLOCK = r"\s*-?\d{1,2}:\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?\s*"
ASS_EVENT = re.compile(rf"((?:Dialogue|Comment)\s*:[^,]*,)({_ASS_CLOCK}),({_ASS_CLOCK})(?=(?:,[^,]*){{7}})")
"""A line of text with its times as groups 2 and 3; the text is the seventh field after them."""


def without_bad_times(text: str, pattern: re.Pattern[str]) -> tuple[str, list[Flaw]]:
    """SRT or VTT without the cues whose times cannot be read; the other lines keep their numbers.

    Args:
        pattern: `SRT_TIMES` or `VTT_TIMES`.
    """
    lines = text.split("\n")
    flaws = []
    for number, line in enumerate(lines):
        if _ALMOST_TIMES.search(line) and not pattern.match(line):
            end = _cue_end(lines, number + 1)
            lost = " ".join(each.strip() for each in lines[number + 1 : end] if each.strip())
            flaws.append(Flaw(number + 1, f"times that cannot be read: {line.strip()!r}; left out: {lost!r}"))
            start = number - 1 if number and lines[number - 1].strip().isdigit() else number
            lines[start:end] = [""] * (end - start)
    return "\n".join(lines), flaws


def without_bad_events(text: str) -> tuple[str, list[Flaw]]:
    """ASS without the dialogue lines that cannot be read."""
    lines = text.split("\n")
    flaws = []
    for number, line in enumerate(lines):
        is_event = line.partition(":")[0].strip() in ("Dialogue", "Comment")
        if is_event and not ASS_EVENT.match(line.lstrip()):
            flaws.append(Flaw(number + 1, f"an event that cannot be read: {line.strip()!r}"))
            lines[number] = ""
    return "\n".join(lines), flaws


def find_lost_characters(text: str) -> list[Flaw]:
    """Lines with the character that stands for one that could not be decoded, now or by a program before."""
    return [
        Flaw(number, f"characters are lost: {line.strip()!r}")
        for number, line in enumerate(text.split("\n"), start=1)
        if "\ufffd" in line
    ]


def find_lost_text(text: str) -> list[Flaw]:
    """Text of an SRT file that stands before its first cue, where no reader looks."""
    flaws: list[Flaw] = []
    lines = text.split("\n")
    for number, (line, following) in enumerate(zip(lines, [*lines[1:], ""], strict=True), start=1):
        if SRT_TIMES.match(line):
            break
        is_number = line.strip().isdigit() and SRT_TIMES.match(following)
        if line.strip() and not is_number:
            flaws.append(Flaw(number, f"text before the first cue, left out: {line.strip()!r}"))
    return flaws


def _cue_end(lines: Sequence[str], start: int) -> int:
    """Where the next cue begins: at its times, or at the number before them."""
    for number in range(start, len(lines)):
        if "-->" in lines[number]:
            return number
        if lines[number].strip().isdigit() and "-->" in "".join(lines[number + 1 : number + 2]):
            return number
    return len(lines)
