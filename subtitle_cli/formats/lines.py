"""A cue -> its lines as any format may write them, and what several formats do to texts and times.

Knows no format. A text that comes from here holds no line end, no control character, and nothing that is no
character; all else is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ..cues.text import is_unspaced
from ..types import Cue

__all__ = ["Line", "by_speaker", "flat", "one_line", "plain", "shown_lines", "split_time", "without_braces"]

# No-break spaces are part of the text.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NO_CHARACTERS = re.compile("[\ud800-\udfff\ufffe\uffff]")
_FRACTION = re.compile(r"(?<=:\d\d)(?=[,.]\d)")  # of a time
_ENTITY = re.compile(r"&(?=#?\w+;)")
_WORD_JOINER = "\u2060"
"""Takes no room, and may stand in any text."""


@dataclass(frozen=True)
class Line:
    """One line of a cue: its text, never empty, with who speaks it.

    `label` stands in the text, at its start or after its dash.
    """

    text: str
    speaker: str | None
    label: str = ""

    @property
    def unlabelled(self) -> str:
        """The text without its label."""
        if not self.label:
            return self.text
        # A label that is as wide as a line stands there alone.
        return self.text.replace(f"{self.label} ", "", 1).removesuffix(self.label)


def one_line(text: str) -> str:
    """The text without line ends, control characters, or what is no character."""
    return _NO_CHARACTERS.sub("\ufffd", _CONTROLS.sub(" ", text)).strip(" ")


def shown_lines(cue: Cue) -> tuple[Line, ...]:
    """The lines of a cue that are not blank: a blank one would end the cue in many formats."""
    speakers = cue.speakers or (None,) * len(cue.lines)
    labels = cue.labels or ("",) * len(cue.lines)
    lines = map(Line, map(one_line, cue.lines), speakers, map(one_line, labels))
    return tuple(line for line in lines if line.text.strip())


def by_speaker(lines: Sequence[Line]) -> Iterator[tuple[str | None, list[Line]]]:
    """Neighbouring lines of one speaker, with the speaker."""
    for speaker, group in groupby(lines, key=lambda line: line.speaker):
        yield speaker, list(group)


def flat(texts: Sequence[str]) -> str:
    """Lines as one; those of a script without spaces are joined without one."""
    joined = texts[0] if texts else ""
    for left, right in pairwise(texts):
        joined += right if _is_dense(left[-1:]) or _is_dense(right[:1]) else f" {right}"
    return joined


def without_braces(text: str) -> str:
    """The text for formats in which {} and backslashes may be commands that cannot be escaped.

    Braces become round, and after a backslash stands a word joiner, as ffmpeg does it.
    """
    return text.replace("{", "(").replace("}", ")").replace("\\", f"\\{_WORD_JOINER}")


def _is_dense(character: str) -> bool:
    """Whether it is of a script without spaces: a letter, or a full-width mark."""
    is_mark = "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uffef"
    return is_mark or is_unspaced(character)


def plain(text: str) -> str:
    """The text for formats that cannot escape: nothing in it is a command, a tag or a line of times.

    Some players drop whatever looks like a tag, so signs that may begin one are written as others that look
    alike.
    """
    text = _ENTITY.sub(f"&{_WORD_JOINER}", without_braces(text).replace("<", "‹"))
    return _FRACTION.sub(_WORD_JOINER, text.replace("-->", "→"))


def split_time(milliseconds: int) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds and milliseconds."""
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, seconds, milliseconds
