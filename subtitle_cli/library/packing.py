"""Pieces of many films -> batches: full ones, of one recogniser, of similar length.

It holds no sound: a piece's samples are cut out of its film's file when its batch is made. It runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import Transcript

from ..transcribe import BATCH_SIZE
from ..types import Piece

__all__ = ["Packer", "Request"]

PATIENCE_S = 1.0
"""While further films are being listened to, a batch that is not full waits so long for their pieces."""

AHEAD_S = 1800.0
"""With so many seconds of sound waiting for a recogniser, no further film is listened to."""


@dataclass(eq=False)
class Request:
    """One piece that waits for its transcript.

    Attributes:
        lane: the recogniser's name; pieces of one lane may share a batch.
        film: films are numbered in the order in which they were begun.
        key, audio: what the transcript is kept under.
        samples: of the whole film, shape (n,): a memory map.
        alone: it goes in a batch of its own, for one that it was in has failed.
        deaths: how often the recogniser died over it.
    """

    lane: str
    film: int
    piece: Piece
    key: bytes
    audio: bytes
    samples: NDArray[np.float32]
    alone: bool = False
    deaths: int = 0
    answer: Future[Transcript] = field(default_factory=Future)


class Packer:
    """Takes requests from the threads of many films, gives batches to the threads that run recognisers."""

    def __init__(self, batch_size: int = BATCH_SIZE) -> None:
        self._changed = Condition()
        self._batch_size = batch_size
        self._largest: dict[str, int] = {}
        self._waiting: list[Request] = []
        self._listening = 0
        self._since_s = 0.0
        self._stopped = False

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue these; their answers come through their futures, which are cancelled if the packer stops."""
        with self._changed:
            if not self._waiting:
                self._since_s = monotonic()
            self._waiting += requests
            if self._stopped:
                self._cancel_all()
            self._changed.notify_all()

    def withdraw(self, film: int) -> None:
        """Forget the requests of a film that has failed."""
        with self._changed:
            for request in self._waiting:
                if request.film == film:
                    _cancel(request)
            self._waiting = [request for request in self._waiting if request.film != film]
            self._changed.notify_all()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around the listening to a film: waits for room, and lets batches wait for the film's pieces."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._waiting_s() < AHEAD_S)
            self._listening += 1
        try:
            yield
        finally:
            with self._changed:
                self._listening -= 1
                self._changed.notify_all()

    def next_batch(self) -> list[Request]:
        """The next batch, waited for; none once the packer has stopped."""
        with self._changed:
            while not self._stopped:
                if self._waiting and self._is_time():
                    batch = self._pick()
                    self._waiting = [request for request in self._waiting if request not in batch]
                    self._since_s = monotonic()
                    self._changed.notify_all()
                    return batch
                self._changed.wait(PATIENCE_S / 4 if self._waiting else None)
        return []

    def again(self, requests: Sequence[Request], alone: bool) -> None:
        """Queue requests once more whose batch has failed: each alone, or in a batch of half the size."""
        with self._changed:
            for request in requests:
                request.alone = request.alone or alone
            if not alone:
                self._largest[requests[0].lane] = max(1, len(requests) // 2)
            self._waiting = [*requests, *self._waiting]
            if self._stopped:
                self._cancel_all()
            self._changed.notify_all()

    def stop(self) -> None:
        """Give out no further batch; whoever waits for an answer is told so by its cancellation."""
        with self._changed:
            self._stopped = True
            self._cancel_all()
            self._changed.notify_all()

    def _cancel_all(self) -> None:
        for request in self._waiting:
            _cancel(request)
        self._waiting = []

    def _waiting_s(self) -> float:
        return sum(request.piece.duration_s for request in self._waiting)

    def _is_time(self) -> bool:
        if not self._listening or monotonic() - self._since_s > PATIENCE_S:
            return True
        lanes = [request.lane for request in self._waiting]
        return any(lanes.count(lane) >= self._size(lane) for lane in set(lanes))

    def _size(self, lane: str) -> int:
        return self._largest.get(lane, self._batch_size)

    def _pick(self) -> list[Request]:
        """The longest piece of the film that waits longest, and those nearest to it in length.

        The oldest film goes first, so that none waits for ever; its fellows are of any film.
        """
        oldest = min(request.film for request in self._waiting)
        first = max(
            (each for each in self._waiting if each.film == oldest), key=lambda each: each.piece.duration_s
        )
        if first.alone:
            return [first]
        fellows = [each for each in self._waiting if each.lane == first.lane and not each.alone]
        fellows.sort(key=lambda each: abs(each.piece.duration_s - first.piece.duration_s))
        return fellows[: self._size(first.lane)]


def _cancel(request: Request) -> None:
    request.answer.cancel()
    # Only this wakes those who wait for one of several answers.
    request.answer.set_running_or_notify_cancel()
