"""What happens in a run of a library, told to whoever listens: people, logs, monitoring.

It knows no files and no terminal: each listener is a function that takes an event.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from .journal import DONE, FAILED, SKIPPED, Entry

__all__ = ["BEGUN", "ENDED", "KNOWN", "NOTE", "RECOGNISED", "RETRIED", "SETTLED", "Event", "Events", "Tally"]

BEGUN, SETTLED, KNOWN, RETRIED = "begun", "settled", "known", "retried"
"""Of a film: it is begun; done, skipped or failed; so already, by another run; tried again."""

RECOGNISED, NOTE, ENDED = "recognised", "note", "ended"
"""A batch is done; something worth saying; the run ends."""


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        kind: one of the names above.
        film: that it happened to.
        entry: what became of the film, if something did.
        text: for people.
        speech_s: seconds of speech that were recognised.
    """

    kind: str
    film: Path | None = None
    entry: Entry | None = None
    text: str = ""
    speech_s: float = 0.0


@dataclass(frozen=True)
class Events:
    """Tells every listener of every event, one event at a time."""

    listeners: Sequence[Callable[[Event], None]]
    _lock: Lock = field(default_factory=Lock)

    def tell(self, event: Event) -> None:
        with self._lock:
            for listener in self.listeners:
                listener(event)


@dataclass
class Tally:
    """The numbers of one run, as far as it has come; a listener.

    Attributes:
        total: films to do.
        known: films whose state was known before, by state.
        settled: films of this run, by state.
        failures: those that failed now or before, with the reasons.
        audio_s: seconds of film that are done now.
        speech_s: seconds of speech that were recognised now.
    """

    total: int
    begun_s: float = field(default_factory=time.monotonic)
    known: dict[str, int] = field(default_factory=lambda: dict.fromkeys((DONE, SKIPPED, FAILED), 0))
    settled: dict[str, int] = field(default_factory=lambda: dict.fromkeys((DONE, SKIPPED, FAILED), 0))
    failures: list[Entry] = field(default_factory=list)
    audio_s: float = 0.0
    speech_s: float = 0.0

    def __call__(self, event: Event) -> None:
        self.speech_s += event.speech_s
        entry = event.entry
        if entry is None or event.kind not in (SETTLED, KNOWN):
            return
        counts = self.settled if event.kind == SETTLED else self.known
        counts[entry.state] += 1
        if entry.state == FAILED:
            self.failures.append(entry)
        elif event.kind == SETTLED and entry.state == DONE:
            self.audio_s += entry.duration_s or 0.0

    def expect_one(self) -> None:
        """One film more has been found."""
        self.total += 1

    @property
    def finished(self) -> int:
        """Films that are no more to do."""
        return sum(self.known.values()) + sum(self.settled.values())

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.begun_s

    @property
    def speed(self) -> float:
        """Times real time: seconds of film done for each second of the run."""
        return self.audio_s / max(self.elapsed_s, 1e-3)

    @property
    def left_s(self) -> float | None:
        """Seconds to the end, as it goes now; None before the first film is done."""
        mine = sum(self.settled.values())
        return (self.total - self.finished) * self.elapsed_s / mine if mine else None
