"""The project's own plugin: its models and their files come in through the same door as third parties'."""

from __future__ import annotations

from collections.abc import Callable

from .asr import ModelSpec, hookimpl
from .assets.catalog import WHISPER_BASE
from .backends import diffusion_gemma_spec, diffusion_mini_spec, whisper_spec

__all__ = ["register_asr_models", "register_assets"]


@hookimpl
def register_asr_models(register: Callable[[ModelSpec], None]) -> None:
    register(diffusion_gemma_spec.SPEC)
    register(diffusion_mini_spec.SPEC)
    register(whisper_spec.SPEC)


@hookimpl
def register_assets(register: Callable[[object], None]) -> None:
    register(WHISPER_BASE)
