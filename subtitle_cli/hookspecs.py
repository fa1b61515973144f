"""The tool's own door for plugins: markers and hooks. Recognisers come in by another, `diffasr_plugin.asr`.

A plugin is a module (or object) named by an entry point of the group `diffsub`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from .library.executor import ExecutorSpec
    from .translation import TranslatorSpec

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "diffsub"
"""The one name of the entry-point group, the plugin manager and the markers."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_executors(register: Callable[[ExecutorSpec], None]) -> None:
    """Call `register` once for each way to spread the work of a library that the plugin offers."""


@hookspec
def register_translators(register: Callable[[TranslatorSpec], None]) -> None:
    """Call `register` once for each translator that the plugin offers."""
