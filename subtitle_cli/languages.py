"""Turns -> the language of each, by a vote over the film with the track's own tag as a prior.

Knows a recogniser that can tell languages by the generic interface only. Asking it costs about as much as a
tenth of recognising, so where a look at the whole film finds one language, not every turn is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE, LanguageDetector, Utterance

from .types import Turn

__all__ = ["HEARD_S", "Languages", "identify"]

SCOUT_EVERY_S = 60.0
"""The longest turn of each minute is asked first, so that no part of a film goes unheard."""

LONGEST_SCOUTS = 8
"""So are the longest of all, for they tell it best."""

SHORTEST_S = 2.0
"""Shorter turns are not asked: nobody can tell the language of "OK"."""

HEARD_S = 12.0
"""No more of a turn is listened to; longer ones are best asked about in parts."""

SURE = 0.9
"""Probability at which a turn may be in another language than its film, where the user named none."""

TAG_SHARE = 0.1
"""The vote of the track's language tag: it is often right, and wrong in every tenth film or so."""

RAREST = 0.05
"""A language's prior for one turn is its share of the vote, but no less than this: one line is enough."""

BATCH_SIZE = 16

Samples = NDArray[np.float32]
Share = Callable[[float], None]


@dataclass(frozen=True)
class Languages:
    """The languages of a film.

    Attributes:
        main: that of most of the speech, BCP-47.
        share: of the vote that it got, 0 to 1.
        turns: of each turn, in order.
    """

    main: str
    share: float
    turns: tuple[str, ...]


def identify(
    detector: LanguageDetector,
    turns: Sequence[Turn],
    samples: Samples,
    *,
    among: Sequence[str] = (),
    tag: str | None = None,
    on_progress: Share | None = None,
) -> Languages | None:
    """The languages of a film's turns, or None where nobody speaks long enough to tell.

    1. Ask a scout of each minute, and the longest turns. If one is surely in another language than most, or
       if the user named several, ask all others too.
    2. The film's main language gets most of the speech, each turn's seconds shared out by probability.
    3. A turn's own language is the likeliest by its probabilities times the film's shares. Where the user
       named none, it takes a sure one to differ from the main language.
    4. Turns that were not asked take the main language; short ones, that of a neighbour of the same speaker.

    Args:
        among: the only languages possible; none: all that the detector knows.
        tag: language that the track says it is in.
        on_progress: told the share done, 0 to 1.
    """
    turns = list(turns)
    scouts = _scouts(turns)
    scores = _ask(detector, turns, scouts, samples, among, on_progress)
    if not scores:
        return None
    shares = _vote(turns, scores, tag, among)
    main = max(shares, key=lambda language: (shares[language], language))
    if len(among) > 1 or _is_mixed(scores, main):
        others = [i for i, turn in enumerate(turns) if i not in scores and turn.duration_s >= SHORTEST_S]
        scores |= _ask(detector, turns, others, samples, among, on_progress)
        shares = _vote(turns, scores, tag, among)
        main = max(shares, key=lambda language: (shares[language], language))
    threshold = 0.0 if among else SURE
    told = {i: _of_turn(each, shares, main, threshold) for i, each in scores.items()}
    spoken = tuple(told.get(i) or _neighbours(i, turns, told, main) for i in range(len(turns)))
    return Languages(main, shares[main], spoken)


def _scouts(turns: Sequence[Turn]) -> list[int]:
    """Turns to ask first; never none where there are turns, for a film may hold short ones only."""
    longest_first = sorted(range(len(turns)), key=lambda i: (-turns[i].duration_s, i))
    scouts = set(longest_first[:LONGEST_SCOUTS])
    minutes: set[int] = set()
    for i in longest_first:
        minute = int(turns[i].start_s // SCOUT_EVERY_S)
        if minute not in minutes and turns[i].duration_s >= SHORTEST_S:
            minutes.add(minute)
            scouts.add(i)
    return sorted(scouts)


def _ask(
    detector: LanguageDetector,
    turns: Sequence[Turn],
    which: Sequence[int],
    samples: Samples,
    among: Sequence[str],
    on_progress: Share | None,
) -> dict[int, dict[str, float]]:
    """Probabilities of each language for those turns, by their numbers."""
    scores: dict[int, dict[str, float]] = {}
    for first in range(0, len(which), BATCH_SIZE):
        batch = which[first : first + BATCH_SIZE]
        found = detector.detect_languages([_utterance(turns[i], samples) for i in batch])
        kept = (_only(each, among) for each in found)
        scores |= {i: each for i, each in zip(batch, kept, strict=True) if each}
        if on_progress is not None:
            on_progress((first + len(batch)) / len(which))
    return scores


def _utterance(turn: Turn, samples: Samples) -> Utterance:
    first, last = round(turn.start_s * SAMPLE_RATE), round(turn.end_s * SAMPLE_RATE)
    last = min(last, first + round(HEARD_S * SAMPLE_RATE))
    return Utterance(np.array(samples[first:last], dtype=np.float32), None, turn.start_s)


def _only(scores: Mapping[str, float], among: Sequence[str]) -> dict[str, float]:
    """Probabilities of the languages that are possible; they sum to 1, or there are none."""
    kept = {language: p for language, p in scores.items() if not among or language in among}
    total = sum(kept.values())
    return {language: p / total for language, p in kept.items()} if total > 0 else {}


def _vote(
    turns: Sequence[Turn], scores: Mapping[int, Mapping[str, float]], tag: str | None, among: Sequence[str]
) -> dict[str, float]:
    """Each language's share of the speech; they sum to 1."""
    votes: dict[str, float] = {}
    for i, each in scores.items():
        for language, probability in each.items():
            votes[language] = votes.get(language, 0.0) + probability * turns[i].duration_s
    if tag and (not among or tag in among):
        votes[tag] = votes.get(tag, 0.0) + TAG_SHARE * sum(votes.values())
    total = sum(votes.values())
    return {language: vote / total for language, vote in votes.items()}


def _is_mixed(scores: Mapping[int, Mapping[str, float]], main: str) -> bool:
    return any(p >= SURE for each in scores.values() for language, p in each.items() if language != main)


def _of_turn(scores: Mapping[str, float], shares: Mapping[str, float], main: str, threshold: float) -> str:
    likeliest = max(scores, key=lambda each: (scores[each] * max(RAREST, shares[each]), each))
    return likeliest if scores[likeliest] >= threshold else main


def _neighbours(number: int, turns: Sequence[Turn], told: Mapping[int, str], main: str) -> str:
    """The language of the nearest turn that was asked, if it is the same speaker's and a short one asks."""
    turn = turns[number]
    same = [i for i in told if turns[i].speaker == turn.speaker]
    if turn.duration_s >= SHORTEST_S or not same:
        return main
    return told[min(same, key=lambda i: abs(turns[i].start_s - turn.start_s))]
