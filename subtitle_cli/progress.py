"""What a run tells people while it works: a live display on a terminal, plain lines elsewhere.

Everything goes to stderr; stdout is for results.
"""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["LiveReporter", "PlainReporter", "QuietReporter", "Reporter", "forward_logs", "make_reporter"]

TELL_EVERY_S = 60.0
"""Where nothing moves on the screen, a run of many films says so often how far it is."""


class Reporter(Protocol):
    """Told by the pipeline what it is doing; a context manager around the whole run."""

    def stage(self, name: str) -> None:
        """The work on a new stage begins."""

    def progress(self, done: float, total: float, unit: str = "s") -> None:
        """So much of the stage is done; in seconds of film ("s") or in bytes ("B")."""

    def overall(self, done: int, total: int, text: str) -> None:
        """Of many films so many are finished; `text` tells the rest in short."""

    def note(self, text: str) -> None:
        """One line that people should see."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class PlainReporter:
    """Lines on stderr, for logs and pipes: notes always, stages only if asked for, with their times."""

    def __init__(self, show_stages: bool) -> None:
        self._show_stages = show_stages
        self._stage: str | None = None
        self._begun_s = 0.0
        self._told_s = time.monotonic()

    def stage(self, name: str) -> None:
        self._end_stage()
        self._stage, self._begun_s = name, time.monotonic()

    def progress(self, done: float, total: float, unit: str = "s") -> None:
        return None

    def overall(self, done: int, total: int, text: str) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= TELL_EVERY_S:
            self._told_s = now_s
            self.note(f"{done} of {total} films: {text}")

    def note(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_stage()

    def _end_stage(self) -> None:
        if self._stage is not None and self._show_stages:
            self.note(f"  {self._stage}: {time.monotonic() - self._begun_s:.1f} s")
        self._stage = None


class QuietReporter(PlainReporter):
    """Says nothing. What fails is an error, which is told elsewhere."""

    def note(self, text: str) -> None:
        return None


class LiveReporter(PlainReporter):
    """One moving line on a terminal: the stage, a bar, and how many times real time it runs."""

    def __init__(self, show_stages: bool) -> None:
        super().__init__(show_stages)
        # Imported here: --help must not wait for rich.
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._progress: Progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def stage(self, name: str) -> None:
        super().stage(name)
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(name, total=None, rate="")

    def progress(self, done: float, total: float, unit: str = "s") -> None:
        if self._task is None:
            return
        elapsed_s = max(time.monotonic() - self._begun_s, 1e-3)
        rate = f"{done / elapsed_s:.1f}× real time" if unit == "s" else f"{done / elapsed_s / 1e6:.1f} MB/s"
        self._progress.update(self._task, completed=done, total=total, rate=rate)

    def overall(self, done: int, total: int, text: str) -> None:
        if self._task is None:
            self._task = self._progress.add_task("", total=None, rate="")
        told = f"{done} of {total} films"
        self._progress.update(self._task, description=told, completed=done, total=total, rate=text)

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._progress.stop()


class _LogForwarder(logging.Handler):
    def __init__(self, reporter: Reporter) -> None:
        super().__init__()
        self._reporter = reporter

    def emit(self, record: logging.LogRecord) -> None:
        prefix = "warning: " if record.levelno >= logging.WARNING else ""
        self._reporter.note(prefix + record.getMessage())


def make_reporter(verbosity: int) -> Reporter:
    """The reporter for this terminal. verbosity: -1 quiet, 0 normal, 1 and more: stages with their times."""
    if verbosity < 0:
        return QuietReporter(show_stages=False)
    if sys.stderr.isatty():
        return LiveReporter(show_stages=verbosity > 0)
    return PlainReporter(show_stages=verbosity > 0)


def forward_logs(reporter: Reporter, verbosity: int) -> None:
    """Show the project's own log messages through the reporter: warnings, and with -v what was decided."""
    level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    for name in ("subtitle_cli", "diffasr_plugin"):
        logger = logging.getLogger(name)
        logger.handlers = [_LogForwarder(reporter)]
        logger.setLevel(level)
        logger.propagate = False
