"""A recogniser and its test sets -> measurements: one for each set and language.

Knows neither tables nor pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..asr import AsrModel, ModelStatus, UnsupportedLanguage
from ..scoring import ErrorCounts, character_errors, word_errors
from .intervals import Interval, bootstrap
from .machine import Machine, this_machine
from .manifest import Clip
from .run import Recognition, Run, RunOptions, run
from .script import has_variants, is_other_script, one_script
from .timing import WordTiming, deviations, word_timing

__all__ = ["Evaluation", "Measurement", "Rate", "Rates", "evaluate", "measure"]

Progress = Callable[[str, int, int], None]
"""Called with (set and language, clips done, clips in all)."""


@dataclass(frozen=True)
class Rate:
    """Errors of a whole set, with the interval that the rate lies in; None where one clip is all there is."""

    counts: ErrorCounts
    interval: Interval | None

    @property
    def value(self) -> float:
        """A fraction, not per cent."""
        return self.counts.rate


@dataclass(frozen=True)
class Rates:
    """Word and character error rate; in scripts without spaces each character is a word."""

    words: Rate
    characters: Rate


@dataclass(frozen=True)
class Measurement:
    """One set in one language.

    Attributes:
        name: of the set.
        language: as the manifest has it.
        run: what was recognised, and how fast.
        rates: with Whisper's normaliser alone.
        one_script: after script normalisation too; None where the language's script has no variants.
        other_script: texts that were recognised in another script than the language's.
        timing: of the words; None where the manifest or the recogniser has no times.
    """

    name: str
    language: str
    run: Run
    rates: Rates
    one_script: Rates | None = None
    other_script: int = 0
    timing: WordTiming | None = None


@dataclass(frozen=True)
class Evaluation:
    """All sets through one recogniser.

    Attributes:
        model: its name.
        status: what was loaded where.
        options: the model's options that were set by hand, and how it was run.
        measurements: in the order of the sets.
        machine: where.
    """

    model: str
    status: ModelStatus
    options: Mapping[str, Any]
    measurements: tuple[Measurement, ...]
    machine: Machine = field(default_factory=this_machine)


def evaluate(
    model: AsrModel,
    sets: Mapping[str, Sequence[Clip]],
    options: RunOptions,
    on_progress: Progress | None = None,
) -> tuple[Measurement, ...]:
    """Run all sets through a loaded recogniser, each language by itself.

    Raises:
        InvalidAudio, UnsupportedLanguage, InvalidOption, OutOfMemory: see `run`.
    """
    if options.tell_language:
        _check_languages(model, sets)
    measurements = []
    for name, clips in sets.items():
        for language in dict.fromkeys(clip.language for clip in clips):
            part = [clip for clip in clips if clip.language == language]
            tell = _teller(on_progress, f"{name} {language}")
            measurements.append(measure(name, language, run(model, part, options, tell)))
    return tuple(measurements)


def _check_languages(model: AsrModel, sets: Mapping[str, Sequence[Clip]]) -> None:
    """Before anything is recognised: the last set's last clip would tell it hours later."""
    known = model.spec.languages
    for language in {clip.language for clips in sets.values() for clip in clips}:
        if language not in known:
            raise UnsupportedLanguage(language, model.spec.name, known)


def _teller(on_progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    if on_progress is None:
        return None
    return lambda done, total: on_progress(what, done, total)


def measure(name: str, language: str, run: Run) -> Measurement:
    """Score a run."""
    texts = [(item.clip.text, item.transcript.text) for item in run.recognitions]
    unified = [(one_script(said, language), one_script(found, language)) for said, found in texts]
    off_s = [off for item in run.recognitions for off in _deviations(item)]
    return Measurement(
        name=name,
        language=language,
        run=run,
        rates=_rates(texts, language),
        one_script=_rates(unified, language) if has_variants(language) else None,
        other_script=sum(is_other_script(found, language) for _, found in texts),
        timing=word_timing(off_s),
    )


def _deviations(item: Recognition) -> list[float]:
    return deviations(item.clip.words, item.transcript.words, item.clip.language)


def _rates(texts: Sequence[tuple[str, str]], language: str) -> Rates:
    words = [word_errors(*pair, language) for pair in texts]
    characters = [character_errors(*pair, language) for pair in texts]
    return Rates(
        Rate(sum(words, ErrorCounts()), bootstrap(words)),
        Rate(sum(characters, ErrorCounts()), bootstrap(characters)),
    )
