"""The project's own plugin: its models and their files come in through the same door as third parties'."""

from __future__ import annotations

from collections.abc import Callable

from .asr import hookimpl
from .assets.catalog import WHISPER_BASE

__all__ = ["register_assets"]


@hookimpl
def register_assets(register: Callable[[object], None]) -> None:
    register(WHISPER_BASE)
