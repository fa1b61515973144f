"""The user's file of speakers' names -> words that carry these names, and the speakers' colours.

    SPEAKER_00 = "Anna"        # as in JSON, or "SPEAKER 1" as on the screen
    SPEAKER_01 = "Bob"

    [colours]                  # for VTT, ASS and TTML; without this table all text is white
    Anna = "#FFE600"           # who is not in here gets a colour of `PALETTE`

Knows nothing of voices: who speaks when has been found out before.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from .errors import SpeakerNamesError
from .speakers import speaker_label
from .types import SpokenWord

__all__ = ["PALETTE", "SpeakerNames", "read_speaker_names", "speaker_colours"]

logger = logging.getLogger(__name__)

COLOURS = "colours"
PALETTE = ("#FFFFFF", "#FFE600", "#6EC8FF", "#FF6E6E", "#C88C00", "#AA8CAA")
"""Colours that people with any kind of colour blindness tell apart (a CIELAB distance of 22 at least, after
simulation), each bright enough on black (a contrast of 7 at least)."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class SpeakerNames:
    """What speakers are called.

    Attributes:
        names: name by the speaker's label on the screen. Two speakers of one name are one person, whom
            diarization took for two.
        colours: "#RRGGBB" by name; None: no colours are wanted.
        path: the file they come from.
    """

    names: Mapping[str, str]
    colours: Mapping[str, str] | None = None
    path: Path | None = None

    def name(self, speaker: str) -> str:
        """The name of a speaker; one who has none keeps the label that diarization gave."""
        return self.names.get(speaker_label(speaker), speaker)

    def give_to(self, words: Sequence[SpokenWord]) -> list[SpokenWord]:
        """The words with names for speakers. A name for somebody who does not speak is told in the log."""
        heard = {speaker_label(word.speaker) for word in words if word.speaker is not None}
        for label in sorted(self.names.keys() - heard):
            known = ", ".join(sorted(heard)) or "nobody"
            logger.warning("%s names %s, who does not speak here; known: %s", self.path, label, known)
        return [
            word if word.speaker is None else replace(word, speaker=self.name(word.speaker)) for word in words
        ]


def read_speaker_names(path: Path) -> SpeakerNames:
    """The names of a file, checked.

    Raises:
        SpeakerNamesError: it cannot be read, or a value does not fit its key; both are named.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SpeakerNamesError(
            path, f"the speakers' names in {str(path)!r} cannot be read: {error}"
        ) from error
    colours = table.pop(COLOURS, None)
    names: dict[str, str] = {}
    for key, value in table.items():
        if speaker_label(key) in names:
            raise _misfit(path, key, value, "this speaker is named twice")
        names[speaker_label(key)] = _name(path, key, value)
    if colours is None:
        return SpeakerNames(names, path=path)
    if not isinstance(colours, dict):
        raise _misfit(path, COLOURS, colours, 'write a table: [colours], and lines such as Anna = "#FFE600"')
    known = SpeakerNames(names, path=path)
    return replace(
        known, colours={known.name(key): _colour(path, key, value) for key, value in colours.items()}
    )


def speaker_colours(speakers: Iterable[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """A colour for each speaker: the chosen one, else the next of the palette that nobody chose.

    Args:
        speakers: in the order in which they first speak.
    """
    # Where all are chosen, or there are more speakers than colours, some share one.
    free = cycle([colour for colour in PALETTE if colour not in chosen.values()] or PALETTE)
    return {speaker: chosen[speaker] if speaker in chosen else next(free) for speaker in speakers}


def _name(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise _misfit(path, key, value, 'write a name, such as "Anna"')
    if not value.strip() or not value.isprintable():
        raise _misfit(path, key, value, "a name is one line of letters and signs that can be seen")
    return value.strip()


def _colour(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise _misfit(path, f"{COLOURS}.{key}", value, 'write a colour as "#RRGGBB", such as "#FFE600"')
    return value.upper()


def _misfit(path: Path, key: str, value: object, wanted: str) -> SpeakerNamesError:
    return SpeakerNamesError(path, f"{path}: {key} = {value!r}: {wanted}", key, value)
