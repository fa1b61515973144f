"""What the user asked of the recogniser to those that are loaded, chosen among all that plugins offer.

Knows specs and options, no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from diffasr_plugin.asr import (
    AsrModel,
    ModelSpec,
    ModelUnavailable,
    Readiness,
    Registry,
    UnsupportedLanguage,
    UnsupportedTask,
)

from .errors import SubtitleError

__all__ = ["AUTO", "Choice", "Loaded", "Recognisers", "Wish"]

AUTO = "auto"


@dataclass(frozen=True)
class Wish:
    """What the user asked for.

    Attributes:
        backend: a recogniser's name, or "auto".
        options: its options, load and call together, unchecked.
        task: "transcribe" or "translate".
        routes: recognisers by name for speech in certain languages (BCP-47), whatever `backend` says. Of the
            options, each takes those that it has.
    """

    backend: str = AUTO
    options: Mapping[str, Any] = field(default_factory=dict)
    task: str = "transcribe"
    routes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A recogniser, and why it was taken.

    Attributes:
        spec: the recogniser.
        reason: one line for people.
        load_options, call_options: the user's options, checked, sorted by when they are needed.
        downloads: names of the assets to fetch before loading.
    """

    spec: ModelSpec
    reason: str
    load_options: Mapping[str, Any]
    call_options: Mapping[str, Any]
    downloads: tuple[str, ...]


@dataclass(frozen=True)
class Loaded:
    """A loaded recogniser, and the options of each call to it."""

    model: AsrModel
    call_options: Mapping[str, Any]


class Recognisers:
    """The recognisers of one run: each is chosen by language, loaded when first needed, and kept to the end.

    A named recogniser serves all languages that it knows. "auto" takes the best that can run here, for a
    language that one does not know the next best. A context manager: leaving it closes them all. Many threads
    may ask one of these.
    """

    def __init__(
        self,
        registry: Registry,
        wish: Wish,
        prepare: Callable[[Choice], None],
        load: Callable[[Choice], AsrModel] | None = None,
    ) -> None:
        """A run's recognisers.

        Args:
            prepare: called before a recogniser is loaded: to fetch its files, to say which it is.
            load: how one is loaded; None: in this process.
        """
        self._registry = registry
        self.wish = wish
        self._prepare = prepare
        self._load = load or (lambda choice: choice.spec.factory(choice.load_options))
        self._loaded: dict[str, Loaded] = {}
        self._lock = RLock()

    def __enter__(self) -> Recognisers:
        return self

    def __exit__(self, *error: object) -> None:
        while self._loaded:
            self._loaded.popitem()[1].model.close()

    def get(self, language: str | None) -> Loaded:
        """The loaded recogniser for speech in that language (BCP-47); None: not known yet.

        Raises:
            ModelUnavailable: it cannot run here; the message says what is missing.
            DiffasrError: see `choose`.
        """
        choice = self.choose(language)
        with self._lock:
            if choice.spec.name not in self._loaded:
                self._check_ready(choice.spec)
                self._prepare(choice)
                self._loaded[choice.spec.name] = Loaded(self._load(choice), choice.call_options)
            return self._loaded[choice.spec.name]

    def _check_ready(self, spec: ModelSpec) -> None:
        """Refuse early what could not run; where the user says how to load it, the recogniser itself decides.

        Options such as device=cpu or a folder of weights may be just what makes it run.
        """
        load, _ = spec.split_options(self._options(spec))
        readiness = spec.probe()
        if not readiness.ready and not load:
            raise ModelUnavailable(spec.name, "; ".join(readiness.missing) or "it does not say why")

    def choose(self, language: str | None) -> Choice:
        """Which recogniser it would be; nothing is loaded.

        Raises:
            UnknownModel, InvalidOption, UnsupportedLanguage, UnsupportedTask: a wish that it cannot fulfil.
            SubtitleError: "auto" found none that can run here; the message says what each one lacks.
        """
        route = self._route(language)
        if route or self.wish.backend != AUTO:
            spec = self._registry.get(route or self.wish.backend)
            if self.wish.task not in spec.tasks:
                raise UnsupportedTask(self.wish.task, spec.name, spec.tasks)
            if language is not None and language not in spec.languages:
                raise UnsupportedLanguage(language, spec.name, spec.languages)
            return self._choice(
                spec, f"asked for, where the language is {language}" if route else "asked for"
            )
        return self._best(language)

    def _best(self, language: str | None) -> Choice:
        _check_possible(self._registry, self.wish.task, language)
        ready: list[tuple[int, ModelSpec]] = []
        obstacles: dict[str, _Obstacle] = {}
        for spec in self._registry.models.values():
            readiness = spec.probe()
            obstacle = _obstacle(spec, readiness, self.wish, language)
            if obstacle is None:
                ready.append((readiness.rank, spec))
            else:
                obstacles[spec.name] = obstacle
        if not ready:
            reasons = "; ".join(f"{name} {each.in_full}" for name, each in obstacles.items())
            raise SubtitleError(f"no recogniser can do this here: {reasons or 'none is installed'}")
        _, best = max(ready, key=lambda item: item[0])
        return self._choice(best, "; ".join(["the best that this machine can run", *_shared(obstacles)]))

    def _choice(self, spec: ModelSpec, reason: str) -> Choice:
        load, call = spec.split_options(self._options(spec))
        # Other weights than the default ones are the recogniser's own to fetch.
        downloads = () if "model" in load else spec.probe().downloads
        return Choice(
            spec, reason, spec.check_options(load, "load"), spec.check_options(call, "call"), downloads
        )

    def _route(self, language: str | None) -> str | None:
        """The recogniser that the user named for a language; a route for "pt" serves "pt-BR" too."""
        if language is None:
            return None
        return self.wish.routes.get(language) or self.wish.routes.get(language.partition("-")[0])

    def _options(self, spec: ModelSpec) -> Mapping[str, Any]:
        """The user's options for this recogniser: with routes, those that it has."""
        if not self.wish.routes:
            return self.wish.options
        known = {option.name for option in spec.options}
        return {name: value for name, value in self.wish.options.items() if name in known}


