"""Tokens -> every cue that could be made of them: its cost, and its best line break.

Knows widths, times and badness as numbers, whole films at once as arrays; knows nothing of text. The hard
limits are here: what breaks one is no candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..rules import Rules
from . import costs
from .tokens import Token

__all__ = ["Candidates", "find_candidates"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_END_OF_TIME_MS = 10**12
"""Where the next cue begins, after the last one."""


@dataclass(frozen=True)
class Candidates:
    """The cue of m tokens from token i on is at [i, m - 1]; shape (tokens, most tokens in any cue).

    Attributes:
        cost: infinite where a hard limit is broken.
        upper: how many of the tokens stand on the upper line of two; 0 where there is one line.
    """

    cost: Floats
    upper: Ints


@dataclass(frozen=True)
class _Film:
    """The n tokens of a film as arrays.

    "At k" means: at the place before token k, n being the end of the film. Attributes that end in `_sums`
    are running totals from 0, of shape (n + 1,).

    Attributes:
        start_ms, end_ms: of each token; starts end with the end of time, shape (n + 1,).
        space: 1 if there is a space at k, else 0; `space_sums` counts them.
        free_ms: time before each token in which nobody speaks, up to what a start may come early by.
        width_sums: columns of the tokens, each with the space before it.
        badness: of a break at k; shape (n + 1,).
        end_cost: of ending a cue at k; shape (n + 1,).
        held_sums: costs of not ending a cue at k.
        is_sentence, sentence_sums: 1 if a sentence of the same speaker begins at k, else 0.
        is_change, change_sums: 1 if the speaker changes at k, else 0.
        barrier_sums: 1 if no cue may span k, else 0.
        is_unlabelled: 1 if a token says nothing of its speaker though the film's labels would, else 0.
    """

    start_ms: Ints
    end_ms: Ints
    space: Ints
    space_sums: Ints
    free_ms: Ints
    width_sums: Ints
    badness: Floats
    end_cost: Floats
    held_sums: Floats
    is_sentence: Ints
    sentence_sums: Ints
    is_change: Ints
    change_sums: Ints
    barrier_sums: Ints
    is_unlabelled: Ints

    def width(self, first: Ints, last: Ints) -> Ints:
        """Columns of tokens first to last, exclusive, on one line."""
        width: Ints = self.width_sums[last] - self.width_sums[first] - self.space[first]
        return width


def find_candidates(tokens: Sequence[Token], badness: Sequence[float], rules: Rules) -> Candidates:
    """All cues that keep to the limits of width, lines, duration, pauses and speakers.

    A token alone is always one of them.

    Args:
        badness: of breaking before each token; see `costs`.
    """
    film, count = _film(tokens, badness, rules), len(tokens)
    found: list[tuple[Ints, Floats, Ints]] = []
    for size in range(1, count + 1):
        first = _allowed(film, rules, np.arange(count - size + 1), size)
        layout_cost, upper = _layout(film, rules, first, size)
        if not np.isfinite(layout_cost).any():
            break  # more tokens are never easier to fit
        found.append((first, layout_cost + _cost(film, rules, first, first + size), upper))
    shape = (count, len(found))
    candidates = Candidates(np.full(shape, np.inf), np.zeros(shape, dtype=np.int64))
    for column, (first, cost, upper) in enumerate(found):
        candidates.cost[first, column] = cost
        candidates.upper[first, column] = upper
    return candidates


def _film(tokens: Sequence[Token], badness: Sequence[float], rules: Rules) -> _Film:
    start = np.array([token.start_ms for token in tokens] + [_END_OF_TIME_MS])
    end = np.array([token.end_ms for token in tokens])
    pause = np.concatenate([[0], start[1:-1] - end[:-1]])
    space = np.array([int(token.space_before) for token in tokens])
    bad = np.array(badness)
    sentence = (bad == costs.SENTENCE).astype(np.int64)
    change = np.array([0] + [int(left.speaker != right.speaker) for left, right in pairwise(tokens)])
    held = costs.HELD_SENTENCE * sentence + costs.HELD_PAUSE * (pause / max(1, rules.max_pause_ms)) ** 2
    relief = np.where(bad < costs.GLUED, costs.PAUSE_HELPS * np.minimum(1, pause / costs.LONG_PAUSE_MS), 0)
    apart = costs.APART * change * _at_once(tokens)
    return _Film(
        start_ms=start,
        end_ms=end,
        space=space,
        space_sums=_sums(space),
        free_ms=np.clip(pause - rules.gap_ms, 0, rules.max_shift_ms),
        width_sums=_sums(np.array([token.columns for token in tokens]) + space),
        badness=np.append(bad, costs.TURN),
        end_cost=np.append(costs.CUE_BREAK * bad * (1 - relief) + apart, 0.0),
        held_sums=_sums(held),
        is_sentence=sentence,
        sentence_sums=_sums(sentence),
        is_change=change,
        change_sums=_sums(change),
        barrier_sums=_sums(((pause > rules.max_pause_ms) | _language_changes(tokens)).astype(np.int64)),
        is_unlabelled=_unlabelled(tokens),
    )


def _unlabelled(tokens: Sequence[Token]) -> Ints:
    if not any(token.is_label for token in tokens):
        return np.zeros(len(tokens), dtype=np.int64)
    return np.array([int(not token.is_label and token.speaker is not None) for token in tokens])


def _at_once(tokens: Sequence[Token]) -> Ints:
    """1 between two tokens in both of which somebody else speaks at the same time, else 0."""
    return np.array([0] + [int(left.overlapped and right.overlapped) for left, right in pairwise(tokens)])


def _language_changes(tokens: Sequence[Token]) -> NDArray[np.bool_]:
    """Where the language changes: a cue is in one, as its rules of breaking and its font are."""
    return np.array([False] + [left.language != right.language for left, right in pairwise(tokens)])


def _sums(values: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([np.zeros(1, dtype=values.dtype), np.cumsum(values)])


def _inside(sums: NDArray[Any], first: Ints, last: Ints) -> NDArray[Any]:
    """The total over the places between tokens first to last, exclusive."""
    total: NDArray[Any] = sums[last] - sums[first + 1]
    return total


def _allowed(film: _Film, rules: Rules, first: Ints, size: int) -> Ints:
    """Those tokens from which a cue of that size neither lasts nor pauses too long, nor is far too wide."""
    last = first + size
    lasts = film.end_ms[last - 1] - film.start_ms[first] <= rules.max_ms
    flows = _inside(film.barrier_sums, first, last) == 0
    may_fit = film.width(first, last) <= rules.max_lines * (rules.max_columns + 1)
    allowed: Ints = first[(lasts & flows & may_fit) | (size == 1)]  # a token alone: timing cuts its end
    return allowed


def _layout(film: _Film, rules: Rules, first: Ints, size: int) -> tuple[Floats, Ints]:
    """The best line break of each cue: its cost, and the tokens on its upper line.

    One line where the text fits on one. Else each break into two is tried; where two speakers share the cue,
    the one that gives each a line; where three turns meet, there is none.
    """
    last = first + size
    changes, sentences = _inside(film.change_sums, first, last), _inside(film.sentence_sums, first, last)
    # Of two speakers in one cue, a label for the second alone would be taken for both.
    dialogue_may_be = (film.is_unlabelled[first] == 0) & (rules.dialogue_dash is not None)
    is_short = (film.width(first, last) <= rules.max_columns) & (changes == 0)
    cost, upper = np.where(is_short, 0.0, np.inf), np.zeros(len(first), dtype=np.int64)
    open_ends = (film.badness[[first, last]] > costs.SENTENCE).sum(axis=0)
    dialogue = costs.DIALOGUE + costs.OPEN_DIALOGUE * open_ends
    room = rules.max_columns - np.where(changes, len(rules.dialogue_dash or ""), 0)
    for tokens in range(1, size if rules.max_lines > 1 else 0):
        second = first + tokens
        above, below = film.width(first, second), film.width(second, last)
        fits = (np.maximum(above, below) <= room) & (changes == film.is_change[second]) & ~is_short
        fits &= (changes == 0) | dialogue_may_be
        broken = costs.LINE_BREAK * film.badness[second] + _imbalance(above, below, rules.max_columns)
        broken += costs.MID_LINE * (sentences - film.is_sentence[second])
        tried = np.where(changes, dialogue, broken)
        better = fits & (tried < cost)
        cost[better], upper[better] = tried[better], tokens
    return cost, upper


def _imbalance(above: Ints, below: Ints, line: int) -> Floats:
    weight = np.where(above > below, costs.BALANCE * costs.TOP_HEAVY, costs.BALANCE)
    cost: Floats = weight * ((above - below) / line) ** 2
    return cost


def _cost(film: _Film, rules: Rules, first: Ints, last: Ints) -> Floats:
    """All that a cue costs but for its line break."""
    width = film.width(first, last)
    words = 1 + _inside(film.space_sums, first, last)
    fullness = (width / (rules.max_lines * rules.max_columns)) ** 2
    room_ms = np.minimum(film.start_ms[last] - rules.gap_ms - film.start_ms[first], rules.max_ms)
    reading_ms = width * rules.reading_ms_a_column + words * rules.reading_ms_a_word
    too_fast = np.clip(1 - room_ms / reading_ms, 0, 1)
    too_short = np.clip(1 - (room_ms + film.free_ms[first]) / rules.min_ms, 0, 1)
    brief = np.clip(1 - room_ms / (2 * rules.min_ms), 0, 1)
    hurry = costs.TOO_FAST * too_fast + costs.BRIEF * brief + costs.TOO_SHORT * too_short
    held = _inside(film.held_sums, first, last)
    cost: Floats = costs.CUE + film.end_cost[last] + held + costs.FULLNESS * fullness + hurry
    return cost
