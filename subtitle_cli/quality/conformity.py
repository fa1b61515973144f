"""Cues and a house's rules -> the share of cues within each limit, and each cue that breaks one.

It knows nothing of the film: whether a cue fits what is said is the business of `coverage`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..cues.text import columns
from ..rules import Rules
from ..types import Cue

__all__ = ["Conformity", "Limit", "Placed", "Violation", "check_conformity"]


@dataclass(frozen=True)
class Placed:
    """A cue among its neighbours.

    Attributes:
        number: as players count: in the order of the file, from 1.
        before: the start of the cue before it in the file, and the latest end of all before; None: the first.
        next_start_ms: of the cue after it in the file; None: the last.
    """

    number: int
    cue: Cue
    before: tuple[int, int] | None
    next_start_ms: int | None


@dataclass(frozen=True)
class Limit:
    """One thing that is asked of each cue.

    Attributes:
        name: such as "reading speed".
        unit: of the bound, such as "characters a second".
        bound: the most or the least that is allowed.
        at_most: which of both.
        measure: of a cue, in that unit; None where the limit says nothing about it.
        slack: a breach up to this comes from rounding times, and counts as none.
    """

    name: str
    unit: str
    bound: float
    at_most: bool
    measure: Callable[[Placed], float | None]
    slack: float = 0.0

    def breach(self, value: float) -> float:
        """By how much the value is beyond the bound, in its unit; 0 or less: it is within."""
        return (value - self.bound if self.at_most else self.bound - value) - self.slack


@dataclass(frozen=True)
class Violation:
    """A cue that breaks a limit; `value` is in the limit's unit."""

    limit: Limit
    number: int
    cue: Cue
    value: float

    @property
    def severity(self) -> float:
        """How grave it is, for sorting: the breach in parts of the bound, or of one where the bound is 0."""
        return self.limit.breach(self.value) / max(1.0, self.limit.bound)


@dataclass(frozen=True)
class Conformity:
    """How well cues keep to rules.

    Attributes:
        cues: how many there are.
        limits: all that were looked at.
        violations: in the order of the file.
    """

    cues: int
    limits: tuple[Limit, ...]
    violations: tuple[Violation, ...]

    def of(self, limit: Limit) -> list[Violation]:
        """The violations of one limit, the gravest first."""
        return sorted(
            (each for each in self.violations if each.limit is limit),
            key=lambda violation: violation.severity,
            reverse=True,
        )

    def share(self, limit: Limit) -> float:
        """The share of cues within a limit; 1 where there are no cues."""
        return 1 - len(self.of(limit)) / self.cues if self.cues else 1.0

    @property
    def cues_outside(self) -> int:
        """How many cues break any limit."""
        return len({each.number for each in self.violations})

    @property
    def share_within_all(self) -> float:
        """The share of cues that break no limit at all."""
        return 1 - self.cues_outside / self.cues if self.cues else 1.0


def check_conformity(cues: Sequence[Cue], rules: Rules, resolution_ms: int = 1) -> Conformity:
    """Measure each cue against each limit.

    Args:
        cues: in the order of their file.
        resolution_ms: the shortest time that their format can tell apart.
    """
    limits = _limits(rules, resolution_ms)
    violations = tuple(
        Violation(limit, placed.number, placed.cue, value)
        for placed in _places(cues)
        for limit in limits
        if (value := limit.measure(placed)) is not None and limit.breach(value) > 0
    )
    return Conformity(len(cues), limits, violations)


def _places(cues: Sequence[Cue]) -> Iterator[Placed]:
    latest_ends = [0, *accumulate((cue.end_ms for cue in cues), max)]
    for index, cue in enumerate(cues):
        before = (cues[index - 1].start_ms, latest_ends[index]) if index else None
        following = cues[index + 1].start_ms if index + 1 < len(cues) else None
        yield Placed(index + 1, cue, before, following)


def _limits(rules: Rules, resolution_ms: int) -> tuple[Limit, ...]:
    # Two edges, each rounded to the format's resolution, are off by one of it at most.
    slack = float(resolution_ms)
    return (
        Limit(
            "line length", "characters", rules.max_line_chars, True, lambda each: _longest(each.cue, rules)
        ),
        Limit("lines", "lines", rules.max_lines, True, lambda each: len(each.cue.lines)),
        _reading_limit(rules, resolution_ms),
        Limit("shortest", "ms", rules.min_ms, False, lambda each: each.cue.duration_ms, slack),
        Limit("longest", "ms", rules.max_ms, True, lambda each: each.cue.duration_ms, slack),
        Limit("gap", "ms", rules.gap_ms, False, _gap_ms, slack),
        Limit("overlap", "ms", 0, True, _overlap_ms),
        Limit("order", "ms", 0, True, _backward_ms),
        Limit("text", "characters", 1, False, lambda each: len(each.cue.text)),
    )


def _reading_limit(rules: Rules, resolution_ms: int) -> Limit:
    def speed(placed: Placed) -> float | None:
        cue = placed.cue
        if cue.duration_ms <= 0:  # told by "order" and "shortest"
            return None
        if rules.words_a_minute:
            read: float = sum(len(text.split()) for text in _texts(cue, rules))
        else:
            read = _characters(cue, rules)
        return read * (60_000 if rules.words_a_minute else 1000) / (cue.duration_ms + resolution_ms)

    if rules.words_a_minute:
        return Limit("reading speed", "words a minute", rules.words_a_minute, True, speed)
    return Limit("reading speed", "characters a second", rules.reading_speed, True, speed)


def _longest(cue: Cue, rules: Rules) -> float:
    """Characters of the longest line, dashes and labels included; full-width ones where the rules say so."""
    width = max((columns(line, rules.full_width) for line in cue.lines), default=0)
    return width / (2 if rules.full_width else 1)


def _characters(cue: Cue, rules: Rules) -> float:
    """Characters to be read."""
    width = sum(columns(text, rules.full_width) for text in _texts(cue, rules))
    return width / (2 if rules.full_width else 1)


def _texts(cue: Cue, rules: Rules) -> list[str]:
    """The lines as they are read: without the dashes of a dialogue."""
    dash = (rules.dialogue_dash or "-").strip()
    return [line.removeprefix(dash).lstrip() for line in cue.lines]


def _gap_ms(placed: Placed) -> float | None:
    """Free time after a cue; None at the end and where cues overlap, which is another limit's."""
    if placed.next_start_ms is None or placed.next_start_ms < placed.cue.end_ms:
        return None
    return placed.next_start_ms - placed.cue.end_ms


def _overlap_ms(placed: Placed) -> float | None:
    """How long it stands together with a cue before it; None for the first, and where order is broken."""
    if placed.before is None or placed.before[0] > placed.cue.start_ms:
        return None
    return min(placed.before[1], placed.cue.end_ms) - placed.cue.start_ms


def _backward_ms(placed: Placed) -> float | None:
    """How far it begins before the cue ahead of it, or ends before it begins."""
    back = 0 if placed.before is None else placed.before[0] - placed.cue.start_ms
    return max(back, -placed.cue.duration_ms)
