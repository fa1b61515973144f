"""From entry points of the group `diffsub` to what plugins offer by name: executors, and the like.

    executors = build_extensions().collect("register_executors", ExecutorSpec)

A hook takes a `register` callback; what it registers has a `name`. This module knows none of the hooks.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, TypeVar

import pluggy

from diffasr_plugin.asr import DiffasrError, InvalidPlugin, PluginInfo, did_you_mean
from diffasr_plugin.asr.hookspecs import PROJECT as RECOGNISERS

from . import hookspecs
from .errors import UsageError

__all__ = ["ALLOW_LIST", "Extensions", "Named", "build_extensions", "choose", "not_only_here"]

ALLOW_LIST = "DIFFSUB_LOAD_PLUGINS"
"""Environment variable: names of the third-party plugins to load, with commas; empty: none of them."""

OWN_DISTRIBUTION = "diffsub"


class Named(Protocol):
    """What a plugin offers: known to users by a name."""

    @property
    def name(self) -> str: ...


Offer = TypeVar("Offer", bound=Named)


@dataclass(frozen=True)
class Extensions:
    """All plugins found, those that were left out with their errors, and their manager."""

    manager: pluggy.PluginManager
    plugins: tuple[PluginInfo, ...]

    def collect(self, hook: str, kind: type[Offer]) -> dict[str, Offer]:
        """What all plugins register with one hook, by name.

        Raises:
            InvalidPlugin: something of another kind, or a second one of a name; the plugin is named.
        """
        offers: dict[str, Offer] = {}
        for plugin in self._in_order():
            found: list[Any] = []
            others = [other for other in self.manager.get_plugins() if other is not plugin]
            self.manager.subset_hook_caller(hook, others)(register=found.append)
            for offer in found:
                owner = self.manager.get_name(plugin) or "?"
                if not isinstance(offer, kind):
                    what = f"{hook} registered a {type(offer).__name__}, not a {kind.__name__}"
                    raise InvalidPlugin(owner, what)
                if offer.name in offers:
                    raise InvalidPlugin(owner, f"{offer.name!r} is offered by another plugin already")
                offers[offer.name] = offer
        return offers

    def _in_order(self) -> list[object]:
        return [self.manager.get_plugin(plugin.name) for plugin in self.plugins if not plugin.error]


def build_extensions(blocked: Collection[str] = (), points: Iterable[EntryPoint] | None = None) -> Extensions:
    """Load the plugins, built-in first.

    Args:
        blocked: names of plugins to leave out; those that are unknown here belong to the other door.
        points: entry points to load from; None: those of the installed packages.

    Raises:
        InvalidPlugin: a plugin implements a hook that does not exist.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    found = list(entry_points(group=hookspecs.PROJECT) if points is None else points)
    wanted = [point for point in found if point.name not in blocked and _is_allowed(point)]
    ordered = sorted(wanted, key=lambda point: (not _is_own(point), point.name))
    return Extensions(manager, tuple(_load(manager, point) for point in ordered))


def not_only_here(blocked: Iterable[str]) -> tuple[str, ...]:
    """The names of blocked plugins without those that come in by this door alone.

    The recognisers' door refuses names that it does not know; one of this door is no mistake.
    """
    here = {point.name for point in entry_points(group=hookspecs.PROJECT)}
    there = {point.name for point in entry_points(group=RECOGNISERS)}
    return tuple(name for name in blocked if name not in here or name in there)


def choose(offers: dict[str, Offer], name: str, what: str) -> Offer:
    """The offer of that name.

    Args:
        what: they are, as the rest of "no ... is called".

    Raises:
        UsageError: there is none; the nearest names are told.
    """
    if name not in offers:
        raise UsageError(f"no {what} is called {name!r}; {did_you_mean(name, offers)}")
    return offers[name]


def _is_own(point: EntryPoint) -> bool:
    return point.dist is not None and point.dist.name == OWN_DISTRIBUTION


def _is_allowed(point: EntryPoint) -> bool:
    allowed = os.environ.get(ALLOW_LIST)
    return allowed is None or _is_own(point) or point.name in {name.strip() for name in allowed.split(",")}


def _load(manager: pluggy.PluginManager, point: EntryPoint) -> PluginInfo:
    """Import and register one plugin; one that fails is named, not fatal."""
    distribution = f"{point.dist.name} {point.dist.version}" if point.dist else "-"
    try:
        manager.register(point.load(), point.name)
    except Exception as error:  # whatever a third party's code does, it must not end the program
        text = str(error) if isinstance(error, DiffasrError) else f"{type(error).__name__}: {error}"
        return PluginInfo(point.name, distribution, error=text)
    try:
        # A misspelt hook would never be called: say so instead.
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise InvalidPlugin(point.name, f"{error}; leave it out with --no-plugin {point.name}") from None
    return PluginInfo(point.name, distribution)
