"""The tool's own plugin: what is built in comes in through the same door as what third parties offer."""

from __future__ import annotations

from collections.abc import Callable

from .hookspecs import hookimpl
from .library.executor import LOCAL, RAY, ExecutorSpec

__all__ = ["register_executors"]


@hookimpl
def register_executors(register: Callable[[ExecutorSpec], None]) -> None:
    register(LOCAL)
    register(RAY)
