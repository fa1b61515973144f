"""Spans of tokens -> when each cue comes and goes, in integer milliseconds, and what had to give way.

Knows nothing of text but how much there is to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

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
    """When a cue wants to begin, how long it takes to read, and how far its start may move for its readers.

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
    # The last has no follower.
    for spoken, wish, start, following in zip_longest(speech, wanted, starts, starts[1:]):
        end = _end(start, spoken, wish, following, rules)  # 3.
        if following is None or end < following - rules.gap_ms:
            earliest = min(end, start + max(rules.min_ms, wish.read_ms))
            latest = start + rules.max_ms
            if following is not None:
                latest = min(latest, following - rules.chain_ms)
            end = snap_end(end, (earliest, latest), spoken.end_ms, shots, rules)
        shown.append(Shown(start, end, _gave_way(start, end, wish, rules)))
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

    1. From the end back: a cue without time enough before the next one comes earlier; see `_targets`.
    2. From the start on: what the minimum still lacks, the next cue waits for. For the time to read it waits
       by its `shift_ms` at most: if it has the time itself, and if that is enough. In a house where sync
       gives way first it waits in any case.
    """
    enough = [min(max(rules.min_ms, wish.read_ms), rules.max_ms) for wish in wanted]
    targets, spare = _targets(speech, wanted, enough, rules)  # 1.
    starts = targets[:1]
    for i in range(1, len(speech)):  # 2.
        free_from = starts[-1] + rules.min_ms + rules.gap_ms
        read_by = starts[-1] + enough[i - 1] + rules.gap_ms
        if rules.gives_way[0] == "sync":
            waits_until = min(read_by, wanted[i].start_ms + wanted[i].shift_ms)
        else:
            # One that cannot be read in time anyway may as well wait.
            may_wait_ms = wanted[i].shift_ms if spare[i] < 0 else min(wanted[i].shift_ms, spare[i])
            waits_until = read_by if read_by <= targets[i] + may_wait_ms else 0
        starts.append(max(targets[i], free_from, waits_until))
    return starts


def _targets(
    speech: Sequence[Spoken], wanted: Sequence[_Wanted], enough: Sequence[int], rules: Rules
) -> tuple[list[int], list[int]]:
    """The starts that are early where time is short, and how much more than enough each cue then has.

    A cue comes early only where nobody else speaks: for its minimum by `max_shift_ms` at most, for the time
    to read by its `shift_ms` at most, and only if it then can be read, or if sync gives way first.
    """
    targets, spare = [wish.start_ms for wish in wanted], [rules.max_ms] * len(speech)
    for i in range(len(speech) - 2, -1, -1):
        until = targets[i + 1] - rules.gap_ms
        free_from = speech[i - 1].end_ms + rules.gap_ms if i else 0
        stands_from = max(until - rules.min_ms, wanted[i].start_ms - rules.max_shift_ms, free_from)
        reads_from = max(until - enough[i], wanted[i].start_ms - wanted[i].shift_ms, free_from)
        is_readable = reads_from <= until - enough[i]
        if is_readable or rules.gives_way[0] == "sync":
            targets[i] = min(targets[i], reads_from)
        targets[i] = min(targets[i], stands_from)
        spare[i] = until - targets[i] - enough[i]
    return targets, spare


def _end(start_ms: int, spoken: Spoken, wish: _Wanted, next_start_ms: int | None, rules: Rules) -> int:
    """A cue ends

    1. when it has been spoken, stood for the minimum duration, and could be read;
    2. later, by up to the lead-out, while the screen then stays empty for `chain_ms` at least;
    3. at the gap before the next cue, if the screen would stay empty for less than `chain_ms` after 1.
    """
    needed = max(spoken.end_ms, start_ms + max(rules.min_ms, wish.read_ms))
    end = max(needed, spoken.end_ms + rules.lead_out_ms)
    if next_start_ms is not None:
        is_near = needed > next_start_ms - rules.chain_ms
        end = next_start_ms - rules.gap_ms if is_near else min(end, next_start_ms - rules.chain_ms)
    return min(end, start_ms + rules.max_ms)


def _gave_way(start_ms: int, end_ms: int, wish: _Wanted, rules: Rules) -> tuple[str, ...]:
    gave_way = {
        "reading_speed": end_ms - start_ms < wish.read_ms,
        "sync": abs(start_ms - wish.start_ms) > rules.frames_ms(rules.sync_frames),
    }
    return tuple(name for name in rules.gives_way if gave_way[name])
