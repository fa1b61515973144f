"""Cues -> the share of them within each limit of a profile, counted from their lines and times alone.

And how many are too fast to read however the words are cut: no cutter does better.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from subtitle_cli.cues.breaks import break_costs
from subtitle_cli.cues.candidates import Candidates, find_candidates
from subtitle_cli.cues.segment import cheapest
from subtitle_cli.cues.tokens import Token, tokenise
from subtitle_cli.rules import Rules
from subtitle_cli.types import Cue, SpokenWord

__all__ = ["LIMITS", "fewest_too_fast", "within"]

LIMITS = ("characters", "lines", "minimum", "maximum", "gap", "reading")


def within(cues: Sequence[Cue], rules: Rules) -> dict[str, int]:
    """How many of the cues keep to each limit. English: a character is a code point.

    A line break is read as a space, a dash before a speaker's line is not read.
    """
    dash = rules.dialogue_dash or ""
    gaps = [right.start_ms - left.end_ms for left, right in pairwise(cues)]
    texts = [
        " ".join(line.removeprefix(dash if len(set(cue.speakers)) > 1 else "") for line in cue.lines)
        for cue in cues
    ]
    return {
        "characters": sum(all(len(line) <= rules.max_line_chars for line in cue.lines) for cue in cues),
        "lines": sum(len(cue.lines) <= rules.max_lines for cue in cues),
        "minimum": sum(cue.duration_ms >= rules.min_ms for cue in cues),
        "maximum": sum(cue.duration_ms <= rules.max_ms for cue in cues),
        "gap": sum(gap >= rules.gap_ms for gap in gaps) + min(1, len(cues)),
        "reading": sum(_is_readable(text, cue, rules) for text, cue in zip(texts, cues, strict=True)),
    }


def _is_readable(text: str, cue: Cue, rules: Rules) -> bool:
    if rules.words_a_minute:
        return len(text.split()) * 60_000 <= rules.words_a_minute * cue.duration_ms
    return len(text) * 1000 <= rules.reading_speed * cue.duration_ms


def fewest_too_fast(words: Sequence[SpokenWord], rules: Rules) -> int:
    """How many cues are too fast at least, in any legal cut of these words with all cues on time.

    Each cue gets the best case: it comes early by `sync_frames`, and the next one late by as much.
    """
    tokens = tokenise(words, rules)
    legal = find_candidates(tokens, break_costs(tokens), rules)
    too_fast = np.full_like(legal.cost, np.inf)
    for first, size in zip(*np.nonzero(np.isfinite(legal.cost)), strict=True):
        too_fast[first, size] = _is_hopeless(tokens, int(first), int(first + size + 1), rules)
    spans = cheapest(Candidates(too_fast, legal.upper))
    return int(sum(too_fast[span.first, span.last - span.first - 1] for span in spans))


def _is_hopeless(tokens: Sequence[Token], first: int, last: int, rules: Rules) -> bool:
    text = "".join(f" {token.text}" if token.space_before else token.text for token in tokens[first:last])
    read_ms = rules.reading_ms(len(text.strip()), len(text.split()))
    if last == len(tokens):
        return read_ms > rules.max_ms
    room_ms = tokens[last].start_ms - rules.gap_ms - tokens[first].start_ms
    return min(room_ms + 2 * rules.frames_ms(rules.sync_frames), rules.max_ms) < read_ms
