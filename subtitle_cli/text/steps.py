"""Words and options -> words as they are to be read, and what was changed.

Knows the order of the steps; each step is a module of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import groupby

from ..rules import primary_language
from ..types import SpokenWord
from .changes import Change
from .fillers import remove_fillers
from .glossary import correct_names
from .language import Habits, habits_of
from .numbers import write_numbers
from .options import TextOptions
from .profanity import mask_profanity
from .typography import set_marks

__all__ = ["polish"]

logger = logging.getLogger(__name__)

Changed = tuple[list[SpokenWord], list[Change]]


def polish(words: Sequence[SpokenWord], options: TextOptions) -> tuple[list[SpokenWord], list[Change]]:
    """The words as the options ask for, each stretch of one language by that language's habits.

    Words keep their order, speaker and language. Where words are merged or spelled anew, the new ones share
    the time of the old ones; where one is left out, its time is free.

    Args:
        words: in the order in which they are spoken.

    Returns:
        The words, and each change of a word in the order of time; marks that were set in style are not
        listed.
    """
    polished: list[SpokenWord] = []
    changes: list[Change] = []
    _tell_gaps(words, options)
    for language, stretch in groupby(words, key=lambda word: word.language):
        run = list(stretch)
        for step in _steps(options, language):
            run, changed = step(run)
            changes += changed
        polished += run
    return polished, sorted(changes, key=lambda change: change.at_s)


def _steps(options: TextOptions, language: str | None) -> list[Callable[[Sequence[SpokenWord]], Changed]]:
    habits = habits_of(language)
    steps: list[Callable[[Sequence[SpokenWord]], Changed]] = []
    if options.remove_fillers:
        steps.append(lambda words: remove_fillers(words, habits.fillers))
    if options.glossary:
        steps.append(lambda words: correct_names(words, options.glossary, language))
    if options.numbers != "keep":
        steps.append(lambda words: write_numbers(words, options.numbers, language))
    if options.mask_profanity:
        steps.append(lambda words: mask_profanity(words, habits.profanity))
    if options.typography != "keep":
        straight = options.typography == "straight"
        steps.append(lambda words: (set_marks(words, habits.typography, straight), []))
    return steps


def _tell_gaps(words: Sequence[SpokenWord], options: TextOptions) -> None:
    """Say what was asked for and cannot be done, for want of a list."""
    for language in sorted({primary_language(word.language) for word in words}):
        if habits_of(language) != Habits():
            continue
        asked = {
            "fillers are not removed": options.remove_fillers,
            "profanity is not masked": options.mask_profanity,
            "numbers are not rewritten": options.numbers != "keep",
        }
        lacks = [text for text, is_asked in asked.items() if is_asked]
        if lacks:
            name = repr(language) if language else "an unknown language"
            logger.warning("no word lists are known for %s: %s", name, ", ".join(lacks))
