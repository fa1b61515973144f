"""Words with times and speakers -> cues: what stands on the screen, and when.

    words -> tokens -> breaks (how bad is each place?) -> candidates -> segment (the best) -> timing -> cues

Knows no file format; all numbers come from `Rules`, all tastes from `costs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..rules import Rules
from ..types import Cue, SpokenWord
from .breaks import break_costs
from .candidates import find_candidates
from .segment import Span, cheapest
from .timing import Shown, Spoken, show_times
from .tokens import Token, join, tokenise

__all__ = ["make_cues"]


def make_cues(
    words: Sequence[SpokenWord], rules: Rules, labels: bool = False, shots: Sequence[int] = ()
) -> list[Cue]:
    """The cues of a film, in order; no word is lost, doubled or moved.

    Whatever the words: lines are never wider nor more than the rules allow, a cue stays for the minimum to
    the maximum duration, the gap lies between any two, and two speakers share one only as dialogue, with a
    line each. Where words come too fast for that, what gives way is noted in each cue.

    Args:
        words: in the order in which they are spoken. Words without text are left out.
        labels: whether to write who speaks before the first word of each turn ("SPEAKER 1: Hello.").
        shots: milliseconds at which a new shot begins, in order, for cues to come and go with.
    """
    tokens = tokenise(words, rules, labels)
    if not tokens:
        return []
    spans = cheapest(find_candidates(tokens, break_costs(tokens), rules))
    times = show_times([_speech(tokens[span.first : span.last]) for span in spans], rules, shots)
    return [_cue(tokens, span, shown, rules) for span, shown in zip(spans, times, strict=True)]


def _speech(tokens: Sequence[Token]) -> Spoken:
    # Two speakers' words are two, whatever their script does with spaces.
    spaces = sum(right.space_before or left.speaker != right.speaker for left, right in pairwise(tokens))
    width = sum(token.columns for token in tokens) + spaces
    return Spoken(tokens[0].start_ms, tokens[-1].end_ms, width, spaces + 1)


def _cue(tokens: Sequence[Token], span: Span, shown: Shown, rules: Rules) -> Cue:
    if span.second is None:
        lines = [tokens[span.first : span.last]]
    else:
        lines = [tokens[span.first : span.second], tokens[span.second : span.last]]
    speakers = tuple(line[0].speaker for line in lines)
    dash = (rules.dialogue_dash or "") if len(set(speakers)) > 1 else ""
    return Cue(
        start_ms=shown.start_ms,
        end_ms=shown.end_ms,
        lines=tuple(dash + join(line) for line in lines),
        words=tuple(token.word for line in lines for token in line if token.word is not None),
        speakers=speakers,
        labels=tuple(line[0].text if line[0].is_label else "" for line in lines),
        gave_way=shown.gave_way,
    )
