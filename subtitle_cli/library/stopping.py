"""Ctrl-C, and what schedulers send, to the end of a run: at first in good order, the second time at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from types import FrameType

__all__ = ["Stop", "stop_on_signals"]


class Stop:
    """Whether a run is to end, and by which signal."""

    def __init__(self) -> None:
        self.flag = Flag()
        self.signal: int | None = None

    @property
    def exit_code(self) -> int | None:
        """128 and the signal's number, as shells have it; None if there was none."""
        return None if self.signal is None else 128 + self.signal


@contextmanager
def stop_on_signals(stop: Stop, tell: Callable[[str], None]) -> Iterator[None]:
    """Inside, the first SIGINT or SIGTERM sets the flag; the second raises KeyboardInterrupt.

    Args:
        tell: told what happens, for people; called in the main thread.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.flag.is_set():
            raise KeyboardInterrupt
        stop.signal = number
        stop.flag.set()
        tell("finishing the batch under way; once more stops at once (nothing is lost either way)")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
