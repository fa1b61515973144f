"""Spans of tokens -> when each cue comes and goes, in integer milliseconds.

Knows nothing of text but its width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..rules import Rules

__all__ = ["Spoken", "show_times"]

SQUEEZE_MS = 250


@dataclass(frozen=True)
class Spoken:
    """One cue's speech: when it begins and ends, and how many columns of text it makes."""

    start_ms: int
    end_ms: int
    columns: int


def show_times(speech: Sequence[Spoken], rules: Rules) -> list[tuple[int, int]]:
    """The (start_ms, end_ms) of cues, in order, never overlapping.

    A cue begins with its speech. It ends

    1. when it has been spoken, stood for the minimum duration, and could be read;
    2. later, by up to the lead-out, while the screen then stays empty for `chain_ms` at least;
    3. at the gap before the next cue, if the screen would stay empty for less than `chain_ms` after 1.

    Where time is short, these give way, in this order: the reading speed, the minimum duration, and last,
    once a cue is down to `SQUEEZE_MS`, the next one's start. The gap and the maximum duration never do.
    """
    times: list[tuple[int, int]] = []
    free_from = 0
    for number, spoken in enumerate(speech):
        start = max(spoken.start_ms, free_from)
        following = speech[number + 1].start_ms if number + 1 < len(speech) else None
        end = _end(start, spoken, following, rules)
        times.append((start, end))
        free_from = end + rules.gap_ms
    return times


def _end(start_ms: int, spoken: Spoken, next_start_ms: int | None, rules: Rules) -> int:
    needed = max(
        spoken.end_ms, start_ms + max(rules.min_ms, math.ceil(spoken.columns * rules.reading_ms_a_column))
    )
    end = max(needed, spoken.end_ms + rules.lead_out_ms)
    if next_start_ms is not None:
        latest = next_start_ms - rules.gap_ms
        end = latest if needed > next_start_ms - rules.chain_ms else min(end, next_start_ms - rules.chain_ms)
        end = max(end, start_ms + SQUEEZE_MS)
    return min(end, start_ms + rules.max_ms)
