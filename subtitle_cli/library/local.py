"""Recognition on this machine, in processes of their own: one for each GPU, or one on the processor.

A process that hangs or crashes is killed and another takes its place; its call raises `RecogniserDied`.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import LifoQueue
from typing import TYPE_CHECKING, Any

from diffasr_plugin.asr import (
    AsrModel,
)
from diffasr_plugin.asr import Progress as OnProgress

from .errors import RecogniserDied, RecogniserFailed
from .executor import Setup
from .stand_in import make_stand_in
from .worker import Answer, Call, Failure, Load, Progress, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..listening import Heard, Opened, Samples
    from ..progress import Reporter
    from ..recogniser import Choice, Recognisers
    from ..settings import Settings

__all__ = ["LocalExecutor"]

logger = logging.getLogger(__name__)

MOST_LISTENERS = 8
"""More decoders than this only fight for the disk."""

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"
THREADS = "OMP_NUM_THREADS"


class LocalExecutor:
    """See `Executor`. Its processes are started when first needed."""

    def __init__(self, setup: Setup) -> None:
        self._workers = [_Worker(setup, environment) for environment in _environments(setup)]
        self._idle: LifoQueue[_Worker] = LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._listeners = setup.listeners or min(MOST_LISTENERS, os.cpu_count() or 1)

    @property
    def listeners(self) -> int:
        return self._listeners

    @property
    def recognisers(self) -> int:
        return len(self._workers)

    def load(self, choice: Choice) -> AsrModel:
        with self._worker() as worker:
            facts = worker.ask(Call(choice.spec.name, choice.load_options, Load()))
        return make_stand_in(self, choice, facts)

    def ask(self, call: Call, on_progress: OnProgress | None = None) -> Any:  # noqa: ANN401
        """What an idle process answers to a call; waits for one.

        Raises:
            RecogniserDied: the process ended, or was silent for too long.
            RecogniserFailed: the model raised something.
        """
        with self._worker() as worker:
            return worker.ask(call, on_progress)

    def listen(
        self, opened: Opened, folder: Path, settings: Settings, recognisers: Recognisers, reporter: Reporter
    ) -> tuple[Heard, Samples]:
        from ..listening import listen

        return listen(opened, folder, settings, recognisers, reporter)

    def close(self) -> None:
        for worker in self._workers:
            worker.close()

    @contextmanager
    def _worker(self) -> Iterator[_Worker]:
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)


class _Worker:
    """One process, seen from this side; started anew by the first call after its end."""

    def __init__(self, setup: Setup, environment: Mapping[str, str]) -> None:
        self._setup = setup
        self._environment = environment
        self._process: multiprocessing.process.BaseProcess | None = None
        self._is_closed = False

    def ask(self, call: Call, on_progress: OnProgress | None = None) -> Any:  # noqa: ANN401
        try:
            self._start()
            self._pipe.send(call)
            while True:
                if not self._pipe.poll(self._setup.stall_s):
                    self._kill()
                    reason = f"gave no sign of life for {self._setup.stall_s:g} s and was killed"
                    raise RecogniserDied(call.model, reason)
                said = self._pipe.recv()
                if not isinstance(said, Progress):
                    break
                if on_progress is not None:
                    on_progress(said.done, said.total)
        except (EOFError, OSError) as error:
            raise RecogniserDied(call.model, f"died: {self._kill()}") from error
        if isinstance(said, Failure):
            logger.debug("%s", said.trace)
            raise RecogniserFailed(said.kind, said.message or said.kind)
        assert isinstance(said, Answer), said
        return said.value

    def close(self) -> None:
        self._is_closed = True
        self._kill()

    def _start(self) -> None:
        if self._is_closed:
            raise EOFError
        if self._process is not None and self._process.is_alive():
            return
        # Not fork: threads and CUDA do not survive it.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=serve,
            args=(theirs, tuple(self._setup.blocked), dict(self._environment)),
            name="diffsub recogniser",
            daemon=True,
        )
        self._process.start()
        theirs.close()

    def _kill(self) -> str:
        """End the process, if it still runs; how it ended."""
        process = self._process
        if process is None:
            return "it was not started"
        with suppress(OSError):
            process.kill()
        process.join()
        return f"exit code {process.exitcode}"


def _environments(setup: Setup) -> list[dict[str, str]]:
    """What sets each process apart from the others: the one GPU that it sees, or its share of the cores."""
    gpus = [] if setup.device is not None else _gpus()
    count = setup.workers or max(1, len(gpus))
    if len(gpus) > 1:
        return [{VISIBLE_GPUS: gpus[number % len(gpus)]} for number in range(count)]
    if count == 1:
        return [{}]
    return [{THREADS: str(max(1, (os.cpu_count() or 1) // count))}] * count


def _gpus() -> list[str]:
    """The GPUs that this process sees, as their numbers or names."""
    import torch  # takes a while; whoever listens to films needs it anyway

    listed = os.environ.get(VISIBLE_GPUS, "")
    count = torch.cuda.device_count()
    names = [name.strip() for name in listed.split(",")] if listed else [str(gpu) for gpu in range(count)]
    return names[:count]
