"""The cues of one film with all that a format may want to say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..text import Change
from ..types import Cue

__all__ = ["Subtitles"]


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
        frame_rate: of the picture, if it is steady.
        picture_size: (width, height) that ASS lays its text out for.
        changes: where the words are no longer what was recognised.
        colours: "#RRGGBB" of each speaker who has one; none: all text is white.
    """

    cues: tuple[Cue, ...]
    language: str
    film: str = ""
    duration_ms: int | None = None
    model: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    frame_rate: Fraction | None = None
    picture_size: tuple[int, int] = (1920, 1080)
    changes: tuple[Change, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)

    @property
    def speakers(self) -> tuple[str, ...]:
        """In the order in which they first speak."""
        named = (speaker for cue in self.cues for speaker in cue.speakers if speaker is not None)
        return tuple(dict.fromkeys(named))
