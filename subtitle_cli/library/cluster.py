"""Listening and recognition on a Ray cluster: on this machine, or on any number of nodes.

Films are listened to in tasks, wherever there is a free core; recognisers live in actors, one for each GPU,
else one for each node, and load a model once. All nodes must see the films under the same paths. The journal
stays with the process that started the run, so that everything else is as on one machine.
"""

from __future__ import annotations

import logging
import os
import pickle
import random
from collections.abc import Collection, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import LifoQueue
from typing import TYPE_CHECKING, Any

import numpy as np
import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError

from diffasr_plugin.asr import AsrModel, DiffasrError, Progress, build_registry

from ..listening import Heard, Opened, Samples, listen
from ..progress import QuietReporter, Reporter
from ..recogniser import Choice, Recognisers, Wish
from ..settings import Settings
from ..temporary import temporary_folder
from .errors import LibraryError, RecogniserDied, RecogniserFailed
from .executor import Setup
from .stand_in import make_stand_in
from .worker import Answer, Call, Failure, Load, Models

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RayExecutor"]


class RayExecutor:
    """See `Executor`. Joins the cluster that RAY_ADDRESS or this machine names, else starts one here."""

    def __init__(self, setup: Setup) -> None:
        """Join, and start the actors.

        Raises:
            LibraryError: there is no such cluster.
        """
        _join()
        resources = ray.cluster_resources()
        gpus = 0 if setup.device == "cpu" else int(resources.get("GPU", 0))
        nodes = sum(node["Alive"] for node in ray.nodes())
        self._setup = setup
        self._cores = max(1, int(resources.get("CPU", 1)))
        needs = {"num_gpus": 1, "num_cpus": 0} if gpus else {"num_cpus": 0, "scheduling_strategy": "SPREAD"}
        self._actors = [
            ray.remote(_Recogniser).options(max_restarts=-1, **needs).remote(tuple(setup.blocked))
            for _ in range(gpus or nodes)
        ]
        self._idle: LifoQueue[Any] = LifoQueue()
        for actor in self._actors:
            self._idle.put(actor)

    @property
    def listeners(self) -> int:
        return self._setup.listeners or self._cores

    @property
    def recognisers(self) -> int:
        return len(self._actors)

    def load(self, choice: Choice) -> AsrModel:
        facts = self.ask(Call(choice.spec.name, choice.load_options, Load()))
        return make_stand_in(self, choice, facts)

    def ask(self, call: Call, on_progress: Progress | None = None) -> Any:  # noqa: ANN401
        """What an idle actor answers to a call; waits for one. Progress is not told across nodes.

        Raises:
            RecogniserDied: the actor's process ended, or gave no answer for too long.
            RecogniserFailed: the model raised something.
        """
        with self._actor() as actor:
            try:
                said = ray.get(actor.answer.remote(call), timeout=self._setup.stall_s)
            except GetTimeoutError as error:
                ray.kill(actor, no_restart=False)
                reason = f"gave no answer for {self._setup.stall_s:g} s and was killed"
                raise RecogniserDied(call.model, reason) from error
            except RayActorError as error:
                raise RecogniserDied(call.model, "died on its node") from error
        return _value(said)

    def listen(
        self, opened: Opened, folder: Path, settings: Settings, recognisers: Recognisers, reporter: Reporter
    ) -> tuple[Heard, Samples]:
        # Another node has another working folder.
        path = opened.film.path.absolute()
        there = replace(opened, film=replace(opened.film, path=path))
        listen_there = ray.remote(_listen).options(num_cpus=1, max_retries=2)
        blocked = tuple(self._setup.blocked)
        try:
            notes, outcome = ray.get(
                listen_there.remote(there, settings, recognisers.wish, blocked, self._actors)
            )
        except RayError as error:
            raise LibraryError(f"no node could listen to {str(path)!r}: {error}") from error
        for note in notes:
            reporter.note(note)
        if isinstance(outcome, Exception):
            raise outcome
        heard, samples = outcome
        return replace(heard, film=opened.film), samples

    def close(self) -> None:
        for actor in self._actors:
            ray.kill(actor)

    @contextmanager
    def _actor(self) -> Iterator[Any]:
        actor = self._idle.get()
        try:
            yield actor
        finally:
            self._idle.put(actor)


def _join() -> None:
    # Without this, Ray writes a token into the home folder.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    try:
        ray.init(
            ignore_reinit_error=True,
            include_dashboard=False,
            logging_level=logging.ERROR,
            log_to_driver=False,
        )
    except (ConnectionError, RayError, OSError) as error:
        raise LibraryError(f"no Ray cluster can be joined or started: {error}; see `ray status`") from error


def _value(said: Answer | Failure) -> Any:  # noqa: ANN401
    if isinstance(said, Failure):
        raise RecogniserFailed(said.kind, said.message or said.kind)
    return said.value


class _Recogniser:
    """The models of one GPU or node."""

    def __init__(self, blocked: Collection[str]) -> None:
        self._models = Models(build_registry(blocked))

    def answer(self, call: Call) -> Answer | Failure:
        return self._models.answer(call)


class _AnyActor:
    """Calls from inside a task go to any of the actors, whose own queues order them."""

    def __init__(self, actors: Sequence[Any]) -> None:
        self._actors = actors

    def ask(self, call: Call, on_progress: Progress | None = None) -> Any:  # noqa: ANN401
        return _value(ray.get(random.choice(self._actors).answer.remote(call)))

    def load(self, choice: Choice) -> AsrModel:
        return make_stand_in(self, choice, self.ask(Call(choice.spec.name, choice.load_options, Load())))


class _Notes(QuietReporter):
    """Keeps notes, for whoever started the task."""

    def __init__(self) -> None:
        super().__init__(show_stages=False)
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def _listen(
    opened: Opened, settings: Settings, wish: Wish, blocked: Collection[str], actors: Sequence[Any]
) -> tuple[list[str], Exception | tuple[Heard, Samples]]:
    """`listening.listen` on whatever node, and its notes; an error is a result, lest it be wrapped."""
    reporter = _Notes()
    recognisers = Recognisers(build_registry(blocked), wish, lambda choice: None, _AnyActor(actors).load)
    try:
        with temporary_folder() as folder:
            heard, samples = listen(opened, folder, settings, recognisers, reporter)
            return reporter.notes, (heard, np.array(samples))  # a copy, for the folder goes
    except (DiffasrError, OSError) as error:
        return reporter.notes, _that_travels(error)


def _that_travels(error: Exception) -> Exception:
    """The error itself if it can be pickled, else one that says the same."""
    try:
        return pickle.loads(pickle.dumps(error))  # type: ignore[no-any-return]
    except Exception:  # what an error's own constructor makes of its pickled self
        return RecogniserFailed(type(error).__name__, str(error))
