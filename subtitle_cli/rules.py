"""The numbers that the subtitles of one film keep to, and what follows from them.

Knows no house: which numbers a house asks for in which language is in `profiles`. How cues are cut and timed
by them is the business of `cues`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from .errors import UsageError

__all__ = ["DEFAULT_FRAME_RATE", "GIVING_WAY", "Rules", "primary_language"]

DEFAULT_FRAME_RATE = Fraction(24)
"""Stands in where there is no picture; its two frames are the longest in common use."""

GIVING_WAY = ("reading_speed", "sync")
"""What may give way where words come too fast: time to read; cues on time with their words."""


@dataclass(frozen=True)
class Rules:
    """What is asked of the subtitles of one film. Frames are the film's own.

    Hard, never broken: `max_line_chars`, `max_lines`, `min_ms`, `max_ms`, and the gap. What words ask for
    beyond that gives way in the order of `gives_way`.

    Attributes:
        language: BCP-47 language of words that name none themselves; None: unknown.
        frame_rate: frames a second of the picture.
        max_line_chars: longest line, in characters (see `full_width`).
        max_lines: lines a cue, 1 or 2; with 1 there are no dialogue cues.
        full_width: whether a character is a full-width one, as in Chinese; others then count half.
        reading_speed: characters a second that viewers can follow.
        words_a_minute: words a minute that viewers can follow, in houses that count words; then characters do
            not count. None: characters do.
        min_ms, max_ms: how long a cue stays, in milliseconds.
        gap_frames, gap_at_least_ms: kept free between two cues; the longer of the two.
        chain_ms: a shorter time than this between two cues is closed to the gap, lest the screen flickers.
        lead_in_ms: how long before its speech a cue comes, where the screen is free.
        lead_out_ms: how long a cue may outstay its speech if nothing else asks for it.
        sync_frames: a start within so many frames of its word is on time.
        max_shift_ms: how far a start may move for the reading speed, where "sync" gives way first, and how
            early a cue may come to stand for the minimum duration.
        snap_in_frames, snap_out_frames: a cue that comes or goes within so many frames of a shot change does
            so with it.
        max_pause_ms: longest pause inside a cue.
        dialogue_dash: what stands before each line where two speakers share a cue; None: they never do.
        gives_way: out of `GIVING_WAY`, each once; what yields first is first.

    Raises:
        UsageError: a number that no subtitle could keep to.
    """

    language: str | None = None
    frame_rate: Fraction = DEFAULT_FRAME_RATE
    max_line_chars: int = 42
    max_lines: int = 2
    full_width: bool = False
    reading_speed: float = 17.0
    words_a_minute: float | None = None
    min_ms: int = 834  # 5/6 s, rounded up
    max_ms: int = 7000
    gap_frames: int = 2
    gap_at_least_ms: int = 0
    chain_ms: int = 500
    lead_in_ms: int = 0
    lead_out_ms: int = 450  # half a second at most; recognisers end words some 10 ms late
    sync_frames: int = 3
    max_shift_ms: int = 500
    snap_in_frames: int = 7
    snap_out_frames: int = 12
    max_pause_ms: int = 1000
    dialogue_dash: str | None = "-"
    gives_way: tuple[str, ...] = GIVING_WAY

    def __post_init__(self) -> None:
        _check(self.frame_rate > 0, "frame_rate", self.frame_rate, "above 0")
        _check(8 <= self.max_line_chars <= 250, "max_line_chars", self.max_line_chars, "8 to 250")
        _check(self.max_lines in (1, 2), "max_lines", self.max_lines, "1 or 2")
        _check(0 < self.reading_speed < 1000, "reading_speed", self.reading_speed, "above 0, below 1000")
        _check(
            self.words_a_minute is None or 0 < self.words_a_minute < 10_000,
            "words_a_minute",
            self.words_a_minute,
            "above 0, below 10000",
        )
        _check(0 < self.max_ms <= 60_000, "max_ms", self.max_ms, "above 0, up to 60000")
        _check(0 < self.min_ms < self.max_ms, "min_ms", self.min_ms, f"above 0, below max_ms, {self.max_ms}")
        for name in _NOT_NEGATIVE:
            _check(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        _check(self.gap_ms <= self.chain_ms, "chain_ms", self.chain_ms, f"at least the gap, {self.gap_ms}")
        _check(
            len(self.dialogue_dash or "") <= 2, "dialogue_dash", self.dialogue_dash, "2 characters at most"
        )
        _check(
            sorted(self.gives_way) == sorted(GIVING_WAY),
            "gives_way",
            self.gives_way,
            f"an order of {', '.join(GIVING_WAY)}",
        )

    @property
    def gap_ms(self) -> int:
        """The gap between two cues; rounded up, since a gap a hair too short is too short."""
        return max(math.ceil(self.frames_ms(self.gap_frames)), self.gap_at_least_ms)

    @property
    def max_columns(self) -> int:
        """The longest line in columns: a full-width character takes two, any other takes one."""
        return self.max_line_chars * (2 if self.full_width else 1)

    @property
    def reading_ms_a_column(self) -> float:
        """How long it takes to read one column of text; 0 where words are counted instead."""
        return 0.0 if self.words_a_minute else 1000 / (self.reading_speed * (2 if self.full_width else 1))

    @property
    def reading_ms_a_word(self) -> float:
        """How long it takes to read one word of text; 0 where characters are counted instead."""
        return 60_000 / self.words_a_minute if self.words_a_minute else 0.0

    def reading_ms(self, columns: int, words: int) -> int:
        """How long it takes to read so many columns of text in so many words; rounded up."""
        return math.ceil(columns * self.reading_ms_a_column + words * self.reading_ms_a_word)

    def frames_ms(self, frames: int) -> Fraction:
        """How long so many frames last, exactly."""
        return Fraction(1000 * frames) / self.frame_rate


_NOT_NEGATIVE = (
    "gap_frames",
    "gap_at_least_ms",
    "lead_in_ms",
    "lead_out_ms",
    "sync_frames",
    "max_shift_ms",
    "snap_in_frames",
    "snap_out_frames",
    "max_pause_ms",
)


def _check(fine: bool, name: str, value: object, wanted: str) -> None:
    if not fine:
        raise UsageError(f"subtitle rule {name} is {value!r}: it must be {wanted}")


_SAME_SCRIPT = {"cmn": "zh", "yue": "zh"}
"""Chinese languages that have a code of their own."""


def primary_language(language: str | None) -> str:
    """The code of a language without script or region: "zh" of "zh-Hant"; "" where unknown."""
    primary = (language or "").lower().replace("_", "-").split("-")[0]
    return _SAME_SCRIPT.get(primary, primary)
