"""What the user typed of options, and a spec -> the loaded recogniser and what is left for its calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..asr import AsrModel, ModelSpec, ModelUnavailable

__all__ = ["load"]


def load(spec: ModelSpec, settings: Mapping[str, Any]) -> tuple[AsrModel, dict[str, Any]]:
    """The recogniser loaded with its load-time settings, and its per-call settings, both checked.

    Raises:
        ModelUnavailable: it cannot run here; the message says what is missing.
        InvalidOption: a setting that it does not have, or a value that it does not take.
    """
    load_settings, call_settings = spec.split_options(settings)
    checked = spec.check_options(load_settings, "load")
    spec.check_options(call_settings, "call")
    readiness = spec.probe()
    if not readiness.ready:
        raise ModelUnavailable(spec.name, "; ".join(readiness.missing) or "it does not say why")
    return spec.factory(checked), call_settings
