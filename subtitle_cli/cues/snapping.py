"""Times of cues and of shot changes -> the times at which cues come and go with the shots.

A change within `snap_in_frames` of a start, or `snap_out_frames` of an end, draws it: a cue comes with the
first frame of the new shot, or goes the gap before it. Knows nothing of text; takes no time that another cue
needs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from ..rules import Rules

__all__ = ["snap_end", "snap_starts"]


def snap_starts(wanted: Sequence[int], shots: Sequence[int], rules: Rules) -> list[int]:
    """The starts in milliseconds, those near a shot change moved to it unless a neighbour is in the way.

    Args:
        wanted: in order.
        shots: milliseconds at which a new shot begins, in order.
    """
    apart_ms = rules.min_ms + rules.gap_ms
    snapped: list[int] = []
    for number, start in enumerate(wanted):
        shot = _nearest(shots, start, int(rules.frames_ms(rules.snap_in_frames)))
        is_after = not snapped or shot is None or snapped[-1] + apart_ms <= shot
        is_before = number + 1 == len(wanted) or shot is None or shot + apart_ms <= wanted[number + 1]
        snapped.append(shot if shot is not None and is_after and is_before else start)
    return snapped


def snap_end(
    end_ms: int, room_ms: tuple[int, int], spoken_until_ms: int, shots: Sequence[int], rules: Rules
) -> int:
    """The end in milliseconds, moved to the gap before a shot change that is near.

    Args:
        room_ms: the earliest and the latest end that the cue may have.
        spoken_until_ms: when its speech ends; at most `snap_in_frames` of it go on without the cue.
    """
    earliest = max(room_ms[0], min(end_ms, spoken_until_ms - int(rules.frames_ms(rules.snap_in_frames))))
    shot = _nearest(shots, end_ms + rules.gap_ms, int(rules.frames_ms(rules.snap_out_frames)))
    if shot is None or not earliest <= shot - rules.gap_ms <= room_ms[1]:
        return end_ms
    return shot - rules.gap_ms


def _nearest(shots: Sequence[int], at_ms: int, within_ms: int) -> int | None:
    """The shot change nearest to a time, if there is one within reach."""
    near = shots[bisect_left(shots, at_ms - within_ms) : bisect_right(shots, at_ms + within_ms)]
    return min(near, key=lambda shot: abs(shot - at_ms), default=None)
