"""The project's own plugin: its models and their files come in through the same door as third parties'."""

from __future__ import annotations

from collections.abc import Callable

from .asr import ModelSpec, hookimpl
from .assets.catalog import WHISPER_BASE
from .backends.diffusion_gemma.spec import SPEC as DIFFUSION_GEMMA
from .backends.diffusion_mini.spec import SPEC as DIFFUSION_MINI
from .backends.whisper.spec import SPEC as WHISPER

__all__ = ["register_asr_models", "register_assets"]


@hookimpl
def register_asr_models(register: Callable[[ModelSpec], None]) -> None:
    register(DIFFUSION_GEMMA)
    register(DIFFUSION_MINI)
    register(WHISPER)


@hookimpl
def register_assets(register: Callable[[object], None]) -> None:
    register(WHISPER_BASE)
