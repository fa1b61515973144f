"""Where the heavy work of a library is done: the interface that executors implement, and how one is made.

An executor knows nothing of journals, films to do or subtitles: it listens to a film and runs recognisers,
wherever that is. Plugins offer further ones by the hook `register_executors`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from diffasr_plugin.asr import AsrModel

from .errors import LibraryError

if TYPE_CHECKING:
    from ..listening import Heard, Opened, Samples
    from ..progress import Reporter
    from ..recogniser import Choice, Recognisers
    from ..settings import Settings

__all__ = ["LOCAL", "RAY", "Executor", "ExecutorSpec", "Setup"]

STALL_S = 600.0
"""A recogniser that neither answers nor tells progress for so long is killed and started again."""


@dataclass(frozen=True)
class Setup:
    """What an executor is made with.

    Attributes:
        blocked: plugins of recognisers that are left out.
        device: where the user wants the recogniser; None: wherever is best, on every GPU there is.
        listeners: films to decode at once; None: as many as fit.
        workers: recogniser processes; None: one for each GPU, else one.
        stall_s: how long a recogniser may be silent before it is killed.
    """

    blocked: Collection[str] = ()
    device: str | None = None
    listeners: int | None = None
    workers: int | None = None
    stall_s: float = STALL_S


class Executor(Protocol):
    """Listens to films and runs recognisers. Its methods block, and many threads call them at once.

    Attributes:
        listeners: films that it listens to at once with profit.
        recognisers: batches that it recognises at once with profit.
    """

    @property
    def listeners(self) -> int: ...

    @property
    def recognisers(self) -> int: ...

    def load(self, choice: Choice) -> AsrModel:
        """The recogniser, wherever it runs: a stand-in for it here, which many threads may call at once.

        The stand-in detects languages if the recogniser does. Its calls raise `RecogniserDied` where the
        process that holds the recogniser is gone, or had to be killed; the next call finds a new one.

        Raises:
            DiffasrError: it cannot be loaded.
        """

    def listen(
        self, opened: Opened, folder: Path, settings: Settings, recognisers: Recognisers, reporter: Reporter
    ) -> tuple[Heard, Samples]:
        """As `subtitle_cli.listening.listen`, wherever that is done best.

        Args:
            recognisers: whose models are this executor's stand-ins.
        """

    def close(self) -> None:
        """End all processes, at once; calls under way raise `RecogniserDied`."""


@dataclass(frozen=True)
class ExecutorSpec:
    """An executor as its plugin describes it, without importing what it needs to run.

    Attributes:
        name: what users type after `--executor`.
        description: one line.
        factory: makes it. Its imports happen in there.
    """

    name: str
    description: str
    factory: Callable[[Setup], Executor]


def _make_local(setup: Setup) -> Executor:
    from .local import LocalExecutor

    return LocalExecutor(setup)


LOCAL = ExecutorSpec(
    "local", "This machine: a recogniser process for each GPU, decoding on its cores.", _make_local
)


def _make_ray(setup: Setup) -> Executor:
    try:
        from .cluster import RayExecutor
    except ImportError as error:
        raise LibraryError('Ray is not installed: pip install "diffsub[ray]"') from error
    return RayExecutor(setup)


RAY = ExecutorSpec(
    "ray", "A Ray cluster of any number of nodes that see the films under the same paths.", _make_ray
)