def _check_possible(registry: Registry, task: str, language: str | None) -> None:
    """Refuse what no recogniser could do, on whatever machine.

    Raises:
        UnsupportedTask, UnsupportedLanguage: so it is.
    """
    if not registry.models:
        return  # that is told by whoever looks for one
    tasks = sorted({each for spec in registry.models.values() for each in spec.tasks})
    if task not in tasks:
        raise UnsupportedTask(task, AUTO, tasks)
    languages = {each for spec in registry.models.values() for each in spec.languages}
    if language is not None and language not in languages:
        raise UnsupportedLanguage(language, AUTO, languages)


@dataclass(frozen=True)
class _Obstacle:
    """Why a recogniser is not the one: the rest of a sentence that begins with its name or several.

    Attributes:
        in_short: for those who never asked for it.
        in_full: for those whom nothing can serve.
    """

    in_short: str
    in_full: str


def _obstacle(spec: ModelSpec, readiness: Readiness, wish: Wish, language: str | None) -> _Obstacle | None:
    unknown = [name for name in wish.options if name not in {option.name for option in spec.options}]
    if wish.task not in spec.tasks:
        what = f"cannot {wish.task}"
    elif language is not None and language not in spec.languages:
        what = f"cannot understand {language!r}"
    elif unknown:
        what = f"cannot take the option {' or '.join(unknown)}"
    elif not readiness.ready:
        missing = readiness.missing[0] if readiness.missing else "it does not say why"
        # What it lacks may be long, and who wants to know has a command for it.
        return _Obstacle("cannot run here, diffsub doctor says why", f"cannot run here ({missing})")
    else:
        return None
    return _Obstacle(what, what)


def _shared(obstacles: Mapping[str, _Obstacle]) -> list[str]:
    """A clause for each obstacle, with the names of those that it stops."""
    stopped: dict[str, list[str]] = {}
    for name, obstacle in obstacles.items():
        stopped.setdefault(obstacle.in_short, []).append(name)
    return [f"{' and '.join(names)} {what}" for what, names in stopped.items()]
