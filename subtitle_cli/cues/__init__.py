"""Words with times and speakers -> cues: what stands on the screen, and when.

    words -> tokens -> breaks (how bad is each place?) -> candidates -> segment (the best) -> timing -> cues

Knows no file format; all numbers come from `Rules`, all tastes from `costs`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..rules import Rules
from ..types import Cue, SpokenWord
from .breaks import break_costs
from .candidates import find_candidates
from .segment import Span, cheapest
from .timing import Spoken, show_times
from .tokens import Token, join, tokenise

__all__ = ["make_cues"]


def make_cues(words: Sequence[SpokenWord], rules: Rules, labels: bool = False) -> list[Cue]:
    """The cues of a film, in order, never overlapping; no word is lost, doubled or moved.

    Lines are never wider nor more than the rules allow, a cue never stays longer, and two speakers share one
    only as dialogue: a line each, behind a dash. What gives way where words come too fast: see `show_times`.

    Args:
        words: in the order in which they are spoken. Words without text are left out.
        labels: whether to write who speaks before the first word of each turn ("SPEAKER 1: Hello.").
    """
    tokens = tokenise(words, rules, labels)
    if not tokens:
        return []
    spans = cheapest(find_candidates(tokens, break_costs(tokens), rules))
    speech = [_speech(tokens[span.first : span.last]) for span in spans]
    return [
        _cue(tokens, span, times, rules) for span, times in zip(spans, show_times(speech, rules), strict=True)
    ]


def _speech(tokens: Sequence[Token]) -> Spoken:
    width = sum(token.columns + token.space_before for token in tokens) - tokens[0].space_before
    return Spoken(tokens[0].start_ms, tokens[-1].end_ms, width)


def _cue(tokens: Sequence[Token], span: Span, times: tuple[int, int], rules: Rules) -> Cue:
    if span.second is None:
        lines = [tokens[span.first : span.last]]
    else:
        lines = [tokens[span.first : span.second], tokens[span.second : span.last]]
    speakers = tuple(line[0].speaker for line in lines)
    dash = (rules.dialogue_dash or "") if len(set(speakers)) > 1 else ""
    return Cue(
        start_ms=times[0],
        end_ms=times[1],
        lines=tuple(dash + join(line) for line in lines),
        words=tuple(token.word for line in lines for token in line if token.word is not None),
        speakers=speakers,
        labels=tuple(line[0].text if line[0].is_label else "" for line in lines),
    )
