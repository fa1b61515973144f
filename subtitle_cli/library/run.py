"""Films of a library, start to end: which is begun when, by how many threads, and what becomes of failures.

It knows how the work is shared out, not how a film is done (`work`) nor who is told (`events`).
"""

from __future__ import annotations

import logging
import os
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread

from diffasr_plugin.asr import Cancelled, DiffasrError

from ..errors import MediaError
from ..progress import QuietReporter
from .errors import JournalError, LibraryError, RecogniserFailed
from .events import BEGUN, KNOWN, NOTE, RETRIED, SETTLED, Event, Events
from .failures import DELAYS_S, may_pass
from .finding import Found
from .fingerprint import Stamp, stamp
from .journal import FAILED, TAKEN, Entry
from .leases import BEAT_S
from .work import Film, Workshop

__all__ = ["Run"]

logger = logging.getLogger(__name__)

FILMS_AHEAD = 12
"""So many films more than are listened to at once may be begun: batches are to be full of short ones, too."""

LOOK_AGAIN_S = 2.0
"""How often films of other processes are looked at, when nothing else is left."""


class _FilmReporter(QuietReporter):
    """Passes on notes with the film's name, and ends the film's work where the run is to stop."""

    def __init__(self, film: Film, stopping: Flag, tell: Callable[[Event], None]) -> None:
        super().__init__(show_stages=False)
        self._film = film
        self._stopping = stopping
        self._tell = tell

    def stage(self, name: str) -> None:
        self._check()

    def progress(self, done: float, total: float, unit: str = "s") -> None:
        self._check()

    def note(self, text: str) -> None:
        self._tell(Event(NOTE, self._film.place, text=text))

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Cancelled


@dataclass
class Run:
    """One run over a library.

    Attributes:
        films: those to do, in their order; may be endless, then a new film is waited for.
        again: whether films that failed before are tried again.
        stopping: set to end the run: batches under way are finished, films given back.
    """

    workshop: Workshop
    events: Events
    films: Iterator[Found]
    again: bool = False
    stopping: Flag = field(default_factory=Flag)
    _fatal: LibraryError | None = None
    _ended: Flag = field(default_factory=Flag)
    _taking: Lock = field(default_factory=Lock)
    _busy: deque[Found] = field(default_factory=deque)
    _begun: Iterator[int] = field(default_factory=count)

    def go(self) -> None:
        """Do all films; returns when the last is settled, or soon after `stopping` was set.

        Raises:
            LibraryError: the run cannot go on, as where the journal cannot be written.
        """
        shop = self.workshop
        shop.recognition.start(shop.executor.recognisers)
        films_at_once = shop.executor.listeners + FILMS_AHEAD * shop.executor.recognisers
        # Daemons, so that a second Ctrl-C need not wait for them.
        threads = [Thread(target=self._serve, daemon=True) for _ in range(films_at_once)]
        for thread in [Thread(target=self._beat, daemon=True), *threads]:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)  # with a limit, so that signals are heard
                    if self.stopping.is_set():
                        shop.recognition.packer.stop()
            if fatal := self._fatal or shop.recognition.fatal:
                raise fatal
        finally:
            self.stopping.set()
            self._ended.set()
            shop.recognition.packer.stop()
            shop.journal.release_all()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_S):
            try:
                self.workshop.journal.beat()
            except JournalError as error:
                self._end(error)

    def _end(self, error: LibraryError) -> None:
        self._fatal = self._fatal or error
        self.stopping.set()

    def _serve(self) -> None:
        """One film after the other; then those of other processes, until these have settled them."""
        try:
            while not self.stopping.is_set():
                with self._taking:
                    found = next(self.films, None)
                if found is None:
                    break
                self._do(found)
            while self._busy and not self.stopping.wait(LOOK_AGAIN_S):
                with suppress(IndexError):  # another thread may have taken the last
                    self._do(self._busy.popleft())
        except LibraryError as error:
            self._end(error)

    def _do(self, found: Found) -> None:
        """Do a film, unless that is known to be needless, or another process does it."""
        shop = self.workshop
        now = _stamp(found.path)
        claim = shop.journal.claim(shop.job, found.place, now)
        known = claim.entry
        if not claim.is_ours and known.state != TAKEN and self._is_to_do_again(known):
            claim = shop.journal.claim(shop.job, found.place, now, again=True)
        if claim.is_ours:
            self._begin(Film(found.path, found.place, next(self._begun), now))
        elif claim.entry.state == TAKEN:
            self._busy.append(found)
        else:
            self.events.tell(Event(KNOWN, found.place, claim.entry))

    def _is_to_do_again(self, known: Entry) -> bool:
        if known.state == FAILED:
            return self.again
        return not all(os.path.lexists(self.workshop.root / file) for file in known.files)

    def _begin(self, film: Film) -> None:
        self.events.tell(Event(BEGUN, film.place))
        try:
            entry, film = self._attempts(film)
        except Cancelled:
            return  # it is given back when the run ends
        self.workshop.journal.settle(self.workshop.job, entry, film.stamp)
        self.events.tell(Event(SETTLED, film.place, entry))

    def _attempts(self, film: Film) -> tuple[Entry, Film]:
        """What became of a film, and the film as it was then; some failures pass, so it is tried again.

        Raises:
            Cancelled: the run stops.
            JournalError: it cannot go on.
        """
        reporter = _FilmReporter(film, self.stopping, self.events.tell)
        for delay_s in (*DELAYS_S, None):
            try:
                return self.workshop.caption(film, reporter), film
            except (Cancelled, JournalError):
                raise
            except Exception as error:
                # A fault of ours or of a library in one film must not cost the others theirs.
                if self.workshop.recognition.fatal:
                    raise Cancelled from error
                logger.debug("%s", traceback.format_exc())
                failed = _failed(film, error)
                if delay_s is None or not may_pass(error):
                    return failed, film
            why = f"{failed.reason}; it is tried again in {delay_s:g} s"
            self.events.tell(Event(RETRIED, film.place, text=why))
            if self.stopping.wait(delay_s):
                raise Cancelled
            film = replace(film, stamp=_stamp(film.path))
        raise AssertionError("the last attempt returns")


def _stamp(path: Path) -> Stamp:
    try:
        return stamp(path)
    except MediaError:
        return Stamp(-1, -1)  # why it cannot be read is told by whoever tries


def _failed(film: Film, error: Exception) -> Entry:
    kind = error.kind if isinstance(error, RecogniserFailed) else type(error).__name__
    expected = isinstance(error, DiffasrError)
    reason = str(error) if expected else f"{kind}: {error} (-vv shows where)"
    return Entry(film.place, FAILED, kind, reason)
