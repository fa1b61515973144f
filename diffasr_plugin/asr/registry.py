"""From entry points to named models. Knows no model: built-ins come in through the same door."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from . import hookspecs
from .errors import DiffasrError, DuplicateModel, InvalidPlugin, UnknownModel, UnknownPlugin
from .model import AsrModel
from .spec import API_VERSION, ModelSpec

__all__ = ["ALLOW_LIST", "PluginInfo", "Registry", "build_registry", "list_models", "load_model"]

ALLOW_LIST = "DIFFASR_LOAD_PLUGINS"
"""Environment variable: names of the third-party plugins to load, with commas; empty: none of them."""

OWN_DISTRIBUTION = "diffsub"


@dataclass(frozen=True)
class PluginInfo:
    """One plugin that was found, and what became of it.

    Attributes:
        name: of its entry point.
        distribution: the installed package that it came with, with its version.
        models: names of the models that it offers.
        error: why it was left out; None if it works.
    """

    name: str
    distribution: str
    models: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class Registry:
    """All plugins found, the models that they offer, and their manager for further hooks."""

    manager: pluggy.PluginManager
    plugins: tuple[PluginInfo, ...]
    models: dict[str, ModelSpec]

    def get(self, name: str) -> ModelSpec:
        """The spec of that name.

        Raises:
            UnknownModel: with the nearest names.
        """
        if name not in self.models:
            raise UnknownModel(name, self.models)
        return self.models[name]

    def load(self, name: str, **options: Any) -> AsrModel:  # noqa: ANN401
        """Load a model with its load-time options.

        Raises:
            UnknownModel, InvalidOption, ModelUnavailable, AssetError: it cannot be had.
        """
        spec = self.get(name)
        return spec.factory(spec.check_options(options, "load"))


def build_registry(blocked: Collection[str] = (), points: Iterable[EntryPoint] | None = None) -> Registry:
    """Load the plugins, built-in and third-party, and collect their models.

    Args:
        blocked: names of plugins to leave out.
        points: entry points to load from; None: those of the installed packages.

    Raises:
        UnknownPlugin: a blocked name that no plugin has.
        InvalidPlugin: a plugin implements a hook that does not exist.
        DuplicateModel: two plugins offer a model of one name.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    found = list(entry_points(group=hookspecs.PROJECT) if points is None else points)
    names = [point.name for point in found]
    for name in blocked:
        if name not in names:
            raise UnknownPlugin(name, names)
    plugins: list[PluginInfo] = []
    owners: dict[str, str] = {}
    models: dict[str, ModelSpec] = {}
    for point in sorted(found, key=lambda point: (not _is_own(point), point.name)):
        if point.name in blocked or not _is_allowed(point):
            continue
        info, specs = _load_plugin(manager, point)
        for spec in specs:
            if spec.name in owners:
                raise DuplicateModel(point.name, spec.name, owners[spec.name])
            owners[spec.name] = point.name
            models[spec.name] = spec
        plugins.append(info)
    return Registry(manager, tuple(plugins), models)


def list_models() -> list[ModelSpec]:
    """The specs of all models that installed plugins offer."""
    return list(build_registry().models.values())


def load_model(name: str, **options: Any) -> AsrModel:  # noqa: ANN401
    """Load a model by name with its load-time options: `load_model("whisper", device="cpu")`.

    Raises:
        UnknownModel, InvalidOption, ModelUnavailable, AssetError: it cannot be had.
    """
    return build_registry().load(name, **options)


def _is_own(point: EntryPoint) -> bool:
    return point.dist is not None and point.dist.name == OWN_DISTRIBUTION


def _is_allowed(point: EntryPoint) -> bool:
    allowed = os.environ.get(ALLOW_LIST)
    return allowed is None or _is_own(point) or point.name in {name.strip() for name in allowed.split(",")}


def _load_plugin(manager: pluggy.PluginManager, point: EntryPoint) -> tuple[PluginInfo, list[ModelSpec]]:
    """Import, register and ask one plugin for its models; a plugin that fails is named, not fatal."""
    info = partial(PluginInfo, point.name, f"{point.dist.name} {point.dist.version}" if point.dist else "-")
    specs: list[ModelSpec] = []
    plugin: object = None
    try:
        plugin = point.load()
        manager.register(plugin, point.name)
        _check_hooks(manager, point.name)
        manager.subset_hook_caller("register_asr_models", _all_but(manager, plugin))(register=specs.append)
        _check_specs(point.name, specs)
    except Exception as error:  # whatever a third party's code does, it must not end the program
        if plugin is not None and manager.is_registered(plugin):
            manager.unregister(plugin)
        if isinstance(error, InvalidPlugin) and error.plugin == point.name:
            raise
        text = str(error) if isinstance(error, DiffasrError) else f"{type(error).__name__}: {error}"
        return info(error=text), []
    return info(models=tuple(spec.name for spec in specs)), specs


def _all_but(manager: pluggy.PluginManager, plugin: object) -> list[object]:
    return [other for other in manager.get_plugins() if other is not plugin]


def _check_hooks(manager: pluggy.PluginManager, plugin: str) -> None:
    """A misspelt hook would never be called: say so instead."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise InvalidPlugin(plugin, f"{error}; leave it out with --no-plugin {plugin}") from None


def _check_specs(plugin: str, specs: Iterable[object]) -> None:
    for spec in specs:
        if not isinstance(spec, ModelSpec):
            raise TypeError(f"registered a {type(spec).__name__}, not a ModelSpec")
        if spec.api_version != API_VERSION:
            raise ValueError(
                f"model {spec.name!r} is for version {spec.api_version} of the interface, "
                f"this is version {API_VERSION}: install a matching version of the plugin"
            )
