"""The door for plugins: markers and hooks.

A plugin is a module (or object) named by an entry point of the group `diffasr`.
"""

from __future__ import annotations

from collections.abc import Callable

import pluggy

from .spec import ModelSpec

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "diffasr"
"""The one name of the entry-point group, the plugin manager and the markers."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_asr_models(register: Callable[[ModelSpec], None]) -> None:
    """Call `register` once for each model that the plugin offers."""


@hookspec
def register_assets(register: Callable[[object], None]) -> None:
    """Call `register` once for each `diffasr_plugin.assets.Asset` that the plugin's models name."""
