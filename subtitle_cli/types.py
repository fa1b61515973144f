"""The values that flow through the tool, in the order of the data: Turn, Piece, SpokenWord, Cue.

Seconds are floats up to the cue; from the cue on, times are integer milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Cue", "Piece", "Speech", "SpokenWord", "Turn"]


@dataclass(frozen=True, order=True)
class Turn:
    """A stretch in which one speaker speaks; seconds from the start of the picture.

    `speaker` is a label such as "SPEAKER_00", or None where speakers were not told apart. `language` is
    BCP-47, or None where it is not known (yet).
    """

    start_s: float
    end_s: float
    speaker: str | None = None
    language: str | None = field(default=None, compare=False)

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Speech:
    """Who speaks when in one film.

    Attributes:
        turns: in order, never overlapping ("exclusive"): each moment belongs to one speaker at most.
        overlaps: the stretches (start_s, end_s) in which two or more speak at once.
    """

    turns: tuple[Turn, ...]
    overlaps: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Piece:
    """A stretch of film that goes to the recogniser as one utterance: one or more turns of any speakers.

    `turns` are those that lie in it, in order; start_s and end_s enclose them.
    """

    start_s: float
    end_s: float
    turns: tuple[Turn, ...]

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def language(self) -> str | None:
        """That of its turns, which are all in one; None: unknown."""
        return self.turns[0].language if self.turns else None


@dataclass(frozen=True)
class SpokenWord:
    """A recognised word on the film's clock.

    `space_before` is False where the script writes no space before it; `overlapped` says that somebody else
    speaks at the same time.
    """

    text: str
    start_s: float
    end_s: float
    speaker: str | None = None
    confidence: float | None = None
    space_before: bool = True
    language: str | None = None
    overlapped: bool = False


@dataclass(frozen=True)
class Cue:
    """One subtitle: what stands on the screen from start_ms to end_ms.

    Attributes:
        start_ms, end_ms: integer milliseconds from the start of the picture.
        lines: the text as shown, one string a line; a dialogue cue's lines begin with their dash.
        words: the words in it, in order.
        speakers: of each line; None where unknown. Same length as `lines`.
        labels: what in each line says who speaks ("Anna:"); "" where nothing does. Same length as `lines`, or
            none at all.
        gave_way: what its words left no time for, out of `rules.GIVING_WAY`.
    """

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    words: tuple[SpokenWord, ...] = ()
    speakers: tuple[str | None, ...] = ()
    labels: tuple[str, ...] = ()
    gave_way: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms
