"""A draft of a text -> whether to believe it: is it speech, a dream over noise, or a circle?

Whisper writes something whatever it hears. Three measures tell, all of them the model's own; the numbers
are whisper-base's, on prompts of one to three words in English, French and Spanish (413), whole sentences
(180), and noise, hum, beats and beeps (62).
"""

from __future__ import annotations

import math

from .align import TokenTimes
from .loops import find_loop, is_repetitive, without_loops
from .search import Draft

__all__ = ["is_broken", "is_dream", "is_focused", "is_unheard", "unbroken"]

_LEAST_SCORE = -2.4
"""All that was spoken scored above -2.3. All that was not scored below -2.4, but for circles."""

_LEAST_SCORE_AFTER_END = -1.5
"""The model has already said that there is no more."""

_LEAST_SCORE_ALONE = -1.0
"""The model has passed over the phrase before. What it then wrote rightly scored above -0.4, what it misheard
from -0.9 down; what it wrote over breath, small sounds and screaming monkeys, 5 minutes each, below -1.3."""

_LEAST_FOCUS = 0.35
"""Speech from 0.53 (translated 0.44); texts of four and more tokens dreamt over noise up to 0.30."""

_FOCUS_WEIGHT = 4.0
_LEAST_BOTH = 0.9
"""Score and four times the focus, for texts such as "Thank you.", which the model writes over music and
applause with some confidence, looking here and there. Five minutes each of noise, breath, applause, music and
small sounds, in windows of 3, 10 and 28 s, gave 44 such texts; 3 of them, of 3 s, come up to this. Of 800
utterances, clean, at -35 dB, or with music or noise 5 dB below them, all that were understood do.
"""

_SURE = -0.4
"""Mean log-probability of a text that stands all the same: such texts had -0.56 at most. In a long window
that begins with silence, speech has a low score and a low focus, too."""


def is_broken(draft: Draft, text: str) -> bool:
    """Whether the model went round in circles or found no end; `text` is the draft's."""
    return draft.end_log_prob is None or find_loop(draft.ids) is not None or is_repetitive(text)


def unbroken(draft: Draft) -> Draft:
    """What is left of a draft when each circle is gone round once."""
    return draft.only(without_loops(draft.ids))


def is_dream(draft: Draft, *, after_end: bool, alone: bool = False) -> bool:
    """Whether the model itself doubts the text, or that there is speech at all.

    The score is the log-probability of speech plus the mean of the tokens' log-probabilities. (Whisper's own
    rule puts a threshold on each, and lets through most of the noise above.)

    Args:
        after_end: the sound follows the end of another text.
        alone: the model has passed over the sound before.
    """
    least = _LEAST_SCORE_ALONE if alone else _LEAST_SCORE_AFTER_END if after_end else _LEAST_SCORE
    return _score(draft) < least


def is_unheard(draft: Draft, times: TokenTimes) -> bool:
    """Whether the tokens pay too little attention to their own place for a text that was heard there."""
    if not is_focused(times):
        return True
    focus = float(times.focus.mean())
    return draft.mean_log_prob < _SURE and _score(draft) + _FOCUS_WEIGHT * focus < _LEAST_BOTH


def is_focused(times: TokenTimes) -> bool:
    """Whether the tokens look at one place each, as over speech; false where there are none."""
    return len(times.focus) > 0 and float(times.focus.mean()) >= _LEAST_FOCUS


def _score(draft: Draft) -> float:
    return draft.mean_log_prob + math.log(max(1e-9, 1.0 - draft.no_speech))
