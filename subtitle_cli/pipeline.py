"""One film, start to end: composes the rooms in the order of the data.

film -> samples -> turns -> pieces -> transcripts -> words -> cues -> files. Nothing is written before all of
it has succeeded.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE, AsrModel, TranscribeOptions, Transcript

from . import media
from .cues import make_cues
from .diarization import DiarizationOptions, diarize, find_speech
from .formats import FORMATS, Subtitles
from .output import STDIN, Destination, Plan, write
from .progress import Reporter
from .recogniser import Loaded, Recognisers
from .rules import rules_for
from .speakers import assign_speakers
from .transcribe import detect_language, transcribe_pieces, words_on_film
from .types import Piece, Speech
from .utterances import make_pieces

__all__ = ["Captioned", "Settings", "caption_film", "preview_film"]

logger = logging.getLogger(__name__)

UNKNOWN_LANGUAGE = "und"
"""ISO 639's word for a language that nobody could tell: the film is silent and says nothing of itself."""

SURE = 0.5
"""A share of the vote below this is told as a doubt."""

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """What the user wants of every film of a run.

    Attributes:
        destination: where the files go.
        language: BCP-47 language spoken, or None: detect it.
        task: "transcribe", or "translate" (into English).
        formats: names out of `FORMATS`.
        audio_stream: ffmpeg's number of the stream to listen to, or None: choose.
        diarization: how to tell speakers apart, or None: only find speech.
        speaker_labels: whether to write who speaks.
    """

    destination: Destination
    language: str | None = None
    task: str = "transcribe"
    formats: tuple[str, ...] = ("srt",)
    audio_stream: int | None = None
    diarization: DiarizationOptions | None = field(default_factory=DiarizationOptions)
    speaker_labels: bool = False

    def text_language(self, spoken: str) -> str:
        """The language of the subtitles of a film in which `spoken` is spoken."""
        return "en" if self.task == "translate" else spoken


@dataclass(frozen=True)
class Captioned:
    """What became of one film.

    Attributes:
        language: BCP-47, of the subtitles.
        written, skipped: files that were written (None: standard output); files left alone, for they existed.
        cues: how many there are.
        duration_s: of the film's sound; 0 where there was nothing to do.
    """

    language: str
    written: tuple[Path | None, ...] = ()
    skipped: tuple[Path, ...] = ()
    cues: int = 0
    duration_s: float = 0.0


def caption_film(path: Path, settings: Settings, recognisers: Recognisers, reporter: Reporter) -> Captioned:
    """Caption one film and write its subtitles; where all of them exist already, nothing is done.

    Args:
        path: of the film; "-": it comes through standard input.
        recognisers: asked for one only if there is something to recognise.

    Raises:
        DiffasrError: the reason why this film has no subtitles now; nothing of it was written.
    """
    with tempfile.TemporaryDirectory(prefix="diffsub-") as folder:
        # 1. What is in the film?
        reporter.stage("reading the film")
        film = media.probe(media.spool(sys.stdin.buffer, Path(folder)) if path == STDIN else path)
        stream = media.choose_stream(film, settings.language, settings.audio_stream)
        if settings.language and not (plan := _plan(path, settings, settings.language)).targets:
            return Captioned(settings.text_language(settings.language), skipped=plan.skipped)
        samples = media.decode(film, stream, Path(folder), _shares(reporter, film.duration_s))
        # 2. Who speaks when, and in which language?
        speech = _find_turns(samples, settings.diarization, reporter)
        language = settings.language or _language(recognisers, samples, speech, stream.language, reporter)
        plan = _plan(path, settings, language)
        if not plan.targets:
            return Captioned(settings.text_language(language), skipped=plan.skipped)
        # 3. What do they say?
        recogniser = recognisers.get(None if language == UNKNOWN_LANGUAGE else language)
        pieces = _pieces(samples, speech, recogniser.model)
        transcripts = _recognise(recogniser, samples, pieces, language, settings, reporter)
    # 4. How does it stand on the screen?
    reporter.stage("writing")
    text_language = settings.text_language(language)
    words = assign_speakers(words_on_film(pieces, transcripts), speech.turns)
    words = [replace(word, language=text_language) for word in words]
    cues = make_cues(words, rules_for(text_language, film.frame_rate), settings.speaker_labels)
    # 5. All texts first, then all files.
    duration_s = len(samples) / SAMPLE_RATE
    subtitles = Subtitles(
        tuple(cues),
        text_language,
        film=os.fsencode(path.name).decode(errors="replace"),
        duration_ms=round(duration_s * 1000),
        model=recogniser.model.status.model,
        options=recogniser.call_options,
    )
    texts = [(target, FORMATS[target.format](subtitles)) for target in plan.targets]
    for target, text in texts:
        write(target, text)
    written = tuple(target.path for target, _ in texts)
    return Captioned(text_language, written, plan.skipped, len(cues), duration_s)


def preview_film(path: Path, settings: Settings) -> str:
    """What `caption_film` would do with this film, in words; nothing is decoded or written.

    Raises:
        MediaError: the film cannot be read, so nothing would be done.
    """
    if path == STDIN:
        return "-: would be read from standard input"
    film = media.probe(path)
    stream = media.choose_stream(film, settings.language, settings.audio_stream)
    language = settings.text_language(settings.language) if settings.language else "LANGUAGE"
    plan = settings.destination.plan(path, language, settings.formats)
    length = "unknown length" if film.duration_s is None else f"{film.duration_s:.0f} s"
    heard = f"audio stream {stream.index} ({stream.language or 'no language tag'}, {stream.codec})"
    lines = [f"{path}: {length}, {heard}"]
    lines += [f"  would write {target.path or 'standard output'}" for target in plan.targets]
    lines += [f"  would leave {kept} alone, for it exists" for kept in plan.skipped]
    return "\n".join(lines)


def _plan(path: Path, settings: Settings, language: str) -> Plan:
    """What to write, the folders made ready: a run that must fail there fails before the long work."""
    plan = settings.destination.plan(path, settings.text_language(language), settings.formats)
    plan.make_ready()
    return plan


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


def _pieces(samples: Samples, speech: Speech, model: AsrModel) -> list[Piece]:
    """The speech in pieces of a length that the recogniser likes."""
    return make_pieces(speech, samples, max_s=model.spec.max_seconds, best_s=model.spec.best_seconds)


def _language(
    recognisers: Recognisers, samples: Samples, speech: Speech, tag: str | None, reporter: Reporter
) -> str:
    """The language that most of the speech is in, else the one that the film's own tag names."""
    if not speech.turns:
        return tag or UNKNOWN_LANGUAGE
    reporter.stage("detecting the language")
    model = recognisers.get(None).model
    vote = detect_language(model, _pieces(samples, speech, model), samples)
    if vote is None:
        return tag or UNKNOWN_LANGUAGE
    doubt = "" if vote.share >= SURE else "; that is not sure, --lang would settle it"
    reporter.note(f"the language is {vote.language!r} ({vote.share:.0%} of the vote{doubt})")
    return vote.language


def _recognise(
    recogniser: Loaded,
    samples: Samples,
    pieces: Sequence[Piece],
    language: str,
    settings: Settings,
    reporter: Reporter,
) -> list[Transcript]:
    if not pieces:
        return []
    reporter.stage("recognising")
    asked = None if language == UNKNOWN_LANGUAGE else language
    options = TranscribeOptions(asked, settings.task, model_options=recogniser.call_options)
    return transcribe_pieces(recogniser.model, pieces, samples, options, reporter.progress)
