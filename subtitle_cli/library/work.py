"""One film of a library, start to end: as `subtitle_cli.pipeline`, with what the journal knows left out.

It knows how one film is done, not which, when, or what becomes of failures.
"""

from __future__ import annotations

import glob
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Semaphore

from .. import media
from ..listening import Heard, Opened, Samples
from ..pipeline import caption_film_by
from ..progress import Reporter
from ..recogniser import Recognisers
from ..settings import Settings
from ..transcribe import Recognised
from .errors import FilmChanged
from .executor import Executor
from .finding import place_in
from .fingerprint import Stamp, fingerprint, stamp
from .journal import DONE, SKIPPED, Entry, Journal, Result
from .keys import heard_key
from .plain import NotReadable, from_bytes, to_bytes
from .recognition import FilmId, Recognition

__all__ = ["Film", "Inside", "Workshop"]

logger = logging.getLogger(__name__)

SUBTITLE_SUFFIXES = frozenset(".ass .dfxp .itt .lrc .sbv .smi .srt .ssa .stl .sub .sup .ttml .vtt".split())


@dataclass(frozen=True)
class Film:
    """A film to do.

    Attributes:
        path: as it is opened.
        place: relative to the library: what the journal calls it.
        number: films are numbered in the order in which they are begun.
        stamp: of the file as it was when it was begun.
    """

    path: Path
    place: Path
    number: int
    stamp: Stamp


class Skipped(Exception):
    """There is nothing to do for this film, and why."""


@dataclass(frozen=True)
class Inside:
    """Which films to leave by what is inside them.

    Attributes:
        least_s: shorter ones.
        subtitled: those with subtitles in the wanted language, in a file of any format or as a stream.
    """

    least_s: float = 0.0
    subtitled: bool = False

    def check(self, path: Path, opened: Opened, language: str | None) -> None:
        """Look at a film.

        Raises:
            Skipped: it is to be left.
        """
        duration_s = opened.film.duration_s
        if duration_s is not None and duration_s < self.least_s:
            raise Skipped(f"it is {duration_s:g} s long, less than {self.least_s:g} s")
        if self.subtitled and language is not None:
            if language in opened.film.subtitles:
                raise Skipped(f"it holds subtitles in {language}")
            for beside in sorted(path.parent.glob(f"{glob.escape(path.stem)}.*")):
                if _is_subtitle(beside, path.stem, language):
                    raise Skipped(f"there is {beside.name!r}")


@dataclass(frozen=True)
class Workshop:
    """All that is needed to do films, each in a thread of its own.

    Attributes:
        root: of the library.
        listening: as many films at once as the executor listens to with profit.
    """

    root: Path
    settings: Settings
    inside: Inside
    journal: Journal
    job: int
    executor: Executor
    recognisers: Recognisers
    recognition: Recognition
    listening: Semaphore

    def caption(self, film: Film, reporter: Reporter) -> Entry:
        """Caption one film, and write its subtitles whole or not at all; what the journal is to say of it.

        Raises:
            Cancelled: the run stops; what was recognised so far is in the journal.
            DiffasrError: the reason why it has no subtitles now.
        """
        begun_s = time.monotonic()
        audio = fingerprint(film.path)
        self._forget_old_names(film, audio)
        stages = _Stages(self, film, audio, reporter)
        try:
            captioned = caption_film_by(stages, film.path, self.settings, reporter)
        except Skipped as skipped:
            return Entry(film.place, SKIPPED, reason=str(skipped))
        finally:
            stages.end()
        done = Entry(film.place, DONE, language=captioned.language, duration_s=captioned.duration_s)
        if not captioned.written:
            names = ", ".join(path.name for path in captioned.skipped)
            reason = f"there is {names}, left alone (--overwrite replaces it)"
            return replace(done, state=SKIPPED, reason=reason, files=self._places(captioned.skipped))
        return replace(
            done,
            cues=captioned.cues,
            elapsed_s=time.monotonic() - begun_s,
            files=self._places(captioned.written),
        )

    def _places(self, paths: Sequence[Path | None]) -> tuple[str, ...]:
        """Files as the journal has them: a library that is moved keeps its journal."""
        return tuple(str(place_in(self.root, path)) for path in paths if path is not None)

    def _forget_old_names(self, film: Film, audio: bytes) -> None:
        """A path that is not there any more, and whose film this one is, was given this name."""
        for other in self.journal.identify(self.job, film.place, audio):
            if not os.path.lexists(self.root / other):
                logger.info("%s was called %s before", film.place, other)
                self.journal.drop(self.job, other)


class _Stages:
    """The two long stages of one film, as far as the journal does not hold what comes out of them."""

    def __init__(self, workshop: Workshop, film: Film, audio: bytes, reporter: Reporter) -> None:
        self._workshop = workshop
        self._film = film
        self._audio = audio
        self._reporter = reporter
        self._opened: Opened | None = None
        self._folder = Path()
        self._decoded: Samples | None = None

    def listen(self, opened: Opened, folder: Path) -> Heard:
        shop, settings = self._workshop, self._workshop.settings
        self._opened, self._folder = opened, folder
        named = settings.language or opened.stream.language
        shop.inside.check(self._film.path, opened, settings.text_language(named) if named else None)
        key = heard_key(self._audio, settings, shop.recognition.id(settings.language))
        known = shop.journal.look_up([key]).get(key)
        if known is not None:
            try:
                return replace(from_bytes(Heard, known), film=opened.film)
            except NotReadable as error:
                logger.warning("%s is listened to again: %s", self._film.place, error)
        shop.recognition.warm_up(settings.language)
        with self._turn():
            heard, self._decoded = shop.executor.listen(
                opened, folder, settings, shop.recognisers, self._reporter
            )
        shop.journal.keep([Result(key, self._audio, to_bytes(heard))])
        return heard

    def recognise(self, heard: Heard) -> Recognised:
        assert self._opened is not None, "nothing was listened to"
        who = FilmId(self._film.number, self._audio, self._opened.stream.index)
        recognised = self._workshop.recognition.transcribe(who, heard, self._samples)
        if stamp(self._film.path) != self._film.stamp:
            raise FilmChanged(self._film.path)
        return recognised

    def end(self) -> None:
        """Let go of the sound, so that the file behind it can go."""
        self._decoded = None

    def _samples(self) -> Samples:
        if self._decoded is None:
            assert self._opened is not None, "nothing was listened to"
            with self._turn():
                self._reporter.stage("reading the film")
                self._decoded = media.decode(self._opened.film, self._opened.stream, self._folder, self._tell)
        return self._decoded

    def _tell(self, share: float) -> None:
        self._reporter.progress(share, 1.0)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Waits until no more films than useful are listened to, and not too much sound waits already."""
        with self._workshop.listening, self._workshop.recognition.packer.listening():
            yield


def _is_subtitle(path: Path, stem: str, language: str) -> bool:
    """Whether this is "stem.de.srt" or the like: "stem.ger.ass", "stem.de.sdh.vtt"."""
    if path.suffix.lower() not in SUBTITLE_SUFFIXES:
        return False
    tags = path.name[len(stem) + 1 :].split(".")[:-1]
    return any(media.language_tag(tag) == language for tag in tags)
