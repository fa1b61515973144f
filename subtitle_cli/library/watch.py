"""A folder that films come into -> films, each as soon as nobody writes to it any more.

It tells only that a file is there and stays as it is; whether it is a film, and new, is found out elsewhere.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from types import TracebackType
from typing import Self

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from ..errors import MediaError
from .database import lies_on_network
from .finding import FILM_SUFFIXES, MARKER, Found, Rules, find_films
from .fingerprint import Stamp, stamp

__all__ = ["Watcher"]

LOOK_S = 0.5
"""How often files that may still grow are looked at."""


class Watcher(Iterator[Found]):
    """Films in a folder and below, those that are there first; waits for more until `stopping` is set.

    A context manager: it watches from the beginning to the end.
    """

    def __init__(
        self, root: Path, rules: Rules, settle_s: float, stopping: Flag, on_film: Callable[[], None]
    ) -> None:
        """What to watch.

        Args:
            settle_s: a file that has not changed for so long is complete.
            on_film: called for each film that is given out.
        """
        self._root = root
        self._rules = rules
        self._settle_s = settle_s
        self._stopping = stopping
        self._on_film = on_film
        self._lock = Lock()
        self._growing: dict[Path, tuple[Stamp, float]] = {}
        self._observer: BaseObserver | None = None

    def __enter__(self) -> Self:
        # Watched first and looked through then: what comes in between is seen twice rather than never.
        self._observer = self._watch()
        for found in find_films(self._root, [self._root], Rules()):
            if found.left is None:
                self._note(found.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()

    def __next__(self) -> Found:
        while not self._stopping.is_set():
            for found in find_films(self._root, self._settled(), self._rules):
                if found.left is None and not self._is_marked(found.place):
                    self._on_film()
                    return found
            self._stopping.wait(LOOK_S)
        raise StopIteration

    def _watch(self) -> BaseObserver:
        """Told by the system where it can tell; on network drives, and where it cannot, by looking again."""
        for kind in (PollingObserver,) if lies_on_network(self._root) else (Observer, PollingObserver):
            observer = kind()
            observer.schedule(_Handler(self._note), str(self._root), recursive=True)
            try:
                observer.start()
                return observer
            except OSError:  # the system watches a limited number of folders
                continue
        raise MediaError(self._root, f"{str(self._root)!r} cannot be watched")

    def _note(self, path: Path) -> None:
        """Something happened to a file: it may be growing."""
        if path.suffix.lower() not in FILM_SUFFIXES or path.name.startswith("."):
            return
        try:
            now = stamp(path)
        except MediaError:
            return  # it is gone again
        with self._lock:
            self._growing[path] = (now, time.monotonic())

    def _settled(self) -> list[Path]:
        """A file that has stopped growing, if there is one; it is not looked at any more."""
        now_s = time.monotonic()
        with self._lock:
            for path, (known, since_s) in list(self._growing.items()):
                try:
                    if stamp(path) != known:
                        self._growing[path] = (stamp(path), now_s)
                    elif now_s - since_s >= self._settle_s:
                        del self._growing[path]
                        return [path]
                except MediaError:
                    del self._growing[path]
        return []

    def _is_marked(self, place: Path) -> bool:
        """Whether a folder above is left out, by its name or by a marker in it."""
        folders = place.parents[: len(place.parts)]
        return any(
            folder.name.startswith(".") or os.path.lexists(self._root / folder / MARKER) for folder in folders
        )


class _Handler(FileSystemEventHandler):
    """Passes on the files that something happened to."""

    def __init__(self, note: Callable[[Path], None]) -> None:
        self._note = note

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("created", "modified", "moved", "closed"):
            return  # it was only read, perhaps by us
        if not event.is_directory:
            self._note(Path(os.fsdecode(event.dest_path or event.src_path)))
        elif event.event_type == "moved":
            self._note_all(Path(os.fsdecode(event.dest_path)))
        elif event.event_type == "created":
            self._note_all(Path(os.fsdecode(event.src_path)))

    def _note_all(self, folder: Path) -> None:
        """A folder that came as a whole: nothing is told of the files in it."""
        for here, _, files in os.walk(folder):
            for name in files:
                self._note(Path(here, name))
