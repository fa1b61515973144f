"""One film, start to end: composes the rooms in the order of the data.

film -> samples -> turns -> pieces -> transcripts -> words -> cues -> files. Nothing is written before all of
it has succeeded.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from . import media
from .composing import compose, write_all
from .listening import Heard, Opened, Samples, listen, open_film
from .mux import check_film
from .output import STDIN, Plan
from .progress import Reporter
from .recogniser import Recognisers
from .settings import Settings
from .temporary import temporary_folder
from .text import Change
from .transcribe import Recognised, recognise_film

__all__ = ["Captioned", "Stages", "caption_film", "caption_film_by", "preview_film"]


@dataclass(frozen=True)
class Captioned:
    """What became of one film.

    Attributes:
        language: BCP-47, of the subtitles.
        written, skipped: files that were written (None: standard output); files left alone, for they existed.
        cues: how many there are.
        duration_s: of the film's sound; 0 where there was nothing to do.
        changes: where the words are no longer what was recognised.
        gave_way: what the words of how many cues left no time for, by its name in `rules.GIVING_WAY`.
    """

    language: str
    written: tuple[Path | None, ...] = ()
    skipped: tuple[Path, ...] = ()
    cues: int = 0
    duration_s: float = 0.0
    gave_way: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


class Stages(Protocol):
    """The two stages of one film that take long: a library does them elsewhere, or has done them before."""

    def listen(self, opened: Opened, folder: Path) -> Heard:
        """What is heard in the film before a word is recognised; `folder` is for temporary files."""

    def recognise(self, heard: Heard) -> Recognised:
        """What is said in it; called once, after `listen`, while the folder is still there."""


class _HereAndNow:
    """Both stages in this process, one after the other."""

    def __init__(self, settings: Settings, recognisers: Recognisers, reporter: Reporter) -> None:
        self._settings = settings
        self._recognisers = recognisers
        self._reporter = reporter
        self._samples: Samples | None = None

    def listen(self, opened: Opened, folder: Path) -> Heard:
        heard, self._samples = listen(opened, folder, self._settings, self._recognisers, self._reporter)
        return heard

    def recognise(self, heard: Heard) -> Recognised:
        assert self._samples is not None, "nothing was listened to"
        task, told = self._settings.task, self._reporter.progress
        return recognise_film(
            self._recognisers, heard.pieces, self._samples, heard.asked_language, task, told
        )


def caption_film(path: Path, settings: Settings, recognisers: Recognisers, reporter: Reporter) -> Captioned:
    """As `caption_film_by`, in this process; `recognisers` are asked for one only if there is a need."""
    return caption_film_by(_HereAndNow(settings, recognisers, reporter), path, settings, reporter)


def caption_film_by(stages: Stages, path: Path, settings: Settings, reporter: Reporter) -> Captioned:
    """Caption one film and write its subtitles; where all of them exist already, nothing is done.

    Args:
        path: of the film; "-": it comes through standard input.

    Raises:
        DiffasrError: the reason why this film has no subtitles now, or no film with them in it; nothing was
            written, or the subtitles alone.
    """
    with temporary_folder() as folder:
        # 1. What is in the film?
        reporter.stage("reading the film")
        opened = open_film(media.spool(sys.stdin.buffer, folder) if path == STDIN else path, settings)
        for target in settings.film_targets(path, "und"):
            check_film(path, target)
        if settings.language and not (plan := _plan(path, settings, settings.language)).targets:
            return Captioned(settings.text_language(settings.language), skipped=plan.skipped)
        # 2. Who speaks when, and in which language?
        heard = stages.listen(opened, folder)
        plan = _plan(path, settings, heard.language)
        if not plan.targets:
            return Captioned(settings.text_language(heard.language), skipped=plan.skipped)
        # 3. What do they say?
        if heard.pieces:
            reporter.stage("recognising")
        recognised = stages.recognise(heard)
    # 4. How does it stand on the screen?
    reporter.stage("writing")
    subtitles = compose(path, heard, recognised, settings)
    written = write_all(path, subtitles, plan.targets, reporter)
    cues = subtitles.cues
    gave_way = Counter(name for cue in cues for name in cue.gave_way)
    return Captioned(
        subtitles.language,
        written,
        plan.skipped,
        len(cues),
        heard.duration_s,
        gave_way,
        subtitles.changes,
    )


def preview_film(path: Path, settings: Settings) -> str:
    """What `caption_film` would do with this film, in words; nothing is decoded or written.

    Raises:
        MediaError: the film cannot be read, so nothing would be done.
    """
    if path == STDIN:
        return "-: would be read from standard input"
    opened = open_film(path, settings)
    for target in settings.film_targets(path, "und"):
        check_film(path, target)
    film, stream = opened.film, opened.stream
    plan = settings.plan(path, settings.language or "LANGUAGE")
    length = "unknown length" if film.duration_s is None else f"{film.duration_s:.0f} s"
    heard = f"audio stream {stream.index} ({stream.language or 'no language tag'}, {stream.codec})"
    lines = [f"{path}: {length}, {heard}"]
    lines += [f"  would write {target.path or 'standard output'}" for target in plan.targets]
    lines += [f"  would leave {kept} alone, for it exists" for kept in plan.skipped]
    return "\n".join(lines)


def _plan(path: Path, settings: Settings, language: str) -> Plan:
    """What to write, the folders made ready: a run that must fail there fails before the long work."""
    plan = settings.plan(path, language)
    plan.make_ready()
    return plan
