"""A language and a frame rate -> the numbers that a good subtitle keeps to.

Holds numbers only: how cues are cut and timed by them is the business of `cues`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from .errors import UsageError

__all__ = ["DEFAULT_FRAME_RATE", "Rules", "primary_language", "rules_for"]

DEFAULT_FRAME_RATE = Fraction(24)
"""Stands in where there is no picture; its two frames are the longest in common use."""


@dataclass(frozen=True)
class Rules:
    """What a house asks of its subtitles.

    Attributes:
        language: BCP-47 language of words that name none themselves; None: unknown.
        max_line_chars: longest line, in characters (see `full_width`).
        reading_speed: characters a second that viewers can follow.
        full_width: whether a character is a full-width one, as in Chinese; others then count half.
        dialogue_dash: what stands before each line where two speakers share a cue.
        frame_rate: frames a second of the picture.
        max_lines: lines a cue, 1 or 2; with 1 there are no dialogue cues.
        min_ms, max_ms: how long a cue stays, in milliseconds.
        gap_frames: frames kept free between two cues.
        chain_ms: a shorter time than this between two cues is closed to the gap, lest the screen flickers.
        lead_out_ms: how long a cue may outstay its speech if nothing else asks for it.
        max_pause_ms: longest pause inside a cue.
        squeeze_ms: no cue is shorter, even if the next one is late for it; for words with impossible times.

    Raises:
        UsageError: a number that no subtitle could keep to.
    """

    language: str | None = None
    max_line_chars: int = 42
    reading_speed: float = 17.0
    full_width: bool = False
    dialogue_dash: str = "-"
    frame_rate: Fraction = DEFAULT_FRAME_RATE
    max_lines: int = 2
    min_ms: int = 834  # 5/6 s, rounded up
    max_ms: int = 7000
    gap_frames: int = 2
    chain_ms: int = 500
    lead_out_ms: int = 450  # half a second at most; recognisers end words some 10 ms late
    max_pause_ms: int = 1000
    squeeze_ms: int = 250

    def __post_init__(self) -> None:
        _check(self.max_line_chars >= 8, "max_line_chars", self.max_line_chars, "at least 8")
        _check(self.max_lines in (1, 2), "max_lines", self.max_lines, "1 or 2")
        _check(self.reading_speed > 0, "reading_speed", self.reading_speed, "above 0")
        _check(self.frame_rate > 0, "frame_rate", self.frame_rate, "above 0")
        _check(self.gap_frames >= 0, "gap_frames", self.gap_frames, "0 or more")
        _check(len(self.dialogue_dash) <= 2, "dialogue_dash", self.dialogue_dash, "2 characters at most")
        _check(0 < self.squeeze_ms <= self.min_ms, "squeeze_ms", self.squeeze_ms, "above 0, up to min_ms")
        _check(self.min_ms < self.max_ms, "min_ms", self.min_ms, "below max_ms")
        _check(self.gap_ms <= self.chain_ms, "chain_ms", self.chain_ms, f"at least the gap, {self.gap_ms}")
        _check(self.lead_out_ms >= 0, "lead_out_ms", self.lead_out_ms, "0 or more")
        _check(self.max_pause_ms >= 0, "max_pause_ms", self.max_pause_ms, "0 or more")

    @property
    def gap_ms(self) -> int:
        """The gap between two cues; rounded up, since a gap a hair too short is too short."""
        return math.ceil(1000 * self.gap_frames / self.frame_rate)

    @property
    def max_columns(self) -> int:
        """The longest line in columns: a full-width character takes two, any other takes one."""
        return self.max_line_chars * (2 if self.full_width else 1)

    @property
    def reading_ms_a_column(self) -> float:
        """How long it takes to read one column of text."""
        return 1000 / (self.reading_speed * (2 if self.full_width else 1))


def _check(fine: bool, name: str, value: object, wanted: str) -> None:
    if not fine:
        raise UsageError(f"subtitle rule {name} is {value!r}: it must be {wanted}")


_LANGUAGES = {
    "en": Rules(reading_speed=20.0),
    "de": Rules(),
    "fr": Rules(dialogue_dash="- "),
    "es": Rules(dialogue_dash="- "),
    "hi": Rules(reading_speed=22.0),
    "zh": Rules(max_line_chars=16, reading_speed=9.0, full_width=True),
    "ja": Rules(max_line_chars=13, reading_speed=4.0, full_width=True),
    "ko": Rules(max_line_chars=16, reading_speed=12.0, full_width=True),
}
"""Programmes for adults. Source: Netflix Timed Text Style Guides, one for each language."""

_SAME_SCRIPT = {"cmn": "zh", "yue": "zh"}
"""Chinese languages that have a code of their own."""

_PLAUSIBLE_FRAME_RATES = (5, 240)
"""Containers give cover pictures rates such as 90,000; such a rate is as good as none."""


def rules_for(language: str | None = None, frame_rate: Fraction | None = None) -> Rules:
    """The rules for a film in that language (BCP-47; None: unknown) and at that rate.

    Languages that we hold no guide for get the numbers that most guides share.
    """
    rules = _LANGUAGES.get(primary_language(language), Rules())
    lowest, highest = _PLAUSIBLE_FRAME_RATES
    if frame_rate is None or not lowest <= frame_rate <= highest:
        frame_rate = DEFAULT_FRAME_RATE
    return replace(rules, language=language, frame_rate=frame_rate)


def primary_language(language: str | None) -> str:
    """The code of a language without script or region: "zh" of "zh-Hant"; "" where unknown."""
    primary = (language or "").lower().replace("_", "-").split("-")[0]
    return _SAME_SCRIPT.get(primary, primary)
