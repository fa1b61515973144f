"""One film -> what is heard in it before a word is recognised: who speaks when, and in which language.

Samples are kept apart from what is known of them: many films' knowledge fits in memory, their sound does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE, LanguageDetector, ModelSpec

from .diarization import DiarizationOptions, diarize, find_speech
from .languages import HEARD_S, Languages, identify
from .media import AudioStream, Film, choose_stream, decode, find_shots, probe
from .progress import Reporter
from .recogniser import Recognisers
from .settings import Settings
from .types import Piece, Speech, Turn
from .utterances import cut_turns, make_pieces

__all__ = ["UNKNOWN_LANGUAGE", "Heard", "Opened", "listen", "open_film"]

UNKNOWN_LANGUAGE = "und"
"""ISO 639's word for a language that nobody could tell: the film is silent and says nothing of itself."""

DOUBTFUL = 0.5
"""A share of the vote below this is told as a doubt."""

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Opened:
    """A film, and the stream of it to listen to."""

    film: Film
    stream: AudioStream


@dataclass(frozen=True)
class Heard:
    """What was heard in a film.

    Attributes:
        film: what the container says.
        duration_s: of the sound that was listened to.
        language: BCP-47, that of most of the speech; "und" where unknown.
        speech: who speaks when; each turn names its language.
        pieces: what goes to the recogniser, in order; each in one language.
        shots: milliseconds at which a new shot begins, in order, if they were asked for.
    """

    film: Film
    duration_s: float
    language: str
    speech: Speech
    pieces: tuple[Piece, ...]
    shots: tuple[int, ...] = ()

    @property
    def asked_language(self) -> str | None:
        """The language as a recogniser is asked for it: None where unknown."""
        return _asked(self.language)


def open_film(path: Path, settings: Settings) -> Opened:
    """Look into a film; nothing is decoded yet.

    Raises:
        MediaError: it cannot be read, or has no such stream.
    """
    film = probe(path)
    return Opened(film, choose_stream(film, settings.language, settings.audio_stream))


def listen(
    opened: Opened, folder: Path, settings: Settings, recognisers: Recognisers, reporter: Reporter
) -> tuple[Heard, Samples]:
    """Decode a film, find its turns and their languages, and cut it into pieces.

    Args:
        folder: for the decoded sound; the samples may be a memory map of a file in it.
        recognisers: asked for one that tells languages, if the user named none or several.

    Raises:
        DiffasrError: the film cannot be decoded, or is in a language that no recogniser knows.
    """
    samples = decode(opened.film, opened.stream, folder, _shares(reporter, opened.film.duration_s))
    speech = _find_turns(samples, settings.diarization, reporter)
    language, speech = _tell_languages(
        samples, speech, opened.stream.language, settings, recognisers, reporter
    )
    spec = recognisers.choose(_asked(language)).spec
    pieces = _pieces(samples, speech, spec)
    shots = _find_shots(opened.film, reporter) if settings.snap else ()
    heard = Heard(opened.film, len(samples) / SAMPLE_RATE, language, speech, tuple(pieces), shots)
    return heard, samples


def _shares(reporter: Reporter, duration_s: float | None) -> Callable[[float], None]:
    """A stage's share done, 0 to 1, told on as seconds of film."""
    total_s = duration_s or 0.0
    return lambda share: reporter.progress(share * total_s, total_s)


def _find_turns(samples: Samples, options: DiarizationOptions | None, reporter: Reporter) -> Speech:
    on_progress = _shares(reporter, len(samples) / SAMPLE_RATE)
    if options is None:
        reporter.stage("finding speech")
        return find_speech(samples, on_progress)
    reporter.stage("telling speakers apart")
    return diarize(samples, options, on_progress)


def _find_shots(film: Film, reporter: Reporter) -> tuple[int, ...]:
    reporter.stage("looking for shot changes")
    shots = find_shots(film, lambda done_s: reporter.progress(done_s, film.duration_s or 0.0))
    reporter.note(f"shot changes: {len(shots) or 'none, so cues follow the speech alone'}")
    return shots


def _pieces(samples: Samples, speech: Speech, spec: ModelSpec) -> list[Piece]:
    """The speech in pieces of a length that the recogniser likes."""
    return make_pieces(speech, samples, max_s=spec.max_seconds, best_s=spec.best_seconds)


def _asked(language: str) -> str | None:
    return None if language == UNKNOWN_LANGUAGE else language


def _tell_languages(
    samples: Samples,
    speech: Speech,
    tag: str | None,
    settings: Settings,
    recognisers: Recognisers,
    reporter: Reporter,
) -> tuple[str, Speech]:
    """The film's language, and the speech with a language in each turn.

    Long turns are heard in parts, since one speaker may change languages, and speakers that were not told
    apart share turns. The parts stay only if they are not all in one language.
    """
    if len(settings.languages) == 1:
        main = settings.languages[0]
        return main, _in_one(speech, main)
    parts = cut_turns(speech.turns, samples, HEARD_S)
    found = _identify(samples, parts, tag, settings, recognisers, reporter)
    main = settings.language or (found.main if found else tag or UNKNOWN_LANGUAGE)
    spoken = _possible(found, main, settings, recognisers, reporter) if found else []
    if set(spoken) <= {main}:
        return main, _in_one(speech, main)
    turns = tuple(replace(part, language=each) for part, each in zip(parts, spoken, strict=True))
    return main, replace(speech, turns=turns)


def _in_one(speech: Speech, language: str) -> Speech:
    return replace(speech, turns=tuple(replace(turn, language=language) for turn in speech.turns))


def _identify(
    samples: Samples,
    turns: Sequence[Turn],
    tag: str | None,
    settings: Settings,
    recognisers: Recognisers,
    reporter: Reporter,
) -> Languages | None:
    if not turns:
        return None
    reporter.stage("detecting the language")
    detector = recognisers.get(settings.language).model
    if not isinstance(detector, LanguageDetector):
        return None
    found = identify(
        detector,
        turns,
        samples,
        among=settings.languages,
        tag=tag,
        on_progress=_shares(reporter, len(samples) / SAMPLE_RATE),
    )
    if found and not settings.languages:
        doubt = "" if found.share >= DOUBTFUL else "; that is not sure, --lang would settle it"
        reporter.note(f"the language is {found.main!r} ({found.share:.0%} of the vote{doubt})")
    return found


def _possible(
    found: Languages, main: str, settings: Settings, recognisers: Recognisers, reporter: Reporter
) -> list[str]:
    """The turns' languages; one that the user did not name must be known to the film's recogniser.

    A stray turn must neither fetch another recogniser nor fail the film.
    """
    others = sorted(set(found.turns) - {main})
    if settings.languages:
        return list(found.turns)
    known = recognisers.choose(_asked(main)).spec.languages
    unknown = [language for language in others if language not in known]
    for language in others:
        count = found.turns.count(language)
        seem, hint = "", ""
        if language in unknown:
            seem, hint = " seem to be", f": --lang {main},{language} would hear them so"
        turns = "1 turn" if count == 1 else f"{count} turns"
        reporter.note(f"{turns}{seem or (' is' if count == 1 else ' are')} in {language!r}{hint}")
    return [main if language in unknown else language for language in found.turns]
