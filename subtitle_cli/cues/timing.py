"""Spans of tokens -> when each cue comes and goes, in integer milliseconds, and what had to give way.

Knows nothing of text but how much there is to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..rules import Rules
from .snapping import snap_end, snap_starts

__all__ = ["Shown", "Spoken", "show_times"]


@dataclass(frozen=True)
class Spoken:
    """One cue's speech: when it begins and ends, and how many columns of text and words it makes."""

    start_ms: int
    end_ms: int
    columns: int
    words: int


@dataclass(frozen=True)
class Shown:
    """When a cue comes and goes, and what of `GIVING_WAY` gave way for that, in the house's order."""

    start_ms: int
    end_ms: int
    gave_way: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Wanted:
    """When a cue wants to begin, how long it takes to read, and how far its start may move for that.

    A start within `sync_frames` of its speech is on time; one that comes with a new shot stays with it.
    """

    start_ms: int
    read_ms: int
    shift_ms: int


def show_times(speech: Sequence[Spoken], rules: Rules, shots: Sequence[int] = ()) -> list[Shown]:
    """The times of cues, in order.

    Whatever the words, each stays for the minimum to the maximum duration, and the gap lies between any two.

    1. A cue wants to begin with its speech, earlier by the lead-in where nobody else speaks, or with a shot
       change that is near.
    2. All starts are settled, so that there is time enough between them: see `_starts`.
    3. All ends follow: see `_end`. They move to a shot change that is near.

    Args:
        speech: in order, none beginning before the one ahead of it.
        shots: milliseconds at which a new shot begins, in order.
    """
    wanted = _wanted(speech, rules, shots)  # 1.
    starts = _starts(speech, wanted, rules)  # 2.
    shown = []
    for i, (spoken, start) in enumerate(zip(speech, starts, strict=True)):
        following = starts[i + 1] if i + 1 < len(starts) else None
        read_by = start + max(rules.min_ms, wanted[i].read_ms)
        end = _end(start, spoken, read_by, following, rules)  # 3.
        if following is None or end < following - rules.gap_ms:
            latest = start + rules.max_ms
            if following is not None:
                latest = min(latest, following - rules.chain_ms)
            end = snap_end(end, (min(end, read_by), latest), spoken.end_ms, shots, rules)
        gave_way = {
            "reading_speed": end - start < wanted[i].read_ms,
            "sync": abs(start - wanted[i].start_ms) > rules.frames_ms(rules.sync_frames),
        }
        shown.append(Shown(start, end, tuple(name for name in rules.gives_way if gave_way[name])))
    return shown


def _wanted(speech: Sequence[Spoken], rules: Rules, shots: Sequence[int]) -> list[_Wanted]:
    """What cues would have if nothing else stood on the screen."""
    begin, free_from = [], 0
    for spoken in speech:
        begin.append(max(0, min(spoken.start_ms, max(spoken.start_ms - rules.lead_in_ms, free_from))))
        free_from = spoken.end_ms + rules.gap_ms
    sync_yields = rules.gives_way[0] == "sync"
    shift_ms = rules.max_shift_ms if sync_yields else int(rules.frames_ms(rules.sync_frames))
    return [
        _Wanted(start, rules.reading_ms(spoken.columns, spoken.words), shift_ms if start == spoke else 0)
        for start, spoke, spoken in zip(snap_starts(begin, shots, rules), begin, speech, strict=True)
    ]


def _starts(speech: Sequence[Spoken], wanted: Sequence[_Wanted], rules: Rules) -> list[int]:
    """Starts between which every cue can stand for its minimum, and be read if that costs little.

    1. From the end back: a cue without time for its minimum before the next one comes earlier, by
       `max_shift_ms` at most, where nobody else speaks then; for the time to read, by its `shift_ms` at most.
    2. From the start on: what the minimum still lacks, the next cue waits for. For the time to read it waits
       by its `shift_ms` at most: if it has the time itself, and if that is enough. In a house where sync
       gives way first it waits in any case.
    """
    sync_yields = rules.gives_way[0] == "sync"
    enough = [min(max(rules.min_ms, cue.read_ms), rules.max_ms) for cue in wanted]
    targets, spare = [cue.start_ms for cue in wanted], [rules.max_ms] * len(speech)
    for i in range(len(speech) - 2, -1, -1):  # 1.
        until = targets[i + 1] - rules.gap_ms
        free_from = speech[i - 1].end_ms + rules.gap_ms if i else 0
        stands_from = max(until - rules.min_ms, wanted[i].start_ms - rules.max_shift_ms, free_from)
        reads_from = max(until - enough[i], wanted[i].start_ms - wanted[i].shift_ms, free_from)
        if reads_from > until - enough[i] and not sync_yields:
            reads_from = targets[i]  # it would be early for nothing
        targets[i] = min(targets[i], stands_from, reads_from)
        spare[i] = until - targets[i] - enough[i]
    starts = targets[:1]
    for i in range(1, len(speech)):  # 2.
        free_from = starts[-1] + rules.min_ms + rules.gap_ms
        read_by = starts[-1] + enough[i - 1] + rules.gap_ms
        if sync_yields:
            waits_until = min(read_by, wanted[i].start_ms + wanted[i].shift_ms)
        else:
            # One that cannot be read in time anyway may as well wait.
            may_wait_ms = wanted[i].shift_ms if spare[i] < 0 else min(wanted[i].shift_ms, spare[i])
            waits_until = read_by if read_by <= targets[i] + may_wait_ms else 0
        starts.append(max(targets[i], free_from, waits_until))
    return starts


def _end(start_ms: int, spoken: Spoken, read_by_ms: int, next_start_ms: int | None, rules: Rules) -> int:
    """A cue ends

    1. when it has been spoken, stood for the minimum duration, and could be read;
    2. later, by up to the lead-out, while the screen then stays empty for `chain_ms` at least;
    3. at the gap before the next cue, if the screen would stay empty for less than `chain_ms` after 1.
    """
    needed = max(spoken.end_ms, read_by_ms)
    end = max(needed, spoken.end_ms + rules.lead_out_ms)
    if next_start_ms is not None:
        is_near = needed > next_start_ms - rules.chain_ms
        end = next_start_ms - rules.gap_ms if is_near else min(end, next_start_ms - rules.chain_ms)
    return min(end, start_ms + rules.max_ms)
